"""Shows that something is being done, and how far it is."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from safelight.record import PhotoRecord
from safelight_library.library import Library, Upload


@contextmanager
def step(console: Console, what: str) -> Iterator[None]:
    """Show `what` with a spinner while the body runs, and how long it took when it is done."""
    started = time.monotonic()
    with console.status(what):
        yield
    console.print(f"[green]✓[/green] {what}  [dim]{time.monotonic() - started:.1f} s[/dim]", highlight=False)


def develop(
    console: Console, library: Library, uploads: Sequence[Upload], at_once: int
) -> tuple[list[PhotoRecord], float]:
    """Add photos with a progress bar; return their records in the order of `uploads`, and the seconds.

    A file of the name of a photo that is there replaces it, in whichever spelling of Unicode.
    """
    started = time.monotonic()
    keys = library.keys_of([upload.key for upload in uploads])
    uploads = [replace(upload, key=key) for upload, key in zip(uploads, keys, strict=True)]
    columns = (
        SpinnerColumn(),
        TextColumn("Developing"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[last]}", style="dim", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=len(uploads), last="")
        for record in library.add(uploads, at_once):
            progress.update(task, advance=1, last=f"{record['filename']} {record['status']}")
    seconds = time.monotonic() - started
    order = {upload.key: place for place, upload in enumerate(uploads)}
    return sorted(library.photos_at(order), key=lambda record: order[record["key"]]), seconds
