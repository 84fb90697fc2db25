"""Puts Exif blocks and ICC profiles into finished files: encoders take none, or add to them."""

import struct
import zlib

_AFTER_SOI = 2
_JFIF = bytes.fromhex("ffe0 0010 4a464946 00 0102 00 0001 0001 00 00")
"""The APP0 marker of JFIF 1.02 (ITU-T T.871, 10.1), square pixels of no stated size."""

_APP0, _APP1, _APP2 = b"\xff\xe0", b"\xff\xe1", b"\xff\xe2"
_EXIF_NAME_BYTES = 6
"""JPEG alone has `Exif` and two zeros before the block; it comes with them."""

_ICC = b"ICC_PROFILE\x00\x01\x01"
"""The one and only part of a profile (ICC.1:2022, B.4): those that are written here are small."""

_PNG_HEADER_END = 33
_VP8X_ALPHA, _VP8X_EXIF = 0x10, 0x08


def jpeg_with(body: bytes, exif: bytes, profile: bytes) -> bytes:
    """Return the JPEG `body` as JFIF, with an Exif block and an ICC profile where they are not empty."""
    start = _AFTER_SOI
    if body[start : start + 2] == _APP0:
        start += 2 + int.from_bytes(body[start + 2 : start + 4], "big")
    segments = _JFIF
    if exif:
        segments += _segment(_APP1, exif)
    if profile:
        segments += _segment(_APP2, _ICC + profile)
    return body[:_AFTER_SOI] + segments + body[start:]


def png_with(body: bytes, exif: bytes) -> bytes:
    """Return the PNG `body` with an Exif block where it is not empty."""
    if not exif:
        return body
    chunk = b"eXIf" + exif[_EXIF_NAME_BYTES:]
    framed = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return body[:_PNG_HEADER_END] + framed + body[_PNG_HEADER_END:]


def webp_with(body: bytes, exif: bytes, width: int, height: int, alpha: bool) -> bytes:
    """Return the WebP `body`, of that size in pixels, with an Exif block where it is not empty.

    The simple layout has no room for it: it is turned into the extended one (RFC 9649, 2.7).
    """
    if not exif:
        return body
    chunks = body[12:]
    if chunks.startswith(b"VP8X"):
        chunks = chunks[:8] + bytes([chunks[8] | _VP8X_EXIF]) + chunks[9:]
    else:
        flags = _VP8X_EXIF | (_VP8X_ALPHA if alpha else 0)
        size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        chunks = _chunk(b"VP8X", struct.pack("<I", flags) + size) + chunks
    chunks += _chunk(b"EXIF", exif[_EXIF_NAME_BYTES:])
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks


def _segment(marker: bytes, payload: bytes) -> bytes:
    return marker + struct.pack(">H", 2 + len(payload)) + payload


def _chunk(name: bytes, payload: bytes) -> bytes:
    return name + struct.pack("<I", len(payload)) + payload + bytes(len(payload) % 2)
