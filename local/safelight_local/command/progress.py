"""Shows that something is being done, and how far it is."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from safelight.record import PhotoRecord
from safelight_library.health import Finding
from safelight_library.library import Library
from safelight_library.uploads import LeftOut, Upload, is_sidecar


@contextmanager
def step(console: Console, what: str) -> Iterator[None]:
    """Show `what` with a spinner while the body runs, and how long it took when it is done."""
    started = time.monotonic()
    with console.status(what):
        yield
    console.print(f"[green]✓[/green] {what}  [dim]{time.monotonic() - started:.1f} s[/dim]", highlight=False)


def develop(
    console: Console, library: Library, uploads: Sequence[Upload], left_out: list[LeftOut]
) -> tuple[list[PhotoRecord], float]:
    """Add photos with a progress bar; return their records in the order of `uploads`, and the seconds.

    Files that cannot be read are added to `left_out`.
    """
    order = {upload.key: place for place, upload in enumerate(uploads) if not is_sidecar(upload.key)}
    _, seconds = watch(console, "Developing", library.add(uploads, left_out), len(order))
    return sorted(library.photos_at(order), key=lambda record: order[record["key"]]), seconds


@contextmanager
def bytes_of(console: Console, what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show how many of `total` bytes have come, of which the body tells what is yielded."""
    columns = (TextColumn(what, markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda come: progress.update(task, advance=come)


_Done = TypeVar("_Done", PhotoRecord, Finding)


def watch(console: Console, what: str, coming: Iterator[_Done], total: int) -> tuple[list[_Done], float]:
    """Return all that is `coming`, and the seconds; show how far it is, its rate, and the time left."""
    started = time.monotonic()
    columns = (
        SpinnerColumn(),
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("left"),
        TextColumn("{task.fields[last]}", style="dim", markup=False),
    )
    done: list[_Done] = []
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=total, last="", rate="")
        for each in coming:
            done.append(each)
            rate = f"{len(done) / (time.monotonic() - started) * 60:.0f} a minute"
            progress.update(task, advance=1, last=_told(each), rate=rate)
    return done, time.monotonic() - started


def _told(done: PhotoRecord | Finding) -> str:
    return done.key if isinstance(done, Finding) else f"{done['filename']} {done['status']}"
