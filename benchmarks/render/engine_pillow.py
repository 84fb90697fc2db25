"""python engine_pillow.py ORIGINAL RENDITION PLAN: how Pillow alone makes a rendition.

It has no crop by attention: it takes the middle.
"""

import json
import sys

from PIL import Image, ImageFilter, ImageOps

original, rendition, plan = sys.argv[1:]
wanted = json.loads(plan)
box = wanted["width"], wanted["height"]
with Image.open(original) as image:
    if wanted["fit"] == "cover":
        image.draft("RGB", (2 * box[0], 2 * box[1]))
        small = ImageOps.fit(image, box, Image.Resampling.LANCZOS)
    else:
        image.thumbnail(box, Image.Resampling.LANCZOS)
        small = image
    made = ImageOps.exif_transpose(small)
if wanted["sharpen"]:
    made = made.filter(ImageFilter.UnsharpMask(wanted["sharpen"], percent=100, threshold=2))
made.save(rendition, wanted["format"], quality=wanted["quality"], progressive=True, optimize=True)
