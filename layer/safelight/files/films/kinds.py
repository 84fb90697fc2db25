"""Tells the containers of films apart by their contents, and reads each."""

from collections.abc import Callable
from typing import NamedTuple

from safelight.files.boxes import boxes
from safelight.files.films import avi, matroska, quicktime, transport
from safelight.files.films.reel import Reel
from safelight.files.seekable import Seekable, read_at, size_of

_HEAD_BYTES = 1024


class Container(NamedTuple):
    """A container by its name and media type, and what reads it."""

    name: str
    media_type: str
    reel_in: Callable[[Seekable], Reel]


MP4 = Container("MP4", "video/mp4", quicktime.reel_in)
MOV = Container("MOV", "video/quicktime", quicktime.reel_in)
M4V = Container("M4V", "video/x-m4v", quicktime.reel_in)
THREE_GP = Container("3GP", "video/3gpp", quicktime.reel_in)
WEBM = Container("WebM", "video/webm", matroska.reel_in)
MATROSKA = Container("Matroska", "video/matroska", matroska.reel_in)
AVI = Container("AVI", "video/x-msvideo", avi.reel_in)
TRANSPORT_STREAM = Container("MPEG-TS", "video/mp2t", transport.reel_in)
CONTAINERS = {it.name: it for it in (MP4, MOV, M4V, THREE_GP, WEBM, MATROSKA, AVI, TRANSPORT_STREAM)}
"""All of them by name."""

_WITHOUT_TYPE = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
"""What QuickTime's films began with before there were types of files."""

_BY_BRAND = {b"qt  ": MOV, b"M4V ": M4V, b"M4VH": M4V, b"M4VP": M4V}
_EBML = {"webm": WEBM, "matroska": MATROSKA}


def container_of(file: Seekable) -> Container | None:
    """Return what kind of film `file` is; None where it is none. That it is no still is known already."""
    head = read_at(file, 0, _HEAD_BYTES)
    if head[4:8] == b"ftyp":
        kinds = {box.kind for box in boxes(file, 0, size_of(file))}
        if b"meta" in kinds and b"moov" not in kinds:  # items, which are no film
            return None
        brand = head[8:12]
        return THREE_GP if brand[:2] == b"3g" else _BY_BRAND.get(brand, MP4)
    if head[4:8] in _WITHOUT_TYPE and int.from_bytes(head[:4], "big") not in range(2, 8):
        return MOV
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return AVI
    if head[:4] == b"\x1aE\xdf\xa3":
        return _EBML.get(matroska.doc_type_of(file))
    return TRANSPORT_STREAM if transport.framing_of(head) else None
