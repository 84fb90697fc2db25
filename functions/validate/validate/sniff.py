"""Says what a file really is, by its contents and never by its name."""

import mmap
from dataclasses import dataclass

from safelight.errors import CorruptFile, UnsupportedFormat
from safelight.files import bmp, jpeg2000, jpegxl, photoshop
from safelight.files.boxes import items_in
from safelight.files.tiff import HEADERS
from validate.raw import camera_raw, media_type_of

SUPPORTED = (
    "JPEG, PNG, WebP, TIFF, HEIC, AVIF, GIF, BMP, JPEG 2000, JPEG XL, Photoshop or camera RAW, "
    "or the film itself, as MP4, MOV, 3GP, WebM, Matroska, AVI or MTS"
)


@dataclass(frozen=True)
class Kind:
    """A format that Safelight takes, and its media type; camera RAW is one format with many of them."""

    name: str
    media_type: str

    @property
    def is_film(self) -> bool:
        """Whether it holds moving pictures."""
        return self.media_type.startswith("video/")


JPEG = Kind("JPEG", "image/jpeg")
PNG = Kind("PNG", "image/png")
WEBP = Kind("WebP", "image/webp")
TIFF = Kind("TIFF", "image/tiff")
HEIC = Kind("HEIC", "image/heic")
HEIF = Kind("HEIF", "image/heif")
AVIF = Kind("AVIF", "image/avif")
GIF = Kind("GIF", "image/gif")
BMP = Kind("BMP", "image/bmp")
JPEG_2000 = Kind("JPEG 2000", "image/jp2")
JPEG_XL = Kind("JPEG XL", "image/jxl")
PHOTOSHOP = Kind("Photoshop", "image/vnd.adobe.photoshop")
RAW = "RAW"

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIF_BRANDS = {b"mif1", b"mif2", b"mif3", b"msf1", b"miaf"}
_KINDS_BY_BRAND = dict.fromkeys(_HEIC_BRANDS, HEIC) | dict.fromkeys(_AVIF_BRANDS, AVIF)
_CODINGS = {b"hvc1": HEIC, b"hev1": HEIC, b"av01": AVIF}
_NOT_DECODED = {
    b"jpeg": "JPEG",
    b"j2k1": "JPEG 2000",
    b"avc1": "H.264",
    b"vvc1": "VVC",
    b"evc1": "EVC",
    b"unci": "plain samples",
}
"""Types of items (ISO/IEC 23008-12, annexes) of which neither libheif that is bundled has a decoder."""

_OTHERS = (
    (0, b"%PDF", "a PDF document", "Export its page as a JPEG or PNG"),
    (0, b"PK\x03\x04", "a ZIP archive (or an office document)", "Unpack it, and upload the photos inside"),
    (0, b"PK\x05\x06", "an empty ZIP archive", "Upload the photos themselves"),
    (0, b"\x1f\x8b", "a gzip archive", "Unpack it, and upload the photos inside"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it, and upload the photos inside"),
    (0, b"Rar!", "a RAR archive", "Unpack it, and upload the photos inside"),
    (4, b"ftyp", "an ISO media file without a film or a picture", "Upload the photo as a JPEG"),
    (0, b"\x1aE\xdf\xa3", "a file of EBML that is no film", "Upload the film as MP4"),
    (0, b"\x00\x00\x01\xba", "an MPEG program stream, as of a DVD", "Convert it to MP4"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a Windows Media file", "Convert a film of it to MP4"),
    (0, b"FLV\x01", "a Flash film", "Convert it to MP4"),
    (0, b"OggS", "an Ogg file", "Convert a film of it to MP4"),
    (8, b"WAVE", "a sound (WAVE)", "Upload a film or a photo"),
    (0, b"ID3", "a sound (MP3)", "Upload a film or a photo"),
    (0, b"fLaC", "a sound (FLAC)", "Upload a film or a photo"),
    (0, b"\x00\x00\x01\x00", "a Windows icon", "Save it as PNG"),
    (0, b"v/1\x01", "an OpenEXR image", "Save it as TIFF or JPEG"),
    (0, b"#?RADIANCE", "a Radiance HDR image", "Save it as TIFF or JPEG"),
    (0, b"<svg", "an SVG drawing", "Export it as PNG"),
)
_HEAD_BYTES = 4096


def identify(data: mmap.mmap, filename: str) -> Kind:
    """Return the format of the file `data`; `filename` is for the messages.

    Raises:
        UnsupportedFormat: it is something else; says what, where that is known.
        CorruptFile: it contains nothing but zeros.
    """
    kind = _supported(data, filename)
    if raw := camera_raw(data):
        return Kind(RAW, media_type_of(raw))
    if kind:
        return kind
    from safelight.files.films.kinds import container_of  # photos do without what films need

    if film := container_of(data):
        return Kind(film.name, film.media_type)
    head = data[:_HEAD_BYTES]
    if not any(head):
        raise CorruptFile(
            f"{filename} starts with {len(head):,} zero bytes instead of an image: its contents were lost in "
            "a copy or a recovery. Copy it again from the camera or from a backup."
        )
    looks_like, remedy = _other(head)
    raise UnsupportedFormat(
        f"{filename} is {looks_like}, not a photo or a film that Safelight takes. {remedy}."
    )


def _supported(data: mmap.mmap, filename: str) -> Kind | None:
    head = data[:16]
    if head[:3] == b"\xff\xd8\xff":
        return JPEG
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[:4] in HEADERS:
        return TIFF
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return GIF
    if bmp.is_bitmap(data[:18]):
        return BMP
    if head.startswith((jpeg2000.SIGNATURE, jpeg2000.CODESTREAM)):
        return JPEG_2000
    if head.startswith((jpegxl.SIGNATURE, jpegxl.CODESTREAM)):
        return JPEG_XL
    if head.startswith(photoshop.SIGNATURE):
        return PHOTOSHOP
    if head[4:8] == b"ftyp":
        return _iso_media(data, filename)
    return None


def _iso_media(data: mmap.mmap, filename: str) -> Kind | None:
    """Return what the primary item says: brands name what readers may rely on, and files bear many of them.

    Where there is none, as in a file that was cut short, the brands decide.
    """
    try:
        coding = items_in(data).coding
    except ValueError:  # the table ends early: see `validate.structure`
        coding = b""
    if coding in _NOT_DECODED:
        raise UnsupportedFormat(
            f"{filename} is a HEIF image coded as {_NOT_DECODED[coding]}, which cannot be read. "
            "Export it as JPEG and upload that."
        )
    if coding in _CODINGS:
        return _CODINGS[coding]
    end = min(int.from_bytes(data[:4], "big"), 256)
    brands = [data[at : at + 4] for at in (8, 12, *range(16, end - 3, 4))]
    if brands[0] in _HEIF_BRANDS:
        known = {_KINDS_BY_BRAND[brand] for brand in brands if brand in _KINDS_BY_BRAND}
        return next((kind for kind in (AVIF, HEIC) if kind in known), HEIF)
    return _KINDS_BY_BRAND.get(brands[0])


def _other(head: bytes) -> tuple[str, str]:
    for offset, magic, looks_like, remedy in _OTHERS:
        if head[offset : offset + len(magic)] == magic:
            return looks_like, remedy
    remedy = f"Upload the photo itself, as {SUPPORTED}"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html")):
        return "a web page (HTML), perhaps saved in place of the photo", remedy
    if b"<svg" in text and text.startswith(b"<"):
        return "an SVG drawing", "Export it as PNG"
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or not any(byte < 9 or 13 < byte < 27 for byte in head):
        return "text", remedy
    return "in no format that Safelight knows", remedy
