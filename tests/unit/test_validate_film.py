"""What a film really is, said by the index of its container, and films that are none."""

import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import images
import reels
from film_files import film
from metadata_files import box
from safelight.contracts import Photo
from safelight.errors import (
    CorruptFile,
    FileTooLarge,
    TooManyPixels,
    TruncatedFile,
    UnsupportedFormat,
)
from validate.photo import describe
from validate.plan import master_of, plan_of

NAME = "IMG_0417.MOV"
PIXELS = 1_000_000

FRAGMENTED = {"movflags": "frag_keyframe+empty_moov"}
KINDS: dict[str, tuple[dict[str, Any], tuple[str, str, str, str | None]]] = {
    "mp4": ({"audio": "aac"}, ("MP4", "video/mp4", "avc1", "mp4a")),
    "mp4, index first": (
        {"options": {"movflags": "faststart"}},
        ("MP4", "video/mp4", "avc1", None),
    ),
    "mp4, fragmented": (
        {"options": FRAGMENTED, "coding": {"g": "3"}},
        ("MP4", "video/mp4", "avc1", None),
    ),
    "mp4 of a stream": (
        {"options": {"movflags": "cmaf+frag_keyframe+delay_moov"}, "coding": {"g": "3"}},
        ("MP4", "video/mp4", "avc1", None),
    ),
    "mp4, HEVC": ({"video": "libx265"}, ("MP4", "video/mp4", "hvc1", None)),
    "mov": (
        {"container": "mov", "audio": "pcm_s16le"},
        ("MOV", "video/quicktime", "avc1", "lpcm"),
    ),
    "mov, ProRes": (
        {"container": "mov", "video": "prores_ks", "pix_fmt": "yuv422p10le"},
        ("MOV", "video/quicktime", "apch", None),
    ),
    "m4v": ({"container": "ipod"}, ("M4V", "video/x-m4v", "avc1", None)),
    "3gp": (
        {"container": "3gp", "video": "mpeg4", "audio": "aac"},
        ("3GP", "video/3gpp", "mp4v", "mp4a"),
    ),
    "webm": (
        {"container": "webm", "video": "libvpx-vp9"},
        ("WebM", "video/webm", "vp09", None),
    ),
    "matroska": (
        {"container": "matroska"},
        ("Matroska", "video/matroska", "avc1", None),
    ),
    "avi": (
        {"container": "avi", "video": "mjpeg", "audio": "pcm_s16le", "pix_fmt": "yuvj420p"},
        ("AVI", "video/x-msvideo", "mjpg", "lpcm"),
    ),
    "ts": ({"container": "mpegts"}, ("MPEG-TS", "video/mp2t", "avc1", None)),
    "m2ts": (
        {"container": "mpegts", "audio": "ac3", "options": {"mpegts_m2ts_mode": "1"}},
        ("MPEG-TS", "video/mp2t", "avc1", "ac-3"),
    ),
    "ts, MPEG-2": (
        {"container": "mpegts", "video": "mpeg2video"},
        ("MPEG-TS", "video/mp2t", "mp2v", None),
    ),
}


@pytest.fixture
def described(tmp_path: Path):  # type: ignore[no-untyped-def]
    def of(data: bytes, seconds: float = 60, pixels: int = PIXELS) -> Photo:
        path = tmp_path / "original"
        path.write_bytes(data)
        return describe(path, NAME, pixels, seconds)

    return of


@pytest.mark.parametrize("kind", KINDS)
def test_every_container_is_known_by_its_contents(described, kind: str) -> None:  # type: ignore[no-untyped-def]
    how, (format_, media_type, video, audio) = KINDS[kind]
    data = film(**how)
    photo = described(data)
    told = photo.pop("film")
    assert photo == {
        "format": format_,
        "media_type": media_type,
        "width": 64,
        "height": 48,
        "bytes": len(data),
    }
    assert told["duration"] == pytest.approx(0.4, abs=0.05)
    assert {**told, "duration": 0} == {
        "duration": 0,
        "frame_rate": 25,
        "video": video,
        "audio": audio,
        "rotation": 0,
        "transfer": "sdr",
    }


def test_a_film_of_a_browser_says_nowhere_how_long_it_is(described) -> None:  # type: ignore[no-untyped-def]
    told = described(film("webm", "libvpx-vp9", options={"live": "1"}))["film"]
    assert told["duration"] == pytest.approx(0.36, abs=0.05), "its last picture began so long after its first"


@pytest.mark.parametrize("container", ["mp4", "matroska", "mpegts"])
@pytest.mark.parametrize(
    ("curve", "transfer"), [("arib-std-b67", "hlg"), ("smpte2084", "pq"), ("bt709", "sdr")]
)
def test_high_dynamic_range_is_known_by_its_curve(  # type: ignore[no-untyped-def]
    described, container: str, curve: str, transfer: str
) -> None:
    coding = {"x265-params": f"log-level=none:transfer={curve}:colorprim=bt2020:ref=4:scaling-list=default"}
    assert described(film(container, "libx265", coding=coding))["film"]["transfer"] == transfer


