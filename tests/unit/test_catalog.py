"""The catalog function on a table like the template's: who may change a photo's record, and to what."""

import re
from typing import Any, cast

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import changes, writes
from catalog.changes import UNDATED, PublishStep, claimed, published, sequence
from catalog.handler import handler
from safelight import keys, presets, table
from safelight.clients import dynamodb
from safelight.contracts import Claim, Made, Moderated, Rendition, Tagged, Validated
from safelight.errors import NotModerated, NotTagged, Superseded
from safelight.record import PhotoRecord, UploadEvent, event_again
from safelight.table import read_photo

KEY = "Lisbon 2024/a.jpg"
ONE, TWO, REMOVAL = "arn:execution:one", "arn:execution:two", "arn:execution:removal"


pytestmark = pytest.mark.usefixtures("library_table")


def event(sequencer: str = "01", key: str = KEY, **more: Any) -> UploadEvent:
    uploaded: Any = {"key": key, "size": 1000, "sequencer": sequencer, "etag": f"etag of {sequencer}"}
    uploaded |= more.pop("object", {})
    return {"detail": {"bucket": {"name": "originals"}, "object": uploaded}, **more}  # type: ignore[typeddict-item]


def claim(upload: UploadEvent, execution: str = ONE) -> Claim:
    step: Any = {"step": "claim", "event": upload, "execution": execution, "at": "2026-11-26T10:00:00Z"}
    return cast(Claim, handler(step, None))


def record(key: str = KEY) -> PhotoRecord:
    found = read_photo(dynamodb(), "library", key)
    assert found
    return found


def rendition(name: str, **more: Any) -> Rendition:
    made: Any = {
        "name": name,
        "key": f"renditions/{KEY}/{name}.jpg",
        "url": f"https://photos.example/{name}.jpg",
        "width": 400,
        "height": 300,
        "bytes": 1234,
        "media_type": "image/jpeg",
        "version": "render 1",
    }
    return cast(Rendition, made | more)


FACTS = {
    "thumbhash": "1QcSHQRnh493V4dIh4eXh1h4kJUI",
    "perceptual_hash": "f0e1d2c3b4a59687",
    "dominant_color": "#aabbcc",
    "sharpness": 120.5,
    "clipped_shadows": 0.0,
    "clipped_highlights": 0.015,
}
VALID: Validated = {
    "photo": {"format": "JPEG", "media_type": "image/jpeg", "width": 40, "height": 30, "bytes": 1000},
    "renditions": [],
    "tagged_rendition": "",
    "master": None,
    "film": None,
    "version": "validate 1",
}
MODERATED: Moderated = {
    "verdict": {"verdict": "passed", "labels": [], "model": "m", "reason": ""},
    "calls": {"DetectModerationLabels": 1},
    "version": "moderate 1",
}
TAGGED: Tagged = {
    "tags": {"labels": [], "faces": [], "moderation": MODERATED["verdict"], "calls": {}, "owed": False},
    "version": "tag 1",
}


def made(*renditions: Rendition, taken_at: str | None = "2024-05-03T10:11:12") -> Made:
    metadata: Any = {"camera": {"model": "Test"}, **({"taken_at": taken_at} if taken_at else {})}
    return {
        "renditions": list(renditions),
        "metadata": {"metadata": metadata, "bytes_read": 1, "version": "metadata 1"},
    }


def keep(step: str, of: Claim, **parts: Any) -> list[str]:
    given: Any = {"step": step, "claim": of, "at": "2026-11-26T10:00:01Z", **parts}
    return cast(list[str], cast(Any, handler(given, None))["unused"])


def publish(of: Claim, *names: str, **parts: Any) -> list[str]:
    first = rendition(names[0], placeholder="data:image/webp;base64,AA", facts=FACTS)
    renditions = made(first, *map(rendition, names[1:]))
    return keep(
        "publish", of, **{"valid": VALID, "developed": None, "made": renditions, "moderation": None} | parts
    )


# ------------------------------------------------------------------------------------- claiming


