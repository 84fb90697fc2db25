"""Makes small files that keep metadata where cameras and editors keep it; none needs pixels to be read."""

import io
import struct
from typing import Any

from PIL import Image

NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "aux": "http://ns.adobe.com/exif/1.0/aux/",
    "GCamera": "http://ns.google.com/photos/1.0/camera/",
    "GPano": "http://ns.google.com/photos/1.0/panorama/",
    "hdrgm": "http://ns.adobe.com/hdr-gain-map/1.0/",
    "xmpNote": "http://ns.adobe.com/xmp/note/",
}
CANON = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
LIVE_PHOTO = "7E7C0E80-8B1A-4D9C-8F2D-0A5A3C0F1B77"
BOXED_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")

Value = str | bytes | int | tuple[int, ...] | tuple[tuple[int, int], ...]


def xmp(attributes: str = "", elements: str = "") -> bytes:
    """A packet with properties written as attributes and as elements."""
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {declared} {attributes}>{elements}</rdf:Description>'
        "</rdf:RDF></x:xmpmeta><?xpacket end='w'?>"
    ).encode()


def listed(name: str, kind: str, *members: str) -> str:
    """A property of several members; `kind` is Bag, Seq or Alt."""
    language = ' xml:lang="x-default"' if kind == "Alt" else ""
    inside = "".join(f"<rdf:li{language}>{member}</rdf:li>" for member in members)
    return f"<{name}><rdf:{kind}>{inside}</rdf:{kind}></{name}>"


def tiff(directory: dict[int, Value], magic: bytes = b"II*\x00", base: int = 0) -> bytes:
    """A TIFF file of one little-endian directory: text, blobs, longs, ratios.

    A value may be a directory itself, as those of Exif and GPS are. With `base`, the directories count on
    lying there, not behind the header.
    """
    return magic + struct.pack("<I", 8) + _directory(directory, base or 8)


def _directory(tags: dict[int, Any], at: int) -> bytes:
    entries = b""
    tail = b""
    tail_at = at + 2 + 12 * len(tags) + 4
    for tag, value in sorted(tags.items()):
        match value:
            case dict():
                data, kind, count = _directory(value, tail_at + len(tail)), 4, 1
                entries += struct.pack("<HHII", tag, kind, count, tail_at + len(tail))
                tail += data
                continue
            case str():
                data, kind = value.encode() + b"\x00", 2
                count = len(data)
            case bytes():
                data, kind, count = value, 7, len(value)
            case int():
                data, kind, count = struct.pack("<I", value), 4, 1
            case _ if isinstance(value[0], tuple):
                data = b"".join(struct.pack("<II", *ratio) for ratio in value)
                kind, count = 5, len(value)
            case _:
                data, kind, count = bytes(value), 1, len(value)
        if len(data) <= 4:
            entries += struct.pack("<HHI", tag, kind, count) + data.ljust(4, b"\x00")
        else:
            entries += struct.pack("<HHII", tag, kind, count, tail_at + len(tail))
            tail += data + b"\x00" * (len(data) % 2)
    return struct.pack("<H", len(tags)) + entries + bytes(4) + tail


def box(kind: bytes, *bodies: bytes) -> bytes:
    """A box of an ISO media file."""
    body = b"".join(bodies)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def segment(marker: int, body: bytes) -> bytes:
    """A segment of a JPEG file."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def jpeg(*segments: bytes, picture: Image.Image | None = None) -> bytes:
    """A JPEG file of `picture`, or of 8 x 8 pixels, with `segments` behind its start."""
    buffer = io.BytesIO()
    (picture or Image.new("RGB", (8, 8), "teal")).save(buffer, "JPEG")
    plain = buffer.getvalue()
    return plain[:2] + b"".join(segments) + plain[2:]


def exif_segment(block: bytes) -> bytes:
    """The segment of a JPEG that holds a TIFF file of Exif."""
    return segment(0xE1, b"Exif\x00\x00" + block)


def xmp_segment(packet: bytes) -> bytes:
    """The segment of a JPEG that holds an XMP packet."""
    return segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + packet)


def more_xmp_segments(name: str, packet: bytes, size: int = 40_000) -> list[bytes]:
    """The segments of a JPEG that hold an extended packet (XMP part 3, 1.1.3.1)."""
    head = b"http://ns.adobe.com/xmp/extension/\x00" + name.encode()
    return [
        segment(0xE1, head + struct.pack(">II", len(packet), at) + packet[at : at + size])
        for at in range(0, len(packet), size)
    ]


def iptc(*datasets: tuple[int, int, bytes]) -> bytes:
    """An IPTC-IIM block of (record, number, value)."""
    return b"".join(
        struct.pack(">BBBH", 0x1C, record, number, len(value)) + value for record, number, value in datasets
    )


def photoshop_segment(block: bytes) -> bytes:
    """The segment of a JPEG in which Photoshop keeps IPTC, behind a resource of another kind."""
    other = b"8BIM" + struct.pack(">HBxI", 0x03ED, 0, 3) + b"abc\x00"
    return segment(
        0xED,
        b"Photoshop 3.0\x00"
        + other
        + b"8BIM"
        + struct.pack(">HBxI", 0x0404, 0, len(block))
        + block
        + b"\x00" * (len(block) % 2),
    )


def cr3(image: dict[int, Any], exif: dict[int, Any], gps: dict[int, Any], packet: bytes) -> bytes:
    """A Canon CR3 without its image: the directories of Exif in boxes of their own, XMP in another."""
    directories = box(
        b"uuid",
        CANON,
        box(b"CNCV", b"CanonCR3_001/00.09.00/00.00.00"),
        box(b"CMT1", tiff(image)),
        box(b"CMT2", tiff(exif)),
        box(b"CMT4", tiff(gps)),
    )
    return (
        box(b"ftyp", b"crx ", struct.pack(">I", 1), b"crx isom")
        + box(b"moov", directories)
        + box(b"uuid", BOXED_XMP, packet)
        + box(b"mdat", bytes(1000))
    )


def raf(inner: bytes) -> bytes:
    """A Fujifilm RAF without its image: a header, and the JPEG that it points to."""
    head = b"FUJIFILMCCD-RAW 0201FF389501X-T4".ljust(84, b"\x00")
    return head + struct.pack(">II", 148, len(inner)) + bytes(148 - 92) + inner + bytes(1000)


def apple_note() -> bytes:
    """Apple's maker note, of a burst and a Live Photo: big endian, its offsets from its own start."""
    text_at = 14 + 2 + 3 * 12 + 4
    burst, pair = b"B" * 36 + b"\x00", LIVE_PHOTO.encode() + b"\x00"
    entries = struct.pack(">HHII", 0x0A, 9, 1, 3)
    entries += struct.pack(">HHII", 0x0B, 2, len(burst), text_at)
    entries += struct.pack(">HHII", 0x11, 2, len(pair), text_at + len(burst))
    return b"Apple iOS\x00\x00\x01MM" + struct.pack(">H", 3) + entries + bytes(4) + burst + pair
