"""Which files there are to add, and the key of each; nothing is read but the folders."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from click import ClickException

from safelight.keys import MAX_KEY_BYTES, SIDECAR_SUFFIX, may_hold_photos
from safelight_library.uploads import LeftOut, Upload, unreadable


class PhotoProblem(ClickException):
    """There is nothing to add."""


def uploads_of(paths: Sequence[Path], album: str) -> tuple[list[Upload], list[LeftOut]]:
    """Return what `paths` hold, each with its key in `album`, and what of it cannot be added, and why.

    The folders in a folder become its sub-albums. Keys are spelled as the paths are. Hidden files are left
    out without a word, and what is known to be no photo. Every other file goes up, since only its bytes say
    whether it is a photo. Symbolic links in a folder are followed to files in that folder alone.

    Raises:
        PhotoProblem: a path does not exist, or there is no file at all.
    """
    found: dict[tuple[Path, str], Upload] = {}
    left_out: list[LeftOut] = []
    for path in paths:
        if not path.exists():
            raise PhotoProblem(f"There is no file or folder {path}.")
        for file, name in _files_in(path, left_out) if path.is_dir() else [(path, path.name)]:
            if why := _fault(file, key := f"{album}/{_companion(name)}", path):
                left_out.append(LeftOut(file, why))
            else:
                found.setdefault((file.resolve(), key), Upload(file, key))
    if not found and not left_out:
        raise PhotoProblem(f"There are no photos in {', '.join(str(path) for path in paths)}.")
    return list(found.values()), left_out


def _files_in(folder: Path, left_out: list[LeftOut]) -> Iterator[tuple[Path, str]]:
    """Yield the files below `folder`, each with its path there; a folder that cannot be read is left out."""

    def note(error: OSError) -> None:
        left_out.append(LeftOut(Path(error.filename), unreadable(error)))

    for parent, folders, names in os.walk(folder, onerror=note):
        folders[:] = sorted(name for name in folders if may_hold_photos(name))
        for name in sorted(filter(may_hold_photos, names)):
            file = Path(parent, name)
            yield file, file.relative_to(folder).as_posix()


def _companion(name: str) -> str:
    """Return the name of a file as keys have it: sidecars end in lower case, whatever the camera wrote."""
    if name.lower().endswith(SIDECAR_SUFFIX):
        return name[: -len(SIDECAR_SUFFIX)] + SIDECAR_SUFFIX
    return name


def _fault(file: Path, key: str, named: Path) -> str | None:
    """Return why a file cannot be added, as a clause, or None; `named` is what the user has named."""
    try:
        if len(key.encode()) > MAX_KEY_BYTES:
            return f"its key would be longer than {MAX_KEY_BYTES} bytes; give it or its folder a shorter name"
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
