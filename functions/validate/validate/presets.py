"""The sets of renditions that a stack can be deployed with."""

from dataclasses import dataclass

from safelight.contracts import RenditionPlan
from safelight.errors import Misconfigured
from safelight.keys import rendition_key

EXTENSION = "jpg"


@dataclass(frozen=True)
class Box:
    """One rendition: the box in pixels that it fits inside, and its JPEG quality, 1 to 95."""

    name: str
    width: int
    height: int
    quality: int = 85


@dataclass(frozen=True)
class Preset:
    """A set of renditions, and the name of the one that is tagged.

    Rekognition takes at most 15 MB and needs no more than about 2,000 pixels to see what there is.
    """

    boxes: tuple[Box, ...]
    tagged: str


PRESETS = {
    "gallery": Preset(
        boxes=(
            Box("thumbnail", 400, 400),
            Box("small", 800, 600),
            Box("medium", 2000, 2000),
            Box("large", 4000, 4000),
        ),
        tagged="medium",
    ),
}


def plan_of(preset: str, original_key: str) -> tuple[list[RenditionPlan], str]:
    """Return the renditions to make of the original at `original_key`, and the key of the one to tag.

    Raises:
        Misconfigured: there is no such preset.
    """
    if preset not in PRESETS:
        raise Misconfigured(
            f"There is no preset {preset!r}; there is {', '.join(sorted(PRESETS))}. "
            "Mend PRESET under the function's Environment in template.yaml and deploy again."
        )
    chosen = PRESETS[preset]
    smallest = min(chosen.boxes, key=lambda box: box.width * box.height)
    plan: list[RenditionPlan] = [
        {
            "name": box.name,
            "key": rendition_key(original_key, box.name, EXTENSION),
            "width": box.width,
            "height": box.height,
            "fit": "inside",
            "crop": "centre",
            "format": "jpeg",
            "quality": box.quality,
            "progressive": True,
            "sharpen": 0.0,
            "color": "srgb",
            "background": "#ffffff",
            "metadata": "none",
            "gain_map": False,
            "placeholder": box is smallest,
            "facts": box.name == chosen.tagged,
        }
        for box in chosen.boxes
    ]
    return plan, rendition_key(original_key, chosen.tagged, EXTENSION)
