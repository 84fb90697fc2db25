"""Decides which files go up, and to which keys; knows nothing of AWS.

What lies there already is not sent again, and no photo takes another's place unless that was asked for.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Literal

from safelight.keys import SIDECAR_SUFFIX, album_of, composed
from safelight_library.errors import FileUnreadable
from safelight_library.files import File, about_of, md5_of, sha256_of

OnCollision = Literal["keep-both", "replace", "skip"]
"""What becomes of a photo whose key another photo has: it gets a key of its own, the other's, or none."""


@dataclass(frozen=True)
class Upload:
    """A file and the key that it is to have among the originals."""

    path: File
    key: str


@dataclass(frozen=True)
class Stored:
    """What S3 says of an original in a list: its size in bytes, its ETag, and when it came (UTC)."""

    key: str
    size: int
    etag: str
    at: datetime


@dataclass(frozen=True)
class Checksums:
    """What S3 knows of an original's bytes: the SHA-256 that it was stored with, and what its ETag is."""

    sha256: str | None
    etag_is_md5: bool


@dataclass(frozen=True)
class LeftOut:
    """A file that does not go up, and why, as a clause."""

    path: File
    why: str


@dataclass(frozen=True)
class Renamed:
    """A photo that gets another key than its name gives it, since another photo has that."""

    path: File
    wanted: str
    key: str


@dataclass(frozen=True)
class Plan:
    """What goes up, and what of it is renamed or takes another's place; and what does not go up.

    That is what lies `there` already, what is `skipped` as another photo has its key, and what is unreadable.
    """

    uploads: list[Upload] = field(default_factory=list)
    there: list[Upload] = field(default_factory=list)
    renamed: list[Renamed] = field(default_factory=list)
    replaced: list[Upload] = field(default_factory=list)
    skipped: list[Upload] = field(default_factory=list)
    unreadable: list[LeftOut] = field(default_factory=list)


IsSame = Callable[[File, File | Stored], bool]
"""Tells whether a file has the bytes of another, or of an original."""


def same_bytes(path: File, other: File | Stored, checksums: Callable[[str], Checksums]) -> bool:
    """Tell whether a file has the bytes of another, or of an original, of whose key `checksums` tells more.

    The ETag of what was uploaded in one part is its MD5, unless a key of KMS encrypts it (Amazon S3 API
    Reference, Object). Where neither it nor a SHA-256 says, an original of the same size that came after the
    file was last changed is taken for the same.

    Raises:
        FileUnreadable: a file cannot be read.
    """
    about = about_of(path)
    if not isinstance(other, Stored):
        return about.st_size == about_of(other).st_size and sha256_of(path) == sha256_of(other)
    if about.st_size != other.size:
        return False
    if md5_of(path) == other.etag:
        return True
    known = checksums(other.key)
    if known.sha256:
        return known.sha256 == sha256_of(path)
    return not known.etag_is_md5 and other.at >= datetime.fromtimestamp(about.st_mtime, UTC)


def is_sidecar(key: str) -> bool:
    """Tell whether `key` is that of a sidecar, which has no record of its own."""
    return key.endswith(SIDECAR_SUFFIX)


def planned(
    files: Iterable[Upload], there: Iterable[Stored], is_same: IsSame, on_collision: OnCollision
) -> Plan:
    """Return what is to be done with `files`, where the originals `there` lie already.

    Keys that people read as the same are the same.

    Files of one folder and one name before the extension stay together: a RAW, its JPEG and their sidecars
    are renamed as one, so that none is taken for a companion of another photo. Two photos of one run are both
    kept where `on_collision` says replace: that is meant for what is in the library. A sidecar has the key
    that belongs to its photo, and takes the place of an older one.
    """
    planner = _Planner(there, is_same, on_collision)
    for stem, group in _groups(list(files)):
        planner.add(stem, group)
    return planner.plan


@dataclass(frozen=True)
class _Look:
    """A file at one of the keys that it may get: whether that is free, has the same bytes, or others."""

    upload: Upload
    key: str
    state: Literal["free", "same", "other", "unreadable"]
    why: str = ""

    @property
    def collides(self) -> bool:
        return self.state == "other" and not is_sidecar(self.key)


