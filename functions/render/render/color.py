"""Brings pixels of every kind to opaque 8-bit sRGB."""

import io
from functools import cache
from math import isfinite

from PIL import Image, ImageChops, ImageCms, TiffImagePlugin

_WHITE = (255, 255, 255)
_SPACES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}
_BITS_PER_SAMPLE, _PHOTOMETRIC, _WHITE_IS_ZERO = 258, 262, 0


def eight_bits(image: Image.Image) -> Image.Image:
    """Return `image` in 8 bits per channel, as L, LA, RGB, RGBA, CMYK or LAB; tones are scaled."""
    mode = image.mode
    if mode.startswith(("I", "F")):
        return _eight_bit_grey(image)
    if mode == "CMYK" and image.format in ("JPEG", "MPO") and "adobe" not in image.info:
        return ImageChops.invert(image)  # Pillow takes every CMYK JPEG for one of Adobe's, which are inverted
    if mode in ("P", "PA", "RGB", "L", "1") and image.has_transparency_data:
        return image.convert("RGBA")
    simpler = {"1": "L", "P": "RGB", "PA": "RGBA", "La": "LA", "RGBa": "RGBA", "RGBX": "RGB"}
    simpler |= {"YCbCr": "RGB", "HSV": "RGB"}
    return image.convert(simpler[mode]) if mode in simpler else image


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return `image`, as `eight_bits` makes it, in sRGB over white.

    `profile` is its embedded ICC profile; one that is broken or of another kind of image is ignored,
    which takes the pixels for sRGB. Conversion is relative colorimetric with black point compensation.
    """
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    base = image.convert(image.mode[:-1]) if alpha else image
    rgb = _by_profile(base, profile) or base.convert("RGB")
    if alpha is None:
        return rgb
    flat = Image.new("RGB", rgb.size, _WHITE)
    flat.paste(rgb, mask=alpha)
    return flat


def _eight_bit_grey(image: Image.Image) -> Image.Image:
    """Scale by the depth that the file states, or else by the tones that there are."""
    tags = image.tag_v2 if isinstance(image, TiffImagePlugin.TiffImageFile) else {}
    low, high = 0.0, 65535.0
    if image.mode.startswith("I;16"):
        high = float(2 ** tags.get(_BITS_PER_SAMPLE, (16,))[0] - 1)
        inverted = tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO
        image = image.convert("I")
    else:
        inverted = False
        least, most = (float(tone) for tone in image.getextrema())  # type: ignore[arg-type]
        if image.mode == "F" and least >= 0 and most <= 1:
            high = 1.0
        elif least < 0 or most > high or image.mode == "F":
            low, high = least, most
    scale = 255.0 / (high - low) if high > low and isfinite(high - low) else 0.0
    shift = 0.5 - low * scale
    grey = image.point(lambda value: value * scale + shift).convert("L")
    return ImageChops.invert(grey) if inverted else grey


def _by_profile(image: Image.Image, profile: bytes | None) -> Image.Image | None:
    try:
        if profile:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        elif image.mode == "LAB":
            source = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
        else:
            return None
        space = _SPACES.get(source.profile.xcolor_space.strip())
        if image.mode == "L" and space == "RGB":
            image = image.convert("RGB")
        if space != image.mode:
            return None
        return ImageCms.profileToProfile(
            image,
            source,
            _srgb(),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
