"""Makes the working master of an original: upright, no larger than its renditions need, next to lossless."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pyvips

from develop import bitmap, heif, jpegxl, layered, rare, raw
from safelight import __version__
from safelight.contracts import MasterPlan
from safelight.errors import BadInput
from safelight.imaging import embed
from safelight.imaging.finish import finished
from safelight.imaging.geometry import fit
from safelight.imaging.picture import Decoded
from safelight.imaging.read import decode, naming
from safelight.imaging.rights import rights

DEVELOPER = (
    f"safelight {__version__}, libvips {'.'.join(str(pyvips.version(n)) for n in range(3))}, "
    f"Pillow {version('Pillow')}, pillow-heif {version('pillow-heif')}, rawpy {version('rawpy')}, "
    f"imagecodecs {version('imagecodecs')}"
)
"""What develops, with versions."""

DECODED, PREVIEW, DEMOSAIC = "decoded", "embedded preview", "demosaic"
_QUALITY = 97
_PNG_EFFORT = 1


_DECODERS: dict[str, Callable[[Path, str], Decoded]] = {
    "HEIC": heif.decode_heic,
    "HEIF": heif.decode_heic,
    "AVIF": heif.decode_avif,
    "BMP": bitmap.decode_bmp,
    "JPEG 2000": bitmap.decode_jpeg2000,
    "JPEG XL": jpegxl.decode_jpegxl,
    "Photoshop": layered.decode_photoshop,
    "TIFF": rare.decode_tiff,
}
"""Of formats that the render function does not decode, or not all of."""


@dataclass(frozen=True)
class Master:
    """A working master as a file, and what was developed: `DECODED`, `PREVIEW` or `DEMOSAIC`."""

    body: bytes
    media_type: str
    source: str


def develop(path: Path, filename: str, format_: str, plan: MasterPlan) -> Master:
    """Return the working master that `plan` asks for of the file at `path`, a photo of `format_`.

    It carries the colour profile, unless that is sRGB, and of the metadata those who made the photo alone.

    Raises:
        TruncatedFile: image data are missing.
        CorruptFile: the file cannot be decoded.
        UnsupportedFormat: it is coded in a way that no decoder here knows.
        MemoryError: there is not enough memory.
    """
    if format_ == "RAW":
        return _from_raw(path, filename, plan)
    if own := _DECODERS.get(format_):
        decoded = own(path, filename)
    else:
        decoded = decode(path, filename, (plan["width"], plan["height"]))
    return _master(decoded, path, filename, plan, DECODED)


def _from_raw(path: Path, filename: str, plan: MasterPlan) -> Master:
    box = plan["width"], plan["height"]
    with raw.opened(path, filename) as negative:
        try:
            if preview := negative.preview(box):
                return _master(preview, path, filename, plan, PREVIEW)
        except BadInput:  # the preview is damaged: the sensor data may be whole
            pass
        return _master(negative.demosaic(box), path, filename, plan, DEMOSAIC)


def _master(decoded: Decoded, path: Path, filename: str, plan: MasterPlan, source: str) -> Master:
    size = fit(decoded.full_size, (plan["width"], plan["height"]), decoded.orientation)
    with naming(filename):
        image = finished(decoded, size, plan["color"])
        kept = rights(path, decoded.image)
        if image.hasalpha():
            body = embed.png_with(image.pngsave_buffer(compression=_PNG_EFFORT, keep="icc"), kept)
            return Master(body, "image/png", source)
        body = image.jpegsave_buffer(Q=_QUALITY, subsample_mode="off", keep="icc")
        return Master(embed.jpeg_with(body, kept, b""), "image/jpeg", source)
