"""What the golden tests ask of the render function."""

from pathlib import Path
from typing import Any

from render.rendition import Rendered, render
from safelight.contracts import RenditionPlan


def plan(**different: Any) -> RenditionPlan:
    """A plan for a lossless rendition inside 400 x 400 pixels, with what is `different`."""
    chosen: RenditionPlan = {
        "name": "golden",
        "key": "renditions/a.jpg/golden.png",
        "width": 400,
        "height": 400,
        "fit": "inside",
        "crop": "centre",
        "format": "png",
        "quality": 85,
        "progressive": False,
        "sharpen": 0.0,
        "color": "srgb",
        "background": "#ffffff",
        "metadata": "none",
        "gain_map": False,
        "placeholder": False,
        "facts": False,
    }
    chosen.update(**different)  # type: ignore[typeddict-item]
    return chosen


def rendered(folder: Path, data: bytes, **different: Any) -> Rendered:
    """The rendition of the original `data`."""
    path = folder / "original"
    path.write_bytes(data)
    return render(path, "a photo.jpg", plan(**different))
