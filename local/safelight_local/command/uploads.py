"""Which files there are to add, and the key of each; read are folders, archives, and what Google tells."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from click import ClickException

from safelight.keys import MAX_KEY_BYTES, SIDECAR_SUFFIX, may_hold_photos
from safelight_library.errors import FileUnreadable
from safelight_library.files import Zipped, entries_of, unreadable
from safelight_library.takeout import Named, arranged, is_json
from safelight_library.uploads import LeftOut, Upload

_ARCHIVE = ".zip"


class PhotoProblem(ClickException):
    """There is nothing to add."""


@dataclass
class Found:
    """Files with their keys, those that cannot be added, and what of a Takeout is not added on purpose."""

    uploads: list[Upload] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    in_albums: int = 0
    in_trash: int = 0


def uploads_of(paths: Sequence[Path], album: str) -> Found:
    """Return what `paths` hold, each with its key in `album`, and what of it cannot be added, and why.

    The folders in a folder become its sub-albums, and so do those in an archive; all archives together are
    one folder, since a Takeout comes in parts. Keys are spelled as the paths are. Hidden files are left
    out without a word, and what is known to be no photo. Every other file goes up, since only its bytes say
    whether it is a photo. Symbolic links in a folder are followed to files in that folder alone.

    Raises:
        PhotoProblem: a path does not exist, or there is no file at all.
    """
    found, seen = Found(), set[tuple[Path, str]]()
    folders: dict[Path | None, list[Named]] = {}
    for path in paths:
        if not path.exists():
            raise PhotoProblem(f"There is no file or folder {path}.")
        if path.is_dir():
            folders.setdefault(path, []).extend(_files_in(path, found.left_out))
        elif path.suffix.lower() == _ARCHIVE:
            folders.setdefault(None, []).extend(_files_of(path, found.left_out))
        else:
            folders.setdefault(path, []).append((path.name, path))
    for named, files in folders.items():
        tidy = arranged(files)
        found.left_out += tidy.left_out
        found.in_albums += tidy.in_albums
        found.in_trash += tidy.in_trash
        for name, file in tidy.files:
            key = f"{album}/{_companion(name)}"
            if why := _fault(file, key, named):
                found.left_out.append(LeftOut(file, why))
            elif (place := (file.resolve() if isinstance(file, Path) else Path(str(file)), key)) not in seen:
                seen.add(place)
                found.uploads.append(Upload(file, key))
    if not (found.uploads or found.left_out or found.in_trash):
        raise PhotoProblem(f"There are no photos in {', '.join(str(path) for path in paths)}.")
    return found


def _files_in(folder: Path, left_out: list[LeftOut]) -> Iterator[Named]:
    """Yield the files below `folder`, each with its path there; a folder that cannot be read is left out."""

    def note(error: OSError) -> None:
        left_out.append(LeftOut(Path(error.filename), unreadable(error)))

    for parent, folders, names in os.walk(folder, onerror=note):
        folders[:] = sorted(name for name in folders if may_hold_photos(name))
        for name in sorted(filter(_is_wanted, names)):
            file = Path(parent, name)
            yield file.relative_to(folder).as_posix(), file


def _files_of(archive: Path, left_out: list[LeftOut]) -> Iterator[Named]:
    """Yield the files in an archive, each with its path there; what cannot be read is left out."""
    try:
        entries = entries_of(archive)
    except FileUnreadable as error:
        left_out.append(LeftOut(archive, str(error)))
        return
    except OSError as error:
        left_out.append(LeftOut(archive, unreadable(error)))
        return
    for name, entry in entries:
        *folders, last = PurePosixPath(name).parts
        if not isinstance(entry, Zipped):
            left_out.append(LeftOut(archive / name.lstrip("/"), entry))
        elif all(map(may_hold_photos, folders)) and _is_wanted(last):
            yield PurePosixPath(name).as_posix(), entry


def _is_wanted(name: str) -> bool:
    return may_hold_photos(name) or (is_json(name) and not name.startswith("."))


def _companion(name: str) -> str:
    """Return the name of a file as keys have it: sidecars end in lower case, whatever the camera wrote."""
    if name.lower().endswith(SIDECAR_SUFFIX):
        return name[: -len(SIDECAR_SUFFIX)] + SIDECAR_SUFFIX
    return name


def _fault(file: object, key: str, named: Path | None) -> str | None:
    """Return why a file cannot be added, as a clause, or None; `named` is what the user has named."""
    try:
        if len(key.encode()) > MAX_KEY_BYTES:
            return f"its key would be longer than {MAX_KEY_BYTES} bytes; give it or its folder a shorter name"
        if not isinstance(file, Path) or named is None:
            return None
        if file != named and file.is_symlink() and not file.resolve().is_relative_to(named.resolve()):
            return "it is a symbolic link out of the folder; name the file itself"
        if file.exists() and not file.is_file():
            return "it is no file"
        with file.open("rb"):
            return None
    except UnicodeEncodeError:
        return "its name is not UTF-8; rename it"
    except OSError as error:
        return unreadable(error)
