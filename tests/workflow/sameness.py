"""Tells what two libraries differ in that were made of the same photos.

Everything is compared that is kept: all records, the bytes and marks of all renditions, the faces of the
collection, and what was announced. What may differ is left out or renamed first: times, executions,
versions, and ids, which are named after what they stand for.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from safelight.keys import INDEX_KEY, VERSIONS_ID
from safelight.table import plain_record
from safelight.transactions import Record
from safelight_library.library import Library
from workflow.lab import Message

_INCIDENTAL = frozenset(
    {
        *("claimed_at", "published_at", "processed_at", "execution_arn", "sequencer", "secret"),
        *("bucket", "version", "version_id", "memory_version"),
    }
)
"""The fields that no two runs have in common."""

_SETS = frozenset({"people"})
"""The fields whose order says nothing."""

_UNCOMPARED = ("spending/", VERSIONS_ID)
"""Records of how often services were asked, and of the stack's own secret."""


@dataclass(frozen=True)
class State:
    """What a library holds, each part by names that do not differ from run to run."""

    records: Mapping[str, str]
    objects: Mapping[str, str]
    faces: Mapping[str, str]
    messages: Mapping[str, str] = field(default_factory=dict)

    def differences(self, other: "State") -> list[str]:
        """Return what this state has and `other` has not, and the reverse, a sentence each."""
        told: list[str] = []
        for part in ("records", "objects", "faces", "messages"):
            mine, theirs = getattr(self, part), getattr(other, part)
            told += [
                f"{part}: {name} is {mine.get(name)}, not {theirs.get(name)}"
                for name in sorted({*mine, *theirs})
                if mine.get(name) != theirs.get(name)
            ]
        return told


def state_of(library: Library, messages: Iterable[Message], album: str = "") -> State:
    """Return what `library` holds, or what it holds of one album, without people's records; and `messages`.

    A message that was sent more than once counts once.
    """
    scan = library.dynamodb.get_paginator("scan").paginate(
        TableName=library.outputs["LibraryTable"], ConsistentRead=True
    )
    records = [plain_record(item) for page in scan for item in page["Items"]]
    records = [record for record in records if _is_compared(record, album)]
    names = _names(library, records, album)
    return State(
        {
            names.of(record["id"]): json.dumps(names.within(record), sort_keys=True, ensure_ascii=False)
            for record in records
        },
        {names.of(key): what for key, what in _objects(library, album)},
        dict(_faces(library, names)) if not album else {},
        {
            names.of(f"{it.subject}\n{_without_memory(it.text)}"): json.dumps(names.within(it.attributes))
            for it in messages
        },
    )


def _is_compared(record: Record, album: str) -> bool:
    if record["id"].startswith(_UNCOMPARED):
        return False
    return (
        not album
        or album in (record.get("album"), record.get("key", "").rpartition("/")[0])
        or (record["id"].endswith(f"/{album}") or f"/{album}/" in record["id"])
    )


@dataclass(frozen=True)
class _Names:
    """Names for what is called differently in each run."""

    known: Mapping[str, str]
    pattern: re.Pattern[str]

    def of(self, text: str) -> str:
        """Return `text` with names in place of all ids."""
        versionless = re.sub(r"(renditions/.*?)/[\w-]{22}/", r"\1/VERSION/", text)
        return self.pattern.sub(lambda found: self.known[found[0]], versionless)

    def within(self, value: Any) -> Any:
        """Return a record or a part of it without what is incidental, and with names in place of all ids."""
        match value:
            case str():
                return self.of(value)
            case dict():
                return {
                    self.of(name): sorted(self.within(it)) if name in _SETS else self.within(it)
                    for name, it in value.items()
                    if name not in _INCIDENTAL
                }
            case list():
                return [self.within(each) for each in value]
            case set():
                return sorted(map(self.of, value))
            case _:
                return value


def _names(library: Library, records: list[Record], album: str) -> _Names:
    known = {
        library.outputs["RenditionsBucket"]: "RENDITIONS",
        str(library.s3.meta.endpoint_url).rpartition("/")[2]: "ENDPOINT",
        **({album: "ALBUM"} if album else {}),
    }
    for record in records:
        if record["id"].startswith("page/"):
            known[record["id"]] = f"page of {sorted(key.rpartition('/')[2] for key in record['entries'])}"
        elif record["id"].startswith("photo/"):
            known[hashlib.sha256(record["key"].encode()).hexdigest()[:8]] = f"rank of {record['filename']}"
    of_people: dict[str, list[str]] = {}
    for face in (record for record in records if record["id"].startswith("face/")):
        filename = face["key"].rpartition("/")[2]
        name = f"face at {face['box']['left']}, {face['box']['top']} of {filename}"
        known[face["face_id"]] = name
        of_people.setdefault(face["person_id"], []).append(name)
    for person, faces in of_people.items():
        known[person] = f"person of {sorted(faces)}"
    of_memories: dict[str, list[str]] = {}
    for record in records:
        if record["id"].startswith("photo/") and record.get("memory_id"):
            of_memories.setdefault(record["memory_id"], []).append(record["filename"])
    for record in records:
        if record["id"].startswith("memory/"):
            members = sorted(of_memories.get(record["memory_id"], []))
            known[record["memory_id"]] = f"{record['kind']} since {record['starts_at']} of {members}"
    longest_first = sorted(known, key=len, reverse=True)
    return _Names(known, re.compile("|".join(map(re.escape, longest_first))))


def _objects(library: Library, album: str) -> Iterator[tuple[str, str]]:
    """Yield all renditions and masters, not the index: its bytes tell the order in which photos came."""
    bucket, prefix = library.outputs["RenditionsBucket"], f"renditions/{album}/" if album else ""
    for page in library.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for each in page.get("Contents", []):
            if each["Key"] == INDEX_KEY:
                continue
            marks = library.s3.get_object_tagging(Bucket=bucket, Key=each["Key"])["TagSet"]
            yield each["Key"], f"{each['ETag']} {each['Size']} bytes, marked {marks}"


def _faces(library: Library, names: _Names) -> Iterator[tuple[str, str]]:
    pages = library.client("rekognition").get_paginator("list_faces")
    for page in pages.paginate(CollectionId=library.outputs["FaceCollection"]):
        for face in page["Faces"]:
            name = names.of(face["FaceId"])
            yield name, "known" if name != face["FaceId"] else "no record knows it"


def _without_memory(text: str) -> str:
    return re.sub(r"^Memory: .*\n", "", text, flags=re.MULTILINE)  # it may have grown or merged since
