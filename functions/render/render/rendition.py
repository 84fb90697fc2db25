"""Makes one rendition of an original: upright, at its size, in a colour space that is named."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyvips

from render.compose import cropped, sharpened
from render.encode import MEDIA_TYPES, encoded, engines, flattened, placeholder
from render.gain_map import ultra_hdr
from safelight import __version__
from safelight.imaging import icc
from safelight.imaging.finish import finished
from safelight.imaging.geometry import as_stored, cover, cut, fit
from safelight.imaging.read import decode, naming
from safelight.imaging.rights import rights

if TYPE_CHECKING:  # types that a process of one rendition would build and never look at
    from safelight.contracts import Described, RenditionPlan
    from safelight.record import Facts


class Rendered(NamedTuple):
    """A file, its size in pixels; and a data URI and facts if the plan asked for them."""

    body: bytes
    media_type: str
    width: int
    height: int
    placeholder: str | None
    facts: "Facts | None"

    @property
    def described(self) -> "Described":
        """All but the file itself, and only what the plan asked for."""
        described: Described = {
            "width": self.width,
            "height": self.height,
            "bytes": len(self.body),
            "media_type": self.media_type,
        }
        if self.placeholder:
            described["placeholder"] = self.placeholder
        if self.facts:
            described["facts"] = self.facts
        return described


def render(path: Path, filename: str, plan: "RenditionPlan") -> Rendered:
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
        facts = _facts(image, plan) if plan["facts"] else None
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
            width=image.width,
            height=image.height,
            placeholder=placeholder(image, plan["background"]) if plan["placeholder"] else None,
            facts=facts,
        )


def made_by(plan: "RenditionPlan") -> str:
    """Return what makes the plan's rendition, with versions."""
    return f"safelight {__version__}, {engines(plan)}"


def _facts(image: pyvips.Image, plan: "RenditionPlan") -> "Facts":
    """Return the facts of the whole photo as it is: neither cropped nor sharpened."""
    from render.facts import facts_of  # one rendition of a photo needs it

    opaque = flattened(image, plan["background"])
    return facts_of(icc.converted(opaque, icc.SRGB) if plan["color"] == "display-p3" else opaque)
