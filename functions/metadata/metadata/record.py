"""Turns the tags of a photo into the part of its record that says when, where and how it was taken."""

import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import tzfpy

from metadata import values
from metadata.blocks import find_blocks, preview_blocks
from metadata.bounded import Header
from metadata.exif import read_exif
from metadata.gps import Fix, read_fix
from metadata.iptc import iptc_of_resources, read_iptc
from metadata.places import place_of
from metadata.profile_name import profile_name
from metadata.regions import Box, Region, displayed, overlap
from metadata.sheet import Sheet, Tags
from metadata.times import read_time
from metadata.xmp import read_xmp
from safelight.errors import SafelightError
from safelight.xmp import is_of_takeout

if TYPE_CHECKING:
    from safelight.record import Metadata

Record = dict[str, Any]

EXACT, ROUNDED, WITHHELD = "exact", "rounded", "none"
"""How exactly the record says where: as the file does, to 0.01 degrees (1.1 km), or not at all."""

MAX_WARNINGS = 50

MAX_REGIONS = 100
MAX_NAME = 64
"""The longest name of a person, in characters."""

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
_POSITION = re.compile(r"(GPS |(XMP|Sidecar|Takeout) exif:|QuickTime |Matroska |H264 )GPS")
"""How a warning starts that quotes a value of a position."""
_PANORAMA = {6}
_HDR = {2, 3, 7}
"""What Apple writes in CustomRendered (ExifTool's table of it)."""


def _described(name: str) -> tuple[str, str]:
    return f"Sidecar {name}", f"XMP {name}"


def _filmed(name: str) -> tuple[str, ...]:
    return f"QuickTime {name}", f"Matroska {name}", f"RIFF {name}"


_ISO = (
    "EXIF ISOSpeedRatings",
    "EXIF RecommendedExposureIndex",
    "EXIF StandardOutputSensitivity",
    "EXIF ISOSpeed",
    "XMP exif:ISOSpeedRatings",
    "XMP exifEX:PhotographicSensitivity",
)
TITLES = (
    *_described("dc:title"),
    "IPTC ObjectName",
    *_described("photoshop:Headline"),
    "IPTC Headline",
    "EXIF XPTitle",
    "EXIF ImageTitle",
    "PNG Title",
    *_filmed("Title"),
)
DESCRIPTIONS = (
    "Sidecar dc:description",
    "Takeout dc:description",
    "XMP dc:description",
    "IPTC Caption-Abstract",
    "EXIF ImageDescription",
    "XMP tiff:ImageDescription",
    "EXIF XPComment",
    "EXIF XPSubject",
    "EXIF UserComment",
    "XMP exif:UserComment",
    "PNG Description",
    "PNG Comment",
    "JPEG Comment",
    "GIF Comment",
    *_filmed("Description"),
    "QuickTime LongDescription",
    *_filmed("Comment"),
)
RATINGS = (*_described("xmp:Rating"), "EXIF Rating", "Takeout xmp:Rating")
CREATORS = (
    *_described("dc:creator"),
    "IPTC By-line",
    "EXIF Artist",
    "XMP tiff:Artist",
    "EXIF Photographer",
    "EXIF XPAuthor",
    "PNG Author",
    *_filmed("Artist"),
)
COPYRIGHTS = (
    *_described("dc:rights"),
    "IPTC CopyrightNotice",
    "EXIF Copyright",
    "XMP tiff:Copyright",
    "PNG Copyright",
    *_filmed("Copyright"),
)

PROGRAMS = (
    "EXIF Software",
    "PNG Software",
    "XMP tiff:Software",
    "XMP xmp:CreatorTool",
    "IPTC OriginatingProgram",
    *_filmed("Software"),
    "QuickTime Encoder",
    "Matroska WritingApp",
)

_LENSES = ("EXIF LensModel", "QuickTime LensModel", "XML LensModel", "XMP exifEX:LensModel", "XMP aux:Lens")

MAX_BIAS_EV = 20
"""More than any camera compensates: what is above was written in another unit, or under another type."""


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


@dataclass
class Said:
    """What a file and its sidecar say: tags by name, regions, and what was wrong with them."""

    tags: Tags = field(default_factory=dict)
    regions: list[Region] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read_record(header: Header, asked: Asked | None = None) -> "Metadata":
    """Return what the file under `header` says of itself; fields that it does not know are absent.

    docs/metadata.md explains each field, with its unit and its sources.

    Whatever the file holds, this returns: what cannot be read is left out and named in `warnings`.

    Raises:
        SafelightError, or anything else that the file under `header` raised: it was not read.
    """
    asked = asked or Asked()
    said = Said()
    try:
        _read_file(header, said)
    except SafelightError:
        raise
    except Exception as error:
        said.warnings.append(f"Not all of the metadata can be read: {type(error).__name__}: {error}."[:300])
    if header.failure is not None:
        raise header.failure
    try:
        read_packets([asked.sidecar], "Takeout" if is_of_takeout(asked.sidecar) else "Sidecar", said)
        return build_record(said.tags, said.warnings, asked, said.regions)
    except Exception as error:  # a photo never fails for its metadata, not even for a fault of ours
        return {"warnings": [*said.warnings, f"The metadata was dropped: {type(error).__name__}."]}


