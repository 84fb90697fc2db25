"""The files that mutants are made of: small ones of every format that is accepted, made here."""

from collections.abc import Callable

import numpy as np

import heif_files
import images
import jpegxl_files
import metadata_files
import negatives
import photoshop_files
import tiff_files
from film_files import camcorder, film

_SAID = {
    "creation_time": "2024-05-03T08:11:12Z",
    "title": "Tour",
    "location": "+48.8577+002.2950/",
    "com.apple.quicktime.creationdate": "2024-05-03T10:11:12+0200",
}
_CLOCK = {0x18: b"\x02\x20\x24\x05", 0x19: b"\x03\x10\x11\x12"}
_SMALL = images.picture(64, 48)
_DEEP = np.asarray(_SMALL).astype("uint16") * 257
_PACKET = metadata_files.xmp(
    'xmp:Rating="4" photoshop:City="Porto"', metadata_files.listed("dc:subject", "Bag", "a", "b", "c")
)
_EXIF = images.exif(6)
_PROFILE = images.swapped_channels_profile()


def _jpeg(**how: object) -> bytes:
    return images.saved(_SMALL, "JPEG", quality=90, exif=_EXIF, icc_profile=_PROFILE, xmp=_PACKET, **how)


def _several(format_: str, **how: object) -> bytes:
    return images.saved(
        _SMALL.quantize(64) if format_ == "GIF" else _SMALL,
        format_,
        save_all=True,
        append_images=[
            images.picture(64, 48).rotate(180),
            images.picture(64, 48).convert("L").convert("RGB"),
        ],
        **how,
    )


def _heic() -> bytes:
    data = images.saved(_SMALL, "HEIF", quality=80, exif=_EXIF, xmp=_PACKET)
    return heif_files.with_property(data, metadata_files.box(b"irot", b"\x01"))


def _document(large: bool) -> bytes:
    resources = photoshop_files.version_info(True)
    resources += photoshop_files.resource(1039, _PROFILE) + photoshop_files.resource(1060, _PACKET)
    return photoshop_files.document(photoshop_files.planes_of(_SMALL), resources=resources, large=large)


SEEDS: dict[str, Callable[[], bytes]] = {
    "jpeg": _jpeg,
    "jpeg-progressive": lambda: _jpeg(progressive=True),
    "jpeg-restarts": lambda: _jpeg(restart_marker_rows=1),
    "jpeg-cmyk": lambda: images.saved(_SMALL.convert("CMYK"), "JPEG", quality=90),
    "mpo": lambda: _several("MPO", quality=90),
    "png": lambda: images.saved(_SMALL, "PNG", exif=_EXIF, icc_profile=_PROFILE),
    "png-palette": lambda: images.saved(_SMALL.quantize(16), "PNG"),
    "apng": lambda: _several("PNG"),
    "webp": lambda: images.saved(_SMALL, "WEBP", exif=_EXIF, icc_profile=_PROFILE, xmp=_PACKET),
    "webp-lossless": lambda: images.saved(_SMALL.convert("RGBA"), "WEBP", lossless=True),
    "webp-animated": lambda: _several("WEBP"),
    "gif": lambda: _several("GIF", loop=0),
    "tiff": lambda: images.saved(_SMALL, "TIFF", icc_profile=_PROFILE),
    "tiff-lzw": lambda: images.saved(_SMALL, "TIFF", compression="tiff_lzw"),
    "tiff-deflate": lambda: images.saved(_SMALL, "TIFF", compression="tiff_adobe_deflate"),
    "tiff-jpeg": lambda: images.saved(_SMALL, "TIFF", compression="jpeg"),
    "tiff-pages": lambda: _several("TIFF", compression="packbits"),
    "tiff-tiles": lambda: tiff_files.file(
        tiff_files.page(np.asarray(_SMALL), tiff_files.RGB, order=">", planar=True, tiled=True), order=">"
    ),
    "bigtiff-16": lambda: tiff_files.file(tiff_files.page(_DEEP, tiff_files.RGB), big=True),
    "dng": lambda: negatives.dng(negatives.picture(128, 96), 6, preview=images.picture(128, 96)),
    "heic": _heic,
    "avif": lambda: images.saved(_SMALL, "AVIF", quality=80, exif=_EXIF, xmp=_PACKET),
    "avif-sequence": lambda: _several("AVIF"),
    "jxl": lambda: jpegxl_files.encoded(np.asarray(_SMALL), exif=_EXIF[6:], orientation=6),
    "jxl-lossy": lambda: jpegxl_files.encoded(_DEEP, lossless=False),
    "bmp": lambda: images.saved(_SMALL, "BMP"),
    "bmp-palette": lambda: images.saved(_SMALL.quantize(16), "BMP"),
    "jp2": lambda: images.saved(_SMALL, "JPEG2000"),
    "j2k": lambda: images.saved(_SMALL, "JPEG2000", no_jp2=True),
    "psd": lambda: _document(False),
    "psb": lambda: _document(True),
    "jpeg-motion": lambda: _jpeg() + film(frames=3),
    "mp4": lambda: film(audio="aac", frames=3, metadata=_SAID),
    "mp4-fragments": lambda: film(options={"movflags": "frag_keyframe+empty_moov"}, coding={"g": "2"}),
    "mov": lambda: film(
        "mov", "libx265", frames=3, metadata=_SAID, options={"movflags": "use_metadata_tags"}
    ),
    "3gp": lambda: film("3gp", "mpeg4", frames=3, metadata=_SAID),
    "webm": lambda: film("webm", "libvpx-vp9", frames=3, options={"live": "1"}),
    "matroska": lambda: film("matroska", frames=3, metadata=_SAID),
    "avi": lambda: film("avi", "mjpeg", frames=3, metadata=_SAID, pix_fmt="yuvj420p"),
    "mts": lambda: film("mpegts", frames=3, unit=camcorder(_CLOCK), options={"mpegts_m2ts_mode": "1"}),
}
