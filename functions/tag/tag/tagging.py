"""Which calls are made for a photo, in which order, and what is counted of them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from safelight.contracts import StoredImage
from safelight.errors import Superseded
from safelight.prices import cost_of
from safelight.record import Face, Label, Properties, Verdict, files_of
from tag import ledger, vision
from tag.decisions import (
    HELD,
    MAX_DOCUMENT_BYTES,
    RELEASED,
    enlargement,
    external_image_id,
    faces_of,
    is_worth_reading,
    labels_of,
    lines_of,
    properties_of,
    scene_lines_of,
    unfit,
    verdict_of,
    without_looking,
)
from tag.enlarge import enlarged
from tag.prices import most_of
from tag.settings import Settings
from tag.steps import Moderate

_HALF = "the film of a Live Photo: its still is looked at"


@dataclass
class Found:
    """What is in a photo, how often each billed operation was called for it, and the models that saw it.

    `skipped` says why a photo was not looked at, or is empty; `owed` that it is to be tagged later.
    """

    labels: list[Label] = field(default_factory=list)
    properties: Properties | None = None
    faces: list[Face] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    models: list[str] = field(default_factory=list)
    skipped: str = ""
    owed: bool = False


def moderate(event: Moderate, image: StoredImage, settings: Settings) -> tuple[Verdict, Mapping[str, int]]:
    """Return whether the photo may be seen, and the calls; unmark its renditions if it may.

    `image` is the rendition that is looked at. What cannot be looked at is held. The budget is counted up but
    never pauses this: no photo would be seen that nobody has judged, or all would be held.

    Raises:
        Superseded: another execution has the photo, and its verdict counts.
        AccessDenied, OriginalMissing, RequestRefused, ServiceThrottled, ServiceUnavailable
    """
    calls: Counter[str] = Counter()
    if event["release"]:
        verdict = without_looking(RELEASED, "")
    elif reason := unfit(image, settings.max_image_bytes):
        verdict = without_looking(HELD, reason)
    else:
        answer = vision.detect_moderation_labels(_sight(image, settings), settings.min_moderation_confidence)
        verdict = verdict_of(answer)
        calls["DetectModerationLabels"] += 1
        if settings.monthly_budget:
            ledger.spend(settings.library_table, cost_of(calls))
    if verdict["verdict"] != HELD:
        ledger.check_owner(settings.library_table, event["key"], event["execution"])
        made = [*(each["key"] for each in event["renditions"]), *files_of(event.get("web_copy"))]
        ledger.unmark(image["bucket"], made)
    return verdict, calls


def tag(key: str, image: StoredImage, settings: Settings, is_half: bool) -> Found:
    """Return what `image`, a rendition of the photo at `key`, shows, as far as `settings` ask for it.

    The film of a Live Photo, which `is_half` of one, shows what its still does, and costs nothing.

    Raises:
        Superseded: the photo was removed meanwhile; of its faces nothing is kept.
        AccessDenied, OriginalMissing, RequestRefused, ServiceThrottled, ServiceUnavailable
    """
    found = Found()
    if reason := _HALF if is_half else unfit(image, settings.max_image_bytes):
        found.skipped = reason
        return found
    with _within_the_budget(settings, found):
        if not found.owed:
            sight = _sight(image, settings)
            _label(sight, settings, found)
            _read(image, sight, settings, found)
            _index(key, sight, settings, found)
    return found


def _sight(image: StoredImage, settings: Settings) -> vision.Sight:
    """Return what the services look at: `image` where it is stored, or sent: enlarged, or far away."""
    size = enlargement(image)
    body = vision.stored(image) if size or settings.looks_elsewhere else None
    if body and size:
        body = enlarged(body, size)
    return vision.Sight(image["bucket"], image["key"], body)


@contextmanager
def _within_the_budget(settings: Settings, found: Found) -> Iterator[None]:
    """Set aside the most that the body can cost, and give back what it did not, also where it fails."""
    if not settings.monthly_budget:
        yield
        return
    most, limit = most_of(settings), round(settings.monthly_budget * 1_000_000)
    if not ledger.spend(settings.library_table, most, limit):
        found.owed = True
        found.skipped = f"the month's budget of {settings.monthly_budget:g} US dollars is spent"
        yield
        return
    try:
        yield
    finally:
        ledger.spend(settings.library_table, cost_of(found.calls) - most)


def _label(sight: vision.Sight, settings: Settings, found: Found) -> None:
    asked = {"GENERAL_LABELS": settings.labels == "on", "IMAGE_PROPERTIES": settings.image_properties == "on"}
    features = [name for name, wanted in asked.items() if wanted]
    if not features:
        return
    answer = vision.detect_labels(sight, features, settings.max_labels, settings.min_label_confidence)
    if asked["GENERAL_LABELS"]:
        found.calls["DetectLabels"] += 1
    if asked["IMAGE_PROPERTIES"]:
        found.calls["ImageProperties"] += 1
    found.labels, found.properties = labels_of(answer), properties_of(answer)
    found.models.append(f"Rekognition {answer['LabelModelVersion']}")


def _read(image: StoredImage, sight: vision.Sight, settings: Settings, found: Found) -> None:
    """Read what stands in the scene and, where that or the labels say document, the page."""
    if settings.scene_text == "on":
        answer = vision.detect_text(sight)
        found.calls["DetectText"] += 1
        found.text = scene_lines_of(answer)
        found.models.append(f"Rekognition text {answer.get('TextModelVersion', '')}".strip())
    if is_worth_reading(found.labels, found.text, settings.read_text) and not unfit(
        image, MAX_DOCUMENT_BYTES
    ):
        answer = vision.detect_document_text(sight)
        found.calls["DetectDocumentText"] += 1
        found.text = lines_of(answer) or found.text
        found.models.append(f"Textract {answer.get('DetectDocumentTextModelVersion', '')}".strip())


def _index(key: str, sight: vision.Sight, settings: Settings, found: Found) -> None:
    """Keep the photo's faces in the collection, once, and take those of an earlier image of it out.

    An image that is indexed again keeps the ids that its faces have. New ids are written down before stale
    ones are deleted, so that whatever fails in between is mended by the next tagging of the photo.
    """
    if settings.faces != "on":
        return
    before = ledger.face_ids(settings.library_table, key)
    found.faces = _indexed(key, sight, settings, found)
    if before and not found.faces:
        # The API leaves open whether faces that it has already are in the answer; without them it must tell.
        vision.delete_faces(settings.face_collection, sorted(before))
        found.faces = _indexed(key, sight, settings, found)
    now = {face["face_id"] for face in found.faces}
    ledger.change_face_ids(settings.library_table, key, add=now - before)
    if now and ledger.is_removed(settings.library_table, key):
        vision.delete_faces(settings.face_collection, sorted(before | now))
        ledger.change_face_ids(settings.library_table, key, remove=before | now)
        raise Superseded(f"{key} was removed while it was tagged.")
    if stale := before - now:
        vision.delete_faces(settings.face_collection, sorted(stale))
        ledger.change_face_ids(settings.library_table, key, remove=stale)


def _indexed(key: str, sight: vision.Sight, settings: Settings, found: Found) -> list[Face]:
    answer = vision.index_faces(sight, settings.face_collection, external_image_id(key))
    found.calls["IndexFaces"] += 1
    model = f"Rekognition faces {answer.get('FaceModelVersion', '')}".strip()
    if model not in found.models:
        found.models.append(model)
    return faces_of(answer)
