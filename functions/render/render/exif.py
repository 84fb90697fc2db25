"""Who made a photo and who owns it: the only metadata that a rendition may keep."""

from pathlib import Path

import pyvips

_ARTIST, _COPYRIGHT = 0x013B, 0x8298


def rights(path: Path, image: pyvips.Image) -> bytes:
    """Return an Exif block of Artist and Copyright, as in the file at `path`, or nothing.

    `image` is the same file, opened by libvips.
    """
    from PIL import Image  # 40 ms of CPU time that few renditions need

    Image.MAX_IMAGE_PIXELS = None  # no pixel is decoded here
    said, kept = Image.Exif(), Image.Exif()
    try:
        if image.get_typeof("exif-data"):
            said.load(bytes(image.get("exif-data")))
        elif str(image.get("vips-loader")).startswith("tiff"):
            with Image.open(path, formats=["TIFF"]) as tiff:
                said = tiff.getexif()
        for tag in (_ARTIST, _COPYRIGHT):
            if isinstance(text := said.get(tag), str):
                kept[tag] = text.encode("latin-1")  # as Pillow read it: the very bytes of the file
    except Exception:  # Pillow raises whatever a broken block leads it to, and a broken block says nothing
        return b""
    return kept.tobytes() if kept else b""