def _read_file(header: Header, said: Said) -> None:
    """Add what the file holds to `said`; what was read before an exception stays."""
    blocks = find_blocks(header)
    said.warnings += blocks.warnings
    said.tags |= blocks.texts
    for file, directory in blocks.tiffs:
        exif = read_exif(file, directory)
        said.warnings += exif.warnings
        said.tags |= exif.tags
        if exif.preview_at is not None and "EXIF DateTimeOriginal" not in said.tags:
            blocks = preview_blocks(header, exif.preview_at)
            for inner, inner_directory in blocks.tiffs:
                said.tags |= read_exif(inner, inner_directory).tags
        blocks.xmp.append(exif.blocks.get("xmp", b""))
        blocks.iptc = (
            blocks.iptc
            or exif.blocks.get("iptc", b"")
            or iptc_of_resources(exif.blocks.get("resources", b""))
        )
        blocks.profile = blocks.profile or exif.blocks.get("profile", b"")
    if blocks.turned and "EXIF Orientation" in said.tags:
        said.tags["HEIF Orientation"] = said.tags.pop("EXIF Orientation")
    if blocks.profile:
        try:
            said.tags["ICC description"] = profile_name(blocks.profile)
        except struct.error:
            said.warnings.append("The ICC profile is cut.")
    tags, warnings = read_iptc(blocks.iptc)
    said.tags |= tags
    said.warnings += warnings
    read_packets(blocks.xmp, "XMP", said)


def read_packets(packets: list[bytes], label: str, said: Said) -> None:
    """Add what XMP `packets` say, the best first."""
    for packet in packets:
        tags, regions, warnings = read_xmp(packet, label)
        said.tags = tags | said.tags
        said.regions += regions
        said.warnings += warnings


def build_record(
    tags: Tags, warnings: list[str], asked: Asked | None = None, regions: Iterable[Region] = ()
) -> "Metadata":
    """Return the record of the plain `tags` and `regions`, after the `warnings` that reading them gave."""
    asked = asked or Asked()
    sheet = Sheet(tags, warnings)
    fix = read_fix(sheet)
    zone = tzfpy.get_tz(fix.position[1], fix.position[0]) if fix.position else ""
    time = read_time(sheet, fix, zone or None, asked.filename)
    record: Record = {
        **time,
        **_where(sheet, fix, zone, asked.gps_precision),
        **_how(sheet),
        "width": asked.width,
        "height": asked.height,
    }
    record |= _about(sheet, asked.filename, record["camera"])
    turn = record["orientation"] or sheet.take("turn", ("HEIF Orientation",), values.whole, 1, 8) or 1
    record["regions"] = _regions(sheet, regions, turn, (asked.width, asked.height))
    record = _without_absent(record | {"sources": {}})
    sheet.sources |= _DERIVED
    if sources := {field: name for field, name in sheet.sources.items() if _holds(record, field)}:
        record["sources"] = sources
    kept = [each for each in sheet.warnings if asked.gps_precision == EXACT or not _POSITION.match(each)]
    if kept:
        record["warnings"] = [values.text(warning, 300) for warning in kept[:MAX_WARNINGS]]
    return cast("Metadata", record)


def _where(sheet: Sheet, fix: Fix, zone: str, precision: str) -> Record:
    at = fix.at.isoformat(timespec="seconds") + "Z" if fix.at else None
    if precision == WITHHELD:
        return {}
    about = {
        "altitude_m": fix.altitude_m,
        "direction_deg": fix.direction_deg,
        "direction_reference": fix.direction_reference,
        "dop": fix.dop,
    }
    gps: Record = {} if precision == ROUNDED else about
    if fix.position is None:
        return {"gps": {**gps, "datum": fix.datum, "at": at}}
    latitude, longitude = fix.position
    if precision == ROUNDED:
        latitude, longitude = round(latitude, 2), round(longitude, 2)
        gps["rounded"] = True
    gps |= {"latitude": latitude, "longitude": longitude}
    return {
        "gps": {**gps, "datum": fix.datum, "at": at},
        "time_zone": zone or None,
        "place": place_of(latitude, longitude, zone),
    }


