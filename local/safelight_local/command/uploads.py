"""Which files go up, and to which keys."""

from collections.abc import Sequence
from pathlib import Path

from click import ClickException

from safelight.keys import composed
from safelight_library.library import Upload


class PhotoProblem(ClickException):
    """There is nothing to add, or two files would have one key."""


def uploads_of(paths: Sequence[Path], album: str) -> list[Upload]:
    """Return what `paths` hold, each with its key in `album`; the folders in a folder become its sub-albums.

    Keys are spelled as the paths are. Hidden files are left out. Every other file goes up, since only its
    bytes say whether it is a photo.

    Raises:
        PhotoProblem: a path does not exist, two files would have the same key, or there is no file at all.
    """
    uploads: list[Upload] = []
    for path in paths:
        if path.is_dir():
            inside = (file.relative_to(path) for file in sorted(path.rglob("*")) if file.is_file())
            uploads += [
                Upload(path / file, f"{album}/{file.as_posix()}")
                for file in inside
                if not any(part.startswith(".") for part in file.parts)
            ]
        elif path.is_file():
            uploads.append(Upload(path, f"{album}/{path.name}"))
        else:
            raise PhotoProblem(f"There is no file or folder {path}.")
    if not uploads:
        raise PhotoProblem(f"There are no photos in {', '.join(str(path) for path in paths)}.")
    by_key: dict[str, Upload] = {}
    for upload in uploads:
        other = by_key.setdefault(composed(upload.key), upload)
        if other.path.resolve() != upload.path.resolve():
            raise PhotoProblem(
                f"{other.path} and {upload.path} would both be {upload.key}. Add them to different albums."
            )
    return list(by_key.values())
