"""The film function as its workflow calls it: what is stored, and what plays it."""

import io
import os
import tempfile
from pathlib import Path
from typing import Any

import av
import boto3
import pytest

import reels
from film import steps
from film.handler import handler
from film.steps import AdoptStep, EncodeStep, PlanStep
from safelight import clients
from safelight.contracts import EncodedPart, FilmPlan, Original, Photo
from safelight.errors import CorruptFile, OriginalMissing, Unforeseen

KEY = "trip/größe 100% + x.mp4"
PLAN: FilmPlan = {"version": "v" * 22, "template": "{album}/{filename}/{version}/{name}.{extension}"}
BELOW = f"renditions/{KEY}/{'v' * 22}/film/"


@pytest.fixture(autouse=True)
def _settings(aws: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for bucket in ("originals", "shelf"):
        boto3.client("s3").create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name, value in {
        "RENDITIONS_BUCKET": "shelf",
        "RENDITIONS_BASE_URL": "https://photos.example/",
        "MODERATION": "off",
    }.items():
        monkeypatch.setenv(name, value)


def uploaded(body: bytes) -> tuple[Original, Photo]:
    boto3.client("s3").put_object(Bucket="originals", Key=KEY, Body=body)
    photo: Photo = {
        "format": "MP4",
        "media_type": "video/mp4",
        "width": 160,
        "height": 90,
        "bytes": len(body),
        "film": reels.film(2),
    }
    return {"bucket": "originals", "key": KEY, "size": len(body), "version_id": None}, photo


def plan_step(body: bytes) -> PlanStep:
    original, photo = uploaded(body)
    return {
        "step": "plan",
        "original": original,
        "photo": photo,
        "master": {"key": "masters/one", "width": 160, "height": 90, "color": "srgb"},
        "film": PLAN,
        "execution": "arn:one",
    }


def through(body: bytes) -> Any:
    """Return the web copy of a film that goes through all steps."""
    planning = plan_step(body)
    planned: Any = handler(planning, None)
    common = {name: planning[name] for name in ("original", "photo", "film", "execution")}  # type: ignore[literal-required]
    encoded: list[EncodedPart] = []
    for part in planned["parts"]:
        encode: EncodeStep = {**common, "step": "encode", "rungs": planned["rungs"], "part": part}  # type: ignore[typeddict-item]
        encoded.append(handler(encode, None))  # type: ignore[arg-type]
    return handler({**common, "step": "assemble", "planned": planned, "encoded": encoded}, None)  # type: ignore[typeddict-item]


def stored() -> dict[str, dict[str, Any]]:
    listed = boto3.client("s3").list_objects_v2(Bucket="shelf")["Contents"]
    return {it["Key"]: boto3.client("s3").get_object(Bucket="shelf", Key=it["Key"]) for it in listed}


def test_a_film_is_stored_with_what_plays_it(tmp_path: Path) -> None:
    copy = through(reels.reel(codec="libx265", sound=True))
    assert copy["playlist_url"] == (
        "https://photos.example/renditions/trip/gr%C3%B6%C3%9Fe%20100%25%20%2B%20x.mp4/"
        f"{'v' * 22}/film/playlist.m3u8"
    )
    assert copy["below"] == BELOW
    assert sorted(copy["files"]) == [
        *("90p-0000.m4s", "90p.m3u8", "90p.mp4"),
        *("audio-0000.m4s", "audio.m3u8", "audio.mp4", "playlist.m3u8", "preview.mp4"),
    ]
    objects = stored()
    assert set(objects) == {"masters/one", *(BELOW + name for name in copy["files"])}
    assert {key.rpartition(".")[2]: it["ContentType"] for key, it in objects.items() if BELOW in key} == {
        "m4s": "video/mp4",
        "m3u8": "application/vnd.apple.mpegurl",
        "mp4": "video/mp4",
    }
    assert {it["CacheControl"] for key, it in objects.items()} == {"public, max-age=31536000, immutable"}
    assert list(tmp_path.iterdir()) == [], "nothing is left in the function's folder"
    texts = {key.removeprefix(BELOW): it["Body"].read() for key, it in objects.items()}
    assert copy["bytes"] == sum(len(texts[name]) for name in copy["files"])
    everything = texts["playlist.m3u8"].decode()
    assert 'RESOLUTION=160x90,FRAME-RATE=25.000,CODECS="avc1.64' in everything
    assert everything.endswith(',mp4a.40.2",AUDIO="sound"\n90p.m3u8\n')
    assert played(texts, "90p.m3u8") == 50


def played(files: dict[str, bytes], playlist: str) -> int:
    """Return how many frames a track has, as its playlist has a player fetch it."""
    lines = files[playlist].decode().splitlines()
    (header,) = [line.split('"')[1] for line in lines if line.startswith("#EXT-X-MAP")]
    body = files[header]
    for place, line in enumerate(lines):
        if line.startswith("#EXT-X-BYTERANGE:"):
            size, offset = map(int, line.partition(":")[2].split("@"))
            body += files[lines[place + 1]][offset : offset + size]
    with av.open(io.BytesIO(body)) as film:
        return sum(1 for _ in film.decode(film.streams[0]))


def test_what_is_ready_is_stored_without_being_encoded() -> None:
    body = reels.reel()
    copy = through(body)
    objects = stored()
    kept = objects[copy["below"] + "90p-0000.m4s"]["Body"].read()
    assert len(kept) == pytest.approx(len(body), rel=0.1)
    assert (
        played(
            {key.removeprefix(BELOW): it["Body"].read() or kept for key, it in objects.items()}, "90p.m3u8"
        )
        == 50
    )


def test_a_film_whose_sound_cannot_be_decoded_plays_without_it() -> None:
    """Some telephones write a track of sound into which nothing was recorded."""
    copy = through(reels.reel(2, codec="libx265", sound=True, heard=0))
    assert sorted(copy["files"]) == ["90p-0000.m4s", "90p.m3u8", "90p.mp4", "playlist.m3u8", "preview.mp4"]
    assert b"AUDIO" not in stored()[copy["playlist"]]["Body"].read()


def test_with_moderation_all_of_it_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODERATION", "on")
    copy = through(reels.reel())
    for name in copy["files"]:
        tags = boto3.client("s3").get_object_tagging(Bucket="shelf", Key=copy["below"] + name)["TagSet"]
        assert tags == [{"Key": "held", "Value": "true"}], name


def test_a_damaged_film_is_refused_in_words() -> None:
    with pytest.raises(CorruptFile, match=r"größe 100% \+ x\.mp4 has no picture that can be decoded: its"):
        handler(plan_step(reels.damaged(reels.reel())), None)


def test_what_went_missing_on_its_way_is_told_by_its_own_name() -> None:
    step = plan_step(reels.reel())
    boto3.client("s3").delete_object(Bucket="originals", Key=KEY)
    with pytest.raises(OriginalMissing):
        handler(step, None)


def test_parts_that_differ_are_not_put_together() -> None:
    track = {"name": "90p", "number": 0, "codec": "", "header": "one", "key": "", "segments": [], "files": []}
    other = {**track, "number": 1, "header": "another"}
    with pytest.raises(RuntimeError, match="not encoded alike"):
        steps.by_track([{"tracks": [track]}, {"tracks": [other]}])  # type: ignore[list-item]


def test_a_film_is_decoded_in_a_process_of_its_own_that_reads_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The client that this process has is not used there: two processes would read each other's answers."""
    assert clients.s3().meta
    pid = os.fork()
    if not pid:
        os._exit(clients.s3.cache_info().currsize)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_the_moving_part_of_a_photo_is_made_of_its_own_bytes_and_the_still_has_no_poster() -> None:
    film, still = reels.reel(1), b"the still, " * 1000
    original, _ = uploaded(still + film)
    photo: Any = {
        **{
            "format": "JPEG",
            "media_type": "image/jpeg",
            "width": 400,
            "height": 300,
            "bytes": original["size"],
        },
        "motion": {
            **{"offset": len(still), "length": len(film), "width": 160, "height": 90},
            "film": reels.film(1),
        },
    }
    common: Any = {"original": original, "photo": photo, "film": PLAN, "execution": "arn:one"}
    planned: Any = handler({**common, "step": "plan", "master": None}, None)
    assert planned["developed"] is None
    assert [(each["name"], each["width"]) for each in planned["rungs"]] == [("90p", 160)]
    (part,) = planned["parts"]
    made: Any = handler({**common, "step": "encode", "rungs": planned["rungs"], "part": part}, None)
    assert sum(end - start for start, end, _ in made["tracks"][0]["segments"]) == 90_000
    assert not [key for key in stored() if key.startswith("masters/")]


CONVERTED = {
    "playlist.m3u8": (
        b'#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio_0",DEFAULT=YES,URI="playlist_audio.m3u8"\n'
        b'#EXT-X-STREAM-INF:BANDWIDTH=9,CODECS="avc1.640028,mp4a.40.2",AUDIO="audio_0"\nplaylist_90p.m3u8\n'
    ),
    "playlist_90p.m3u8": (
        b'#EXTM3U\r\n#EXT-X-MAP:URI="playlist_90p.cmfv",BYTERANGE="4@0"\r\n#EXTINF:4,\r\n'
        b"#EXT-X-BYTERANGE:5@4\r\nplaylist_90p.cmfv\r\n#EXT-X-ENDLIST\r\n"
    ),
    "playlist_audio.m3u8": b'#EXTM3U\n#EXT-X-MAP:URI="playlist_audio.cmfa"\nplaylist_audio.cmfa\n',
    "playlist_90p.cmfv": b"head, and pictures",
    "playlist_audio.cmfa": b"sound",
}
"""What a job leaves that has made one size and the sound, each in one file."""


def after_a_job(*, missing: str | None = None) -> AdoptStep:
    """Return the step that follows a job, which has written what there is in `CONVERTED` but one file."""
    boto3.client("s3").put_bucket_versioning(
        Bucket="originals", VersioningConfiguration={"Status": "Enabled"}
    )
    planning = plan_step(reels.reel())
    version = boto3.client("s3").head_object(Bucket="originals", Key=KEY)["VersionId"]
    planned: Any = handler(planning, None)
    for name, body in CONVERTED.items():
        if name != missing:
            key = planned["destination"] + name.removeprefix("playlist")
            boto3.client("s3").put_object(Bucket="shelf", Key=key, Body=body)
    return {
        "step": "adopt",
        "original": {**planning["original"], "version_id": version},
        "film": planning["film"],
        "planned": planned,
        "execution": "arn:one",
    }


def test_what_a_converter_has_made_is_what_plays_the_film() -> None:
    step = after_a_job()
    boto3.client("s3").put_object(
        Bucket="shelf", Key=f"{BELOW}90p-0000.m4s", Body=b"made before, by functions"
    )
    copy: Any = handler(step, None)
    assert copy["below"] == BELOW
    assert sorted(copy["files"]) == sorted([*CONVERTED, "preview.mp4"]), "and nothing that no playlist names"
    assert copy["playlist"] == f"{BELOW}playlist.m3u8"
    assert copy["preview"] == f"{BELOW}preview.mp4"
    assert copy["bytes"] == step["planned"]["preview_bytes"] + sum(map(len, CONVERTED.values()))
    for name in copy["files"]:
        assert not boto3.client("s3").get_object_tagging(Bucket="shelf", Key=BELOW + name)["TagSet"]


def test_with_moderation_what_a_converter_has_made_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODERATION", "on")
    copy: Any = handler(after_a_job(), None)
    for name in copy["files"]:
        tags = boto3.client("s3").get_object_tagging(Bucket="shelf", Key=copy["below"] + name)["TagSet"]
        assert tags == [{"Key": "held", "Value": "true"}], name


@pytest.mark.parametrize("replaced", [True, False])
def test_what_was_made_of_another_original_is_not_taken(replaced: bool) -> None:
    step = after_a_job()
    if replaced:
        boto3.client("s3").put_object(Bucket="originals", Key=KEY, Body=b"another")
    else:
        boto3.client("s3").delete_object(Bucket="originals", Key=KEY)
    with pytest.raises(OriginalMissing):
        handler(step, None)


@pytest.mark.parametrize("missing", ["playlist.m3u8", "playlist_90p.m3u8", "playlist_audio.cmfa"])
def test_what_a_converter_has_not_written_is_no_fault_of_the_film(missing: str) -> None:
    with pytest.raises(Unforeseen, match=missing):
        handler(after_a_job(missing=missing), None)


@pytest.mark.parametrize(
    "template", ["{version}/{name}", "{extension}/{version}/{name}", "{name}/{version}.{extension}"]
)
def test_a_converter_writes_below_the_version_whatever_keys_look_like(template: str) -> None:
    original: Original = {"bucket": "originals", "key": KEY, "size": 1, "version_id": None}
    plan: FilmPlan = {"version": PLAN["version"], "template": template}
    begun = steps.destination(original, plan)
    assert begun.startswith("renditions/")
    assert PLAN["version"] in begun
    assert not begun.endswith((".", ".m3u8"))