def _how(sheet: Sheet) -> Record:
    take = sheet.take
    flash = take("exposure.flash_fired", ("EXIF Flash",), values.whole, 0, 0xFFFF)
    fired = None if flash is None else bool(flash & 1)
    exposure: Record = {
        "seconds": take("exposure.seconds", _exposure("ExposureTime"), values.positive, 1_000_000, 9)
        or take("exposure.seconds", _exposure("ShutterSpeedValue"), values.seconds_of_apex),
        "f_number": take("exposure.f_number", _exposure("FNumber"), values.positive, 1000)
        or take("exposure.f_number", _exposure("ApertureValue"), values.f_number_of_apex),
        "iso": take("exposure.iso", _ISO, _iso),
        "focal_length_mm": take(
            "exposure.focal_length_mm", _exposure("FocalLength"), values.positive, 100_000
        ),
        "focal_length_35mm": take(
            "exposure.focal_length_35mm", _exposure("FocalLengthIn35mmFilm"), values.positive, 100_000
        ),
        "bias_ev": take(
            "exposure.bias_ev", _exposure("ExposureBiasValue"), values.number, -MAX_BIAS_EV, MAX_BIAS_EV
        ),
        "flash_fired": fired
        if fired is not None
        else take("exposure.flash_fired", ("XMP exif:Flash/exif:Fired",), values.truth),
    }
    return {
        "camera": {
            "make": take("camera.make", _camera("Make"), values.text),
            "model": take("camera.model", _camera("Model"), values.text),
        },
        "lens": {
            "make": take("lens.make", ("EXIF LensMake", "XMP exifEX:LensMake"), values.text),
            "model": take("lens.model", _LENSES, values.text),
        },
        "exposure": exposure,
        "orientation": take("orientation", ("EXIF Orientation",), values.whole, 1, 8),
        "color_space": take("color_space", ("ICC description",), values.text, 64)
        or take("color_space", ("EXIF ColorSpace",), _color_space),
    }


def _camera(tag: str) -> tuple[str, ...]:
    return f"EXIF {tag}", *_filmed(tag), f"XML {tag}", f"H264 {tag}", f"XMP tiff:{tag}"


def _exposure(tag: str) -> tuple[str, str]:
    return f"EXIF {tag}", f"XMP exif:{tag}"


def _iso(value: Any) -> int | None:
    """Return an ISO speed; 65535 says that it is greater than the tag can hold (Exif 2.32, 4.6.5)."""
    speed = values.whole(values.first(value), 0, 10_000_000)
    return speed if speed and speed != 0xFFFF else None


def _color_space(value: Any) -> str | None:
    """Return the name of a colour space of Exif; 65535 says that it is another, and not which."""
    return _COLOR_SPACES.get(values.whole(value, 0, 0xFFFF) or 0)


def _about(sheet: Sheet, filename: str, camera: Record) -> Record:
    """Return what people and programs say of the photo: a sidecar first, then XMP, IPTC and Exif.

    Editors write what people say into XMP, and what they find in Exif and IPTC they leave there.
    """
    take = sheet.take
    return {
        "title": take("title", TITLES, values.text),
        "description": take(
            "description", DESCRIPTIONS, values.caption, (camera["make"] or "", camera["model"] or "")
        ),
        "keywords": take(
            "keywords",
            (*_described("dc:subject"), "IPTC Keywords", "EXIF XPKeywords", *_filmed("Keywords")),
            values.keywords,
        ),
        "rating": take("rating", RATINGS, values.number, -1, 5, 1),
        "creator": take("creator", CREATORS, values.text),
        "copyright": take("copyright", COPYRIGHTS, values.text),
        "software": take("software", PROGRAMS, values.text),
        "live_photo_id": take(
            "live_photo_id", ("MakerNote ContentIdentifier", "QuickTime ContentIdentifier"), values.text, 64
        ),
        "burst_id": take("burst_id", ("MakerNote BurstUUID", "XMP GCamera:BurstID"), values.text, 64),
        "kinds": _kinds(sheet, filename),
    }


def _kinds(sheet: Sheet, filename: str) -> list[str]:
    tags = sheet.tags
    custom = tags.get("EXIF CustomRendered")
    signs = {
        "screenshot": {
            "EXIF UserComment": tags.get("EXIF UserComment") == "Screenshot",
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


def _regions(
    sheet: Sheet, regions: Iterable[Region], orientation: int, size: tuple[int | None, int | None]
) -> list[Record]:
    """Return the regions in the displayed picture: a sidecar's, or else the file's, and each but once.

    digiKam writes each region in two schemas, and Lightroom the names once more without a box.
    """
    by_sidecar = [region for region in regions if region.source.startswith("Sidecar ")]
    found: list[Record] = []
    seen: list[tuple[str | None, Box | None]] = []
    for region in by_sidecar or regions:
        name, kind = values.text(region.name, MAX_NAME), values.text(region.kind, MAX_NAME)
        box = displayed(region, orientation, size)
        if name is None and box is None:
            continue
        if any(name == other and (box is None or at is None or overlap(box, at)) for other, at in seen):
            continue
        if len(found) == MAX_REGIONS:
            sheet.warnings.append(f"Regions were cut: the first {MAX_REGIONS} were read.")
            break
        seen.append((name, box))
        at = None if box is None else dict(zip(("left", "top", "width", "height"), box, strict=True))
        found.append(_without_absent({"name": name, "type": kind, "box": at, "source": region.source}))
    return found


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
