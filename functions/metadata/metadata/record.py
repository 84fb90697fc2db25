"""Turns the tags of a photo into the part of its record that says when, where and how it was taken."""

import re
import struct
from dataclasses import dataclass
from typing import Any, cast

import tzfpy

from metadata import values
from metadata.blocks import Blocks, find_blocks, jpeg_blocks
from metadata.bounded import Header, HeaderTooLarge
from metadata.exif import Exif, read_exif
from metadata.gps import Fix, read_fix
from metadata.iptc import read_iptc
from metadata.places import place_of
from metadata.profile_name import profile_name
from metadata.sheet import Sheet, Tags
from metadata.times import read_time
from metadata.xmp import read_xmp
from safelight.errors import SafelightError
from safelight.record import Metadata

Record = dict[str, Any]

EXACT, ROUNDED, WITHHELD = "exact", "rounded", "none"
"""How exactly the record says where: as the file does, to 0.01 degrees (1.1 km), or not at all."""

MAX_WARNINGS = 50

_DERIVED = {
    "width": "image header",
    "height": "image header",
    "gps.rounded": "GpsPrecision",
    "time_zone": "tzfpy at the position",
    "place.locality": "GeoNames at the position",
    "place.district": "GeoNames at the position",
    "place.city": "GeoNames at the position",
    "place.region": "GeoNames at the position",
    "place.region_code": "GeoNames at the position",
    "place.country": "tz database at the position",
    "place.country_code": "tz database at the position",
}
"""The sources of the fields that no tag holds."""

_COLOR_SPACES = {1: "sRGB", 2: "Adobe RGB"}
_SCREENSHOT = re.compile(
    r"screen[ _-]?(shot|cap)|bildschirmfoto|capture d.[ée]cran|schermata|captura de (pantalla|ecr[ãa])"
    r"|schermafbeelding|skärmavbild|スクリーンショット|截屏|截图|屏幕快照|스크린샷",
    re.IGNORECASE,
)
"""What phones and computers call the files of their screenshots."""
_POSITION = re.compile(r"(GPS |XMP exif:|Sidecar exif:)GPS")
"""How a warning starts that quotes a value of a position."""
_PANORAMA = {6}
_HDR = {2, 3, 7}
"""What Apple writes in CustomRendered (ExifTool's table of it)."""


@dataclass(frozen=True)
class Asked:
    """What is known of the file from elsewhere, and how exactly the record may say where.

    `width` and `height` are in pixels as displayed. `sidecar` is the XMP file beside it, if there is one.
    """

    filename: str = ""
    width: int | None = None
    height: int | None = None
    sidecar: bytes = b""
    gps_precision: str = EXACT


def read_record(header: Header, asked: Asked | None = None) -> Metadata:
    """Return what the file under `header` says of itself; fields that it does not know are absent.

    docs/metadata.md explains each field, with its unit and its sources.

    Whatever the file holds, this returns: what cannot be read is left out and named in `warnings`.

    Raises:
        SafelightError, or anything else that the file under `header` raised: it was not read.
    """
    asked = asked or Asked()
    tags: Tags = {}
    warnings: list[str] = []
    try:
        _read_file(header, tags, warnings)
    except SafelightError:
        raise
    except HeaderTooLarge as error:
        warnings.append(f"The metadata was not read: {error}.")
    except Exception as error:
        warnings.append(f"The metadata cannot be read: {type(error).__name__}: {error}."[:300])
    if header.failure is not None:
        raise header.failure
    try:
        sidecar, more = read_xmp(asked.sidecar, "Sidecar")
        return build_record(tags | sidecar, [*warnings, *more], asked)
    except Exception as error:  # a photo never fails for its metadata, not even for a fault of ours
        return {"warnings": [*warnings, f"The metadata was dropped: {type(error).__name__}."]}


def _read_file(header: Header, tags: Tags, warnings: list[str]) -> None:
    """Add what the file holds to `tags` and `warnings`; what was read before an exception stays."""
    blocks = find_blocks(header)
    for found in _read_tiffs(blocks):
        tags |= found.tags
        warnings += found.warnings
        if found.preview_at is not None and "EXIF DateTimeOriginal" not in tags:
            blocks = jpeg_blocks(header, found.preview_at)
            for inner in _read_tiffs(blocks):
                tags |= inner.tags
        blocks = Blocks(
            xmp=blocks.xmp or found.blocks.get("xmp", b""),
            more_xmp=blocks.more_xmp,
            iptc=blocks.iptc or found.blocks.get("iptc", b""),
            profile=blocks.profile or found.blocks.get("profile", b""),
        )
    if blocks.profile:
        try:
            tags["ICC description"] = profile_name(blocks.profile)
        except struct.error:
            warnings.append("The ICC profile is cut.")
    for read, wrong in (
        read_iptc(blocks.iptc),
        read_xmp(blocks.more_xmp, "XMP"),
        read_xmp(blocks.xmp, "XMP"),
    ):
        tags |= read
        warnings += wrong