def turned(*corners: int) -> bytes:
    """A film that is wider than high, whose track has another matrix: a, b, c, d (14496-12, 8.3.2)."""
    data = bytearray(film())
    at = data.index(b"tkhd") + 4 + 40
    for place, corner in zip((0, 4, 12, 16), corners, strict=True):
        data[at + place : at + place + 4] = struct.pack(">i", corner * 65536)
    return bytes(data)


@pytest.mark.parametrize(
    ("corners", "rotation", "size"),
    [
        ((0, 1, -1, 0), 90, (48, 64)),
        ((-1, 0, 0, -1), 180, (64, 48)),
        ((0, -1, 1, 0), 270, (48, 64)),
        ((-1, 0, 0, 1), 0, (64, 48)),
        ((0, 0, 0, 0), 0, (64, 48)),
    ],
    ids=["upright phone", "upside down", "other way round", "mirror", "nothing"],
)
def test_sizes_are_as_displayed(  # type: ignore[no-untyped-def]
    described, corners: tuple[int, ...], rotation: int, size: tuple[int, int]
) -> None:
    photo = described(turned(*corners))
    assert (photo["film"]["rotation"], (photo["width"], photo["height"])) == (rotation, size)


@pytest.mark.parametrize(("turned", "rotation"), [(-90, 90), (180, 180), (90, 270)])
@pytest.mark.parametrize("container", ["mov", "matroska"])
def test_a_turn_is_that_which_players_make(  # type: ignore[no-untyped-def]
    described, container: str, turned: int, rotation: int
) -> None:
    photo = described(reels.reel(0.2, container=container, turned=turned))
    assert photo["film"]["rotation"] == rotation
    assert (photo["width"], photo["height"]) == ((90, 160) if rotation % 180 else (160, 90))


@pytest.mark.parametrize("container", ["mp4", "matroska", "mpegts"])
def test_pixels_that_are_not_square_are_stretched(described, container: str) -> None:  # type: ignore[no-untyped-def]
    photo = described(film(container, sample_aspect_ratio=Fraction(4, 3)))
    assert (photo["width"], photo["height"]) == (85, 48)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "ts" not in kind])
def test_a_film_that_was_cut_short_is_refused_as_such(described, kind: str) -> None:  # type: ignore[no-untyped-def]
    data = film(**KINDS[kind][0])
    for share in (0.98, 0.6, 0.1):
        with pytest.raises(TruncatedFile, match=r"IMG_0417\.MOV .*bytes.*(Copy|copy)"):
            described(data[: int(len(data) * share)])


def test_a_recording_that_never_ended_has_no_index(described) -> None:  # type: ignore[no-untyped-def]
    data = film()
    with pytest.raises(TruncatedFile, match=r"bytes of a film and not its index: .* while it was recorded"):
        described(data[: data.index(b"moov") - 4])


@pytest.mark.parametrize(
    ("container", "audio"), [("mp4", "aac"), ("matroska", "libopus"), ("mpegts", "aac"), ("avi", "pcm_s16le")]
)
def test_sound_without_pictures_is_no_film(described, container: str, audio: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UnsupportedFormat, match=r"holds sound and no pictures. Upload a film or a photo"):
        described(film(container, None, audio))


def test_a_film_that_is_too_long_is_refused(described) -> None:  # type: ignore[no-untyped-def]
    data = film(rate=1, frames=121)
    assert described(data, 122)["film"]["duration"] == 121
    with pytest.raises(FileTooLarge, match=r"lasts 2\.0 minutes; at most 1 are accepted. Cut it"):
        described(data)


