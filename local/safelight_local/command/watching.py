"""Tells of files that come into folders, each when nobody writes to it any more."""

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from click import ClickException
from watchfiles import Change, watch

from safelight.errors import TransientError
from safelight_library.aws_words import told
from safelight_library.errors import LibraryError

if TYPE_CHECKING:
    from threading import Event

    from safelight_local.command.adding import Adding

SETTLED_SECONDS = 5.0
"""How long a file must have been left alone. Programs that write slower than that rename what is complete."""

_UNFINISHED = (".crdownload", ".download", ".filepart", ".part", ".partial", ".tmp")
"""What browsers and copying programs call a file until it is complete."""


_AGAIN_SECONDS = 30.0


def followed(folders: Sequence[Path], adding: "Adding") -> None:
    """Add what is in `folders`, and what comes, until the user interrupts.

    Where a photo fails, or the stack cannot be reached for a while, that is said, and it goes on.
    """
    try:
        for ready in settled(folders):
            while words := _tried(folders, ready, adding):
                adding.screen.print(f"{words} Trying again in {_AGAIN_SECONDS:g} s.", markup=False)
                time.sleep(_AGAIN_SECONDS)
    except KeyboardInterrupt:
        adding.screen.print("Nothing is watched any more.")


def _tried(folders: Sequence[Path], files: set[Path], adding: "Adding") -> str | None:
    """Add files; return in words what went wrong with the stack, where adding is to be tried again."""
    try:
        adding.add(folders, files)
    except ClickException as error:
        adding.screen.print(error.format_message(), markup=False)
    except (LibraryError, TransientError) as error:
        return str(error)
    except Exception as error:
        if words := told(error):
            return words
        raise
    return None


def settled(
    folders: Sequence[Path], seconds: float = SETTLED_SECONDS, stop: "Event | None" = None
) -> Iterator[set[Path]]:
    """Yield the files in `folders`, and from then on those that come or change, until `stop` is set.

    Each set has files that nobody has written to for `seconds`, by their real paths. Files that disappear
    are not told.
    """
    seen: dict[Path, tuple[tuple[int, int] | None, float]] = {}
    for folder in folders:
        seen |= dict.fromkeys(_files_in(folder.resolve()), (None, 0.0))
    changes = watch(
        *folders,
        watch_filter=None,
        stop_event=stop,
        yield_on_timeout=True,
        rust_timeout=max(round(seconds * 200), 20),
        debounce=max(round(seconds * 200), 20),
        step=20,
    )
    for changed in changes:
        for change, name in changed:
            if change != Change.deleted:
                seen |= {file: seen.get(file, (None, 0.0)) for file in _files_in(Path(name).resolve())}
        now, wall, ready = time.monotonic(), time.time(), set[Path]()
        for file, (before, since) in list(seen.items()):
            if (mark := _mark(file)) is None:
                del seen[file]
            elif before is None and wall - mark[1] / 1e9 > seconds:
                ready.add(file)  # older than we are
            elif mark != before:
                seen[file] = (mark, now)
            elif now - since >= seconds:
                ready.add(file)
        for file in ready:
            del seen[file]
        if ready:
            yield ready


def _files_in(path: Path) -> Iterator[Path]:
    """Yield a file, or those below a folder, which may have come as a whole."""
    if not path.is_dir():
        yield from [] if path.name.lower().endswith(_UNFINISHED) else [path]
        return
    for parent, _, names in os.walk(path):
        for name in names:
            if not name.lower().endswith(_UNFINISHED):
                yield Path(parent, name)


def _mark(file: Path) -> tuple[int, int] | None:
    """Return what changes when a file is written to: its size, and its time in nanoseconds."""
    try:
        about = file.stat()
    except OSError:
        return None
    return about.st_size, about.st_mtime_ns
