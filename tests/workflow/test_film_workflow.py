"""A film on the deployed stack: from an upload to what plays it, and to nothing."""

import io
from urllib.parse import urljoin

import av
import pytest
from PIL import Image

import reels
from safelight.record import files_of, keys_on
from safelight.transactions import Record
from workflow.lab import Lab


@pytest.fixture(scope="module")
def films(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> tuple[Record, Record, Record]:
    """A film of HEVC that was recorded on its side, with sound, a broken one, and a motion photo."""
    folder = tmp_path_factory.mktemp("films")
    whole = reels.reel(2.5, codec="libx265", size=(160, 90), turned=-90, sound=True, container="mov")
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


def test_of_a_removed_film_nothing_is_left(lab: Lab, films: tuple[Record, Record, Record]) -> None:
    record, *_ = films
    bucket, below = lab.library.outputs["RenditionsBucket"], record["web_copy"]["below"].removesuffix("film/")

    def stored() -> list[str]:
        listed = lab.library.s3.list_objects_v2(Bucket=bucket, Prefix=below)
        return [it["Key"] for it in listed.get("Contents", [])]

    named = keys_on(record)  # type: ignore[arg-type]
    assert sorted(stored()) == sorted(named)
    assert len(files_of(record["web_copy"])) == 8
    assert list(lab.library.remove([record["key"]])) == [record["key"]]
    lab.until(lambda: not stored(), "its files are deleted")
