"""Brings a decoded image to its size, upright, and to 8 bits of a colour space that is named."""

from contextlib import suppress
from typing import Literal

import pyvips

from safelight.imaging import icc
from safelight.imaging.picture import Decoded

Color = Literal["srgb", "display-p3"]

_COLOR_BANDS = {"b-w": 1, "grey16": 1, "cmyk": 4}
_TURNS = {3: "d180", 4: "d180", 5: "d90", 6: "d90", 7: "d270", 8: "d270"}
_MIRRORED = frozenset({2, 4, 5, 7})
_SIXTEEN_TO_EIGHT_BITS = 1 / 257


def finished(decoded: Decoded, size: tuple[int, int], color: Color) -> pyvips.Image:
    """Return the image shrunk to `size` (as stored), upright, 8 bit, three bands and alpha if there is any.

    The colours are sRGB without a profile; or Display P3, with its profile, where `color` asks for it and
    the image has colours beyond sRGB; there is no other metadata. The pixels are in memory: what could go
    wrong with the file has.

    Raises:
        pyvips.Error: the image cannot be decoded; do this within `safelight.imaging.read.naming`.
    """
    bands = _COLOR_BANDS.get(decoded.image.interpretation, 3)
    image = decoded.image
    if image.bands > bands + 1:
        image = image.extract_band(0, n=bands + 1)
    # Shrunk first, so that colour and turning cost by the pixel of the result, not of the original.
    small = _shrunk(image, size)
    made = _colored(small if image.bands == bands else small.extract_band(0, n=bands), decoded.profile, color)
    profile = icc.attached(made)
    if image.bands > bands:
        made = made.bandjoin(_eight_bits(small[bands]))
    return upright(_bare(made, profile), decoded.orientation)


def _bare(image: pyvips.Image, profile: bytes | None) -> pyvips.Image:
    """Return the pixels of `image`, computed, with `profile` for all that they carry besides.

    What `image` itself carries does not count: an operation on two images mixes what both carried.
    """
    pixels = image.write_to_memory()
    bare = pyvips.Image.new_from_memory(pixels, image.width, image.height, image.bands, "uchar")
    bare = bare.copy(interpretation="srgb")
    return icc.tagged(bare, profile) if profile else bare


def _shrunk(image: pyvips.Image, size: tuple[int, int]) -> pyvips.Image:
    """Resample by Lanczos; colours weigh by their alpha, so that none comes out of what is clear."""
    if (image.width, image.height) == size:
        return image
    scales = size[0] / image.width, size[1] / image.height
    if not image.hasalpha():
        return image.resize(scales[0], vscale=scales[1], kernel="lanczos3")
    weighed = image.premultiply().resize(scales[0], vscale=scales[1], kernel="lanczos3")
    return weighed.unpremultiply().cast(image.format)


def _colored(image: pyvips.Image, profile: bytes | None, color: Color) -> pyvips.Image:
    """Return the opaque `image` in 8 bits of sRGB, untagged, or of Display P3, tagged."""
    if profile and image.format in ("uchar", "ushort") and icc.fits(profile, image.bands):
        with suppress(pyvips.Error):  # tags that littleCMS cannot use: the pixels are whole without them
            return _by_profile(image, profile, color)
    image = icc.untagged(image)
    if image.interpretation in ("rgb16", "grey16", "cmyk"):
        image = _eight_bits(image)
    if image.interpretation == "cmyk":
        return _inks_to_rgb(image)
    return image.colourspace("srgb")


def _by_profile(image: pyvips.Image, profile: bytes, color: Color) -> pyvips.Image:
    if image.bands == 1 and profile[16:20] == b"RGB ":
        image = image.colourspace("rgb16" if image.format == "ushort" else "srgb")
    image = icc.tagged(image, profile)
    if image.bands == 3:
        if color == "display-p3" and icc.wider_than_srgb(profile):
            return icc.converted(image, icc.DISPLAY_P3)
        if icc.is_srgb(profile):
            return icc.untagged(_eight_bits(image))
    return icc.untagged(icc.converted(image, icc.SRGB))


def _eight_bits(image: pyvips.Image) -> pyvips.Image:
    if image.format != "ushort":
        return image
    eight = image.linear(_SIXTEEN_TO_EIGHT_BITS, 0.5, uchar=True)
    names = {"rgb16": "srgb", "grey16": "b-w"}
    return eight.copy(interpretation=names.get(image.interpretation, image.interpretation))


def _inks_to_rgb(image: pyvips.Image) -> pyvips.Image:
    """Take each ink for the absence of its light, as browsers do with CMYK that has no profile."""
    light = image.invert()
    return ((light.extract_band(0, n=3) * light[3]) / 255 + 0.5).cast("uchar").copy(interpretation="srgb")


def upright(image: pyvips.Image, orientation: int) -> pyvips.Image:
    """Return `image` turned and mirrored as the Exif `orientation`, 1 to 8, asks."""
    if orientation in _TURNS:
        image = image.rot(_TURNS[orientation])
    return image.fliphor() if orientation in _MIRRORED else image
