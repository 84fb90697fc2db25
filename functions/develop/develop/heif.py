"""Decodes HEIC, HEIF and AVIF: libheif applies the file's own turns; Exif's counts where there are none."""

import io
import struct
from pathlib import Path
from typing import Any, NamedTuple

import pillow_heif
import pyvips

from develop import turns
from develop.av1 import SequenceColors, colors_of
from safelight.errors import CorruptFile, SafelightError, UnsupportedFormat
from safelight.files.boxes import Items, item_start, items_in, turn_left_to_exif
from safelight.files.seekable import Seekable
from safelight.files.sequence import still_in
from safelight.imaging import cicp, icc
from safelight.imaging.cicp import Cicp
from safelight.imaging.picture import Decoded
from safelight.imaging.read import lacks_memory, naming

pillow_heif.options.DISABLE_SECURITY_LIMITS = True
"""libheif takes 1,000 tiles at most. Pixels are bounded before, by a judge without that limit, and memory."""

_INTERPRETATIONS = {
    ("L", 1): "b-w",
    ("I", 2): "grey16",
    ("R", 1): "srgb",
    ("L", 2): "grey16",
    ("R", 2): "rgb16",
}
"""By the first letter of pillow-heif's mode, and the bytes of a tone."""

_UPRIGHT = 1
_TOP_TONE = 65535
_HEAD_BYTES = 4096
_UNSPECIFIED, _BT601 = b"\x00\x02", b"\x00\x06"
"""Matrices of ITU-T H.273, table 4."""


def decode_heic(path: Path, filename: str) -> Decoded:
    """Return the primary image of the HEIC or HEIF file at `path`; `filename` is for the messages.

    Raises:
        CorruptFile: the file cannot be decoded; that it is all there has been checked.
        UnsupportedFormat: it is coded in a way that no decoder here knows.
        MemoryError: there is not enough memory.
    """
    with path.open("rb") as opened:
        orientation = turn_left_to_exif(opened)
        items = _items_in(opened)
    left = turns.left_to_do(items)
    source = io.BytesIO(turns.without(path.read_bytes(), left)) if left else path
    try:
        file = pillow_heif.open_heif(source, convert_hdr_to_8bit=False)
        primary = file[file.primary_index]
        primary.load()
    except MemoryError:
        raise
    except Exception as error:  # pillow-heif raises whatever malformed data lead it to
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk's fault, not the photo's
        raise _named(error, filename) from error
    info: dict[str, Any] = primary.info
    nclx = info.get("nclx_profile")
    colors = nclx and Cicp(nclx["color_primaries"], nclx["transfer_characteristics"])
    image = turns.applied(_image_of(primary, info["bit_depth"]), left)
    if exif := info.get("exif"):
        image.set_type(pyvips.GValue.blob_type, "exif-data", exif)
    return _described(image, info.get("icc_profile"), colors, _stated_nits(items), orientation)


def decode_avif(path: Path, filename: str) -> Decoded:
    """Return the primary image of the AVIF file at `path`; `filename` is for the messages.

    libvips decodes AVIF to its full depth, where Pillow gives 8 bits; pillow-heif has no decoder for it.

    Raises:
        TruncatedFile, CorruptFile, UnsupportedFormat, MemoryError: see `safelight.imaging.read.naming`.
    """
    with path.open("rb") as opened:
        data = still_in(opened) or path.read_bytes()
    items = _items_in(io.BytesIO(data))
    named, coded = _nclx_of(items), _coded_colors(data, items)
    left = turns.left_to_do(items)
    with naming(filename):
        plain = turns.without(_with_matrix(data, named), left)
        image = turns.applied(pyvips.Image.heifload_buffer(plain, unlimited=True), left).copy_memory()
    if image.format == "ushort":
        image = _to_full_scale(image, image.get("bits-per-sample"))
    if coded and coded.monochrome:
        image = _luma_of(image, named.full_range if named else coded.full_range)
    colors = named.colors if named else coded and Cicp(coded.primaries, coded.transfer)
    return _described(image, icc.embedded(image), colors, _stated_nits(items))


class _Nclx(NamedTuple):
    """The body of the property, and what its first numbers say."""

    body: bytes
    colors: Cicp

    @property
    def full_range(self) -> bool:
        """Whether black and white are the ends of the numbers."""
        return bool(self.body[10] & 0x80)


