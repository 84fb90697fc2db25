"""Which JSON file of a Google Takeout belongs to which photo, and what becomes of it."""

import json
import stat
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from click.testing import CliRunner

from metadata.record import Asked, build_record, read_packets
from metadata.record import Said as MetadataSaid
from metadata.xmp import read_xmp
from safelight.xmp import is_of_takeout
from safelight_library.library import Library
from safelight_library.takeout import sidecar_of
from safelight_local.command.cli import main
from safelight_local.command.uploads import PhotoProblem, uploads_of
from unit.stack import library_of_moto

HERE = "Takeout/Google Photos"
TAKEN = 1588448998
"""2 May 2020, 19:49:58 UTC."""


def told(title: str = "", taken: int = TAKEN, **more: Any) -> str:
    return json.dumps({"title": title, "photoTakenTime": {"timestamp": str(taken)}, **more})


def zipped(path: Path, **files: str | bytes) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("photo", "json_name"),
    [
        ("IMG_1.jpg", "IMG_1.jpg.json"),
        ("IMG_1.jpg", "IMG_1.jpg.supplemental-metadata.json"),
        ("IMG_1.jpg", "IMG_1.jpg.supplemental-me.json"),
        ("IMG_1.jpg", "IMG_1.jpg.s.json"),
        ("IMG_1.jpg", "IMG_1.jpg..json"),
        ("IMG_1.jpg", "IMG_1.json"),
        ("DSC_0101(1).JPG", "DSC_0101.JPG(1).json"),
        ("IMG_1(2).jpg", "IMG_1.jpg.supplemental-metadata(2).json"),
        ("IMG_1(2).jpg", "IMG_1.jpg.supple(2).json"),
        ("from a friend (1).jpg", "from a friend (1).jpg.json"),
        ("img(18).jpg", "img(18).jpg.supple(18).json"),
        ("IMG_1-edited.jpg", "IMG_1.jpg.supplemental-metadata.json"),
        ("IMG_1-edited(2).jpg", "IMG_1.jpg(2).json"),
        ("PXL_20220405_090123740.PORTRAIT-modifié.jpg", "PXL_20220405_090123740.PORTRAIT.jpg.json"),
        ("IMG_1-ha editado.JPG", "IMG_1.JPG.json"),
        ("IMG_1.MP4", "IMG_1.HEIC.json"),
        (
            "PXL_20230809_203449253.LONG_EXPOSURE-02.ORIGINA.jpg",
            "PXL_20230809_203449253.LONG_EXPOSURE-02.ORIGIN.json",
        ),
        (
            "05yqt21kruxwwlhhgrwrdyb6chhwszi9bqmzu16w0 2.jpg",
            "05yqt21kruxwwlhhgrwrdyb6chhwszi9bqmzu16w0 2.jp.json",
        ),
        (
            "😀😃😄😁😆😅😂🤣🥲☺️😊😇🙂🙃😉😌😍🥰😘😗😙😚😋😛.jpg",
            "😀😃😄😁😆😅😂🤣🥲☺️😊😇🙂🙃😉😌😍🥰😘😗😙😚😋.json",
        ),
        (
            "Backyard_ceremony_wedding_photography_xxxxxxx_m(494).jpg",
            "Backyard_ceremony_wedding_photography_xxxxxxx_(494).json",
        ),
        (
            "original_1d4caa6f-16c6-4c3d-901b-9387de10e528_P(1).jpg",
            "original_1d4caa6f-16c6-4c3d-901b-9387de10e528_.json",
        ),
        (
            "13039_327707840323_537645323_9470255_27214_n(1).jpg",
            "13039_327707840323_537645323_9470255_27214_n.j(1).json",
        ),
        (
            "Screenshot_20240102-030405_Some App Name.jpg",
            "Screenshot_20240102-030405_Some App Name.jpg.s.json",
        ),
    ],
)
def test_a_photo_finds_its_json_file(tmp_path: Path, photo: str, json_name: str) -> None:
    """The names are those of real exports, as the tests and the issues of immich-go and others tell them."""
    archive = zipped(
        tmp_path / "t.zip",
        **{
            f"{HERE}/Photos from 2020/{photo}": b"photo",
            f"{HERE}/Photos from 2020/{json_name}": told(description="this one"),
            f"{HERE}/Photos from 2020/other.jpg.json": told(description="another"),
        },
    )
    found = uploads_of([archive], "g")
    assert [each.key for each in found.uploads] == [
        f"g/Photos from 2020/{photo}",
        f"g/Photos from 2020/{photo}.xmp",
    ]
    assert b"this one" in found.uploads[1].path.open("rb").read()


