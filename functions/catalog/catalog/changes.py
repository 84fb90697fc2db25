"""What each step makes of a photo's record, and who may: changes, each with its condition. Pure.

A photo belongs to the execution that has claimed it. Only its owner changes the record from then on; who
lost it finds the condition unmet, and ends as superseded.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.steps import (
    ClaimStep,
    DescribeStep,
    FinishStep,
    HoldStep,
    PublishStep,
    Reading,
    RejectStep,
    RemoveStep,
)
from safelight.contracts import Claim, MetadataRead, Original, Removal, Rendition
from safelight.keys import album_of, filename_of, photo_id
from safelight.record import (
    UNVERSIONED,
    PhotoRecord,
    StoredOriginal,
    StoredPhoto,
    StoredRendition,
    Tags,
    keys_on,
)
from safelight.tagging import not_asked

UNDATED = "photo#undated"
"""The place in an album's timeline of a photo that does not say when it was taken."""

DELETE_MARKER = "Delete Marker Created"
"""The deletion type of an event that deletes an original, and not one of its versions."""

_SEQUENCER_DIGITS = 40
_OWNED = "execution_arn = :execution"
_NOT_TAKEN = "attribute_not_exists(sequencer) OR sequencer < :sequencer OR execution_arn = :execution"
_SIGHT = ("published_at", "renditions", "web_copy", "placeholder", "facts")
"""The fields by which a photo is seen."""
_LOOKED_AT = ("published_at", "tags", "people")
"""The fields that only a photo may have whose faces someone has looked for."""


@dataclass(frozen=True)
class Change:
    """What is written to the record `id` if `condition` holds.

    puts: fields by name, `ledger.tag` one of a map. defaults: fields that are written where they are missing.
    drops: fields that are taken away. values: those that the condition names.
    """

    id: str
    condition: str
    puts: Mapping[str, Any]
    values: Mapping[str, Any]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    drops: Sequence[str] = ()


def claimed(step: ClaimStep, etag: str) -> Change:
    """Return the change by which an execution takes the photo of an upload, whose ETag is `etag`.

    It may unless this event or a later one was taken before: events arrive more than once and out of order.
    A FAILED photo may be taken again by its event; to reprocess, any that is not removed.
    """
    event, execution = step["event"], step["execution"]
    bucket, uploaded = event["detail"]["bucket"]["name"], event["detail"]["object"]
    key, sequencer = uploaded["key"], sequence(uploaded["sequencer"])
    original: StoredOriginal = {
        "bucket": bucket,
        "version_id": uploaded.get("version-id", UNVERSIONED),
        "bytes": uploaded["size"],
        "etag": etag,
    }
    values = {":sequencer": sequencer, ":execution": execution}
    if event.get("reprocess"):
        again = "attribute_exists(timeline)"
    else:
        again, values[":failed"] = "#status = :failed", "FAILED"
    return Change(
        photo_id(key),
        f"{_NOT_TAKEN} OR (sequencer = :sequencer AND {again})",
        {
            "status": "PROCESSING",
            **_names(key),
            "original": original,
            "sequencer": sequencer,
            "execution_arn": execution,
            "claimed_at": step["at"],
            **({"released": sequencer} if event.get("release") else {}),
        },
        values,
        defaults={"timeline": UNDATED},
        drops=("rejection", "failure", "processed_at", "removed_at"),
    )


def version_of(record: PhotoRecord, secret: bytes) -> str:
    """Return the version of the upload that a record was claimed for: of it alone, and unguessable.

    Who claims it again by the same event has the same version, and renditions with the same keys.
    """
    upload = (record["key"], record["original"]["version_id"], record["sequencer"])
    return hmac.new(secret, "\n".join(upload).encode(), "sha256").hexdigest()


def claim_of(record: PhotoRecord, secret: bytes) -> Claim:
    """Return what the execution that has claimed a photo goes on with."""
    return {
        "key": record["key"],
        "album": record["album"],
        "filename": record["filename"],
        "original": _original(record),
        "execution": record["execution_arn"],
        "version": version_of(record, secret),
        "former": [name for name in record.get("renditions", {}) if _url(name) in record],
        "replaced": keys_on(record),
        "released": record.get("released") == record["sequencer"],
        "known": any(field in record for field in _LOOKED_AT),
    }


