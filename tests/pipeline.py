"""Takes a file through validation, development and rendering, as the workflow does."""

from collections.abc import Iterator
from pathlib import Path

from develop.master import develop
from render.rendition import Rendered, render
from safelight.contracts import RenditionPlan
from validate.photo import describe
from validate.plan import master_of

_MAX_PIXELS = 250_000_000


def renditions_of(
    path: Path, filename: str, plan: list[RenditionPlan], folder: Path
) -> Iterator[tuple[RenditionPlan, Rendered]]:
    """Yield what `plan` makes of the file at `path`; a working master, where there is one, lies in `folder`.

    Raises:
        BadInput: the workflow would reject the file.
    """
    photo = describe(path, filename, _MAX_PIXELS)
    if master := master_of(photo, plan, "execution"):
        source = folder / "master"
        source.write_bytes(develop(path, filename, photo["format"], master).body)
    else:
        source = path
    for rendition in plan:
        yield rendition, render(source, filename, rendition)
