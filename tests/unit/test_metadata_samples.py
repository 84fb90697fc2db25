"""Real photos: what we read of them is what exiftool reads, and their time is the right instant."""

import io
import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import images
from metadata.bounded import BLOCK_BYTES, Header
from metadata.record import read_record

SAMPLES = (
    sorted(path for path in images.SAMPLES.rglob("*") if path.is_file()) if images.SAMPLES.exists() else []
)
here = pytest.mark.skipif(not SAMPLES, reason="the sample photos are not here")

ONLY_OURS = {
    "HMD_Nokia_8.3_5G.heif": "it has DateTime alone, which exiftool calls ModifyDate",
    "RAW_KODAK_DC50.KDC": "it has DateTime alone, in the camera's own first directory",
    "DudleyLeavittUtah.tiff": "it has DateTime alone, the time of the scan",
}
"""Where exiftool names no time of capture and we do, and why."""


def read(path: Path) -> tuple[dict[str, Any], Header]:
    with path.open("rb") as file:
        header = Header(io.BytesIO(file.read()))
    return read_record(header), header


@cache
def said_by_exiftool() -> dict[str, dict[str, Any]]:
    tags = ("DateTimeOriginal", "CreateDate", "GPSLatitude", "GPSLongitude", "GPSAltitude")
    answer = subprocess.run(
        ["exiftool", "-n", "-j", "-r", *(f"-{tag}" for tag in tags), images.SAMPLES], capture_output=True
    )  # it ends with 1 for the file of zeros among the samples
    return {str(Path(each["SourceFile"])): each for each in json.loads(answer.stdout)}


@here
@pytest.mark.skipif(not shutil.which("exiftool"), reason="exiftool is not installed")
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_exiftool_reads_the_same_time_and_place(path: Path) -> None:
    said = said_by_exiftool()[str(path)]
    record, _ = read(path)
    taken = said.get("DateTimeOriginal") or said.get("CreateDate")
    expected = taken and taken[:19].replace(":", "-", 2).replace(" ", "T")
    if path.name in ONLY_OURS:
        assert expected is None and record["taken_at_source"] == "EXIF DateTime"
    else:
        assert record.get("taken_at") == expected
    gps = record.get("gps", {})
    for field, tag, precision in (
        ("latitude", "GPSLatitude", 1e-6),
        ("longitude", "GPSLongitude", 1e-6),
        ("altitude_m", "GPSAltitude", 0.01),
    ):
        if tag in said:
            assert gps[field] == pytest.approx(said[tag], abs=precision)
        else:
            assert field not in gps


@here
@pytest.mark.parametrize(
    ("name", "instant", "source", "certainty"),
    [
        ("big_ben.jpg", "2023-06-07T12:45:55Z", "EXIF OffsetTimeOriginal", "certain"),
        (
            "big_ben_no_tsoffset_but_gps_utc.jpg",
            "2023-06-07T12:45:55Z",
            "XMP exif:DateTimeOriginal",
            "certain",
        ),
        ("big_ben_only_time.jpg", None, None, None),
        ("newyear_london.jpg", "2019-01-01T00:15:00Z", "EXIF TimeZoneOffset", "certain"),
        ("newyear_sydney.jpg", "2018-12-31T13:15:00Z", "EXIF TimeZoneOffset", "certain"),
        ("sydney_opera_house.jpg", "2020-09-19T10:55:57Z", "EXIF OffsetTimeOriginal", "certain"),
        (
            "sydney_opera_house_no_tsoffset_but_gps_utc.jpg",
            "2020-09-19T10:55:57Z",
            "XMP exif:GPSTimeStamp",
            "certain",
        ),
    ],
)
def test_the_instant_is_right(
    name: str, instant: str | None, source: str | None, certainty: str | None
) -> None:
    record, _ = read(images.SAMPLES / "timestamps" / name)
    assert record.get("instant") == instant
    assert record.get("offset_source") == source
    assert record.get("offset_certainty") == certainty


@here
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_little_of_a_real_file_is_read(path: Path) -> None:
    _, header = read(path)
    assert len(header._blocks) * BLOCK_BYTES <= 256 * 1024