@pytest.mark.parametrize(
    ("photo", "json_name"),
    [
        ("PXL_20211013_220651958.jpg", "PXL_20211013_220651983.jpg.json"),
        ("PXL_20220405_090123741.PORTRAIT-modifié.jpg", "PXL_20220405_090123740.PORTRAIT.jpg.json"),
        ("DSC_0102(1).JPG", "DSC_0102.JPG(2).json"),
        ("DSC_0103.JPG", "DSC_0103.JPG(1).json"),
        ("DSC_0104(1).JPG", "DSC_0104.JPG.json"),
        ("IMG_10.jpg", "IMG_1.jpg.json"),
        (
            "Backyard_ceremony_wedding_photography_xxxxxxx_m(185).jpg",
            "Backyard_ceremony_wedding_photography_xxxxxxx_(494).json",
        ),
    ],
)
def test_a_photo_has_nothing_of_another(tmp_path: Path, photo: str, json_name: str) -> None:
    archive = zipped(
        tmp_path / "t.zip", **{f"{HERE}/2020/{photo}": b"photo", f"{HERE}/2020/{json_name}": told()}
    )
    assert [each.key for each in uploads_of([archive], "g").uploads] == [f"g/2020/{photo}"]


def test_the_parts_of_a_takeout_are_one_and_albums_keep_their_photos(tmp_path: Path) -> None:
    first = zipped(
        tmp_path / "takeout-001.zip",
        **{
            "Takeout/archive_browser.html": "<html>",
            f"{HERE}/shared_album_comments.json": "{}",
            f"{HERE}/Photos from 2020/IMG_1.jpg": b"in an album",
            f"{HERE}/Photos from 2020/IMG_2.jpg": b"same size!!",
            f"{HERE}/Photos from 2020/gone.jpg": b"trash",
            f"{HERE}/Photos from 2020/gone.jpg.json": told(trashed=True),
            f"{HERE}/Lisbon_ sun/metadata.json": json.dumps({"title": "Lisbon: sun/sea", "date": {}}),
            f"{HERE}/Lisbon_ sun/IMG_3.jpg": b"edited elsewhere",
            f"{HERE}/Lisbon_ sun/IMG_3.xmp": b"<darktable/>",
        },
    )
    second = zipped(
        tmp_path / "takeout-002.zip",
        **{
            f"{HERE}/Lisbon_ sun/IMG_1.jpg": b"in an album",
            f"{HERE}/Photos from 2020/IMG_2.jpg.supplemental-metadata.json": told(),
            f"{HERE}/Lisbon_ sun/IMG_3.jpg.json": told(),
            f"{HERE}/Untitled/metadata.json": json.dumps({"title": " ", "date": {}}),
            f"{HERE}/Untitled/IMG_4.jpg": b"untitled",
            f"{HERE}/Untitled/IMG_5.jpg.json": "{ cut",
        },
    )
    found = uploads_of([first, second], "google")
    assert [each.key for each in found.uploads] == [
        "google/Photos from 2020/IMG_2.jpg",
        "google/Photos from 2020/IMG_2.jpg.xmp",
        "google/Lisbon: sun-sea/IMG_3.jpg",
        "google/Lisbon: sun-sea/IMG_3.xmp",
        "google/Lisbon: sun-sea/IMG_1.jpg",
        "google/Untitled/IMG_4.jpg",
    ]
    assert (found.in_albums, found.in_trash) == (1, 1)
    ((path, why),) = [(str(each.path), each.why) for each in found.left_out]
    assert path == f"{second}/{HERE}/Untitled/IMG_5.jpg.json"
    assert why.startswith("it is no JSON")


def test_an_unpacked_takeout_is_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "Takeout" / "Google Fotos" / "Fotos aus 2020"
    folder.mkdir(parents=True)
    (folder / "a.jpg").write_bytes(b"a")
    (folder / "a.jpg.json").write_text(told())
    (folder.parent / "Meer").mkdir()
    (folder.parent / "Meer" / "Metadaten.json").write_text('{"title": "Meer"}')
    (folder.parent / "Meer" / "a.jpg").write_bytes(b"a")
    for named in (tmp_path, tmp_path / "Takeout", tmp_path / "Takeout" / "Google Fotos"):
        found = uploads_of([named], "g")
        assert [each.key for each in found.uploads] == ["g/Meer/a.jpg"]
        assert found.in_albums == 1


