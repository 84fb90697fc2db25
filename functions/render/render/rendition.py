"""Makes one rendition of an original: upright, at its size, in a colour space that is named."""

from dataclasses import dataclass
from pathlib import Path

from render.compose import cropped, sharpened
from render.encode import MEDIA_TYPES, encoded, engines, flattened, placeholder
from render.exif import rights
from render.gain_map import ultra_hdr
from safelight import __version__
from safelight.contracts import RenditionPlan
from safelight.imaging.finish import finished
from safelight.imaging.geometry import as_stored, cover, cut, fit
from safelight.imaging.read import decode, naming


@dataclass(frozen=True)
class Rendered:
    """A file, its size in pixels, what made it, and its placeholder's data URI if the plan asked for one."""

    body: bytes
    media_type: str
    version: str
    width: int
    height: int
    placeholder: str | None


def render(path: Path, filename: str, plan: RenditionPlan) -> Rendered:
    """Return the rendition that `plan` asks for of the file at `path`; `filename` is for the messages.

    Nothing is enlarged: an original smaller than a box to cover is cropped to the box's shape instead. A
    gain map is kept in a JPEG that shows the whole of an Ultra HDR JPEG.

    Raises:
        TruncatedFile, CorruptFile, UnsupportedFormat: see `safelight.imaging.read.naming`.
        MemoryError: there is not enough memory.
    """
    box = plan["width"], plan["height"]
    placed = fit if plan["fit"] == "inside" else cover
    decoded = decode(path, filename, box, placed)
    size = placed(decoded.full_size, box, decoded.orientation)
    with naming(filename):
        image = finished(decoded, size, plan["color"])
    if plan["fit"] == "cover":
        image = cropped(image, cut(as_stored(decoded.full_size, decoded.orientation), box), plan["crop"])
    image = sharpened(image, plan["sharpen"])
    image = flattened(image, plan["background"]) if plan["format"] == "jpeg" else image
    kept = rights(path, decoded.image) if plan["metadata"] == "copyright" else b""
    body = None
    if plan["gain_map"] and plan["format"] == "jpeg" and plan["fit"] == "inside":
        body = ultra_hdr(path, decoded, image, plan["quality"], kept)
    return Rendered(
        body=body or encoded(image, plan, kept),
        media_type=MEDIA_TYPES[plan["format"]],
        version=f"safelight {__version__}, {engines(plan)}",
        width=image.width,
        height=image.height,
        placeholder=placeholder(image, plan["background"]) if plan["placeholder"] else None,
    )
