"""Decodes the flattened picture of a Photoshop document, which is coded as the planes of a TIFF file are."""

import struct
import tempfile
from itertools import accumulate
from pathlib import Path

import pyvips

from safelight.errors import TruncatedFile, UnsupportedFormat
from safelight.files import photoshop, tiff
from safelight.files.photoshop import Document
from safelight.imaging.picture import Decoded
from safelight.imaging.read import naming
from safelight.imaging.tiff import Picture

_PHOTOMETRICS = {
    photoshop.BITMAP: 0,
    photoshop.GREY: 1,
    photoshop.INDEXED: 3,
    photoshop.RGB: 2,
    photoshop.CMYK: 5,
    photoshop.DUOTONE: 1,
    photoshop.LAB: 9,
}
_COMPRESSIONS = {photoshop.RAW: 1, photoshop.PACK_BITS: 32773}
_ROWS_PER_STRIP = 278
_SHORT, _LONG = 3, 4
_SIZES = {_SHORT: "H", _LONG: "I"}
_FLOATING = 32
_SEPARATE, _IEEE, _UNASSOCIATED = 2, 3, 2


def decode_photoshop(path: Path, filename: str) -> Decoded:
    """Return the flattened picture of the Photoshop document at `path`; `filename` is for the messages.

    Transparency is left out where the program has put its picture on white, as Photoshop does; others keep
    colours where it is clear.

    Raises:
        TruncatedFile: pixels are missing.
        UnsupportedFormat: its pixels are coded in a way that no decoder here knows.
        CorruptFile, MemoryError: see `safelight.imaging.read.naming`.
    """
    with path.open("rb") as file:
        try:
            document = photoshop.document_in(file)
        except photoshop.CutShort as cut:
            raise TruncatedFile(
                f"{filename} ends before its flattened picture does, which needs {cut.needed:,} bytes. "
                "Copy or upload it again."
            ) from cut
        if not document.strips:
            raise UnsupportedFormat(
                f"{filename} is a Photoshop document of a kind that cannot be read. Save it as JPEG or TIFF."
            )
        start, end = document.strips[0][0], sum(document.strips[-1])
        file.seek(start)
        planes = file.read(end - start)
    with tempfile.TemporaryDirectory() as folder, naming(filename):
        copy = Path(folder, "planes.tif")
        copy.write_bytes(_as_tiff(document, planes))
        image = Picture(copy, filename).image().copy_memory()
        if document.alpha and _is_matted(image):
            image = image.extract_band(0, n=image.bands - 1)
        if document.mode == photoshop.CMYK:
            inks = image.extract_band(0, n=4).invert()  # none of an ink is white in these files
            image = (inks.bandjoin(image[4]) if image.bands > 4 else inks).copy(interpretation="cmyk")
    return Decoded(image, document.orientation, document.profile, (document.width, document.height))


def _is_matted(image: pyvips.Image) -> bool:
    """Return whether `image` is white wherever its last band says that it is clear."""
    alpha = image[image.bands - 1]
    white = {"uchar": 255, "ushort": 65535}.get(image.format, 1)
    colored = image.extract_band(0, n=image.bands - 1) < white
    return not bool(((alpha == 0) & colored.bandor()).max())


def _as_tiff(document: Document, planes: bytes) -> bytes:
    """Return a TIFF file (TIFF 6.0, section 2) around the `planes`, which lie as `document` says."""
    colors = photoshop.COLORS[document.mode] + document.alpha
    per_strip = document.height if document.coding == photoshop.RAW else 1
    lengths = [length for _, length in document.strips]
    head = 8
    entries: dict[int, tuple[int, list[int]]] = {
        tiff.IMAGE_WIDTH: (_LONG, [document.width]),
        tiff.IMAGE_LENGTH: (_LONG, [document.height]),
        tiff.BITS_PER_SAMPLE: (_SHORT, [document.depth] * colors),
        tiff.COMPRESSION: (_SHORT, [_COMPRESSIONS[document.coding]]),
        tiff.PHOTOMETRIC: (_SHORT, [_PHOTOMETRICS[document.mode]]),
        tiff.STRIP_OFFSETS: (_LONG, [head + at for at in accumulate(lengths[:-1], initial=0)]),
        tiff.SAMPLES_PER_PIXEL: (_SHORT, [colors]),
        _ROWS_PER_STRIP: (_LONG, [per_strip]),
        tiff.STRIP_BYTE_COUNTS: (_LONG, lengths),
        tiff.PLANAR: (_SHORT, [_SEPARATE if colors > 1 else 1]),
    }
    if document.mode == photoshop.INDEXED:
        entries[tiff.COLOR_MAP] = _SHORT, [tone * 257 for tone in document.palette.ljust(768, b"\x00")]
    if document.alpha:
        entries[tiff.EXTRA_SAMPLES] = _SHORT, [_UNASSOCIATED]
    if document.depth == _FLOATING:
        entries[tiff.SAMPLE_FORMAT] = _SHORT, [_IEEE] * colors
    directory_at = head + len(planes) + len(planes) % 2
    values_at = directory_at + 2 + 12 * len(entries) + 4
    directory, values = [struct.pack(">H", len(entries))], b""
    for tag, (kind, numbers) in sorted(entries.items()):
        packed = struct.pack(f">{len(numbers)}{_SIZES[kind]}", *numbers)
        place = packed.ljust(4, b"\x00") if len(packed) <= 4 else struct.pack(">I", values_at + len(values))
        directory.append(struct.pack(">HHI", tag, kind, len(numbers)) + place)
        values += packed if len(packed) > 4 else b""
    padding = bytes(len(planes) % 2)
    header = struct.pack(">2sHI", b"MM", 42, directory_at)
    return b"".join((header, planes, padding, *directory, bytes(4), values))