def published(step: PublishStep) -> Change:
    """Return the change by which a photo is seen, with the URL of each rendition."""
    renditions = step["made"]["renditions"]
    facts = [each["facts"] for each in renditions if "facts" in each]
    placeholders = [each["placeholder"] for each in renditions if "placeholder" in each]
    kept = {each["name"] for each in renditions}
    copy = step["made"].get("web_copy")
    return _owned(
        step["claim"],
        {
            "status": "ACTIVE",
            "published_at": step["at"],
            "renditions": {each["name"]: _stored(each) for each in renditions},
            **{_url(each["name"]): each["url"] for each in renditions},
            "placeholder": placeholders[0],
            **({"facts": facts[0]} if facts else {}),
            **({"web_copy": copy} if copy else {}),
            **_known(step),
        },
        [
            *("held_renditions", "held_web_copy"),
            *(["facts"] if not facts else []),
            *(["web_copy"] if not copy else []),
            *_urls(step["claim"], without=kept),
        ],
    )


def held(step: HoldStep) -> Change:
    """Return the change by which what is known of a photo is kept without a URL, or a likeness of it."""
    moderation, copy = step["moderation"], step["made"].get("web_copy")
    tags: Tags = {"moderation": moderation["verdict"], "calls": moderation["calls"], "owed": False}
    return _owned(
        step["claim"],
        {
            "status": "HELD",
            "processed_at": step["at"],
            "held_renditions": [each["key"] for each in step["made"]["renditions"]],
            **({"held_web_copy": {"below": copy["below"], "files": copy["files"]}} if copy else {}),
            "tags": tags,
            **_known(step),
        },
        [*_SIGHT, *([] if copy else ["held_web_copy"]), "failure", *_urls(step["claim"])],
    )


def rejected(step: RejectStep) -> Change:
    """Return the change by which a photo is not in the library, and its record says why."""
    return _owned(
        step["claim"],
        {"status": "REJECTED", "processed_at": step["at"], "rejection": step["rejection"]},
        [*_SIGHT, "held_renditions", "held_web_copy", "failure", *_urls(step["claim"])],
    )


def finished(step: FinishStep) -> Change:
    """Return the change by which a photo has its tags, where people and memories read them."""
    tagged = step["tagged"] or not_asked(step["moderation"])
    return _owned(
        step["claim"],
        {
            "status": "ACTIVE",
            "processed_at": step["at"],
            "tags": tagged["tags"],
            "ledger.tag": tagged["version"],
        },
        ["failure"],
    )


def described(step: DescribeStep) -> Change:
    """Return the change by which a finished photo has other metadata, whoever has finished it."""
    reading = step["reading"]
    return Change(
        photo_id(reading["key"]),
        f"{_OWNED} AND #status IN (:active, :held)",
        {**_said(step["metadata"]), "ledger.metadata": step["metadata"]["version"]},
        {":execution": reading["owner"], ":active": "ACTIVE", ":held": "HELD"},
    )


def reading_of(record: PhotoRecord) -> Reading | None:
    """Return what the metadata of a photo is read again by, if it is finished."""
    if record["status"] not in {"ACTIVE", "HELD"} or "processed_at" not in record:
        return None
    tags = record.get("tags")
    return {
        "key": record["key"],
        "album": record["album"],
        "original": _original(record),
        "photo": record["photo"],
        "owner": record["execution_arn"],
        "faces": tags["faces"] if tags and not tags["owed"] and "faces" in tags else None,
    }


