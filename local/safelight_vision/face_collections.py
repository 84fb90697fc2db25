"""Keeps collections of faces in one SQLite file, so that they outlive the service.

The rules are Rekognition's: a face belongs to an image, and the same image with the same external id is not
indexed twice into a collection.
"""

import json
import sqlite3
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from safelight_vision.errors import ServiceError
from safelight_vision.seeing.faces import Vector

_SCHEMA = """
CREATE TABLE IF NOT EXISTS collections (
    id TEXT PRIMARY KEY, created REAL NOT NULL, model TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS faces (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    collection TEXT NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
    id TEXT NOT NULL UNIQUE,
    image TEXT NOT NULL,
    external TEXT,
    confidence REAL NOT NULL,
    box TEXT NOT NULL,
    vector BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS faces_by_image ON faces (collection, image);
"""


@dataclass(frozen=True)
class Collection:
    """A collection; `created` in seconds since 1970."""

    id: str
    created: float
    model: str
    faces: int


@dataclass(frozen=True)
class NewFace:
    """A face to be kept; `box` is Rekognition's BoundingBox, `confidence` in percent."""

    box: dict[str, float]
    confidence: float
    vector: Vector


@dataclass(frozen=True)
class KeptFace:
    """A face in a collection; `number` is its place in the order in which faces came."""

    number: int
    id: str
    image: str
    external: str | None
    box: dict[str, float]
    confidence: float
    vector: Vector
    model: str

    def answer(self) -> dict[str, Any]:
        """Return Rekognition's Face."""
        face: dict[str, Any] = {
            "FaceId": self.id,
            "BoundingBox": self.box,
            "ImageId": self.image,
            "Confidence": self.confidence,
            "IndexFacesModelVersion": self.model,
        }
        return face | ({"ExternalImageId": self.external} if self.external else {})


class Collections:
    """The collections in one file; safe to use from several threads at once."""

    def __init__(self, directory: Path) -> None:
        """Keep them in `directory`, which is made at the first use."""
        self._file = directory / "collections.sqlite3"

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._file, timeout=30)
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.executescript(_SCHEMA)
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
        finally:
            connection.close()

    def create(self, collection: str, model: str) -> None:
        """Make an empty collection.

        Raises:
            ServiceError: there is one of that name.
        """
        with self._database() as database:
            try:
                database.execute("INSERT INTO collections VALUES (?, ?, ?)", (collection, time.time(), model))
            except sqlite3.IntegrityError:
                raise ServiceError(
                    "ResourceAlreadyExistsException", f"The collection id: {collection} already exists"
                ) from None

    def delete(self, collection: str) -> None:
        """Remove a collection with all its faces.

        Raises:
            ServiceError: there is none of that name.
        """
        with self._database() as database:
            _find(database, collection)
            database.execute("DELETE FROM collections WHERE id = ?", (collection,))

    def describe(self, collection: str) -> Collection:
        """Return a collection.

        Raises:
            ServiceError: there is none of that name.
        """
        with self._database() as database:
            return _find(database, collection)

    def list(self, after: str, most: int) -> list[Collection]:
        """Return at most `most` collections, by name, from the first one behind the name `after`."""
        with self._database() as database:
            rows = database.execute(
                "SELECT id FROM collections WHERE id > ? ORDER BY id LIMIT ?", (after, most)
            ).fetchall()
            return [_find(database, name) for (name,) in rows]

    def add(
        self, collection: str, image: str, external: str | None, found: Iterable[NewFace]
    ) -> Sequence[KeptFace]:
        """Keep the faces of `image` and return them; an image that is there keeps the faces that it has.

        Raises:
            ServiceError: there is no such collection.
        """
        with self._database() as database:
            _find(database, collection)
            condition = "f.collection = ? AND f.image = ? AND f.external IS ?"
            there = _faces(database, condition, (collection, image, external))
            if there:
                return there
            for face in found:
                database.execute(
                    "INSERT INTO faces (collection, id, image, external, confidence, box, vector)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        collection,
                        str(uuid.uuid4()),
                        image,
                        external,
                        face.confidence,
                        json.dumps(face.box),
                        face.vector.astype("<f4").tobytes(),
                    ),
                )
            return _faces(database, condition, (collection, image, external))

    def faces(
        self, collection: str, *, ids: Sequence[str] | None = None, after: int = 0, most: int = -1
    ) -> Sequence[KeptFace]:
        """Return the faces of a collection in the order in which they came, those of `ids` where given.

        Raises:
            ServiceError: there is no such collection.
        """
        with self._database() as database:
            _find(database, collection)
            condition, values = "f.collection = ? AND f.number > ?", [collection, after]
            if ids is not None:
                condition += f" AND f.id IN ({', '.join('?' * len(ids))})"
                values += ids
            return _faces(database, condition, values, most)

    def remove(self, collection: str, ids: Sequence[str]) -> set[str]:
        """Remove the faces with `ids`, and return which of them were there.

        Raises:
            ServiceError: there is no such collection.
        """
        there = {face.id for face in self.faces(collection, ids=ids)}
        with self._database() as database:
            database.executemany("DELETE FROM faces WHERE id = ?", [(face,) for face in there])
        return there


def _find(database: sqlite3.Connection, collection: str) -> Collection:
    row = database.execute(
        "SELECT id, created, model, (SELECT count(*) FROM faces WHERE collection = c.id)"
        " FROM collections c WHERE id = ?",
        (collection,),
    ).fetchone()
    if row is None:
        raise ServiceError("ResourceNotFoundException", f"The collection id: {collection} does not exist")
    return Collection(*row)


def _faces(
    database: sqlite3.Connection, condition: str, values: Sequence[Any], most: int = -1
) -> list[KeptFace]:
    rows = database.execute(
        "SELECT f.number, f.id, f.image, f.external, f.box, f.confidence, f.vector, c.model"  # noqa: S608
        f" FROM faces f JOIN collections c ON c.id = f.collection WHERE {condition}"
        " ORDER BY f.number LIMIT ?",
        (*values, most),
    )
    return [
        KeptFace(
            number, name, image, external, json.loads(box), confidence, np.frombuffer(blob, "<f4"), model
        )
        for number, name, image, external, box, confidence, blob, model in rows
    ]
