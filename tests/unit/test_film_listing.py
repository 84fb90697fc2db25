"""What lists, the index and the metrics make of a film's record."""

from datetime import UTC, datetime

from notify.measures import measures_of
from safelight.index.entries import content_of, photo_from
from safelight.listing import listed
from safelight.reviving import error_of
from safelight_library.health import Seen, findings
from safelight_library.uploads import Stored
from unit import index_records

COPY = {
    **{"below": "renditions/a/b.mp4/v/", "files": ["film/playlist.m3u8", "film/preview.mp4"], "bytes": 3},
    **{"playlist": "renditions/a/b.mp4/v/film/playlist.m3u8", "playlist_url": "https://x/p"},
    **{"preview": "renditions/a/b.mp4/v/film/preview.mp4", "preview_url": "https://x/v"},
}
FILM = index_records.photo(
    "a/b.mp4", photo={"format": "MP4", "width": 4, "height": 3, "film": {"duration": 2.5}}, web_copy=COPY
)
MOTION = {**FILM, "photo": {"format": "JPEG", "width": 4, "height": 3, "motion": {"film": {"duration": 1.5}}}}


def test_lists_tell_what_plays_a_film_and_for_how_long() -> None:
    shown = listed(FILM).film  # type: ignore[arg-type]
    assert shown is not None
    assert shown.seconds == 2.5
    assert shown.playlist == "/renditions/a/b.mp4/v/film/playlist.m3u8", "at the library's own address"
    assert shown.preview == "/renditions/a/b.mp4/v/film/preview.mp4"
    assert listed({**FILM, "status": "REJECTED"}).film is None  # type: ignore[typeddict-item]


def test_a_motion_photo_is_a_still_that_moves_by_itself() -> None:
    shown = listed(MOTION)  # type: ignore[arg-type]
    assert shown.film is not None
    assert (shown.film.seconds, shown.moving) == (1.5, shown.id)


def test_the_index_gives_back_what_lists_show() -> None:
    for record in (FILM, MOTION, index_records.photo("a/b.jpg")):
        shown = listed(record)  # type: ignore[arg-type]
        content = content_of(record)  # type: ignore[arg-type]
        assert photo_from(shown_key(record), "a", "ACTIVE", content) == shown
        assert content.count("renditions/a") == 1, "what they have in common is told once"


def shown_key(record: object) -> str:
    return str(record["key"])  # type: ignore[index]


def test_films_are_counted_apart_as_they_take_as_long_as_they_play() -> None:
    def counted(record: object) -> set[str]:
        return {name for each in measures_of(record, None) for name in each.values}  # type: ignore[arg-type]

    film = {**FILM, "photo": {**FILM["photo"], "bytes": 9}}
    assert counted(film) == counted(index_records.photo("a.jpg")) - {"SecondsToActive"} | {
        "FilmSecondsToActive"
    }


def test_what_failed_in_a_workflow_that_was_waited_for_is_told_by_its_own_name() -> None:
    assert error_of("ServiceThrottled", "") == "ServiceThrottled"
    assert (
        error_of("States.TaskFailed", '{"Error": "ServiceThrottled", "Status": "FAILED"}')
        == "ServiceThrottled"
    )
    assert error_of("States.TaskFailed", '{"Status": "TIMED_OUT"}') == "TIMED_OUT"
    for cause in ("", "[]", "{}", "no JSON"):
        assert error_of("States.TaskFailed", cause) == "States.TaskFailed"


def test_what_plays_a_film_is_no_stray_and_what_is_left_of_an_earlier_one_is() -> None:
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    below = "renditions/a/b.mp4/v/"
    named = [*COPY["files"], "film/90p-0001.m4s"]  # the last is of a longer film, at the key of this one
    lying = [Stored(f"{below}{each}", 1, "", long_ago) for each in named]
    seen = Seen([FILM], [], lying, {}, datetime.now(UTC), 0)  # type: ignore[list-item]
    found = [each.key for each in findings(seen) if each.kind == "stray rendition"]
    assert found == [f"{below}film/90p-0001.m4s"]
