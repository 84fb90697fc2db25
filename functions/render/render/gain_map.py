"""Keeps the gain map of an Ultra HDR photo: what its highlights gain on a screen that can show more."""

from pathlib import Path

import pyvips

from safelight.imaging.finish import upright
from safelight.imaging.geometry import as_stored
from safelight.imaging.picture import Decoded

_DATA, _IMAGE, _EXIF = "gainmap-data", "gainmap", "exif-data"


def ultra_hdr(path: Path, decoded: Decoded, image: pyvips.Image, quality: int, exif: bytes) -> bytes | None:
    """Return the finished `image` as an Ultra HDR JPEG of libjpeg's `quality`, or None if there is no map.

    `image` shows all of `decoded`, the file at `path`; the map is shrunk and turned as it was. A map of one
    band holds in any gamut; one of three is taken for close enough.
    """
    try:
        source = pyvips.Image.uhdrload(str(path))
        stored = pyvips.Image.jpegload_buffer(bytes(source.get(_DATA)))
    except pyvips.Error:
        return None
    width, height = as_stored((image.width, image.height), decoded.orientation)
    across, down = width / decoded.full_size[0], height / decoded.full_size[1]
    small = stored.resize(across, vscale=down, kernel="lanczos3").copy_memory()
    tagged = image.copy()
    for field in source.get_fields():
        if field.startswith("gainmap-") and field != _DATA:
            tagged.set_type(source.get_typeof(field), field, source.get(field))
    tagged.set_type(pyvips.GValue.image_type, _IMAGE, upright(small, decoded.orientation))
    if exif:
        tagged.set_type(pyvips.GValue.blob_type, _EXIF, exif)
    body: bytes = tagged.uhdrsave_buffer(Q=quality, keep="gainmap|icc|exif" if exif else "gainmap|icc")
    return body
