"""The poster of a film is its best frame, and its preview a short and silent loop."""

import io
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

import images
import reels
from film import poster, preview
from film.source import TICKS, opened
from film_files import film
from safelight.contracts import MasterPlan

PLAN: MasterPlan = {"key": "masters/one", "width": 400, "height": 400, "color": "srgb"}


def chosen(draw: object, seconds: float = 3, **options: str) -> tuple[int, Image.Image]:
    body = reels.reel(seconds, draw=draw, options={"g": "10", **options})  # type: ignore[arg-type]
    with opened(io.BytesIO(body), "film.mp4", "MP4") as source:
        film = reels.film(seconds)
        best = poster.chosen(source, film)
        return best.ticks, Image.open(io.BytesIO(poster.pictured(best, film, (160, 90), PLAN, Path())))


def test_neither_black_nor_white_nor_blurred_frames_are_the_poster() -> None:
    """Of three seconds the first is black, the last white, and of the second one half out of focus."""

    def scene(size: tuple[int, int], number: int) -> reels.Drawn:
        if number < 25 or number >= 62:
            return np.full((size[1], size[0], 3), 0 if number < 25 else 255, np.uint8)
        sharp = reels.moving(size, number)
        if number < 40:
            small = Image.fromarray(sharp).resize((12, 7)).resize(size, Image.Resampling.BICUBIC)
            return np.asarray(small)
        return sharp

    ticks, picture = chosen(scene)
    assert 40 <= ticks * 25 // TICKS < 62
    expected = Image.fromarray(reels.moving((160, 90), round(ticks * 25 / TICKS)))
    images.assert_similar(picture, expected, "film-poster", most=12)


def test_a_film_of_one_key_frame_has_others_to_choose_from() -> None:
    def scene(size: tuple[int, int], number: int) -> reels.Drawn:
        return reels.moving(size, number) if number >= 50 else np.full((size[1], size[0], 3), 3, np.uint8)

    ticks, _ = chosen(scene, g="1000")
    assert ticks * 25 // TICKS >= 50


def test_a_film_of_one_frame_has_a_poster() -> None:
    ticks, picture = chosen(reels.moving, 0.04)
    assert (ticks, picture.size) == (0, (160, 90))


def test_the_poster_is_upright_and_as_large_as_its_renditions_need() -> None:
    body = reels.reel(0.2, turned=-90)
    with opened(io.BytesIO(body), "film.mp4", "MP4") as source:
        film = reels.film(0.2, rotation=90)
        plan: MasterPlan = {**PLAN, "width": 45, "height": 80}
        made = poster.pictured(poster.chosen(source, film), film, (90, 160), plan, Path())
    picture = Image.open(io.BytesIO(made))
    assert picture.size == (45, 80)
    red, green, _ = np.asarray(picture)[5, -5]
    assert red > 200 and green < 110


def test_the_preview_is_short_small_silent_and_plays_at_once(tmp_path: Path) -> None:
    body = reels.reel(6, sound=True, size=(640, 360), rate=10)
    with opened(io.BytesIO(body), "film.mp4", "MP4") as source:
        made = preview.looped(source, reels.film(6), (640, 360), 5 * TICKS, tmp_path)
    assert made.index(b"moov") < made.index(b"mdat"), "a browser begins before it has it all"
    with av.open(io.BytesIO(made)) as loop:
        assert [(each.type, each.codec_context.name) for each in loop.streams] == [("video", "h264")]
        assert (loop.streams.video[0].width, loop.streams.video[0].height) == (480, 270)
        moments = [frame.time for frame in loop.decode(video=0)]
    assert (moments[0], len(moments)) == (0.0, 40), "the last four seconds"


@pytest.mark.parametrize(
    ("container", "format_"),
    [("mov", "MOV"), ("matroska", "Matroska"), ("avi", "AVI"), ("mpegts", "MPEG-TS")],
)
def test_a_moment_is_found_in_every_container(container: str, format_: str) -> None:
    body = reels.reel(3, container=container, options={"g": "10"})
    with opened(io.BytesIO(body), "a film", format_) as source:
        for second in (0, 1, 2):
            first, _ = next(source.frames(second * TICKS))
            assert first <= max(second * TICKS, TICKS // 25)
        assert len(list(source.frames(0))) == 75


def test_a_title_in_an_older_code_is_no_damage() -> None:
    body = film("avi", "mjpeg", pix_fmt="yuvj420p", metadata={"title": "Fete"}).replace(b"Fete", b"F\xeate")
    with opened(io.BytesIO(body), "a film", "AVI") as source:
        assert len(list(source.frames(0))) == 10
