"""Makes one rendition of an original: upright, inside its box, in sRGB, and without metadata."""

from dataclasses import dataclass
from pathlib import Path

from render.encode import jpeg, placeholder
from render.vips_reader import read_with_vips
from safelight.contracts import RenditionPlan

MEDIA_TYPE = "image/jpeg"


@dataclass(frozen=True)
class Rendered:
    """A JPEG with its size in pixels, and the data URI of its placeholder where the plan asked for one."""

    body: bytes
    width: int
    height: int
    placeholder: str | None


def render(path: Path, filename: str, plan: RenditionPlan) -> Rendered:
    """Return the rendition that `plan` asks for of the file at `path`; `filename` is for the messages.

    Raises:
        TruncatedFile, CorruptFile, UnsupportedFormat: see `render.decode.decode`.
        MemoryError: there is not enough memory.
    """
    box = plan["width"], plan["height"]
    pixels = read_with_vips(path, filename, box)
    if pixels is None:
        from render.pillow_reader import read_with_pillow  # its import costs as much CPU as a thumbnail

        pixels = read_with_pillow(path, filename, box)
    return Rendered(
        body=jpeg(pixels, plan["quality"]),
        width=pixels.width,
        height=pixels.height,
        placeholder=placeholder(pixels) if plan["placeholder"] else None,
    )