class _Planner:
    def __init__(self, there: Iterable[Stored], is_same: IsSame, on_collision: OnCollision) -> None:
        self.plan = Plan()
        self._there = {composed(each.key): each for each in there}
        self._is_same = is_same
        self._on_collision = on_collision
        self._taken: dict[str, File] = {}

    def add(self, stem: str, group: Sequence[Upload]) -> None:
        """Plan files that stay together; `stem` is what their names have in common."""
        number = 1
        looked = [self._look(each, each.key) for each in group]
        while any(each.collides for each in looked) and not (number == 1 and self._are_settled(looked)):
            if number == 1:
                staying = _staying(looked)
                self._settle(staying)
                looked = [each for each in looked if each not in staying]
            number += 1
            looked = [self._look(each.upload, _numbered(each.upload.key, stem, number)) for each in looked]
        self._settle(looked)

    def _are_settled(self, looked: Sequence[_Look]) -> bool:
        """Tell whether what collides may: another photo of this run is never replaced."""
        if self._on_collision == "replace":
            return not any(composed(each.key) in self._taken for each in looked if each.collides)
        return self._on_collision == "skip"

    def _look(self, upload: Upload, key: str) -> _Look:
        other = self._taken.get(composed(key)) or self._there.get(composed(key))
        if other is None:
            return _Look(upload, key, "free")
        if isinstance(other, Stored):
            key = other.key
        try:
            return _Look(upload, key, "same" if self._is_same(upload.path, other) else "other")
        except FileUnreadable as error:
            return _Look(upload, key, "unreadable", str(error))

    def _settle(self, looked: Sequence[_Look]) -> None:
        for each in looked:
            upload = Upload(each.upload.path, each.key)
            if each.state == "unreadable":
                self.plan.unreadable.append(LeftOut(upload.path, each.why))
            elif each.state == "same":
                self.plan.there.append(upload)
            elif each.state == "other" and self._on_collision == "skip":
                self.plan.skipped.append(upload)
            else:
                self._taken[composed(each.key)] = upload.path
                self.plan.uploads.append(upload)
                if composed(each.key) != composed(each.upload.key):
                    self.plan.renamed.append(Renamed(upload.path, each.upload.key, each.key))
                elif composed(each.key) in self._there:
                    self.plan.replaced.append(upload)


def _staying(looked: Sequence[_Look]) -> list[_Look]:
    """Return the files that keep their keys while others of their group get new ones."""
    staying = [each for each in looked if each.state in {"same", "unreadable"}]
    if any(not is_sidecar(each.key) for each in staying):
        staying += [each for each in looked if is_sidecar(each.key) and each not in staying]
    return staying


def _groups(files: Sequence[Upload]) -> Iterator[tuple[str, Sequence[Upload]]]:
    """Yield the files that stay together, and what their names have in common."""
    photos = {(each.path.parent, _name(each.key)) for each in files if not is_sidecar(each.key)}
    groups: dict[tuple[Path, str, str], list[Upload]] = {}
    for each in files:
        stem = _stem(each, photos)
        groups.setdefault((each.path.parent, album_of(each.key), stem), []).append(each)
    return ((stem, group) for (_, _, stem), group in groups.items())


def _stem(upload: Upload, photos: Container[tuple[Path, str]]) -> str:
    """Return a file's name without extensions; a sidecar's is that of its photo."""
    name = _name(upload.key)
    if not is_sidecar(name):
        return PurePosixPath(name).stem
    of = name.removesuffix(SIDECAR_SUFFIX)
    return PurePosixPath(of).stem if (upload.path.parent, of) in photos else of


def _name(key: str) -> str:
    """Return the last part of a key, spelled as it is."""
    return key.rpartition("/")[2]


def _numbered(key: str, stem: str, number: int) -> str:
    folder, slash, name = key.rpartition("/")
    return f"{folder}{slash}{stem}-{number}{name[len(stem) :]}"
