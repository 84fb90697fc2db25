"""Says where a photo was taken: the position, and what the receiver said of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from metadata import values
from metadata.sheet import Sheet

MAX_ALTITUDE_M = 20_000
"""Higher than airliners and jets fly: what is above was written in another unit, or is noise."""

MIN_ALTITUDE_M = -500
"""The shore of the Dead Sea lies at -430 m."""

_BELOW = (1, "1", "\x01", 3, "3", "\x03")
"""Below sea level; below the ellipsoid and below sea level (Exif 3.0, 4.6.7: 2 and 3 are sea level's)."""
_NORTH = {"N": 1, "S": -1}
_EAST = {"E": 1, "W": -1}


@dataclass(frozen=True)
class Fix:
    """What a receiver said: degrees (WGS 84 unless `datum` says else), metres, and UTC without a zone."""

    latitude: float | None = None
    longitude: float | None = None
    altitude_m: float | None = None
    direction_deg: float | None = None
    direction_reference: str | None = None
    dop: float | None = None
    datum: str | None = None
    at: datetime | None = None

    @property
    def position(self) -> tuple[float, float] | None:
        """Latitude and longitude, where both are known."""
        return None if self.latitude is None or self.longitude is None else (self.latitude, self.longitude)


def read_fix(sheet: Sheet) -> Fix:
    """Return what the tags say; an implausible position, altitude or time is dropped with a warning.

    A sidecar comes first: programs that add a position to photos, or correct it, write it there.
    """
    at = _satellite_time(sheet)
    position = _position(sheet)
    if position is not None and abs(position[0]) < 1e-4 and abs(position[1]) < 1e-4:
        sheet.warnings.append("GPS was dropped: 0, 0 is what a receiver without a fix writes.")
        sheet.sources.pop("gps.latitude")
        sheet.sources.pop("gps.longitude")
        return Fix(at=at)
    latitude, longitude = position or (None, None)
    return Fix(
        latitude,
        longitude,
        altitude_m=_altitude(sheet),
        direction_deg=sheet.take("gps.direction_deg", _names("GPSImgDirection"), values.number, 0, 360, 2),
        direction_reference=sheet.take("gps.direction_reference", _names("GPSImgDirectionRef"), _north),
        dop=sheet.take("gps.dop", _names("GPSDOP"), values.number, 0, 1000, 2),
        datum=sheet.take("gps.datum", _names("GPSMapDatum"), values.text, 32),
        at=at,
    )


_GROUPS = ("Sidecar exif:", "GPS ", "QuickTime ", "Matroska ", "H264 ", "XMP exif:", "Takeout exif:")
"""Where a position is looked for, best first."""


def _names(tag: str) -> Iterator[str]:
    return (f"{group}{tag}" for group in _GROUPS)


def _position(sheet: Sheet) -> tuple[float, float] | None:
    for group in _GROUPS:
        north, east = f"{group}GPSLatitude", f"{group}GPSLongitude"
        found = [
            sheet.checked(name, _degrees, sheet, name, signs, limit)
            for name, signs, limit in ((north, _NORTH, 90), (east, _EAST, 180))
            if name in sheet.tags
        ]
        if len(found) == 2 and None not in found:
            sheet.sources["gps.latitude"], sheet.sources["gps.longitude"] = north, east
            return found[0], found[1]
    return None


def _degrees(sheet: Sheet, name: str, signs: dict[str, int], limit: int) -> float | None:
    if name.startswith("GPS "):
        return values.degrees(sheet.tags[name], sheet.tags.get(f"{name}Ref"), signs, limit)
    return values.xmp_degrees(sheet.tags[name], signs, limit)


def _altitude(sheet: Sheet) -> float | None:
    for name in _names("GPSAltitude"):
        if name not in sheet.tags:
            continue
        below = sheet.tags.get(f"{name}Ref") in _BELOW
        metres = sheet.checked(name, _metres, sheet.tags[name], below)
        if metres is not None:
            sheet.sources["gps.altitude_m"] = name
            return float(metres)
    return None


def _metres(value: Any, below: bool) -> float | None:
    height = values.number(value, -1e9, 1e9, 2)
    if height is None:
        return None
    metres = -abs(height) if below else height
    if not MIN_ALTITUDE_M <= metres <= MAX_ALTITUDE_M:
        raise ValueError(f"{metres:g} m is no height that photos are taken at; it may be in another unit")
    return metres


def _north(value: Any) -> str | None:
    letter = values.text(value)
    if letter is None:
        return None
    names = {"T": "true", "M": "magnetic"}
    if letter.upper() not in names:
        raise ValueError("it is neither true nor magnetic north")
    return names[letter.upper()]


def _satellite_time(sheet: Sheet) -> datetime | None:
    stamp: datetime | None = sheet.checked(
        "GPS GPSTimeStamp",
        values.satellite_time,
        sheet.tags.get("GPS GPSDate"),
        sheet.tags.get("GPS GPSTimeStamp"),
    )
    if stamp is not None:
        sheet.sources["gps.at"] = "GPS GPSTimeStamp"
        return stamp
    again: datetime | None = sheet.take(
        "gps.at", ("XMP exif:GPSTimeStamp", "Sidecar exif:GPSTimeStamp"), values.xmp_satellite_time
    )
    return again
