"""Renders with Pillow alone, a second way that owes nothing to the product: what tests compare with."""

import io

from PIL import Image, ImageCms, ImageOps

_TO_SRGB = ImageCms.Intent.RELATIVE_COLORIMETRIC, ImageCms.Flags.BLACKPOINTCOMPENSATION


def reference(data: bytes, box: tuple[int, int], background: str = "#ffffff") -> Image.Image:
    """The first image of a file upright, inside `box` pixels, in sRGB over `background`.

    For files of 8 bits whose ICC profile, if any, is sound and of their own kind.
    """
    with Image.open(io.BytesIO(data)) as opened:
        profile = opened.info.get("icc_profile")
        image = ImageOps.exif_transpose(opened)
    if image.mode in ("P", "PA") or image.has_transparency_data:
        image = image.convert("RGBA")
    scale = min(1.0, box[0] / image.width, box[1] / image.height)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    image = image.resize(size, Image.Resampling.LANCZOS)
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    image = image.convert("RGB") if alpha else image
    if profile:
        image = ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            renderingIntent=_TO_SRGB[0],
            outputMode="RGB",
            flags=_TO_SRGB[1],
        )
    flat = Image.new("RGB", image.size, background)
    flat.paste(image.convert("RGB"), mask=alpha)
    return flat
