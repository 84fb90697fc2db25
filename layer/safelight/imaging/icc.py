"""ICC profiles: which colours the numbers of an image mean."""

import struct

import pyvips

_FIELD = "icc-profile-data"
_SPACES = {1: b"GRAY", 3: b"RGB ", 4: b"CMYK"}


def embedded(image: pyvips.Image) -> bytes | None:
    """Return the ICC profile that the file of `image` carries, sound or not."""
    return bytes(image.get(_FIELD)) if image.get_typeof(_FIELD) else None