def removed(step: RemoveStep) -> Change:
    """Return the change by which a photo is out of sight, since its original was deleted.

    A delete marker, or a deletion without versions, removes whatever photo there is; that of one version only
    the photo that was made of it.
    """
    event, execution = step["event"], step["execution"]
    deleted, key = event["detail"]["object"], event["detail"]["object"]["key"]
    sequencer = sequence(deleted["sequencer"])
    condition, values = _NOT_TAKEN, {":sequencer": sequencer, ":execution": execution}
    if event["detail"].get("deletion-type") != DELETE_MARKER and "version-id" in deleted:
        condition = f"(sequencer < :sequencer AND original.version_id = :version) OR {_OWNED}"
        values[":version"] = deleted["version-id"]
    return Change(
        photo_id(key),
        condition,
        {
            "status": "REMOVED",
            **_names(key),
            "sequencer": sequencer,
            "execution_arn": execution,
            "removed_at": step["at"],
        },
        values,
        drops=("timeline",),
    )


def removal_of(record: PhotoRecord) -> Removal:
    """Return what the removal of a photo goes on with."""
    return {
        "key": record["key"],
        "album": record["album"],
        "execution": record["execution_arn"],
        "renditions": keys_on(record),
    }


def tombstone(record: PhotoRecord) -> PhotoRecord:
    """Return what stays of a removed photo, without anything that it said.

    An older event of the same upload that comes late finds it, and cannot bring the photo back.
    """
    kept: PhotoRecord = {
        "id": record["id"],
        "status": "REMOVED",
        "key": record["key"],
        "album": record["album"],
        "filename": record["filename"],
        "sequencer": record["sequencer"],
        "execution_arn": record["execution_arn"],
        "removed_at": record["removed_at"],
    }
    return kept


def sequence(sequencer: str) -> str:
    """Return S3's sequencer padded so that texts compare as it orders events of one key.

    Shorter ones are padded with zeros on the right (Amazon S3 User Guide, event message structure).
    """
    return sequencer.ljust(_SEQUENCER_DIGITS, "0")


def _owned(claim: Claim, puts: Mapping[str, Any], drops: Sequence[str]) -> Change:
    return Change(photo_id(claim["key"]), _OWNED, puts, {":execution": claim["execution"]}, drops=drops)


def _names(key: str) -> dict[str, str]:
    return {"key": key, "album": album_of(key), "filename": filename_of(key)}


def _known(step: PublishStep | HoldStep) -> dict[str, Any]:
    """Return what a photo is and says, whether it may be seen or not."""
    valid, developed, made, moderation = (
        step["valid"],
        step["developed"],
        step["made"],
        step["moderation"],
    )
    photo: StoredPhoto = {**valid["photo"]}  # type: ignore[typeddict-item]
    ledger = {
        "validate": valid["version"],
        "render": made["renditions"][0]["version"],
        "metadata": made["metadata"]["version"],
    }
    if developed:
        photo["developed"] = developed["source"]
        ledger["develop"] = developed["version"]
    if moderation:
        ledger["moderate"] = moderation["version"]
    return {"photo": photo, **_said(made["metadata"]), "ledger": ledger}


def _said(read: MetadataRead) -> dict[str, Any]:
    """Return what a photo says, and its place in the timeline."""
    taken_at = read["metadata"].get("taken_at")
    return {
        "metadata": read["metadata"],
        "taken_at": taken_at,
        "timeline": f"photo#{taken_at}" if taken_at else UNDATED,
    }


def _original(record: PhotoRecord) -> Original:
    original, version = record["original"], record["original"]["version_id"]
    return {
        "bucket": original["bucket"],
        "key": record["key"],
        "size": original["bytes"],
        "version_id": None if version == UNVERSIONED else version,
    }


def _stored(rendition: Rendition) -> StoredRendition:
    return {
        "key": rendition["key"],
        "url": rendition["url"],
        "width": rendition["width"],
        "height": rendition["height"],
        "bytes": rendition["bytes"],
        "media_type": rendition["media_type"],
    }


def _url(name: str) -> str:
    return f"{name}_url"


def _urls(claim: Claim, without: Sequence[str] | set[str] = ()) -> list[str]:
    """Return the fields with the URLs that the record had when it was claimed."""
    return [_url(name) for name in claim["former"] if name not in without]