def test_a_claim_says_where_the_photo_lies_and_whose_it_is() -> None:
    taken = claim(event(object={"version-id": "v1"}))
    assert re.fullmatch("[0-9a-f]{64}", taken.pop("version"))  # type: ignore[misc]
    assert taken == {
        "key": KEY,
        "album": "Lisbon 2024",
        "filename": "a.jpg",
        "original": {"bucket": "originals", "key": KEY, "size": 1000, "version_id": "v1"},
        "execution": ONE,
        "former": [],
        "replaced": [],
        "released": False,
        "known": False,
    }
    kept = record()
    assert (kept["status"], kept["timeline"], kept["album"]) == ("PROCESSING", UNDATED, "Lisbon 2024")
    assert kept["original"] == {
        "bucket": "originals",
        "version_id": "v1",
        "bytes": 1000,
        "etag": "etag of 01",
    }
    assert claim(event(key="top.jpg"))["original"]["version_id"] is None


@pytest.mark.parametrize("key", ["/a.jpg", "//a.jpg", "/", "a//b.jpg", "top.jpg", "../../a.jpg", "x/"])
def test_any_key_has_an_album_that_the_index_can_hold(key: str) -> None:
    taken = claim(event(key=key))
    assert taken["album"] == keys.album_of(key) != ""
    assert record(key)["album"] == taken["album"]


def test_an_event_is_taken_once_and_an_older_one_never() -> None:
    claim(event("02"), ONE)
    claim(event("02"), ONE)  # the same execution may try again
    for late in (event("02"), event("01"), event("01", reprocess=True)):
        with pytest.raises(Superseded):
            claim(late, TWO)
    assert record()["execution_arn"] == ONE
    assert claim(event("03"), TWO)["execution"] == TWO


def test_a_photo_that_failed_is_taken_again_by_its_event_alone() -> None:
    claim(event("02"), ONE)
    boto3.client("dynamodb").update_item(
        TableName="library",
        Key={"id": {"S": keys.photo_id(KEY)}},
        UpdateExpression="SET #status = :failed",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":failed": {"S": "FAILED"}},
    )
    with pytest.raises(Superseded):
        claim(event("01"), TWO)
    assert claim(event("02"), TWO)["execution"] == TWO


def test_a_photo_whose_claim_failed_is_taken_by_any_event_of_it() -> None:
    """The failure workflow writes such a record, and knows no sequencer."""
    boto3.client("dynamodb").put_item(
        TableName="library",
        Item={
            "id": {"S": keys.photo_id(KEY)},
            "status": {"S": "FAILED"},
            "key": {"S": KEY},
            "album": {"S": keys.UNFILED},
            "filename": {"S": KEY},
            "timeline": {"S": UNDATED},
            "execution_arn": {"S": ONE},
            "failure": {"M": {"error": {"S": "AccessDenied"}}},
        },
    )
    claim(event("01"), TWO)
    kept = record()
    assert (kept["album"], kept["filename"]) == ("Lisbon 2024", "a.jpg")
    assert "failure" not in kept


def test_the_event_again_is_the_event_and_is_taken() -> None:
    claim(event("02", object={"version-id": "v2"}), ONE)
    again = event_again(record())
    assert again["detail"]["object"] == {
        "key": KEY,
        "size": 1000,
        "sequencer": sequence("02"),
        "etag": "etag of 02",
        "version-id": "v2",
    }
    before = record()
    claim(again, TWO)
    after = record()
    assert after["original"] == before["original"]
    assert after["sequencer"] == before["sequencer"]


def test_an_event_without_an_etag_leaves_the_one_that_is_known() -> None:
    claim(event("02"), ONE)
    bare = event("02", reprocess=True)
    del bare["detail"]["object"]["etag"]
    claim(bare, TWO)
    assert record()["original"]["etag"] == "etag of 02"
    bare["detail"]["object"]["sequencer"] = "03"
    claim(bare, ONE)
    assert record()["original"]["etag"] == "", "it was of another file"


def test_who_releases_a_photo_releases_that_file_alone() -> None:
    claim(event("02"), ONE)
    assert claim(event("02", reprocess=True, release=True), TWO)["released"]
    assert claim(event("02", reprocess=True), ONE)["released"]
    assert not claim(event("03"), TWO)["released"]


@given(
    st.text("0123456789ABCDEF", min_size=1, max_size=40), st.text("0123456789ABCDEF", min_size=1, max_size=40)
)
def test_sequencers_compare_as_s3_orders_them(one: str, other: str) -> None:
    """Shorter ones are filled up with zeros on the right (Amazon S3 User Guide, event message structure)."""
    width = max(len(one), len(other))
    assert (sequence(one) < sequence(other)) == (
        int(one.ljust(width, "0"), 16) < int(other.ljust(width, "0"), 16)
    )