def _nclx_of(items: Items) -> _Nclx | None:
    for body in items.properties_of(items.primary, b"colr"):
        if body[:4] == b"nclx" and len(body) >= 11:
            return _Nclx(body, Cicp(*struct.unpack(">HH", body[4:8])))
    return None


def _items_in(file: Seekable) -> Items:
    try:
        return items_in(file)
    except ValueError:  # a table that libheif may not need
        return Items()


def _coded_colors(data: bytes, items: Items) -> SequenceColors | None:
    """Return what the bitstream of the AVIF file `data` says of its colours."""
    coded = items.primary
    if items.kinds.get(coded) != b"av01":  # a grid, of tiles that are coded alike
        coded = next((item for item, kind in items.kinds.items() if kind == b"av01"), 0)
    return colors_of(item_start(io.BytesIO(data), items, coded, _HEAD_BYTES))


def _stated_nits(items: Items) -> float | None:
    level, mastering = (
        next(iter(items.properties_of(items.primary, kind)), b"") for kind in (b"clli", b"mdcv")
    )
    return cicp.stated_nits(int.from_bytes(level[:2], "big"), mastering)


def _with_matrix(data: bytes, named: _Nclx | None) -> bytes:
    """Return the AVIF file `data` with a matrix in its nclx, that of BT.601 where none is specified.

    As browsers have it; libheif would leave an unspecified nclx, and the range that it says with it.
    """
    if named is None or named.body[8:10] != _UNSPECIFIED:
        return data
    mended = named.body[:8] + _BT601 + named.body[10:]
    return data.replace(b"colr" + named.body, b"colr" + mended, 1)


def _luma_of(image: pyvips.Image, full_range: bool) -> pyvips.Image:
    """Return what libheif has spread over three bands as the one that it is, of full range."""
    deep = image.format == "ushort"
    luma = image[0].copy(interpretation="grey16" if deep else "b-w")
    if not full_range:
        unit = _TOP_TONE / 255 if deep else 1
        stretched = (luma - 16 * unit) * (255 / 219)
        luma = (stretched + 0.5).cast(image.format).copy(interpretation=luma.interpretation)
    return luma.bandjoin(image[image.bands - 1]) if image.hasalpha() else luma


def _described(
    image: pyvips.Image,
    profile: bytes | None,
    colors: Cicp | None,
    nits: float | None,
    orientation: int = _UPRIGHT,
) -> Decoded:
    """An ICC profile outranks the numbers of nclx (ISO/IEC 23008-12, 6.5.5.1)."""
    if profile is None and colors is not None:
        image, profile = cicp.applied(image, colors, video=True, nits=nits)
    return Decoded(image, orientation, profile, (image.width, image.height))


def _image_of(primary: pillow_heif.HeifImage, bits: int) -> pyvips.Image:
    kind, _, depth = primary.mode.partition(";")
    size, form = (2, "ushort") if depth else (1, "uchar")
    image = pyvips.Image.new_from_memory(primary.data, *primary.size, len(kind), form)
    image = image.copy(interpretation=_INTERPRETATIONS[kind[0], size])
    if depth:
        image = _to_full_scale(image, bits)
    if primary.premultiplied_alpha:
        image = image.unpremultiply().cast(form)
    return image


def _to_full_scale(image: pyvips.Image, bits: int) -> pyvips.Image:
    """Stretch tones of `bits` bits that were shifted up to 16: their white is not 16 bits' white yet."""
    white = (2**bits - 1) << (16 - bits)
    stretched = image.linear(_TOP_TONE / white, 0.5).cast("ushort")
    return stretched.copy(interpretation=image.interpretation)


def _named(error: Exception, filename: str) -> SafelightError | MemoryError:
    text = str(error) or type(error).__name__
    lower = text.lower()
    if lacks_memory(text):
        return MemoryError(text)
    if "unsupported" in lower or "no decoder" in lower:
        return UnsupportedFormat(
            f"{filename} is coded in a way that cannot be read ({text}). Export it as JPEG and upload that."
        )
    return CorruptFile(
        f"{filename} cannot be decoded ({text}): its image data are damaged. "
        "Copy it again from the phone or from a backup."
    )
