"""Parts of a film that are encoded by themselves play as one, and are what was shown and heard."""

import io
from pathlib import Path

import av
import numpy as np
import pytest

import reels
from film import encode, fragments, ladder, parts, poster
from film.encode import Track
from film.source import TICKS, opened
from safelight.contracts import Film, MasterPlan

LENGTH = 2 * TICKS
POSTER: MasterPlan = {"key": "masters/one", "width": 160, "height": 90, "color": "srgb"}


def made(
    body: bytes, film: Film, cuts: list[tuple[int, int]], folder: Path, size: tuple[int, int]
) -> list[Track]:
    with opened(io.BytesIO(body), "film.mp4", "MP4") as source:
        return [encode.encoded(source, film, ladder.rungs(*size, 25), cut, folder)[0] for cut in cuts]


def whole(tracks: list[Track]) -> bytes:
    return tracks[0].header + b"".join(each.body for track in tracks for each in track.segments)


def shown(body: bytes) -> tuple[list[int], list[np.ndarray]]:
    """Return the moments of frames, in ticks from the first on, and their pictures."""
    with av.open(io.BytesIO(body)) as film:
        frames = [(frame.pts or 0, frame.to_ndarray(format="rgb24")) for frame in film.decode(video=0)]
    return [moment - frames[0][0] for moment, _ in frames], [picture for _, picture in frames]


