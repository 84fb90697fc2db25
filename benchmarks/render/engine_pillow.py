"""python engine_pillow.py ORIGINAL RENDITION WIDTH HEIGHT: how Pillow alone makes a rendition."""

import sys

from PIL import Image, ImageOps

original, rendition, width, height = sys.argv[1:]
with Image.open(original) as image:
    image.thumbnail((int(width), int(height)), Image.Resampling.LANCZOS)
    upright = ImageOps.exif_transpose(image)
upright.save(rendition, quality=85, progressive=True, optimize=True)