def _read_tiffs(blocks: Blocks) -> list[Exif]:
    return [read_exif(file, directory) for file, directory in blocks.tiffs]


def build_record(tags: Tags, warnings: list[str], asked: Asked | None = None) -> Metadata:
    """Return the record of the plain `tags`, after the `warnings` that reading them gave."""
    asked = asked or Asked()
    sheet = Sheet(tags, warnings)
    fix = read_fix(sheet)
    zone = tzfpy.get_tz(fix.position[1], fix.position[0]) if fix.position else ""
    time = read_time(sheet, fix, zone or None)
    record: Record = {
        **time,
        **_where(sheet, fix, zone, asked.gps_precision),
        **_how(sheet),
        "width": asked.width,
        "height": asked.height,
        **_about(sheet, asked.filename),
        "sources": {},
    }
    record = _without_absent(record)
    sheet.sources |= _DERIVED
    if sources := {field: name for field, name in sheet.sources.items() if _holds(record, field)}:
        record["sources"] = sources
    kept = [each for each in sheet.warnings if asked.gps_precision == EXACT or not _POSITION.match(each)]
    if kept:
        record["warnings"] = [values.text(warning, 300) for warning in kept[:MAX_WARNINGS]]
    return cast(Metadata, record)


def _where(sheet: Sheet, fix: Fix, zone: str, precision: str) -> Record:
    at = fix.at.isoformat(timespec="seconds") + "Z" if fix.at else None
    if precision == WITHHELD:
        return {}
    if fix.position is None:
        return {"gps": {"at": at}}
    if precision == ROUNDED:
        latitude, longitude = round(fix.position[0], 2), round(fix.position[1], 2)
        gps: Record = {"latitude": latitude, "longitude": longitude, "rounded": True}
    else:
        latitude, longitude = fix.position
        gps = {
            "latitude": latitude,
            "longitude": longitude,
            "altitude_m": fix.altitude_m,
            "direction_deg": fix.direction_deg,
            "direction_reference": fix.direction_reference,
            "dop": fix.dop,
        }
    return {
        "gps": {**gps, "datum": fix.datum, "at": at},
        "time_zone": zone or None,
        "place": place_of(latitude, longitude, zone),
    }


def _how(sheet: Sheet) -> Record:
    take = sheet.take
    flash = take("exposure.flash_fired", ("EXIF Flash",), values.whole, 0, 0xFFFF)
    iso = take(
        "exposure.iso",
        ("EXIF ISOSpeedRatings", "XMP exif:ISOSpeedRatings", "XMP exifEX:PhotographicSensitivity"),
        _iso,
    )
    return {
        "camera": {
            "make": take("camera.make", _both("Make"), values.text),
            "model": take("camera.model", _both("Model"), values.text),
        },
        "lens": {
            "make": take("lens.make", ("EXIF LensMake", "XMP exifEX:LensMake"), values.text),
            "model": take(
                "lens.model", ("EXIF LensModel", "XMP exifEX:LensModel", "XMP aux:Lens"), values.text
            ),
        },
        "exposure": {
            "seconds": take("exposure.seconds", _exposure("ExposureTime"), values.positive, 1_000_000, 9),
            "f_number": take("exposure.f_number", _exposure("FNumber"), values.positive, 1000),
            "iso": iso,
            "focal_length_mm": take(
                "exposure.focal_length_mm", _exposure("FocalLength"), values.positive, 100_000
            ),
            "focal_length_35mm": take(
                "exposure.focal_length_35mm", _exposure("FocalLengthIn35mmFilm"), values.positive, 100_000
            ),
            "bias_ev": take("exposure.bias_ev", _exposure("ExposureBiasValue"), values.number, -100, 100),
            "flash_fired": None if flash is None else bool(flash & 1),
        },
        "orientation": take("orientation", _both("Orientation"), values.whole, 1, 8),
        "color_space": take("color_space", ("ICC description",), values.text, 64)
        or take("color_space", ("EXIF ColorSpace",), _color_space),
    }


