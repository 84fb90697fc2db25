"""Who made a photo and who owns it: the only metadata that what is made of it may keep."""

from pathlib import Path

import pyvips

_ARTIST, _COPYRIGHT = 0x013B, 0x8298
_TIFF = (b"II*\x00", b"MM\x00*")
_BIG_TIFF = (b"II+\x00", b"MM\x00+")
_FIELD = "exif-data"


def rights(path: Path, image: pyvips.Image) -> bytes:
    """Return an Exif block of Artist and Copyright, as in the file at `path`, or nothing.

    TIFF files, and the camera RAW files that are built alike, say it in their first directory; the others
    in the Exif block of `image`, which is the same file, decoded.
    """
    from PIL import Image  # 40 ms of CPU time that few renditions need

    Image.MAX_IMAGE_PIXELS = None  # no pixel is decoded here
    said, kept = Image.Exif(), Image.Exif()
    try:
        with path.open("rb") as file:
            header = file.read(4)
            file.seek(0)
            if header in _TIFF:
                said.load_from_fp(file)
            elif header in _BIG_TIFF:
                with Image.open(path, formats=["TIFF"]) as tiff:
                    said = tiff.getexif()
            elif image.get_typeof(_FIELD):
                said.load(bytes(image.get(_FIELD)))
            for tag in (_ARTIST, _COPYRIGHT):
                if isinstance(text := said.get(tag), str):
                    kept[tag] = text.encode("latin-1")  # as Pillow read it: the very bytes of the file
    except Exception:  # Pillow raises whatever a broken block leads it to, and a broken block says nothing
        return b""
    return kept.tobytes() if kept else b""
