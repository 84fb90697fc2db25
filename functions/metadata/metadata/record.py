"""Turns the tags of a photo into the part of its record that says when, where and how it was taken."""

import re
from collections.abc import Callable
from typing import Any

from metadata import values
from metadata.container import find_blocks
from metadata.exif import Tags, read_tags
from metadata.header import Header, HeaderTooLarge
from safelight.errors import SafelightError

Record = dict[str, Any]

_DATES = (
    ("EXIF DateTimeOriginal", "EXIF OffsetTimeOriginal", "EXIF SubSecTimeOriginal"),
    ("XMP exif:DateTimeOriginal", None, None),
    ("XMP photoshop:DateCreated", None, None),
    ("EXIF DateTimeDigitized", "EXIF OffsetTimeDigitized", "EXIF SubSecTimeDigitized"),
    ("XMP xmp:CreateDate", None, None),
    ("Image DateTime", "EXIF OffsetTime", "EXIF SubSecTime"),
)
"""Where the time of capture is looked for, best first, with the offset and fraction that belong to it.

Editors that strip Exif dates leave the capture in XMP and the edit in DateTime, so DateTime comes
last. An offset counts for its own date alone: OffsetTime is that of the desk at which a photo was
edited. The mapping of XMP to Exif is that of the Metadata Working Group's guidelines 2.0, 3.3.
"""
_XMP_DATE = re.compile(
    r"""\b(exif:DateTimeOriginal|photoshop:DateCreated|xmp:CreateDate)(?:\s*=\s*["']|\s*>\s*)([^"'<]{1,64})"""
)


def read_record(header: Header) -> Record:
    """Return what the file under `header` says of itself; fields that it does not know are absent.

    taken_at: local wall clock, ISO. offset: from UTC, `+02:00`. instant: UTC, ISO with Z. Lengths of
    the lens in mm, exposure in seconds, bias in EV, altitude in m above sea level, angles in degrees.

    Whatever the file holds, this returns: what cannot be read is left out and named in `warnings`.

    Raises:
        SafelightError, or anything else that the file under `header` raised: it was not read.
    """
    warnings: list[str] = []
    tags: Tags = {}
    xmp = b""
    try:
        blocks = find_blocks(header)
        xmp = blocks.xmp
        if blocks.tiff is not None:
            tags, tiff_xmp, warnings = read_tags(blocks.tiff)
            xmp = xmp or tiff_xmp
    except SafelightError:
        raise
    except HeaderTooLarge as error:
        warnings.append(f"The metadata was not read: {error}.")
    except Exception as error:
        warnings.append(f"The metadata cannot be read: {type(error).__name__}: {error}."[:300])
    if header.failure is not None:
        raise header.failure
    try:
        return build_record(tags | _xmp_dates(xmp), warnings)
    except Exception as error:  # a photo never fails for its metadata, not even for a fault of ours
        return {"warnings": [*warnings, f"The metadata was dropped: {type(error).__name__}."]}


def _xmp_dates(xmp: bytes) -> Tags:
    found: Tags = {}
    for name, value in _XMP_DATE.findall(xmp.decode("utf-8", "replace")):
        found.setdefault(f"XMP {name}", value)
    return found