def test_parts_play_as_one_film(tmp_path: Path) -> None:
    """The second cut is on no frame: it falls to the next, and up to that lasts the part before."""
    cuts = [(0, 61_000), (61_000, 125_000), (125_000, LENGTH)]
    tracks = made(reels.reel(), reels.film(), cuts, tmp_path, (160, 90))
    assert len({track.header for track in tracks}) == 1
    bounds = [(each.start, each.end) for track in tracks for each in track.segments]
    assert bounds == [(0, 61_200), (61_200, 126_000), (126_000, LENGTH)]
    moments, pictures = shown(whole(tracks))
    assert moments == list(range(0, LENGTH, TICKS // 25))
    for number, picture in enumerate(pictures):
        expected = reels.moving((160, 90), number)
        assert np.abs(picture.astype(int) - expected).mean() < 8, number


@pytest.mark.parametrize(
    ("container", "format_", "codec", "options"),
    [
        ("mov", "MOV", "libx265", {"x265-params": "keyint=12:open-gop=1:bframes=4:log-level=none"}),
        ("webm", "WebM", "libvpx-vp9", {"deadline": "realtime", "cpu-used": "8", "g": "14"}),
        ("matroska", "Matroska", "libx264", {"g": "11", "bf": "3"}),
        ("avi", "AVI", "mpeg4", {"g": "9", "bf": "2"}),
        ("mpegts", "MPEG-TS", "mpeg2video", {"g": "8", "bf": "2"}),
    ],
)
def test_parts_play_as_one_film_whatever_it_came_in(
    tmp_path: Path, container: str, format_: str, codec: str, options: dict[str, str]
) -> None:
    body = reels.reel(1.2, container=container, codec=codec, options=options)
    cuts = [(0, 33_333), (33_333, 70_000), (70_000, 108_000)]
    with opened(io.BytesIO(body), "film", format_) as source:
        parts_made = [
            encode.encoded(source, reels.film(1.2), ladder.rungs(160, 90, 25), cut, tmp_path)[0]
            for cut in cuts
        ]
    moments, pictures = shown(whole(parts_made))
    assert moments == list(range(0, 30 * 3600, 3600))
    for number, picture in enumerate(pictures):
        assert np.abs(picture.astype(int) - reels.moving((160, 90), number)).mean() < 12, number


def test_frames_are_decoded_from_moments_that_each_part_begins_at(tmp_path: Path) -> None:
    """The first frame of all is shown at 0, without an edit list, though others wait for later ones."""
    (track,) = made(reels.reel(1), reels.film(1), [(0, TICKS)], tmp_path, (160, 90))
    assert b"elst" not in track.header
    ((kind, at, _),) = [each for each in fragments.within(track.segments[0].body) if each[0] == b"tfdt"]
    assert (kind, int.from_bytes(track.segments[0].body[at + 12 : at + 20], "big")) == (b"tfdt", 0)
    ((_, at, _),) = [each for each in fragments.within(track.segments[0].body) if each[0] == b"trun"]
    flags = int.from_bytes(track.segments[0].body[at + 9 : at + 12], "big")
    assert flags & 0x800, "frames have offsets"
    first = at + 16 + 4 * bool(flags & 1) + 4 * bool(flags & 4)
    before = 4 * sum(bool(flags & bit) for bit in (0x100, 0x200, 0x400))
    assert track.segments[0].body[first + before : first + before + 4] == bytes(4)


def test_what_the_camera_turned_is_upright(tmp_path: Path) -> None:
    body = reels.reel(0.2, turned=-90)  # clockwise
    (track,) = made(body, reels.film(0.2, rotation=90), [(0, TICKS // 5)], tmp_path, (90, 160))
    _, (picture, *_) = shown(whole([track]))
    assert picture.shape == (160, 90, 3)
    corner = picture[:30, -15:].mean(axis=(0, 1))
    assert corner[0] > 200 and corner[1] < 110, "the upper left is at the upper right"


def test_hdr_becomes_sdr_as_in_photos(tmp_path: Path) -> None:
    """White on paper is 75 % of HLG (ITU-R BT.2408): a little below white, grey without a tint."""

    def paper(size: tuple[int, int], number: int) -> np.ndarray:
        return np.full((size[1], size[0], 3), 191, np.uint8)

    body = reels.reel(0.2, codec="libx265", pixels="yuv420p10le", draw=paper, transfer=18)
    film = reels.film(0.2, transfer="hlg", video="hvc1")
    (track,) = made(body, film, [(0, TICKS // 5)], tmp_path, (160, 90))
    _, (picture, *_) = shown(whole([track]))
    assert 170 < picture.mean() < 240
    assert np.ptp(picture.mean(axis=(0, 1))) < 3
    with av.open(io.BytesIO(whole([track]))) as said:
        context = said.streams.video[0].codec_context
        assert (context.color_primaries, context.color_trc, context.colorspace) == (1, 1, 1)


def test_interlaced_films_are_deinterlaced_frame_by_frame(tmp_path: Path) -> None:
    """Of each frame the odd lines are of a moment later: whole frames show combs where something moves."""

    def woven(size: tuple[int, int], number: int) -> np.ndarray:
        picture = reels.moving(size, number * 2)
        picture[1::2] = reels.moving(size, number * 2 + 1)[1::2]
        return picture

    how = {"flags": "+ilme+ildct", "b": "8000000"}
    body = reels.reel(1, draw=woven, options=how, codec="mpeg2video", container="mpegts")
    with opened(io.BytesIO(body), "film.mts", "MPEG-TS") as source:
        assert next(source.frames())[1].interlaced_frame
        assert not ladder.is_ready(source, reels.film(1), (160, 90), len(body))
        (track,) = encode.encoded(source, reels.film(1), ladder.rungs(160, 90, 25), (0, TICKS), tmp_path)
        best = poster.chosen(source, reels.film(1))
        assert poster.pictured(best, reels.film(1), (160, 90), POSTER, tmp_path)
    moments, pictures = shown(whole([track]))
    assert moments == list(range(0, TICKS, TICKS // 25))
    combed = [np.abs(np.diff(woven((160, 90), each).astype(int), axis=0)).mean() for each in range(25)]
    smooth = [np.abs(np.diff(picture.astype(int), axis=0)).mean() for picture in pictures]
    assert sum(smooth) < 0.7 * sum(combed)


def test_each_segment_begins_with_a_key_frame(tmp_path: Path) -> None:
    (track,) = made(reels.reel(9, rate=10), reels.film(9), [(0, 9 * TICKS)], tmp_path, (160, 90))
    assert [each.start for each in track.segments] == [0, 405_000]
    for segment in track.segments:
        moments, _ = shown(track.header + segment.body)
        assert len(moments) == 45


def test_what_browsers_play_is_copied(tmp_path: Path) -> None:
    place = {"location": "+38.7200-009.1400/", "title": "At home"}
    body = reels.reel(2, sound=True, options={"g": "25"}, metadata=place)
    assert b"loci" in body
    with opened(io.BytesIO(body), "film.mp4", "MP4") as source:
        assert ladder.is_ready(source, reels.film(), (160, 90), len(body))
        assert not ladder.is_ready(source, reels.film(rotation=90), (90, 160), len(body))
        assert not ladder.is_ready(source, reels.film(), (160, 90), len(body) * 1000), "too large for phones"
        assert not ladder.is_ready(source, reels.film(transfer="hlg"), (160, 90), len(body))
        cuts = parts.cut(LENGTH, source.key_frames(), only_there=True)
        tracks = [
            it
            for cut in cuts
            for it in encode.copied(source, reels.film(), ladder.rungs(160, 90, 25)[0], cut)
        ]
        sound = encode.sounded(source, LENGTH)
    moments, pictures = shown(whole(tracks))
    assert moments == list(range(0, LENGTH, TICKS // 25))
    _, before = shown(body)
    assert all(np.array_equal(one, other) for one, other in zip(pictures, before, strict=True))
    for track in [*tracks, sound]:
        assert b"loci" not in track.header and b"At home" not in track.header
    heard, was = (_heard(each) for each in (whole([sound]), body))
    difference = heard[:, 4_000:-1_000] - was[:, 4_000 : heard.shape[1] - 1_000]
    assert np.abs(difference).max() < 0.02, "it sounds when it did"


@pytest.mark.parametrize(
    ("codec", "pixels", "options"),
    [("libx265", "yuv420p", {}), ("libx264", "yuv422p", {}), ("libx264", "yuv420p10le", {})],
)
def test_what_some_browser_does_not_play_is_not(codec: str, pixels: str, options: dict[str, str]) -> None:
    body = reels.reel(0.4, codec=codec, pixels=pixels, options=options)
    with opened(io.BytesIO(body), "film.mp4", "MP4") as source:
        assert not ladder.is_ready(source, reels.film(0.4), (160, 90), len(body))


def test_sound_is_no_sooner_and_no_later_than_it_was() -> None:
    body = reels.reel(2, container="matroska", codec="libx265", sound=True)
    with opened(io.BytesIO(body), "film.mkv", "Matroska") as source:
        assert not encode.sounded(source, LENGTH).header.count(b"elst")
    silent = _silent_at_first()
    with opened(io.BytesIO(silent), "film.avi", "AVI") as source:
        assert not ladder.is_copied(source)
        track = encode.sounded(source, LENGTH)
    assert [each.start for each in track.segments] == [0]
    heard = np.abs(_heard(whole([track]))).max(axis=0)
    assert int(np.argmax(heard > 0.1)) == pytest.approx(48_000, abs=200), "the tone begins after a second"


def _heard(body: bytes) -> np.ndarray:
    with av.open(io.BytesIO(body)) as film:
        return np.concatenate([frame.to_ndarray() for frame in film.decode(audio=0)], axis=1)


def _silent_at_first() -> bytes:
    """Return an AVI of two seconds that sounds in the second alone, in PCM."""
    body = io.BytesIO()
    with av.open(body, "w", format="avi") as out:
        pictures = out.add_stream("mpeg4", rate=25)
        pictures.width, pictures.height = 64, 48
        tone = out.add_stream("pcm_s16le", rate=48_000, layout="mono")
        for number in range(50):
            frame = av.VideoFrame.from_ndarray(reels.moving((64, 48), number), format="rgb24")
            frame.pts = number
            out.mux(pictures.encode(frame))
            wave = np.sin(np.arange(1920) / 10) * 20_000 * (number >= 25)
            heard = av.AudioFrame.from_ndarray(wave[None].astype(np.int16), format="s16", layout="mono")
            heard.sample_rate, heard.pts = 48_000, number * 1920
            out.mux(tone.encode(heard))
        out.mux(pictures.encode())
        out.mux(tone.encode())
    return body.getvalue()


def test_where_the_sound_goes_on_without_a_picture_there_is_none(tmp_path: Path) -> None:
    body, late = reels.reel(0.4), (7 * TICKS, 9 * TICKS)
    with opened(io.BytesIO(body), "film.mp4", "MP4") as source:
        assert encode.encoded(source, reels.film(9), ladder.rungs(160, 90, 25), late, tmp_path) == []
        assert encode.copied(source, reels.film(9), ladder.rungs(160, 90, 25)[0], late) == []


def test_a_film_is_cut_evenly_and_at_key_frames_where_such_are_near() -> None:
    second = TICKS
    assert parts.cut(10 * second, [], only_there=False) == [(0, 10 * second)]
    assert parts.cut(60 * second, [0, 21 * second], only_there=False) == [
        (0, 30 * second),
        (30 * second, 60 * second),
    ]
    assert parts.cut(60 * second, [0, 28 * second], only_there=False)[0] == (0, 28 * second)
    assert parts.cut(60 * second, [0, 21 * second], only_there=True)[0] == (0, 21 * second)
    assert parts.cut(60 * second, [0], only_there=True) == [(0, 60 * second)]
    lengths = [end - start for start, end in parts.cut(600 * second, [], only_there=False)]
    assert len(lengths) == 25 and max(lengths) - min(lengths) <= 1


def test_large_films_are_played_in_two_sizes_and_small_ones_as_they_are() -> None:
    sizes = {
        size: [(each["name"], each["width"], each["height"]) for each in ladder.rungs(*size, 30)]
        for size in [(3840, 2160), (1080, 1920), (1280, 720), (321, 181)]
    }
    assert sizes == {
        (3840, 2160): [("1080p", 1920, 1080), ("720p", 1280, 720)],
        (1080, 1920): [("1080p", 1080, 1920), ("720p", 720, 1280)],
        (1280, 720): [("720p", 1280, 720)],
        (321, 181): [("180p", 320, 180)],
    }


def test_a_film_begins_with_its_first_picture_however_late_that_comes() -> None:
    """A screen recorder that hears before it sees: FFmpeg looks at some seconds, and takes the rest for 0."""
    late, body = 20, io.BytesIO()
    with (
        av.open(io.BytesIO(reels.reel(0.2, container="matroska"))) as seen,
        av.open(body, "w", format="matroska") as out,
    ):
        pictures = out.add_stream_from_template(seen.streams.video[0])
        sound = out.add_stream("pcm_s16le", rate=8000, layout="mono")
        for second in range(late):
            heard = av.AudioFrame.from_ndarray(np.zeros((1, 8000), "int16"), format="s16", layout="mono")
            heard.sample_rate, heard.pts = 8000, second * 8000
            out.mux(sound.encode(heard))
        for packet in seen.demux(video=0):
            if packet.dts is not None and packet.time_base is not None:
                packet.pts, packet.dts = (
                    (moment or 0) + round(late / packet.time_base) for moment in (packet.pts, packet.dts)
                )
                packet.stream = pictures
                out.mux(packet)
    with opened(io.BytesIO(body.getvalue()), "late.mkv", "Matroska") as source:
        assert source.origin == late
        assert next(source.frames())[0] == 0


def test_what_was_cut_before_its_first_key_frame_is_not_copied(tmp_path: Path) -> None:
    """As phones cut films, by an edit list: what comes before is there, and is decoded and not shown."""
    body, cut = io.BytesIO(), 0.52
    with av.open(io.BytesIO(reels.reel(2))) as whole, av.open(body, "w", format="mp4") as out:
        stream = out.add_stream_from_template(whole.streams.video[0])
        for packet in whole.demux(video=0):
            if packet.pts is not None and packet.dts is not None and packet.time_base is not None:
                packet.pts -= round(cut / packet.time_base)
                packet.dts -= round(cut / packet.time_base)
                packet.stream = stream
                out.mux(packet)
    film = {**reels.film(2), "duration": 2 - cut}
    with opened(io.BytesIO(body.getvalue()), "cut.mp4", "MP4") as source:
        assert not ladder.is_ready(source, film, (160, 90), len(body.getvalue()))  # type: ignore[arg-type]
        rungs = ladder.rungs(160, 90, 25)
        (track,) = encode.encoded(source, film, rungs, (0, round((2 - cut) * TICKS)), tmp_path)  # type: ignore[arg-type]
    assert (track.segments[0].start, track.segments[-1].end) == (0, round((2 - cut) * TICKS))
