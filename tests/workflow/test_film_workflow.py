"""A film on the deployed stack: from an upload to what plays it, and to nothing."""

import io
from pathlib import Path
from urllib.parse import urljoin

import av
import pytest
from PIL import Image

import images
import metadata_files
import reels
from safelight.index import lists
from safelight.record import files_of, keys_on
from safelight.transactions import Record
from workflow.lab import Lab

STILL = "Films/still.jpg"


@pytest.fixture(scope="module")
def films(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> tuple[Record, Record, Record]:
    """A film of HEVC that was recorded on its side, with sound, a broken one, and a motion photo."""
    folder = tmp_path_factory.mktemp("films")
    keys = {"com.apple.quicktime.content.identifier": metadata_files.LIVE_PHOTO}
    whole = reels.reel(
        2.5, codec="libx265", size=(160, 90), turned=-90, sound=True, container="mov", keys=keys
    )
    (folder / "whole.mov").write_bytes(whole)
    (folder / "broken.mp4").write_bytes(reels.damaged(reels.reel(1)))
    Image.radial_gradient("L").resize((160, 90)).save(folder / "moving.jpg")
    with (folder / "moving.jpg").open("ab") as file:
        file.write(reels.reel(1))
    one, two, three = lab.add(
        *((f"Films/{it}", folder / it) for it in ("whole.mov", "broken.mp4", "moving.jpg"))
    )
    return one, two, three


def test_a_film_has_a_poster_a_preview_and_plays(lab: Lab, films: tuple[Record, Record, Record]) -> None:
    record, *_ = films
    assert record["status"] == "ACTIVE", record.get("rejection")
    assert (record["photo"]["width"], record["photo"]["height"]) == (90, 160)
    assert record["photo"]["developed"] == "poster"
    assert set(record["ledger"]) >= {"validate", "develop", "render", "metadata"}

    poster = Image.open(io.BytesIO(lab.get(record["large_url"]).body))
    assert poster.size == (90, 160)
    red, green, _ = poster.convert("RGB").getpixel((85, 5))  # type: ignore[misc]
    assert red > 190 and green < 120, "it is upright"

    preview = lab.get(record["web_copy"]["preview_url"])
    assert (preview.status, preview.headers["content-type"]) == (200, "video/mp4"), (
        "the verdict has let it go"
    )
    url = record["web_copy"]["playlist_url"]
    playlist = lab.get(url)
    assert (playlist.status, playlist.headers["content-type"]) == (200, "application/vnd.apple.mpegurl")
    tracks = [line for line in playlist.body.decode().splitlines() if line and not line.startswith("#")]
    assert tracks == ["90p.m3u8"]
    lines = lab.get(urljoin(url, tracks[0])).body.decode().splitlines()
    header = lab.get(urljoin(url, next(it.split('"')[1] for it in lines if "EXT-X-MAP" in it)))
    size, offset = map(int, next(it for it in lines if "BYTERANGE" in it).partition(":")[2].split("@"))
    name = next(line for line in lines if line and not line.startswith("#"))
    part = lab.get(urljoin(url, name), Range=f"bytes={offset}-{offset + size - 1}")
    assert part.status == 206
    with av.open(io.BytesIO(header.body + part.body)) as film:
        frames = list(film.decode(video=0))
    assert (len(frames), frames[0].width, frames[0].height) == (62, 90, 160)


def test_a_broken_film_is_rejected_in_words(lab: Lab, films: tuple[Record, Record, Record]) -> None:
    _, record, _ = films
    assert record["status"] == "REJECTED", record.get("failure")
    assert record["rejection"]["reason"] == "CorruptFile"
    assert "broken.mp4" in record["rejection"]["message"]
    assert not lab.heard("AlertsTopic", "broken.mp4")


def test_a_motion_photo_is_a_still_that_plays(lab: Lab, films: tuple[Record, Record, Record]) -> None:
    *_, record = films
    assert record["status"] == "ACTIVE"
    assert record["photo"]["format"] == "JPEG"
    assert "developed" not in record["photo"], "its renditions are of the still"
    assert lab.get(record["web_copy"]["playlist_url"]).status == 200


@pytest.fixture(scope="module")
def still(lab: Lab, films: tuple[Record, Record, Record], tmp_path_factory: pytest.TempPathFactory) -> Record:
    """The other half of the film, which comes after it."""
    plain, note = images.plain("jpeg"), metadata_files.tiff({0x8769: {0x927C: metadata_files.apple_note()}})
    path = tmp_path_factory.mktemp("still") / "still.jpg"
    path.write_bytes(plain[:2] + metadata_files.exif_segment(note) + plain[2:])
    (record,) = lab.add((STILL, path))
    return record


@pytest.mark.needs("Labels")
def test_the_still_alone_is_looked_at(films: tuple[Record, Record, Record], still: Record) -> None:
    film, *_ = films
    assert film["tags"]["reason"] == "the film of a Live Photo: its still is looked at"
    assert "DetectLabels" not in film["tags"]["calls"] and "DetectLabels" in still["tags"]["calls"]


def test_with_its_still_it_is_one_photo(
    lab: Lab, films: tuple[Record, Record, Record], still: Record, tmp_path: Path
) -> None:
    film, *_ = films
    seconds = film["photo"]["film"]["duration"]
    assert still["metadata"]["live_photo_id"] == film["metadata"]["live_photo_id"]

    def is_one() -> bool:
        index = lab.index(tmp_path / "index.sqlite")
        shown = lists.photos(index, lists.Filter(album="Films"), None, None, 10).photos
        index.close()
        found = {it.filename: it.film and it.film.seconds for it in shown}
        return found.keys() == {"moving.jpg", "still.jpg"} and found["still.jpg"] == seconds

    lab.until(is_one, "the still is shown, and moves")
    assert {it["filename"] for it in lab.library.album("Films")} == {"broken.mp4", "moving.jpg", "still.jpg"}


@pytest.mark.usefixtures("still")
def test_of_a_removed_film_nothing_is_left(lab: Lab, films: tuple[Record, Record, Record]) -> None:
    record, *_ = films
    bucket, below = lab.library.outputs["RenditionsBucket"], record["web_copy"]["below"].removesuffix("film/")

    def stored() -> list[str]:
        listed = lab.library.s3.list_objects_v2(Bucket=bucket, Prefix=below)
        return [it["Key"] for it in listed.get("Contents", [])]

    named = keys_on(record)  # type: ignore[arg-type]
    assert sorted(stored()) == sorted(named)
    assert len(files_of(record["web_copy"])) == 8
    assert set(lab.library.remove([STILL])) == {STILL, record["key"]}, "with the still goes its film"
    lab.until(lambda: not stored(), "its files are deleted")
