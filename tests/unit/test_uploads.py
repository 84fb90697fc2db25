"""Which files go up, to which keys, and which do not."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner

from safelight_library.errors import UnsafeKey
from safelight_library.files import sha256_of
from safelight_library.library import Library, path_of
from safelight_library.sending import PART_BYTES
from safelight_library.uploads import LeftOut, OnCollision, Renamed, Upload
from safelight_local.command.cli import main
from safelight_local.command.uploads import Found, PhotoProblem, uploads_of
from unit.stack import library_of_moto


def files(folder: Path, **contents: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in contents.items():
        (folder / name.replace("_DOT_", ".")).write_text(content)
    return folder


def keys(uploads: list[Upload]) -> dict[str, str]:
    return {f"{each.path.parent.name}/{each.path.name}": each.key for each in uploads}


def test_folders_become_albums_and_what_is_no_photo_stays(tmp_path: Path) -> None:
    for name in ("b.jpg", "day 1/a.jpg", "day 1/ünï.HEIC", "day 1/a.XMP", "a.jpg.Xmp"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    for name in (
        ".hidden.jpg",
        ".thumbnails/x.jpg",
        "a.json",
        "a.html",
        "IMG_1.AAE",
        "img_2.aae",
        "Thumbs.db",
        "Desktop.INI",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "day 1" / "@eaDir").mkdir()
    (tmp_path / "day 1" / "@eaDir" / "SYNOPHOTO_THUMB_M.jpg").touch()
    (tmp_path / "day 1" / ".DS_Store").touch()

    assert uploads_of([tmp_path, tmp_path / "b.jpg"], "trip") == Found(
        [
            Upload(tmp_path / "a.jpg.Xmp", "trip/a.jpg.xmp"),
            Upload(tmp_path / "b.jpg", "trip/b.jpg"),
            Upload(tmp_path / "day 1/a.XMP", "trip/day 1/a.xmp"),
            Upload(tmp_path / "day 1/a.jpg", "trip/day 1/a.jpg"),
            Upload(tmp_path / "day 1/ünï.HEIC", "trip/day 1/ünï.HEIC"),
        ]
    )


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PhotoProblem, match="nowhere"):
        uploads_of([tmp_path / "nowhere"], "trip")


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(PhotoProblem, match=f"no photos in {tmp_path}"):
        uploads_of([tmp_path], "trip")


def test_links_are_followed_in_the_folder_alone(tmp_path: Path) -> None:
    inside = files(tmp_path / "inside", a_DOT_jpg="a")
    outside = files(tmp_path / "outside", secret_DOT_jpg="s")
    (inside / "again.jpg").symlink_to(inside / "a.jpg")
    (inside / "out.jpg").symlink_to(outside / "secret.jpg")
    (inside / "gone.jpg").symlink_to(inside / "nothing.jpg")
    (inside / "folder").symlink_to(outside)
    (tmp_path / "named.jpg").symlink_to(outside / "secret.jpg")

    found = uploads_of([inside, tmp_path / "named.jpg"], "x")

    assert [each.key for each in found.uploads] == ["x/a.jpg", "x/again.jpg", "x/named.jpg"]
    assert {each.path.name: each.why for each in found.left_out} == {
        "out.jpg": "it is a symbolic link out of the folder; name the file itself",
        "gone.jpg": "it cannot be read (No such file or directory); "
        "look at its permissions, or copy it again",
    }


def test_what_cannot_be_a_key_or_be_read_is_left_out_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files(tmp_path, a_DOT_jpg="a", locked_DOT_jpg="b")
    os.mkfifo(tmp_path / "pipe.jpg")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.jpg")).touch()
    deep = tmp_path / ("d" * 200) / ("e" * 200)
    deep.mkdir(parents=True)
    (deep / ("f" * 200 + ".jpg")).touch()
    opened = Path.open

    def locked(path: Path, *arguments: Any, **named: Any) -> Any:
        if path.name == "locked.jpg":  # permissions do not stop a test that runs as root
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **named)

    monkeypatch.setattr(Path, "open", locked)

    found = uploads_of([tmp_path], "é" * 220)

    assert [each.path.name for each in found.uploads] == ["a.jpg"]
    assert sorted(each.why.partition(";")[0] for each in found.left_out) == [
        "it cannot be read (Permission denied)",
        "it is no file",
        "its key would be longer than 1024 bytes",
        "its name is not UTF-8",
    ]


def test_two_files_whose_names_read_the_same_are_both_kept(library: Library, tmp_path: Path) -> None:
    nfc, nfd = "caf\u00e9.jpg", "cafe\u0301.jpg"
    for name in (nfc, nfd):
        (tmp_path / name).write_text(name)
        assert uploads_of([tmp_path / name], "trip").uploads == [Upload(tmp_path / name, f"trip/{name}")]
    plan = library.plan(uploads_of([tmp_path], "trip").uploads, "trip", "keep-both")
    assert sorted(each.key for each in plan.uploads) == ["trip/cafe\u0301.jpg", "trip/caf\u00e9-2.jpg"]


@pytest.mark.parametrize("album", ["\u00e9t\u00e9", "e\u0301te\u0301"])
def test_a_photo_is_there_in_whichever_spelling(library: Library, tmp_path: Path, album: str) -> None:
    (tmp_path / "caf\u00e9.jpg").write_text("a")
    there = "\u00e9te\u0301/cafe\u0301.jpg"
    library.s3.put_object(Bucket="originals", Key=there, Body=b"a")
    library.s3.put_object(Bucket="originals", Key="e\u0301lan/a.jpg", Body=b"a")
    plan = library.plan(uploads_of([tmp_path], album).uploads, album, "replace")
    assert (plan.uploads, [each.key for each in plan.there]) == ([], [there])
    (tmp_path / "caf\u00e9.jpg").write_text("b")
    assert [
        each.key for each in library.plan(uploads_of([tmp_path], album).uploads, album, "replace").replaced
    ] == [there]


@pytest.fixture
def library(aws: None) -> Iterator[Library]:
    """A library with an album `x`, into which a card was copied: a RAW with its JPEG, and a sidecar."""
    made = library_of_moto()
    for name, body in {"IMG_1.JPG": b"one", "IMG_1.CR2": b"raw one", "IMG_1.xmp": b"stars"}.items():
        made.s3.put_object(Bucket=made.outputs["OriginalsBucket"], Key=f"x/{name}", Body=body)
    yield made


def test_what_is_there_is_not_sent_again(library: Library, tmp_path: Path) -> None:
    card = files(
        tmp_path / "card", IMG_1_DOT_JPG="one", IMG_1_DOT_CR2="raw one", IMG_1_DOT_XMP="stars", b_DOT_jpg="b"
    )
    plan = library.plan(uploads_of([card], "x").uploads, "x", "keep-both")
    assert keys(plan.uploads) == {"card/b.jpg": "x/b.jpg"}
    assert sorted(keys(plan.there).values()) == ["x/IMG_1.CR2", "x/IMG_1.JPG", "x/IMG_1.xmp"]


def test_a_photo_of_the_same_name_gets_a_key_of_its_own_with_its_companions(
    library: Library, tmp_path: Path
) -> None:
    card = files(
        tmp_path / "card",
        IMG_1_DOT_JPG="two",
        IMG_1_DOT_CR2="raw two",
        IMG_1_DOT_XMP="sun",
        IMG_1_DOT_JPG_DOT_xmp="moon",
    )
    found = uploads_of([card], "x").uploads
    plan = library.plan(found, "x", "keep-both")
    new = {
        "card/IMG_1.CR2": "x/IMG_1-2.CR2",
        "card/IMG_1.JPG": "x/IMG_1-2.JPG",
        "card/IMG_1.JPG.xmp": "x/IMG_1-2.JPG.xmp",
        "card/IMG_1.XMP": "x/IMG_1-2.xmp",
    }
    assert keys(plan.uploads) == new
    assert Renamed(card / "IMG_1.JPG", "x/IMG_1.JPG", "x/IMG_1-2.JPG") in plan.renamed

    for each in plan.uploads:
        library.upload(each)
    again = library.plan(found, "x", "keep-both")
    assert (again.uploads, keys(again.there)) == ([], new)


def test_an_edited_jpeg_is_kept_beside_the_former_and_its_raw_is_not_sent_again(
    library: Library, tmp_path: Path
) -> None:
    card = files(
        tmp_path / "card", IMG_1_DOT_JPG="edited", IMG_1_DOT_CR2="raw one", IMG_1_DOT_xmp="new stars"
    )
    plan = library.plan(uploads_of([card], "x").uploads, "x", "keep-both")
    assert keys(plan.uploads) == {"card/IMG_1.xmp": "x/IMG_1.xmp", "card/IMG_1.JPG": "x/IMG_1-2.JPG"}
    assert keys(plan.there) == {"card/IMG_1.CR2": "x/IMG_1.CR2"}


@pytest.mark.parametrize(
    ("on_collision", "uploads", "skipped"),
    [
        ("replace", {"a/IMG_1.JPG": "x/IMG_1.JPG", "b/IMG_1.JPG": "x/IMG_1-2.JPG"}, {}),
        ("skip", {}, {"a/IMG_1.JPG": "x/IMG_1.JPG", "b/IMG_1.JPG": "x/IMG_1.JPG"}),
        ("keep-both", {"a/IMG_1.JPG": "x/IMG_1-2.JPG", "b/IMG_1.JPG": "x/IMG_1-3.JPG"}, {}),
    ],
)
def test_two_cards_lose_no_photo(
    library: Library,
    tmp_path: Path,
    on_collision: OnCollision,
    uploads: dict[str, str],
    skipped: dict[str, str],
) -> None:
    cards = [files(tmp_path / name, IMG_1_DOT_JPG=f"card {name}") for name in ("a", "b")]
    same = files(tmp_path / "c", IMG_1_DOT_JPG="card a")
    plan = library.plan(uploads_of([*cards, same], "x").uploads, "x", on_collision)
    assert keys(plan.uploads) == uploads
    assert {name: key for name, key in keys(plan.skipped).items() if name[0] != "c"} == skipped
    assert len(plan.uploads) + len(plan.skipped) + len(plan.there) == 3


def test_what_went_up_in_parts_is_known_by_its_checksum_or_by_size_and_time(
    library: Library, tmp_path: Path
) -> None:
    path = tmp_path / "large.raw"
    path.write_bytes(b"0123456789abcdef" * 600_000)
    library.upload(Upload(path, "x/large.raw"))
    (stored,) = [each for each in library.originals("x") if each.key == "x/large.raw"]
    assert "-" in stored.etag
    (upload,) = uploads_of([path], "x").uploads
    assert library.plan([upload], "x", "keep-both").uploads == []

    path.write_bytes(b"x123456789abcdef" * 600_000)
    assert [it.key for it in library.plan([upload], "x", "keep-both").uploads] == ["x/large-2.raw"]

    bucket = library.outputs["OriginalsBucket"]
    boto3.client("s3").upload_file(str(path), bucket, "x/large.raw")  # another tool, without a checksum
    os.utime(path, (0, 0))
    assert library.plan([upload], "x", "keep-both").uploads == []
    os.utime(path, (4e9, 4e9))
    assert [it.key for it in library.plan([upload], "x", "keep-both").uploads] == ["x/large-2.raw"]


def test_an_upload_that_was_interrupted_goes_on(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "large.raw"
    path.write_bytes(b"0123456789abcdef" * 600_000)
    os.utime(path, (0, 0))
    sent: list[int] = []
    library.s3.meta.events.register("before-call.s3.UploadPart", lambda **_: sent.append(1))

    def begun(first: bytes) -> None:
        where: Any = {"Bucket": library.outputs["OriginalsBucket"], "Key": "x/large.raw"}
        other = boto3.client("s3")
        upload = other.create_multipart_upload(**where, Metadata={"sha256": sha256_of(path)})["UploadId"]
        other.upload_part(**where, UploadId=upload, PartNumber=1, Body=first)

    begun(path.read_bytes()[:PART_BYTES])
    library.upload(Upload(path, "x/large.raw"))
    assert len(sent) == 1, "the first part was there already"
    assert library.plan([Upload(path, "x/large.raw")], "x", "keep-both").uploads == []

    sent.clear()
    begun(b"x" * PART_BYTES)  # of another file
    library.upload(Upload(path, "x/large.raw"))
    assert len(sent) == 2

    sent.clear()
    os.utime(path, (4e9, 4e9))  # changed since: what the interrupted upload says of its checksum is not so
    begun(path.read_bytes()[:PART_BYTES])
    library.upload(Upload(path, "x/large.raw"))
    assert len(sent) == 2
    body = library.s3.get_object(Bucket=library.outputs["OriginalsBucket"], Key="x/large.raw")["Body"].read()
    assert body == path.read_bytes()


def test_a_file_that_goes_away_meanwhile_is_listed(library: Library, tmp_path: Path) -> None:
    left_out: list[LeftOut] = []
    gone = [Upload(tmp_path / "gone.jpg", "x/gone.jpg"), Upload(tmp_path / "gone.xmp", "x/gone.xmp")]
    assert list(library.add(gone, left_out)) == []
    assert [each.path.name for each in left_out] == ["gone.xmp", "gone.jpg"]


@pytest.mark.parametrize("album", ["/", "", "//", "a/../b", "./a"])
def test_an_album_without_a_name_is_refused_in_words(tmp_path: Path, album: str) -> None:
    for command in (["add", str(tmp_path), "--album"], ["show"], ["duplicates"], ["demo", "--album"]):
        told = CliRunner().invoke(main, [*command, album])
        assert told.exit_code == 2
        assert "names no album" in told.output


def test_slashes_too_many_make_no_empty_parts(
    library: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "a.jpg").write_text("a")
    bucket = library.outputs["OriginalsBucket"]
    library.s3.put_object(Bucket=bucket, Key="2026/Lisbon/a.jpg", Body=b"a")
    monkeypatch.setattr("safelight_local.command.connection.library_of", lambda _: library)
    told = CliRunner().invoke(main, ["add", str(tmp_path), "--album", "/2026//Lisbon/"])
    assert told.exit_code == 0
    assert "2026/Lisbon/a.jpg was there already, but is not in the library" in told.output


@pytest.mark.parametrize("key", ["renditions/../../a.jpg", "/etc/a.jpg"])
def test_no_key_leads_out_of_the_folder_that_it_is_fetched_into(tmp_path: Path, key: str) -> None:
    assert path_of("renditions/..a../a.jpg", tmp_path) == tmp_path / "renditions/..a../a.jpg"
    with pytest.raises(UnsafeKey, match="leads out of"):
        path_of(key, tmp_path)
