"""The two halves of a Live Photo, which come and go in any order: one is shown, and it moves."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import boto3
import pytest

from memories.summary import entry_of
from safelight.index import lists, schema
from safelight.index.changes import apply, to_apply_again
from safelight.index.lists import Filter
from safelight.keys import public_id
from safelight.listing import Playback
from safelight.live import halves_of, without_halves
from safelight.record import PhotoRecord
from unit.api_client import Stack, deployed
from unit.index_records import person, photo

LIVE = "0C2B6D3E-77F1-4C4B-9B0E-3F2A8D1E5A11"
TWIZEL = {"place": {"locality": "Twizel", "country": "New Zealand"}, "live_photo_id": LIVE}
FILM = {
    "duration": 2.5,
    "frame_rate": 30,
    "video": "hvc1",
    "audio": "mp4a",
    "rotation": 90,
    "transfer": "sdr",
}


def still(key: str = "Sea/IMG_1.HEIC", **changes: Any) -> dict[str, Any]:
    return photo(key, metadata=TWIZEL, people=["p1"], **changes)


def moving(key: str = "Sea/IMG_1.MOV", **changes: Any) -> dict[str, Any]:
    record = photo(key, metadata={**TWIZEL, "title": "Waves"}, people=["p1"], **changes)
    record["photo"] = {**record["photo"], "format": "MOV", "media_type": "video/quicktime", "film": FILM}
    folder = f"renditions/{key}/v/film"
    record["web_copy"] = {"playlist": f"{folder}/playlist.m3u8", "preview": f"{folder}/preview.mp4"}
    return record


class World:
    """Records, and an index that follows them as its function does."""

    def __init__(self, path: Path) -> None:
        self.index = schema.created(path)
        self.records: dict[str, Any] = {}
        self.put(person("p1", "Ada", "Sea/IMG_1.HEIC"))

    def put(self, *records: dict[str, Any]) -> "World":
        for record in records:
            self.records[record["id"]] = record
            self._follow([record["id"]])
        return self

    def drop(self, key: str) -> "World":
        self.records.pop(f"photo/{key}")
        self._follow([f"photo/{key}"])
        return self

    def _follow(self, ids: list[str]) -> None:
        assert apply(self.index, {id_: self.records.get(id_) for id_ in ids}) == {}
        if films := to_apply_again(self.index):
            self._follow(films)

    @property
    def shown(self) -> dict[str, str | None]:
        """The files that are shown, and which film moves each; all lists agree on them."""
        page = lists.photos(self.index, Filter(), None, None, 200).photos
        assert lists.timeline(self.index, Filter(), None).total == len(page)
        for which in (Filter(album="Sea"), Filter(person="p1"), Filter(q="Twizel")):
            assert {it.id for it in lists.photos(self.index, which, None, None, 200).photos} == {
                it.id for it in page
            }
        (albums, _), (people, _), (places, _) = (
            lists.albums(self.index, None, None, 10),
            lists.people(self.index, None, 10),
            lists.places(self.index, None, 10),
        )
        assert [it.count for it in (*albums, *people, *places)] == ([len(page)] * 3 if page else [])
        return {it.filename: it.moving for it in page}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path / "index.sqlite")
    yield world
    world.index.close()


PLAYS = {
    "seconds": 2.5,
    "playlist": "/renditions/Sea/IMG_1.MOV/v/film/playlist.m3u8",
    "preview": "/renditions/Sea/IMG_1.MOV/v/film/preview.mp4",
}
PAIRED = {"IMG_1.HEIC": public_id("Sea/IMG_1.MOV")}


@pytest.mark.parametrize("halves", [(still, moving), (moving, still)], ids=["still first", "film first"])
def test_whichever_half_comes_first_one_is_shown_and_moves(world: World, halves: Any) -> None:
    first, second = (half() for half in halves)
    world.put(first)
    assert world.shown == {first["filename"]: None}, "the other half is late, or will never come"
    world.put(second)
    assert world.shown == PAIRED
    world.put(second, first, second)
    assert world.shown == PAIRED, "the same may be applied again"
    plays = lists.photos(world.index, Filter(), None, None, 1).photos[0].film
    assert plays == Playback(**PLAYS)


@pytest.mark.parametrize("halves", [(still, moving), (moving, still)], ids=["still first", "film first"])
def test_whichever_half_goes_the_other_is_a_photo_by_itself(world: World, halves: Any) -> None:
    stays, goes = (half() for half in halves)
    assert world.put(stays, goes).drop(goes["key"]).shown == {stays["filename"]: None}
    assert world.put(goes).shown == PAIRED


def test_a_still_that_is_held_or_rejected_hides_no_film(world: World) -> None:
    world.put(moving(), still())
    for status in ("HELD", "REJECTED"):
        hidden = still(status=status, renditions=None)
        assert world.put(hidden).shown == {"IMG_1.MOV": None}
        assert world.put(still()).shown == PAIRED


def test_a_film_that_is_held_moves_nothing(world: World) -> None:
    world.put(moving(status="HELD", renditions=None), still())
    assert world.shown == {"IMG_1.HEIC": None}
    assert world.put(moving()).shown == PAIRED


def test_an_upload_of_another_photo_in_the_place_of_the_still_frees_the_film(world: World) -> None:
    world.put(still(), moving())
    other = photo("Sea/IMG_1.HEIC", metadata={"place": TWIZEL["place"]}, people=["p1"])
    assert world.put(other).shown == {"IMG_1.HEIC": None, "IMG_1.MOV": None}


def test_an_edited_copy_moves_by_the_same_film(world: World) -> None:
    world.put(still(), moving(), still("Sea/IMG_E1.HEIC"))
    assert world.shown == PAIRED | {"IMG_E1.HEIC": public_id("Sea/IMG_1.MOV")}
    assert world.drop("Sea/IMG_1.HEIC").shown == {"IMG_E1.HEIC": public_id("Sea/IMG_1.MOV")}


def test_halves_in_two_albums_are_strangers(world: World) -> None:
    world.put(still(), moving("Sea/Other/IMG_1.MOV"))
    page = lists.photos(world.index, Filter(), None, None, 10).photos
    assert [it.moving for it in page] == [None, None]


def test_an_export_of_originals_has_both_halves(world: World) -> None:
    world.put(still(), moving(), photo("Sea/z.jpg"))
    keys = lists.keys(world.index, Filter(), None)
    assert lists.with_halves(world.index, keys) == ["Sea/IMG_1.HEIC", "Sea/IMG_1.MOV", "Sea/z.jpg"]


def records(*made: dict[str, Any]) -> list[PhotoRecord]:
    return cast(list[PhotoRecord], [*made])


def test_who_lists_records_leaves_the_moving_halves_out() -> None:
    both = records(still(), moving(), photo("Sea/z.jpg"))
    assert without_halves(both) == [both[0], both[2]]
    assert without_halves(records(moving())) == records(moving())
    assert without_halves(records(still(renditions=None), moving()))[1:] == records(moving())
    assert without_halves(records(still(), moving("Other/a.MOV")))[1:] == records(moving("Other/a.MOV"))


def test_with_the_still_goes_its_film_unless_another_still_has_it() -> None:
    one, edited, film = records(still(), still("Sea/IMG_E1.HEIC"), moving())
    assert halves_of([one], [one, film]) == [film]
    assert halves_of([one], [one, edited, film]) == []
    assert halves_of([one, edited], [one, edited, film]) == [film]
    assert halves_of([film], [one, film]) == [], "a still stays without its film"
    assert halves_of(records(photo("Sea/z.jpg")), [film]) == []


def test_memories_remember_the_still_alone() -> None:
    assert entry_of(cast(PhotoRecord, still())) is not None
    assert entry_of(cast(PhotoRecord, moving())) is None
    alone = moving()
    del alone["metadata"]["live_photo_id"]
    assert entry_of(cast(PhotoRecord, alone)) is not None


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with deployed((still(), moving(), photo("Sea/z.jpg"))) as stack:
        stack.index()
        yield stack


def test_the_api_tells_what_moves_a_photo_and_removes_both(stack: Stack) -> None:
    owner, one, film = stack.owner(), public_id("Sea/IMG_1.HEIC"), public_id("Sea/IMG_1.MOV")
    listed = owner.ask("GET", "/api/photos").json["photos"]
    assert {it["filename"]: it["moving"] for it in listed} == {"z.jpg": None} | PAIRED
    shown = owner.ask("GET", f"/api/photos/{one}").json
    assert (shown["filename"], shown["moving"], shown["film"]) == ("IMG_1.HEIC", film, PLAYS)
    assert owner.ask("GET", f"/api/photos/{film}").json["filename"] == "IMG_1.MOV"
    s3, bucket = boto3.client("s3"), stack.library.outputs["OriginalsBucket"]
    for key in ("Sea/IMG_1.HEIC", "Sea/IMG_1.MOV", "Sea/z.jpg"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    assert owner.ask("DELETE", f"/api/photos/{one}").status == 202
    assert [it["Key"] for it in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["Sea/z.jpg"]


def enough(seconds: float) -> None:
    raise TimeoutError("no workflow runs here that would take the photos out")


def test_the_command_lists_one_and_removes_both(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    library = stack.library
    s3, bucket = boto3.client("s3"), library.outputs["OriginalsBucket"]
    for key in ("Sea/IMG_1.HEIC", "Sea/IMG_1.MOV", "Sea/z.jpg"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    assert [it["filename"] for it in library.album("Sea")] == ["IMG_1.HEIC", "z.jpg"]
    monkeypatch.setattr(time, "sleep", enough)
    with pytest.raises(TimeoutError):
        list(library.remove(["Sea/IMG_1.HEIC"]))
    assert [it["Key"] for it in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["Sea/z.jpg"]