def test_what_google_knew_is_a_source_of_the_record_below_what_the_file_says() -> None:
    said = {
        "photoTakenTime": {"timestamp": str(TAKEN)},
        "description": "Käse & <Wein>\n",
        "favorited": True,
        "geoData": {"latitude": 0.0, "longitude": 0.0, "altitude": 0.0},
        "geoDataExif": {"latitude": 38.7131, "longitude": -9.1334, "altitude": -3.5},
        "people": [{"name": "Ada"}, {}, {"name": 7}],
    }
    sidecar = sidecar_of(said)
    assert is_of_takeout(sidecar)
    _, _, warnings = read_xmp(sidecar, "Takeout")
    assert warnings == []

    def record(**tags: Any) -> Any:
        read = MetadataSaid()
        read_packets([sidecar], "Takeout", read)
        return build_record(tags | read.tags, [], Asked("a.jpg"), read.regions)

    alone = record()
    assert alone["taken_at"] == "2020-05-02T20:49:58"  # Lisbon's summer
    assert alone["instant"] == "2020-05-02T19:49:58Z"
    assert alone["gps"] == {"latitude": 38.7131, "longitude": -9.1334, "altitude_m": -3.5}
    assert (alone["rating"], alone["description"]) == (5, "Käse & <Wein>")
    assert [region["name"] for region in alone["regions"]] == ["Ada"]
    assert alone["sources"]["taken_at"] == "Takeout exif:DateTimeOriginal"
    assert alone["sources"]["gps.latitude"] == "Takeout exif:GPSLatitude"

    filed = record(
        **{
            "EXIF DateTimeOriginal": "2019:01:02 03:04:05",
            "EXIF Rating": 3,
            "EXIF ImageDescription": "from the camera",
            "GPS GPSLatitude": (48.0, 49.0, 8.0),
            "GPS GPSLatitudeRef": "N",
            "GPS GPSLongitude": (2.0, 17.0, 0.0),
            "GPS GPSLongitudeRef": "E",
        }
    )
    assert filed["taken_at"] == "2019-01-02T03:04:05"
    assert filed["rating"] == 3
    assert filed["sources"]["gps.latitude"] == "GPS GPSLatitude"
    assert filed["description"] == "Käse & <Wein>"  # what people wrote last


def test_a_guess_of_googles_is_no_witness_of_the_time_zone() -> None:
    """Of a photo without a zone Google takes the wall clock for UTC."""
    read = MetadataSaid()
    read_packets([sidecar_of({"photoTakenTime": {"timestamp": str(TAKEN)}})], "Takeout", read)
    record = build_record({"EXIF DateTimeOriginal": "2020:05:02 19:49:58"} | read.tags, [])
    assert "offset" not in record
    named = build_record(read.tags, [], Asked("Screenshot_20200502-154958.png"))
    assert (named["taken_at"], named["sources"]["taken_at"]) == ("2020-05-02T15:49:58", "file name")
    refined = build_record(read.tags, [], Asked("IMG-20200502-WA0001.jpg"))
    assert refined["instant"] == "2020-05-02T19:49:58Z"


@pytest.mark.parametrize(
    "said",
    [
        {"photoTakenTime": {"timestamp": "soon"}},
        {"photoTakenTime": {"timestamp": None}, "geoData": "here", "people": "all", "description": 7},
        {"photoTakenTime": {"timestamp": "1e300"}, "geoData": {"latitude": "nan", "longitude": "inf"}},
        {"photoTakenTime": {"timestamp": "0"}, "geoData": {"latitude": 1}, "people": [None, []]},
        {"photoTakenTime": {"timestamp": TAKEN}, "description": "\x00\ud800]]>&#0;"},
    ],
)
def test_whatever_json_says_makes_a_sidecar_that_can_be_read(said: dict[str, Any]) -> None:
    assert read_xmp(sidecar_of(said), "Takeout")[2] == []


