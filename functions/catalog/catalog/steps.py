"""The events of the catalog function: one shape for each step of the workflows that writes a record."""

from typing import Literal, NotRequired, TypedDict

from safelight.contracts import (
    Claim,
    Developed,
    Made,
    MetadataRead,
    Moderated,
    Original,
    Removal,
    Tagged,
    Validated,
)
from safelight.record import DeletionEvent, Face, Rejection, StoredPhoto, UploadEvent, WebCopy


class ClaimStep(TypedDict):
    """Take the photo of an upload; `at` is when the state was entered, UTC in ISO 8601, here and below."""

    step: Literal["claim"]
    event: UploadEvent
    execution: str
    at: str


class PublishStep(TypedDict):
    """Make a photo visible."""

    step: Literal["publish"]
    claim: Claim
    at: str
    valid: Validated
    developed: Developed | None
    made: Made
    moderation: Moderated | None


class HoldStep(TypedDict):
    """Keep a photo out of sight."""

    step: Literal["hold"]
    claim: Claim
    at: str
    valid: Validated
    developed: Developed | None
    made: Made
    moderation: Moderated


class RejectStep(TypedDict):
    """Say why a photo is not in the library."""

    step: Literal["reject"]
    claim: Claim
    at: str
    rejection: Rejection


class FinishStep(TypedDict):
    """Put the tags on a record; `tagged` is None in a stack that asks for none."""

    step: Literal["finish"]
    claim: Claim
    at: str
    moderation: Moderated | None
    tagged: Tagged | None


class AbandonStep(TypedDict):
    """Say which of the keys that an execution has made nobody needs: it has lost the photo.

    Executions from before there were films send no `web_copy`.
    """

    step: Literal["abandon"]
    claim: Claim
    renditions: list[str]
    web_copy: NotRequired[WebCopy | None]


class RemoveStep(TypedDict):
    """Take the photo of a deleted original out of sight."""

    step: Literal["remove"]
    event: DeletionEvent
    execution: str
    at: str


class BuryStep(TypedDict):
    """Leave a tombstone in place of a record."""

    step: Literal["bury"]
    removal: Removal


class FindStep(TypedDict):
    """Find the event that processes the photo at `key` again."""

    step: Literal["find"]
    key: str
    execution: str


class DescribeStep(TypedDict):
    """Keep what the metadata of a photo says now, with the sidecar that has come since."""

    step: Literal["describe"]
    reading: "Reading"
    metadata: MetadataRead
    execution: str


class Reading(TypedDict):
    """A photo that is finished, of which the metadata alone can be read again.

    `owner` is the ARN of the execution that has it; `faces` are those that it was grouped by, None where
    nobody has looked.
    """

    key: str
    album: str
    original: Original
    photo: StoredPhoto
    owner: str
    faces: list[Face] | None


class Found(TypedDict):
    """What there is to do again of a photo: `reading` where it is finished, else `event`, the whole.

    Both are None where there is nothing.
    """

    reading: Reading | None
    event: UploadEvent | None


class Kept(TypedDict):
    """The keys of renditions that no record names any more, and nobody will: they are to be deleted."""

    unused: list[str]


Event = (
    ClaimStep
    | PublishStep
    | HoldStep
    | RejectStep
    | FinishStep
    | AbandonStep
    | RemoveStep
    | BuryStep
    | FindStep
    | DescribeStep
)


def photo_of(step: Event) -> tuple[str, str]:
    """Return the key of the photo that a step is about, and the ARN of the execution that asks."""
    if step["step"] == "claim" or step["step"] == "remove":
        return step["event"]["detail"]["object"]["key"], step["execution"]
    if step["step"] == "find":
        return step["key"], step["execution"]
    if step["step"] == "describe":
        return step["reading"]["key"], step["execution"]
    if step["step"] == "bury":
        return step["removal"]["key"], step["removal"]["execution"]
    return step["claim"]["key"], step["claim"]["execution"]
