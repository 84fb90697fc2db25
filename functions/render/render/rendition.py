"""Makes one rendition of an original: upright, inside its box, in sRGB, and without metadata."""

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import PIL

from render.color import eight_bits, to_srgb
from render.decode import decode
from render.encode import jpeg, placeholder
from render.geometry import fit, shrink, upright
from safelight import __version__
from safelight.contracts import RenditionPlan

RENDERER = f"safelight {__version__}, Pillow {PIL.__version__}, pillow-heif {version('pillow-heif')}"
"""What renders, with versions."""

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
    decoded = decode(path, filename, box)
    profile = decoded.image.info.get("icc_profile")
    # Shrunk first, so that colour and turning cost by the pixel of the rendition, not of the original.
    small = shrink(eight_bits(decoded.image), fit(decoded.full_size, box, decoded.orientation))
    image = upright(to_srgb(small, profile), decoded.orientation)
    return Rendered(
        body=jpeg(image, plan["quality"]),
        width=image.width,
        height=image.height,
        placeholder=placeholder(image) if plan["placeholder"] else None,
    )