def test_plain_archives_are_folders(tmp_path: Path) -> None:
    archive = zipped(
        tmp_path / "Trip.ZIP",
        **{
            "day 1/a.jpg": b"a",
            "day 1/a.XMP": b"<x/>",
            "day 1/notes.json": '{"title": "no album"}',
            "__MACOSX/day 1/._a.jpg": b"fork",
            ".hidden/b.jpg": b"b",
            "day 1/XX.jpg": b"c",
        },
    )
    archive.write_bytes(archive.read_bytes().replace(b"day 1/XX", "day 1/é".encode()))  # without a flag

    found = uploads_of([archive], "x")
    assert [each.key for each in found.uploads] == ["x/day 1/a.jpg", "x/day 1/a.xmp", "x/day 1/é.jpg"]
    assert found.left_out == []


def test_archives_that_cannot_be_read_are_told_and_the_others_go_on(tmp_path: Path) -> None:
    good = zipped(tmp_path / "good.zip", **{"a.jpg": b"a"})
    cut = tmp_path / "cut.zip"
    cut.write_bytes(good.read_bytes()[:-30])
    locked = tmp_path / "locked.zip"
    with ZipFile(locked, "w") as archive:
        archive.writestr("secret.jpg", b"s")
    data = bytearray(locked.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the flag of encryption, in the directory
    locked.write_bytes(data)
    hostile = zipped(
        tmp_path / "hostile.zip", **{"../../etc/a.jpg": b"a", "/b.jpg": b"b", "x/../../c.jpg": b"c"}
    )
    link = ZipInfo("link.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with ZipFile(hostile, "a") as archive:
        archive.writestr(link, "/etc/passwd")

    found = uploads_of([cut, locked, hostile, good], "x")

    assert [each.key for each in found.uploads] == ["x/a.jpg"]
    told = [(str(each.path.name), each.why.partition(" (")[0].partition(";")[0]) for each in found.left_out]
    assert told == [
        ("cut.zip", "it is damaged or cut"),
        ("locked.zip", "it is encrypted"),
        ("a.jpg", "its name leads out of the archive"),
        ("b.jpg", "its name leads out of the archive"),
        ("c.jpg", "its name leads out of the archive"),
        ("link.jpg", "it is a symbolic link"),
    ]


def test_an_archive_without_photos_is_named(tmp_path: Path) -> None:
    with pytest.raises(PhotoProblem, match=r"no photos in .*empty\.zip"):
        uploads_of([zipped(tmp_path / "empty.zip", **{"a.json": "{}"})], "x")


def test_a_takeout_is_sent_without_unpacking_and_again_costs_nothing(aws: None, tmp_path: Path) -> None:
    library = library_of_moto()
    large = bytes(range(256)) * 40_000
    archive = zipped(
        tmp_path / "t.zip",
        **{
            f"{HERE}/Photos from 2020/large.jpg": large,
            f"{HERE}/Photos from 2020/large.jpg.json": told(description="large"),
        },
    )
    plan = library.plan(uploads_of([archive], "g").uploads, "g", "keep-both")
    for each in plan.uploads:
        library.upload(each)
    stored = {each.key: each for each in library.originals("g")}
    assert sorted(stored) == ["g/Photos from 2020/large.jpg", "g/Photos from 2020/large.jpg.xmp"]
    body = library.s3.get_object(Bucket="originals", Key="g/Photos from 2020/large.jpg")["Body"].read()
    assert body == large
    again = library.plan(uploads_of([archive], "g").uploads, "g", "keep-both")
    assert (again.uploads, len(again.there)) == ([], 2)


def test_a_damaged_entry_is_left_out_and_the_rest_goes_on(
    aws: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library: Library = library_of_moto()
    monkeypatch.setattr("safelight_local.command.connection.library_of", lambda _: library)
    archive = tmp_path / "t.zip"
    with ZipFile(archive, "w") as made:
        made.writestr("bad.jpg", b"the pixels of bad.jpg" * 600_000)
    data = archive.read_bytes().replace(b"the pixels of bad.jpg", b"the PIXELS of bad.jpg", 1)
    archive.write_bytes(data)
    told = CliRunner().invoke(main, ["add", str(archive), "--album", "x", "--json"])
    assert told.exit_code == 1
    assert "Bad CRC-32" in told.output
    assert list(library.originals()) == []
    assert "Uploads" not in library.s3.list_multipart_uploads(Bucket="originals")