@pytest.mark.parametrize("container", ["mp4", "matroska", "mpegts"])
def test_each_picture_is_bounded_as_a_photo_is(described, container: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(TooManyPixels, match="to 64 x 48 pixels"):
        described(film(container), pixels=64 * 48 - 1)


def test_a_header_that_belittles_the_pictures_is_not_believed(described) -> None:  # type: ignore[no-untyped-def]
    data = film().replace(struct.pack(">HH", 64, 48), struct.pack(">HH", 8, 8))
    with pytest.raises(TooManyPixels, match="to 64 x 48 pixels"):
        described(data, pixels=64 * 48 - 1)


def test_what_is_protected_is_refused_by_name(described) -> None:  # type: ignore[no-untyped-def]
    data = film().replace(b"avc1\x00\x00\x00\x00", b"encv\x00\x00\x00\x00")
    with pytest.raises(UnsupportedFormat, match="is protected against copying"):
        described(data)


def test_a_makers_trailer_is_no_part_of_the_film(described) -> None:  # type: ignore[no-untyped-def]
    trailer = b"\x00\x01\x00\x00SEFH" + bytes(20)
    assert described(film() + trailer)["film"]["duration"] == 0.4
    assert described(film() + bytes(500))["film"]["duration"] == 0.4


def test_a_film_from_before_there_were_types_of_files(described) -> None:  # type: ignore[no-untyped-def]
    data = film("mov")
    start = int.from_bytes(data[:4], "big")
    assert data[4:8] == b"ftyp"
    assert described(box(b"free", bytes(start - 8)) + data[start:])["format"] == "MOV"


HOSTILE = {
    "a box of 2^63 bytes": b"\x00\x00\x00\x01mdat" + struct.pack(">Q", 1 << 63) + bytes(64),
    "an index of 2^63 bytes": box(b"ftyp", b"isom", bytes(4))
    + b"\x00\x00\x00\x01moov"
    + struct.pack(">Q", (1 << 64) - 1),
    "an empty index": box(b"ftyp", b"isom", bytes(4)) + box(b"moov") + box(b"mdat"),
    "a box in itself": box(b"ftyp", b"isom", bytes(4)) + b"\x00\x00\x00\x00moov" * 1000,
    "tables without end": box(b"ftyp", b"isom", bytes(4))
    + box(
        b"moov", *[box(b"trak", box(b"mdia", box(b"minf", box(b"stbl", box(b"stco", b"\xff" * 64)))))] * 500
    ),
    "an element of 2^56 bytes": b"\x1aE\xdf\xa3\x88\x42\x82\x84webm"
    + bytes(1)
    + b"\x18\x53\x80\x67\x01"
    + b"\xff" * 6
    + b"\xfe",
    "a segment without an end": b"\x1aE\xdf\xa3\x87\x42\x82\x84webm\x18\x53\x80\x67\xff"
    + b"\x1f\x43\xb6\x75\xff" * 5000,
    "nothing but sync bytes": b"G" * 20_000,
    "an AVI in itself": b"RIFF\xff\xff\xff\x7fAVI " + b"LIST\x00\x00\x00\x00hdrl" * 1000,
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_film_is_refused(described, what: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises((TruncatedFile, CorruptFile, UnsupportedFormat), match=NAME):
        described(HOSTILE[what])


def test_the_master_of_a_film_is_its_poster(described) -> None:  # type: ignore[no-untyped-def]
    plan, _ = plan_of("gallery", f"trip/{NAME}", "v")
    assert master_of(described(film()), plan, "one") == {
        "key": "masters/one",
        "width": 64,
        "height": 48,
        "color": "srgb",
    }


SAMSUNGS_TRAILER = b"\x00\x00\x30\x0aSEFH" + bytes(24) + b"SEFT"
MOTIONS = {
    "Google's JPEG": lambda still: (still, b""),
    "a JPEG with its gain map between": lambda still: (still + images.plain("jpeg"), b""),
    "Samsung's JPEG": lambda still: (still + b"\x30\x0a\x10\x00\x00\x00MotionPhoto_Data", SAMSUNGS_TRAILER),
    "a JPEG in which another one begins": lambda still: (still + b"\x00\x00\x00\x18ftypmp42", b""),
}


@pytest.mark.parametrize("kind", MOTIONS)
def test_a_motion_photo_tells_where_its_film_lies(described, kind: str) -> None:  # type: ignore[no-untyped-def]
    still, moving = images.plain("jpeg"), film(audio="aac")
    before, behind = MOTIONS[kind](still)
    photo = described(before + moving + behind)
    told = photo["motion"]
    assert (photo["format"], photo["width"], photo["height"]) == ("JPEG", 320, 200)
    assert "film" not in photo
    assert (told["offset"], told["length"]) == (len(before), len(moving))
    assert (told["width"], told["height"], told["film"]["video"]) == (64, 48, "avc1")
    assert told["film"] == described(moving)["film"]


@pytest.mark.parametrize("format_", ["heic", "avif"])
def test_a_still_of_boxes_has_its_film_in_one(described, format_: str) -> None:  # type: ignore[no-untyped-def]
    still, moving = images.plain(format_), film()
    photo = described(still + box(b"mpvd", moving))
    assert photo["format"] == format_.upper()
    assert (photo["motion"]["offset"], photo["motion"]["length"]) == (len(still) + 8, len(moving))


def test_a_photo_is_whole_whatever_its_film_is(described) -> None:  # type: ignore[no-untyped-def]
    still, moving = images.plain("jpeg"), film()
    assert "motion" not in described(still)
    assert "motion" not in described(still + moving[:-100]), "it was cut short"
    assert "motion" not in described(still + film(video=None, audio="aac"))
    assert "motion" not in described(still + moving, seconds=0.1), "it is longer than films may be"
    assert "motion" not in described(images.plain("png") + moving), "no phone writes such"