# ------------------------------------------------------------------------------------- what becomes of it


def test_a_published_photo_is_seen_and_a_finished_one_has_its_tags() -> None:
    taken = claim(event())
    publish(taken, "thumbnail", "large", moderation=MODERATED)
    kept = cast(dict[str, Any], record())
    assert kept["status"] == "ACTIVE"
    assert kept["thumbnail_url"] == "https://photos.example/thumbnail.jpg"
    assert set(kept["renditions"]["large"]) == {"key", "url", "width", "height", "bytes", "media_type"}
    assert kept["facts"] == FACTS
    assert kept["placeholder"].startswith("data:")
    assert kept["timeline"] == "photo#2024-05-03T10:11:12"
    assert kept["ledger"] == {
        "validate": "validate 1",
        "render": "render 1",
        "metadata": "metadata 1",
        "moderate": "moderate 1",
    }
    assert "processed_at" not in kept

    keep("finish", taken, tagged=TAGGED)
    done = record()
    assert done["tags"] == TAGGED["tags"]
    assert done["ledger"]["tag"] == "tag 1"
    assert done["processed_at"]


def test_a_photo_is_not_published_before_it_was_moderated(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = claim(event())
    monkeypatch.setenv("MODERATION", "on")
    with pytest.raises(NotModerated, match="is not published before"):
        publish(taken, "thumbnail")
    assert record()["status"] == "PROCESSING"
    publish(taken, "thumbnail", moderation=MODERATED)
    assert record()["status"] == "ACTIVE"


@pytest.mark.parametrize("moderation", [None, MODERATED])
def test_a_photo_of_which_nothing_is_asked_has_tags_that_say_so(moderation: Any) -> None:
    taken = claim(event())
    publish(taken, "thumbnail", moderation=moderation)
    keep("finish", taken, moderation=moderation, tagged=None)
    off = {"verdict": "not evaluated", "labels": [], "model": "", "reason": "moderation is off"}
    assert record()["tags"] == {
        **{"labels": [], "faces": [], "text": [], "model": "nothing was asked", "owed": False},
        "moderation": MODERATED["verdict"] if moderation else off,
        "calls": MODERATED["calls"] if moderation else {},
    }
    assert record()["ledger"]["tag"] == "safelight 0.1.0, nothing was asked"
    assert record()["processed_at"]


def test_a_photo_is_not_finished_before_it_was_tagged(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = claim(event())
    publish(taken, "thumbnail")
    monkeypatch.setenv("TAGGING", "on")
    with pytest.raises(NotTagged, match="is not finished before"):
        keep("finish", taken, moderation=None, tagged=None)
    assert "processed_at" not in record()
    keep("finish", taken, moderation=None, tagged=TAGGED)
    assert record()["tags"] == TAGGED["tags"]


def test_a_photo_is_known_from_the_moment_on_when_its_faces_may_be_looked_for() -> None:
    first = claim(event("01"))
    assert not claim(event("01"), ONE)["known"], "the step is tried again"
    publish(first, "thumbnail")
    second = claim(event("02"), TWO)
    assert second["known"]
    keep("finish", second, tagged=TAGGED)
    keep("reject", third := claim(event("03")), rejection={"reason": "CorruptFile", "message": "Bad."})
    assert third["known"]
    assert claim(event("04"), TWO)["known"], "it has the tags of what was there before it was rejected"


def test_a_photo_with_other_renditions_keeps_no_url_of_the_former() -> None:
    publish(claim(event("01")), "thumbnail", "large")
    unused = publish(claim(event("02"), TWO), "uhd")
    assert {name for name in record() if name.endswith("_url")} == {"uhd_url"}
    assert unused == [f"renditions/{KEY}/{name}.jpg" for name in ("thumbnail", "large")]


def test_a_photo_that_is_processed_again_to_the_same_keys_leaves_nothing_unused() -> None:
    publish(claim(event("01")), "thumbnail", "large")
    assert publish(claim(event("01", reprocess=True), TWO), "thumbnail", "large") == []


def test_versions_are_of_one_upload_and_of_one_secret() -> None:
    first = claim(event("01"))["version"]
    assert claim(event("01", reprocess=True), TWO)["version"] == first
    assert claim(event("02"))["version"] != first
    assert claim(event("02", key="other.jpg"))["version"] != claim(event("02", reprocess=True))["version"]
    table.secret.cache_clear()
    assert claim(event("02", reprocess=True), TWO)["version"] == changes.version_of(
        record(), writes.secret("library")
    ), "the secret lasts"
    assert changes.version_of(record(), b"another") != changes.version_of(record(), writes.secret("library"))


def test_who_has_lost_a_photo_abandons_its_renditions_unless_the_other_makes_the_same() -> None:
    lost = claim(event("01"), ONE)
    mine = [f"renditions/{KEY}/v/small.jpg"]
    claim(event("01", reprocess=True), TWO)
    assert keep("abandon", lost, renditions=mine) == []
    claim(event("02"), TWO)
    assert keep("abandon", lost, renditions=mine) == mine
    removal = remove("03", **MARKER)
    assert keep("abandon", lost, renditions=mine) == mine
    handler(cast(Any, {"step": "bury", "removal": removal}), None)
    assert keep("abandon", lost, renditions=mine) == mine


@pytest.mark.parametrize("outcome", ["hold", "reject"])
def test_a_photo_that_is_set_aside_keeps_nothing_by_which_it_is_seen(outcome: str) -> None:
    publish(claim(event("01")), "thumbnail", "large")
    taken = claim(event("02"), TWO)
    if outcome == "hold":
        held = MODERATED["verdict"] | {"verdict": "held"}
        moderation = MODERATED | {"verdict": held}
        parts = {
            "valid": VALID,
            "developed": None,
            "made": made(rendition("small")),
            "moderation": moderation,
        }
        unused = keep("hold", taken, **parts)
    else:
        unused = keep("reject", taken, rejection={"reason": "TruncatedFile", "message": "It ends."})
    assert unused == [f"renditions/{KEY}/{name}.jpg" for name in ("thumbnail", "large")]
    kept = record()
    assert kept["status"] == {"hold": "HELD", "reject": "REJECTED"}[outcome]
    assert not {"renditions", "placeholder", "facts", "published_at"} & set(kept)
    assert not [name for name in kept if name.endswith("_url")]
    if outcome == "hold":
        assert kept["held_renditions"] == [f"renditions/{KEY}/small.jpg"]
        assert kept["tags"]["moderation"]["verdict"] == "held"
        assert kept["taken_at"] == "2024-05-03T10:11:12"
    else:
        assert kept["rejection"] == {"reason": "TruncatedFile", "message": "It ends."}


def test_a_developed_photo_says_how() -> None:
    developed: Any = {"master": {}, "source": "demosaic", "version": "develop 1"}
    publish(claim(event()), "thumbnail", developed=developed)
    kept = record()
    assert kept["photo"]["developed"] == "demosaic"
    assert kept["ledger"]["develop"] == "develop 1"


@pytest.mark.parametrize("step", ["publish", "hold", "reject", "finish"])
def test_who_has_lost_the_photo_changes_nothing(step: str) -> None:
    lost = claim(event("01"), ONE)
    claim(event("02"), TWO)
    before = record()
    parts: dict[str, Any] = {
        "valid": VALID,
        "developed": None,
        "made": made(rendition("thumbnail", placeholder="data:")),
        "moderation": MODERATED,
        "rejection": {"reason": "EmptyFile", "message": "m"},
        "tagged": TAGGED,
    }
    with pytest.raises(Superseded):
        keep(step, lost, **parts)
    assert record() == before


def test_the_urls_of_the_most_renditions_fit_into_one_update() -> None:
    names = [f"n{number:0{keys.MAX_NAME_BYTES - 1}}" for number in range(presets.MAX_RENDITIONS)]
    former = [f"o{name[1:]}" for name in names]
    step: PublishStep = {
        "step": "publish",
        "claim": {**claim(event()), "former": former},
        "at": "2026-11-26T10:00:01Z",
        "valid": VALID,
        "developed": None,
        "made": made(*(rendition(name, placeholder="data:") for name in names)),
        "moderation": None,
    }
    expression, _, _ = writes.update_of(published(step))
    assert len(expression.encode()) <= 4096, "what DynamoDB takes (Amazon DynamoDB Developer Guide, quotas)"
    assert writes.write("library", published(step))["status"] == "ACTIVE"


# ------------------------------------------------------------------------------------- removing


def remove(sequencer: str, execution: str = REMOVAL, **detail: Any) -> Any:
    deleted = {"key": KEY, "sequencer": sequencer, **detail.pop("object", {})}
    step: Any = {
        "step": "remove",
        "event": {"detail": {"object": deleted, **detail}},
        "execution": execution,
        "at": "2026-11-26T11:00:00Z",
    }
    return handler(step, None)


MARKER = {"deletion-type": "Delete Marker Created", "object": {"version-id": "of the marker"}}


def test_a_removed_photo_is_out_of_sight_and_says_what_is_left_to_delete() -> None:
    taken = claim(event("01"))
    publish(taken, "thumbnail", "large")
    keep("finish", taken, tagged=TAGGED)
    assert remove("02", **MARKER) == {
        "key": KEY,
        "album": "Lisbon 2024",
        "execution": REMOVAL,
        "renditions": [f"renditions/{KEY}/{name}.jpg" for name in ("thumbnail", "large")],
    }
    kept = record()
    assert kept["status"] == "REMOVED"
    assert "timeline" not in kept, "the index lists it no more"


def test_a_removal_that_is_tried_again_says_the_same() -> None:
    publish(claim(event("01"), ONE), "thumbnail")
    assert remove("02", **MARKER) == remove("02", **MARKER)
    assert remove("03", "arn:another removal", **MARKER)["renditions"] == [f"renditions/{KEY}/thumbnail.jpg"]


def test_the_renditions_of_a_held_photo_go_too() -> None:
    held = MODERATED | {"verdict": MODERATED["verdict"] | {"verdict": "held"}}
    parts = {"valid": VALID, "developed": None, "made": made(rendition("small")), "moderation": held}
    keep("hold", claim(event("01")), **parts)
    assert remove("02", **MARKER)["renditions"] == [f"renditions/{KEY}/small.jpg"]


def web_copy(name: str) -> Any:
    below = f"renditions/{KEY}/{name}/film/"
    urls = {"playlist_url": "https://p", "preview_url": "https://v"}
    return {
        **urls,
        **{"playlist": f"{below}playlist.m3u8", "preview": f"{below}preview.mp4", "bytes": 3},
        **{"below": below, "files": ["playlist.m3u8", "90p-0000.m4s"]},
    }


def files(name: str) -> list[str]:
    return [f"renditions/{KEY}/{name}/film/{each}" for each in ("playlist.m3u8", "90p-0000.m4s")]


def film(name: str) -> Made:
    return {**made(rendition(name, placeholder="p", facts=FACTS)), "web_copy": web_copy(name)}


def test_what_plays_a_film_is_kept_replaced_and_removed_with_its_renditions() -> None:
    publish(claim(event("01")), "small", made=film("small"))
    assert record()["web_copy"] == web_copy("small")
    unused = publish(claim(event("02"), TWO), "small", made=film("large"))
    assert unused == [f"renditions/{KEY}/small.jpg", *files("small")]
    assert remove("03", **MARKER)["renditions"] == [f"renditions/{KEY}/large.jpg", *files("large")]


def test_a_photo_in_the_place_of_a_film_does_not_play() -> None:
    publish(claim(event("01")), "small", made=film("small"))
    assert publish(claim(event("02"), TWO), "small") == files("small")
    assert "web_copy" not in record()


def test_a_film_that_is_held_has_no_url_and_its_files_go_with_it() -> None:
    held = MODERATED | {"verdict": MODERATED["verdict"] | {"verdict": "held"}}
    publish(claim(event("01")), "small", made=film("small"))
    taken = claim(event("02"), TWO)
    unused = keep("hold", taken, valid=VALID, developed=None, made=film("large"), moderation=held)
    assert unused == [f"renditions/{KEY}/small.jpg", *files("small")]
    assert "web_copy" not in record()
    assert record()["held_web_copy"] == {name: web_copy("large")[name] for name in ("below", "files")}
    assert keep("reject", taken, rejection={"reason": "EmptyFile", "message": "m"}) == unused
    assert "held_web_copy" not in record()


def test_who_has_lost_a_film_abandons_what_plays_it() -> None:
    lost = claim(event("01"), ONE)
    claim(event("02"), TWO)
    mine = [f"renditions/{KEY}/small.jpg"]
    assert keep("abandon", lost, renditions=mine, web_copy=web_copy("small")) == [*mine, *files("small")]


@pytest.mark.parametrize(
    ("detail", "removes"),
    [
        (MARKER, True),
        ({"deletion-type": "Permanently Deleted", "object": {"version-id": "v1"}}, True),
        ({"deletion-type": "Permanently Deleted", "object": {"version-id": "another"}}, False),
        ({"deletion-type": "Permanently Deleted"}, True),
    ],
)
def test_the_deletion_of_one_version_removes_the_photo_that_was_made_of_it_alone(
    detail: dict[str, Any], removes: bool
) -> None:
    claim(event("01", object={"version-id": "v1"}))
    if removes:
        assert remove("02", **detail)
    else:
        with pytest.raises(Superseded):
            remove("02", **detail)
        assert record()["status"] == "PROCESSING"


def test_a_removal_comes_too_late_for_a_photo_that_was_uploaded_again() -> None:
    claim(event("03"))
    with pytest.raises(Superseded):
        remove("02", **MARKER)


def test_a_buried_photo_leaves_a_tombstone_that_no_older_event_wakes() -> None:
    publish(claim(event("01")), "thumbnail")
    removal = remove("02", **MARKER)
    bury: Any = {"step": "bury", "removal": removal}
    handler(bury, None)
    handler(bury, None)
    assert set(record()) == {
        *("id", "status", "key", "album", "filename", "sequencer", "execution_arn", "removed_at"),
    }
    for late in (event("01"), event("01", reprocess=True), event("02", reprocess=True)):
        with pytest.raises(Superseded):
            claim(late, TWO)
    claim(event("03"), TWO)
    assert "removed_at" not in record()
    with pytest.raises(Superseded):
        handler(bury, None)


def publish_small() -> Claim:
    taken = claim(event("01"))
    first = made(rendition("small", placeholder="p", facts=FACTS))
    keep("publish", taken, valid=VALID, developed=None, made=first, moderation=None)
    return taken


def find() -> Any:
    step: Any = {"step": "find", "key": KEY, "execution": TWO}
    return handler(step, None)


def test_finding_says_what_there_is_to_process_again() -> None:
    nothing = {"reading": None, "event": None}
    assert find() == nothing
    taken = claim(event("01"))
    assert find() == {"reading": None, "event": event_again(record())}
    keep("reject", taken, rejection={"reason": "EmptyFile", "message": "m"})
    assert find() == nothing
    remove("02", **MARKER)
    assert find() == nothing


def describe(reading: Any, **metadata: Any) -> Any:
    read = {"metadata": metadata, "bytes_read": 1, "version": "safelight 2"}
    step: Any = {"step": "describe", "reading": reading, "metadata": read, "execution": TWO}
    return handler(step, None)


def test_of_a_finished_photo_the_metadata_alone_is_read_again() -> None:
    taken = publish_small()
    assert find()["reading"] is None, "it is not finished"
    keep("finish", taken, tagged=TAGGED)
    before, found = record(), find()
    assert found["event"] is None
    assert found["reading"]["original"] == taken["original"]
    assert found["reading"]["owner"] == ONE
    assert found["reading"]["faces"] == before["tags"].get("faces")

    describe(found["reading"], taken_at="2020-01-02T03:04:05", title="Later")
    after = record()
    assert (after["metadata"], after["taken_at"], after["timeline"]) == (
        {"taken_at": "2020-01-02T03:04:05", "title": "Later"},
        "2020-01-02T03:04:05",
        "photo#2020-01-02T03:04:05",
    )
    changed = {"metadata", "taken_at", "timeline", "ledger"}
    assert {name for name in after if after.get(name) != before.get(name)} <= changed
    assert after["ledger"] == {**before["ledger"], "metadata": "safelight 2"}


def test_what_was_read_of_a_photo_that_another_has_taken_since_is_not_kept() -> None:
    taken = publish_small()
    keep("finish", taken, tagged=TAGGED)
    reading = find()["reading"]
    claim(event("02"), TWO)
    with pytest.raises(Superseded):
        describe(reading, title="Late")


def test_a_claim_of_no_photo_is_refused() -> None:
    with pytest.raises(KeyError):
        claimed({"step": "claim", "event": {"hello": "world"}, "execution": ONE, "at": ""}, "")  # type: ignore[typeddict-item, typeddict-unknown-key]
