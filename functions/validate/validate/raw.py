"""Recognises camera RAW files by their contents: by magic numbers, or by the directories of a TIFF.

Most RAW formats are TIFF files whose first directory is an ordinary thumbnail, so that an image library
opens them and shows a stamp. What gives them away: DNG's version tag, sensor data (a colour filter
array) in a directory, or a maker's own compression. Magic numbers and codes: LibRaw, ExifTool's tables.
"""

import mmap

from safelight.files.tiff import (
    COMPRESSION,
    DNG_VERSION,
    HEADERS,
    MAKE,
    MAX_SUB_IFDS,
    MODEL,
    PHOTOMETRIC,
    SUB_IFDS,
    Directory,
    OutsideFile,
    Tiff,
)

_MAGIC = (
    (0, b"FUJIFILMCCD-RAW", "Fujifilm RAF"),
    (0, b"IIRO", "Olympus ORF"),
    (0, b"IIRS", "Olympus ORF"),
    (0, b"MMOR", "Olympus ORF"),
    (0, b"IIU\x00", "Panasonic RW2"),
    (8, b"CR\x02", "Canon CR2"),
    (6, b"HEAPCCDR", "Canon CRW"),
    (0, b"\x00MRM", "Minolta MRW"),
    (0, b"FOVb", "Sigma X3F"),
    (8, b"IIII", "Phase One IIQ"),
    (8, b"MMMM", "Phase One IIQ"),
)
_SENSOR_PHOTOMETRICS = {32803, 34892}
"""Colour filter array, linear RAW (TIFF/EP, DNG)."""

_MAKERS_COMPRESSIONS = {32767, 32769, 32770, 34713, 65000, 65535}
"""Sony ARW, packed RAW, Samsung SRW, Nikon NEF, Kodak, Pentax PEF."""

_KINDS = (
    ("nikon", "Nikon NEF"),
    ("sony", "Sony ARW"),
    ("pentax", "Pentax PEF"),
    ("ricoh", "Pentax PEF"),
    ("kodak", "Kodak KDC or DCR"),
    ("samsung", "Samsung SRW"),
    ("canon", "Canon TIFF-based RAW"),
    ("hasselblad", "Hasselblad 3FR"),
    ("epson", "Epson ERF"),
    ("mamiya", "Mamiya MEF"),
    ("leaf", "Leaf MOS"),
    ("phase one", "Phase One IIQ"),
)
_MEDIA_TYPES = {
    "DNG": "image/x-adobe-dng",
    "Canon CR2": "image/x-canon-cr2",
    "Canon CR3": "image/x-canon-cr3",
    "Canon CRW": "image/x-canon-crw",
    "Epson ERF": "image/x-epson-erf",
    "Fujifilm RAF": "image/x-fuji-raf",
    "Hasselblad 3FR": "image/x-hasselblad-3fr",
    "Leaf MOS": "image/x-leaf-mos",
    "Mamiya MEF": "image/x-mamiya-mef",
    "Minolta MRW": "image/x-minolta-mrw",
    "Nikon NEF": "image/x-nikon-nef",
    "Olympus ORF": "image/x-olympus-orf",
    "Panasonic RW2": "image/x-panasonic-rw2",
    "Pentax PEF": "image/x-pentax-pef",
    "Phase One IIQ": "image/x-phaseone-iiq",
    "Samsung SRW": "image/x-samsung-srw",
    "Sigma X3F": "image/x-sigma-x3f",
    "Sony ARW": "image/x-sony-arw",
}
_ANY_RAW = "image/x-dcraw"
"""None is registered with IANA; these are the names of freedesktop.org's shared-mime-info."""

_CAMERA_ONLY = ("kodak digital science dc", "kodak dc")
"""Models whose files carry sensor data where no directory says so."""


def camera_raw(data: mmap.mmap) -> str | None:
    """Return the kind of camera RAW that `data` is, like "Nikon NEF", or None if it is none."""
    for offset, magic, kind in _MAGIC:
        if data[offset : offset + len(magic)] == magic and (offset != 8 or data[:4] in HEADERS):
            return kind
    if data[4:12] == b"ftypcrx ":
        return "Canon CR3"
    return _by_directories(Tiff(data)) if data[:4] in HEADERS else None


def media_type_of(kind: str) -> str:
    """Return the media type of a `kind` of camera RAW, as `camera_raw` names it."""
    return _MEDIA_TYPES.get(kind, _ANY_RAW)


def _by_directories(tiff: Tiff) -> str | None:
    make = model = ""
    try:
        for number, page in enumerate(tiff.pages()):
            if number == 0:
                make, model = tiff.text(page, MAKE).lower(), tiff.text(page, MODEL).lower()
            if DNG_VERSION in page.entries:
                return "DNG"
            if _holds_sensor_data(tiff, page):
                return _kind(make)
            for offset in tiff.integers(page, SUB_IFDS)[:MAX_SUB_IFDS]:
                if _holds_sensor_data(tiff, tiff.directory(offset)):
                    return _kind(make)
            if number >= MAX_SUB_IFDS:
                break
    except OutsideFile:  # cut short: what could be seen does not say RAW
        pass
    return _kind(make) if model.startswith(_CAMERA_ONLY) else None


def _holds_sensor_data(tiff: Tiff, directory: Directory) -> bool:
    photometric = tiff.integers(directory, PHOTOMETRIC)[:1]
    compression = tiff.integers(directory, COMPRESSION)[:1]
    return bool(_SENSOR_PHOTOMETRICS & {*photometric} or _MAKERS_COMPRESSIONS & {*compression})


def _kind(make: str) -> str:
    return next((kind for maker, kind in _KINDS if maker in make), "TIFF-based camera RAW")