def _both(tag: str) -> tuple[str, str]:
    return f"EXIF {tag}", f"XMP tiff:{tag}"


def _exposure(tag: str) -> tuple[str, str]:
    return f"EXIF {tag}", f"XMP exif:{tag}"


def _iso(value: Any) -> int | None:
    """Return an ISO speed; 65535 says that it is greater than the tag can hold (Exif 2.32, 4.6.5)."""
    speed = values.whole(value, 0, 10_000_000)
    return speed if speed and speed != 0xFFFF else None


def _color_space(value: Any) -> str | None:
    """Return the name of a colour space of Exif; 65535 says that it is another, and not which."""
    return _COLOR_SPACES.get(values.whole(value, 0, 0xFFFF) or 0)


def _about(sheet: Sheet, filename: str) -> Record:
    """Return what people and programs say of the photo: a sidecar first, then XMP, IPTC and Exif.

    Editors write what people say into XMP, and what they find in Exif and IPTC they leave there.
    """
    take = sheet.take
    return {
        "title": take(
            "title",
            (*_described("dc:title"), "IPTC ObjectName", *_described("photoshop:Headline"), "IPTC Headline"),
            values.text,
        ),
        "description": take(
            "description",
            (*_described("dc:description"), "IPTC Caption-Abstract", "EXIF ImageDescription"),
            values.caption,
        ),
        "keywords": take("keywords", (*_described("dc:subject"), "IPTC Keywords"), values.keywords),
        "rating": take("rating", (*_described("xmp:Rating"), "EXIF Rating"), values.whole, -1, 5),
        "creator": take("creator", (*_described("dc:creator"), "IPTC By-line", "EXIF Artist"), values.text),
        "copyright": take(
            "copyright", (*_described("dc:rights"), "IPTC CopyrightNotice", "EXIF Copyright"), values.text
        ),
        "software": take("software", ("EXIF Software", "XMP xmp:CreatorTool"), values.text),
        "live_photo_id": take("live_photo_id", ("MakerNote ContentIdentifier",), values.text, 64),
        "burst_id": take("burst_id", ("MakerNote BurstUUID", "XMP GCamera:BurstID"), values.text, 64),
        "kinds": _kinds(sheet, filename),
    }


def _described(name: str) -> tuple[str, str]:
    return f"Sidecar {name}", f"XMP {name}"


def _kinds(sheet: Sheet, filename: str) -> list[str]:
    tags = sheet.tags
    custom = tags.get("EXIF CustomRendered")
    signs = {
        "screenshot": {
            "EXIF UserComment": _comment(tags.get("EXIF UserComment")) == "Screenshot",
            "file name": bool(_SCREENSHOT.search(filename)),
        },
        "panorama": {
            "XMP GPano:ProjectionType": "XMP GPano:ProjectionType" in tags,
            "EXIF CustomRendered": custom in _PANORAMA,
        },
        "hdr": {
            "XMP hdrgm:Version": "XMP hdrgm:Version" in tags,
            "XMP HDRGainMap:HDRGainMapVersion": "XMP HDRGainMap:HDRGainMapVersion" in tags,
            "EXIF CustomRendered": custom in _HDR,
            "MakerNote HDRImageType": tags.get("MakerNote HDRImageType") == 3,
        },
        "motion_photo": {
            name: tags.get(name) == "1" for name in ("XMP GCamera:MotionPhoto", "XMP GCamera:MicroVideo")
        },
    }
    kinds = []
    for kind, by_source in signs.items():
        if source := next((name for name, seen in by_source.items() if seen), None):
            sheet.sources[f"kinds.{kind}"] = source
            kinds.append(kind)
    return kinds


def _comment(value: Any) -> str | None:
    """Return UserComment without the eight bytes that name its character code (Exif 2.32, 4.6.6)."""
    if not isinstance(value, tuple) or not all(isinstance(each, int) and 0 <= each < 256 for each in value):
        return None
    return bytes(value)[8:].decode("latin-1").strip(" \x00")


def _holds(record: Record, field: str) -> bool:
    group, _, name = field.partition(".")
    return name in record.get(group, ()) if name else group in record


def _without_absent(record: Record) -> Record:
    kept: Record = {}
    for name, value in record.items():
        if isinstance(value, dict):
            value = _without_absent(value)
        if value is not None and value not in ({}, []):
            kept[name] = value
    return kept
