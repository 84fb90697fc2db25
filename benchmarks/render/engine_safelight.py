"""python engine_safelight.py ORIGINAL RENDITION WIDTH HEIGHT."""

import sys
from pathlib import Path

from render.rendition import render

original, rendition, width, height = sys.argv[1:]
made = render(
    Path(original),
    original,
    {
        "name": "rendition",
        "key": rendition,
        "width": int(width),
        "height": int(height),
        "quality": 85,
        "fit": "inside",
        "crop": "centre",
        "format": "jpeg",
        "progressive": True,
        "sharpen": 0.0,
        "color": "srgb",
        "background": "#ffffff",
        "metadata": "none",
        "gain_map": False,
        "facts": False,
        "placeholder": False,
    },
)
Path(rendition).write_bytes(made.body)