def build_record(tags: Tags, warnings: list[str]) -> Record:
    """Return the record of the plain `tags`, after the `warnings` that reading them gave."""
    warnings = list(warnings)

    def checked(name: str, check: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return check(*arguments)
        except ValueError as error:
            warnings.append(f"{name} was dropped: {error}.")
            return None

    def text(name: str) -> str | None:
        value: str | None = checked(name, values.text, tags.get(name))
        return value

    def number(name: str, low: float, high: float, digits: int = 6) -> float | int | None:
        if name in tags and tags[name] is None:
            warnings.append(f"{name} was dropped: its denominator is zero.")
            return None
        value = checked(name, values.number, tags.get(name), low, high)
        return value if value is None or isinstance(value, int) else round(value, digits)

    flash = number("EXIF Flash", 0, 0xFFFF)
    iso = number("EXIF ISOSpeedRatings", 0, 10_000_000)
    orientation = number("Image Orientation", 1, 8)
    record: Record = {
        **_taken(tags, checked),
        "camera": {"make": text("Image Make"), "model": text("Image Model")},
        "lens": {"make": text("EXIF LensMake"), "model": text("EXIF LensModel")},
        "exposure": {
            "seconds": _positive(number("EXIF ExposureTime", 0, 1_000_000, 9)),
            "f_number": _positive(number("EXIF FNumber", 0, 1000)),
            "iso": int(iso) if iso and iso != 0xFFFF else None,
            "focal_length_mm": _positive(number("EXIF FocalLength", 0, 100_000)),
            "focal_length_35mm": _positive(number("EXIF FocalLengthIn35mmFilm", 0, 100_000)),
            "bias_ev": number("EXIF ExposureBiasValue", -100, 100),
            "flash_fired": None if flash is None else bool(int(flash) & 1),
        },
        "gps": _gps(tags, checked, number, warnings),
        "orientation": None if orientation is None else int(orientation),
        "software": text("Image Software"),
        "artist": text("Image Artist"),
        "copyright": text("Image Copyright"),
        "description": text("Image ImageDescription"),
        "warnings": [values.text(warning) for warning in warnings[:50]],
    }
    return _without_absent(record)


def _taken(tags: Tags, checked: Callable[..., Any]) -> Record:
    for name, offset_name, fraction_name in _DATES:
        parsed = checked(name, values.wall_clock, tags.get(name))
        if parsed is None:
            continue
        moment, rest = parsed
        offset = fraction = None
        if offset_name:
            offset = checked(offset_name, values.offset, tags.get(offset_name))
        else:
            match = re.fullmatch(r"(?:\.\d*)?\s*(.*)", rest)
            offset = checked(f"The offset of {name}", values.offset, match.group(1) if match else None)
        if fraction_name:
            fraction = checked(fraction_name, values.text, tags.get(fraction_name))
        return {
            "taken_at": moment.isoformat(timespec="seconds"),
            "taken_at_source": name,
            "offset": offset,
            "instant": checked("instant", _instant, moment, offset) if offset else None,
            "subseconds": fraction if fraction and fraction.isascii() and fraction.isdigit() else None,
        }
    return {}


def _instant(moment: Any, offset: str) -> str:
    try:
        return values.instant(moment, offset)
    except OverflowError:
        raise ValueError("it is before the first year or after the last") from None


def _gps(
    tags: Tags,
    checked: Callable[..., Any],
    number: Callable[..., float | int | None],
    warnings: list[str],
) -> Record:
    latitude = checked(
        "GPS GPSLatitude",
        values.degrees,
        tags.get("GPS GPSLatitude"),
        tags.get("GPS GPSLatitudeRef"),
        {"N": 1, "S": -1},
        90,
    )
    longitude = checked(
        "GPS GPSLongitude",
        values.degrees,
        tags.get("GPS GPSLongitude"),
        tags.get("GPS GPSLongitudeRef"),
        {"E": 1, "W": -1},
        180,
    )
    at = checked(
        "GPS GPSTimeStamp", values.satellite_time, tags.get("GPS GPSDate"), tags.get("GPS GPSTimeStamp")
    )
    if latitude is None or longitude is None:
        return {"at": at}
    if latitude == 0 and longitude == 0:
        warnings.append("GPS was dropped: 0, 0 is what a receiver without a fix writes.")
        return {}
    altitude = number("GPS GPSAltitude", 0, 100_000, 2)
    below = tags.get("GPS GPSAltitudeRef") in (1, "1", "\x01")
    return {
        "latitude": latitude,
        "longitude": longitude,
        "altitude_m": -altitude if altitude is not None and below else altitude,
        "direction_deg": number("GPS GPSImgDirection", 0, 360, 2),
        "at": at,
    }


def _positive(value: float | int | None) -> float | int | None:
    """Return None for 0, by which Exif says that a length or a time is unknown."""
    return value or None


def _without_absent(record: Record) -> Record:
    kept: Record = {}
    for name, value in record.items():
        if isinstance(value, dict):
            value = _without_absent(value)
        if value is not None and value not in ({}, []):
            kept[name] = value
    return kept
