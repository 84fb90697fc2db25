"""Says which originals are developed once, into a working master, before their renditions are made of it."""

from safelight.contracts import MasterPlan, Photo, RenditionPlan
from safelight.keys import master_key

_ALWAYS = frozenset({"RAW", "HEIC", "HEIF", "AVIF"})
"""What the render function does not decode at all: one room carries those decoders."""

FROM_PIXELS = {"JPEG": 80_000_000, "PNG": 12_000_000, "TIFF": 12_000_000}
"""From so many pixels on, a master saves enough time to be worth the wait for one more function.

Measured by `make bench-develop` for the four renditions of `gallery` (docs/performance.md): JPEG breaks even
at 50 megapixels and saves a fifth at 100; at 12 PNG saves a seventh, TIFF from 8 % (LZW) to 59 % (16 bit).
"""


def master_of(photo: Photo, renditions: list[RenditionPlan], execution: str) -> MasterPlan | None:
    """Return the working master to develop of `photo`, or None where each rendition decodes it itself.

    It is as large as the largest of `renditions` needs, never larger than the photo, and belongs to
    the workflow's execution of that name. A JPEG whose gain map is wanted has none: a master has no gain map.
    """
    if photo["format"] not in _ALWAYS:
        line = FROM_PIXELS.get(photo["format"])
        if line is None or photo["width"] * photo["height"] < line:
            return None
        if any(rendition["gain_map"] for rendition in renditions):
            return None
    scale = min(1.0, max(_scale(photo, rendition) for rendition in renditions))
    return {
        "key": master_key(execution),
        "width": max(1, round(photo["width"] * scale)),
        "height": max(1, round(photo["height"] * scale)),
        "color": "display-p3" if any(r["color"] == "display-p3" for r in renditions) else "srgb",
    }


def _scale(photo: Photo, rendition: RenditionPlan) -> float:
    across, down = rendition["width"] / photo["width"], rendition["height"] / photo["height"]
    return max(across, down) if rendition["fit"] == "cover" else min(across, down)
