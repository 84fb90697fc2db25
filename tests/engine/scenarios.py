"""What the workflows are given, what their services answer, and what must become of that."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unittest.mock import ANY

from engine.lab import NOW

Answer = dict[str, Any]
ARN = "arn:aws:states:eu-west-1:1:execution:workflow:run-1"


@dataclass(frozen=True, eq=False)
class Scenario:
    """One execution, and what becomes of it.

    `path` has the outermost states that it enters. `answers` says what a state's service answers: always the
    same, one after the other, or by what it is asked. `asked` has what each service is asked, one of a kind
    for each time, in any order: those parameters that are not written out in the definition.
    """

    workflow: str
    says: str
    given: Any
    path: str
    answers: dict[str, Answer | list[Answer] | Callable[[Any], Answer]]
    asked: dict[str, Any]
    output: Any = None
    error: str | None = None
    moderation: str = "off"
    together: str = "off"
    tagging: str = "on"


def returned(value: Any) -> Answer:
    """Return what Lambda answers when a function returns `value`."""
    return {"StatusCode": 200, "Payload": value}


def raised(error: str, message: str = "") -> Answer:
    """Return what Lambda answers when a function raises."""
    failed = {"errorType": error, "errorMessage": message, "stackTrace": []}
    return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": failed}


def refused(code: str) -> Answer:
    """Return what a service answers when it refuses."""
    return {"Error": {"Code": code, "Message": f"{code}, says the service."}}


def invoked(function: str, **payload: Any) -> dict[str, Any]:
    """Return how Lambda is asked."""
    return {"FunctionName": f"{function}Function", "Payload": payload}


def waiting_for(workflow: str, given: Any) -> list[dict[str, Any]]:
    """Return how Step Functions is asked to begin a workflow, and, with neither, what became of it."""
    return [{"stateMachineArn": workflow, "input": given}, {"stateMachineArn": None, "input": None}]


SUPERSEDED = raised("Superseded")

# ------------------------------------------------------------------------------------------------ photo

KEY = 'Sea "2025"/ünï\\1.jpg'
EVENT = {
    "time": "2026-11-22T09:59:58Z",
    "detail": {"bucket": {"name": "originals"}, "object": {"key": KEY, "size": 9, "sequencer": "0062E1"}},
}
ORIGINAL = {"bucket": "originals", "key": KEY, "size": 9, "version_id": None}
CLAIM = {
    "key": KEY,
    "album": 'Sea "2025"',
    "original": ORIGINAL,
    "version": "v1",
    "released": False,
    "known": False,
}
KNOWN = {**CLAIM, "known": True}
PHOTO = {"format": "JPEG", "media_type": "image/jpeg", "width": 40, "height": 30, "bytes": 9}
MASTER = {"key": "masters/run-1", "width": 20, "height": 20, "color": "srgb"}
DEVELOPED = {
    "master": {"bucket": "renditions", "key": "masters/run-1", "size": 5, "version_id": None},
    "source": "demosaic",
    "version": "safelight 1",
}
METADATA = {"metadata": {"taken_at": "2025-08-21T13:24:00"}, "bytes_read": 7, "version": "safelight 1"}
FACE = {"face_id": "one"}
TAGGED = {"tags": {"owed": False, "faces": [FACE]}, "version": "safelight 1"}
FOUR = ["huge", "large", "small", "stamp"]


def plan(name: str) -> dict[str, Any]:
    """Return what is to be made."""
    return {"name": name, "key": f"r/{name}", "width": 10}


def rendition(name: str) -> dict[str, Any]:
    """Return what was made."""
    return {"name": name, "key": f"r/{name}", "url": f"https://photos/r/{name}", "bytes": 5}


def rendered(asked: dict[str, Any]) -> dict[str, Any]:
    """Return what RenderRendition returns."""
    return {"renditions": [rendition(each["name"]) for each in asked["Payload"]["renditions"]]}


def verdict(word: str) -> dict[str, Any]:
    """Return what ModeratePhoto returns."""
    return {"verdict": {"verdict": word, "labels": []}, "calls": {}, "version": "safelight 1"}


def finish(tagged: Any, moderated: Any = None, claim: dict[str, Any] = CLAIM) -> dict[str, Any]:
    """Return how FinishPhoto asks."""
    return invoked("Catalog", step="finish", claim=claim, at=NOW, moderation=moderated, tagged=tagged)


WEB_COPY = {"below": "r/film/", "files": ["playlist.m3u8"]}
FILM = {"version": "v2", "template": "{version}/{name}"}
OF_A_FILM = {"original": ORIGINAL, "photo": PHOTO, "execution": ARN}
FILMED = {"developed": DEVELOPED, "source": DEVELOPED["master"], "web_copy": WEB_COPY, "rejection": None}
OF_A_STILL = {**dict.fromkeys(FILMED), "web_copy": WEB_COPY}


def followed(output: Any) -> Callable[[dict[str, Any]], Answer]:
    """Return what Step Functions answers who begins a workflow, and who asks what became of it."""

    def answer(asked: dict[str, Any]) -> Answer:
        if "stateMachineArn" in asked:
            return {"executionArn": f"{ARN}-film"}
        return {"executionArn": f"{ARN}-film", "status": "SUCCEEDED", "output": json.dumps(output)}

    return answer


def photo(
    says: str,
    path: str,
    *,
    names: list[str] = FOUR,
    claim: dict[str, Any] = CLAIM,
    master: dict[str, Any] | None = None,
    moderated: dict[str, Any] | None = None,
    rejection: dict[str, str] | None = None,
    tags: dict[str, Any] | None = None,
    faces: list[Any] | None = None,
    unused: list[str] | None = None,
    answers: dict[str, Any] | None = None,
    asked: dict[str, Any] | None = None,
    status: str | None = None,
    together: str = "off",
    tagging: str = "on",
    film: dict[str, Any] | None = None,
    seconds: float | None = None,
    half: bool = False,
    **ends: Any,
) -> Scenario:
    """Return an execution of the photo workflow.

    `faces` is what reaches GroupIntoPeople; `unused` are the keys that no record names any more; a `half` is
    the film of a Live Photo.
    """
    lasts = 2 if half else seconds
    told = {**PHOTO, "film": {"duration": lasts}} if lasts else PHOTO
    read = {**METADATA, "metadata": {"live_photo_id": "one"}} if half else METADATA
    valid = {
        "photo": told,
        "renditions": list(map(plan, names)),
        "tagged_rendition": "r/small",
        "master": master,
        "film": film,
    }
    copy = WEB_COPY if film else None
    made = {"renditions": list(map(rendition, names)), "metadata": read, "web_copy": copy}
    tagged = {**TAGGED, "tags": tags} if tags else TAGGED
    known = {"claim": claim, "at": NOW}
    developed = DEVELOPED if master else None
    everything = {**known, "valid": valid, "developed": developed, "made": made, "moderation": moderated}
    look = {"key": KEY, "renditions": made["renditions"], "look_at": "r/small"}
    source = DEVELOPED["master"] if master else ORIGINAL
    return Scenario(
        "photo",
        says,
        EVENT,
        path,
        {
            "ClaimPhoto": returned(claim),
            "ValidatePhoto": returned(valid),
            "DevelopMaster": returned(DEVELOPED),
            "DevelopFilm": followed(FILMED),
            "RenderRendition": lambda asked: returned(rendered(asked)),
            "ReadMetadata": returned(read),
            "ModeratePhoto": returned(moderated),
            "TagPhoto": returned(tagged),
            "NotifyPhoto": returned({"status": status}),
            **dict.fromkeys(("PublishPhoto", "HoldPhoto", "RejectPhoto"), returned({"unused": unused or []})),
            **(answers or {}),
        },
        {
            "ClaimPhoto": invoked("Catalog", step="claim", event=EVENT, execution=ARN, at=NOW),
            "ValidatePhoto": invoked("Validate", original=ORIGINAL, version="v1", execution=ARN),
            "DevelopMaster": invoked("Develop", original=ORIGINAL, photo=told, master=master, execution=ARN),
            "DevelopFilm": waiting_for(
                "LongFilmWorkflow" if lasts and lasts > 600 else "FilmWorkflow",
                {**OF_A_FILM, "photo": told, "master": master, "film": film},
            ),
            "RenderRendition": [
                invoked("Render", source=source, key=KEY, execution=ARN, renditions=list(map(plan, each)))
                for each in ([names] if together == "on" else [[name] for name in names])
            ],
            "ReadMetadata": invoked("Metadata", original=ORIGINAL, photo=told, execution=ARN),
            "ModeratePhoto": invoked(
                "Tag", step="moderate", execution=ARN, **look, web_copy=copy, release=claim["released"]
            ),
            "PublishPhoto": invoked("Catalog", step="publish", **everything),
            "HoldPhoto": invoked("Catalog", step="hold", **everything),
            "RejectPhoto": invoked("Catalog", step="reject", **known, rejection=rejection),
            "TagPhoto": invoked("Tag", step="tag", execution=ARN, **look, half=half, moderation=moderated),
            "FinishPhoto": finish(tagged if tagging == "on" else None, moderated, claim),
            "GroupIntoPeople": invoked("People", key=KEY, execution=ARN, faces=faces),
            "GroupIntoMemories": invoked("Memories", album=CLAIM["album"], key=KEY, execution=ARN),
            "AbandonRenditions": invoked(
                "Catalog",
                step="abandon",
                claim=claim,
                renditions=[f"r/{name}" for name in names],
                web_copy=copy,
            ),
            "DeleteObject": [
                {"Bucket": "RenditionsBucket", "Key": key} for key in ("masters/run-1", *(unused or []))
            ],
            "NotifyPhoto": invoked("Notify", key=KEY, execution=ARN, uploaded_at=EVENT["time"]),
            **(asked or {}),
        },
        moderation="on" if moderated else "off",
        together=together,
        tagging=tagging,
        **({"output": {"status": status, "key": KEY}} if status else ends),
    )


READ = "ClaimPhoto ValidatePhoto ReadMetadata NeedsMaster RenderRenditions"
END = "DeleteUnused NotifyPhoto"
TAIL = f"GroupIntoMemories IsMoreToDo GroupIntoPeople {END}"
ACTIVE = f"{READ} PublishPhoto TagPhoto FinishPhoto {TAIL}"
NOBODY = ACTIVE.replace(f"GroupIntoPeople {END}", "NotifyPhoto")
UNTAGGED = NOBODY.replace("TagPhoto ", "")
MODERATED = f"{READ} ModeratePhoto IsHeld"
BAD = {"reason": "CorruptFile", "message": 'It says "no"\\ at\nbyte 9.'}
CORRUPT = raised(BAD["reason"], BAD["message"])
NOBODYS = {"status": None, "key": KEY}
"""What an execution says at its end that has lost its photo."""
THROTTLED = raised("ServiceThrottled")

PHOTOS = [
    photo("four renditions", ACTIVE, faces=[FACE], status="ACTIVE"),
    photo("one rendition", ACTIVE, names=["small"], faces=[FACE], status="ACTIVE"),
    photo("four renditions together", ACTIVE, faces=[FACE], together="on", status="ACTIVE"),
    photo("one rendition alone", ACTIVE, names=["small"], faces=[FACE], together="on", status="ACTIVE"),
    photo(
        "a working master",
        ACTIVE.replace("NeedsMaster", "NeedsMaster DevelopMaster"),
        master=MASTER,
        faces=[FACE],
        status="ACTIVE",
    ),
    photo(
        "a film",
        ACTIVE.replace("NeedsMaster", "NeedsMaster DevelopFilm NeedsMaster"),
        master=MASTER,
        film=FILM,
        faces=[FACE],
        status="ACTIVE",
    ),
    photo(
        "a long film",
        ACTIVE.replace("NeedsMaster", "NeedsMaster DevelopFilm NeedsMaster"),
        master=MASTER,
        film=FILM,
        seconds=601,
        faces=[FACE],
        status="ACTIVE",
    ),
    photo(
        "a film whose still is looked at",
        ACTIVE.replace("NeedsMaster", "NeedsMaster DevelopFilm NeedsMaster"),
        master=MASTER,
        film=FILM,
        half=True,
        faces=[FACE],
        status="ACTIVE",
    ),
    photo(
        "a film that is moderated",
        f"{MODERATED} PublishPhoto TagPhoto FinishPhoto {TAIL}".replace(
            "NeedsMaster", "NeedsMaster DevelopFilm NeedsMaster"
        ),
        master=MASTER,
        film=FILM,
        moderated=verdict("passed"),
        faces=[FACE],
        status="ACTIVE",
    ),
    photo(
        "a film that cannot be decoded",
        f"ClaimPhoto ValidatePhoto ReadMetadata NeedsMaster DevelopFilm NeedsMaster RejectPhoto {TAIL}",
        master=MASTER,
        film=FILM,
        answers={"DevelopFilm": followed({**dict.fromkeys(FILMED), "rejection": BAD})},
        rejection=BAD,
        faces=[],
        status="REJECTED",
    ),
    photo(
        "a film whose photo another execution has",
        f"{READ} PublishPhoto AbandonRenditions {END}".replace(
            "NeedsMaster", "NeedsMaster DevelopFilm NeedsMaster"
        ),
        master=MASTER,
        film=FILM,
        answers={"PublishPhoto": SUPERSEDED, "AbandonRenditions": returned({"unused": ["r/film/a"]})},
        unused=["r/film/a"],
        output=NOBODYS,
    ),
    photo(
        "a film whose workflow fails",
        "ClaimPhoto ValidatePhoto ReadMetadata NeedsMaster DevelopFilm",
        master=MASTER,
        film=FILM,
        answers={
            "DevelopFilm": lambda asked: (
                {"executionArn": f"{ARN}-film"}
                if "stateMachineArn" in asked
                else {
                    "executionArn": f"{ARN}-film",
                    "status": "FAILED",
                    "error": "AccessDenied",
                    "cause": "No.",
                }
            )
        },
        error="States.TaskFailed",
    ),
    photo(
        "a photo with a moving part",
        ACTIVE.replace("NeedsMaster", "NeedsMaster DevelopFilm NeedsMaster"),
        film=FILM,
        answers={"DevelopFilm": followed(OF_A_STILL)},
        faces=[FACE],
        status="ACTIVE",
    ),
    photo(
        "a photo with a moving part and a master",
        ACTIVE.replace("NeedsMaster", "NeedsMaster DevelopFilm NeedsMaster DevelopMaster"),
        master=MASTER,
        film=FILM,
        answers={"DevelopFilm": followed(OF_A_STILL)},
        faces=[FACE],
        status="ACTIVE",
    ),
    photo("tags are owed", NOBODY, tags={"owed": True}, status="ACTIVE"),
    photo("tags of a known photo are owed", ACTIVE, claim=KNOWN, tags={"owed": True}, status="ACTIVE"),
    photo("nobody is on it", NOBODY, tags={"owed": False, "faces": []}, status="ACTIVE"),
    photo("faces are off", NOBODY, tags={"owed": False}, status="ACTIVE"),
    photo(
        "nobody is on it any more",
        ACTIVE,
        claim=KNOWN,
        tags={"owed": False, "faces": []},
        faces=[],
        status="ACTIVE",
    ),
    photo(
        "nobody is on it, and it had a master",
        NOBODY.replace("NeedsMaster", "NeedsMaster DevelopMaster").replace("NotifyPhoto", END),
        master=MASTER,
        tags={"owed": False},
        status="ACTIVE",
    ),
    photo(
        "nobody is on it, and it takes the place of another",
        NOBODY.replace("NotifyPhoto", END),
        tags={"owed": False},
        unused=["r/former/small"],
        status="ACTIVE",
    ),
    photo(
        "moderation was turned on since the execution began",
        ACTIVE.replace("PublishPhoto", "PublishPhoto ModeratePhoto IsHeld PublishPhoto"),
        answers={
            "PublishPhoto": [raised("NotModerated"), returned({"unused": []})],
            "ModeratePhoto": returned(verdict("passed")),
        },
        asked={"PublishPhoto": ANY, "TagPhoto": ANY, "FinishPhoto": finish(TAGGED, verdict("passed"))},
        faces=[FACE],
        status="ACTIVE",
    ),
    photo("no feature of vision is on", UNTAGGED, tagging="off", status="ACTIVE"),
    photo(
        "no feature of vision is on any more",
        UNTAGGED.replace("IsMoreToDo NotifyPhoto", f"IsMoreToDo GroupIntoPeople {END}"),
        claim=KNOWN,
        tagging="off",
        faces=[],
        status="ACTIVE",
    ),
    photo(
        "a feature of vision was turned on since the execution began",
        ACTIVE.replace("PublishPhoto", "PublishPhoto FinishPhoto"),
        answers={"FinishPhoto": [raised("NotTagged"), returned({"unused": []})]},
        asked={"FinishPhoto": [finish(None), finish(TAGGED)]},
        tagging="off",
        faces=[FACE],
        status="ACTIVE",
    ),
    photo(
        "two are on it",
        ACTIVE,
        tags={"owed": False, "faces": [FACE, {"face_id": "two"}]},
        faces=[FACE, {"face_id": "two"}],
        status="ACTIVE",
    ),
    photo(
        "the original is bad",
        f"ClaimPhoto ValidatePhoto RejectPhoto {TAIL}",
        rejection=BAD,
        answers={"ValidatePhoto": CORRUPT},
        faces=[],
        status="REJECTED",
    ),
    photo(
        "the master cannot be developed",
        f"ClaimPhoto ValidatePhoto ReadMetadata NeedsMaster DevelopMaster RejectPhoto {TAIL}",
        master=MASTER,
        rejection=BAD,
        answers={"DevelopMaster": CORRUPT},
        faces=[],
        status="REJECTED",
    ),
    photo(
        "one of the renditions cannot be made",
        f"{READ} RejectPhoto {TAIL}",
        rejection=BAD,
        answers={
            "RenderRendition": lambda asked: (
                CORRUPT if "small" in str(asked["Payload"]["renditions"]) else returned(rendered(asked))
            )
        },
        asked={"RenderRendition": ANY},
        faces=[],
        status="REJECTED",
    ),
    photo(
        "the metadata cannot be read",
        f"ClaimPhoto ValidatePhoto ReadMetadata RejectPhoto {TAIL}",
        rejection=BAD,
        answers={"ReadMetadata": CORRUPT},
        faces=[],
        status="REJECTED",
    ),
    photo(
        "moderation lets it pass",
        f"{MODERATED} PublishPhoto TagPhoto FinishPhoto {TAIL}",
        moderated=verdict("passed"),
        faces=[FACE],
        status="ACTIVE",
    ),
    photo(
        "moderation holds it",
        f"{MODERATED} HoldPhoto {TAIL}",
        moderated=verdict("held"),
        faces=[],
        status="HELD",
    ),
    photo(
        "someone has released it",
        f"{MODERATED} PublishPhoto TagPhoto FinishPhoto {TAIL}",
        claim={**CLAIM, "released": True},
        moderated=verdict("released"),
        faces=[FACE],
        status="ACTIVE",
    ),
    photo(
        "the event was seen before",
        "ClaimPhoto AlreadyHandled",
        answers={"ClaimPhoto": SUPERSEDED},
        output={"Error": "Superseded", "Cause": ANY},
    ),
    photo(
        "superseded before it is published",
        f"{READ} PublishPhoto AbandonRenditions {END}",
        answers={
            "PublishPhoto": SUPERSEDED,
            "AbandonRenditions": returned({"unused": ["r/huge", "r/stamp"]}),
        },
        unused=["r/huge", "r/stamp"],
        output=NOBODYS,
    ),
    photo(
        "superseded with one rendition",
        f"{READ} PublishPhoto AbandonRenditions {END}",
        names=["small"],
        answers={"PublishPhoto": SUPERSEDED, "AbandonRenditions": returned({"unused": ["r/small"]})},
        unused=["r/small"],
        output=NOBODYS,
    ),
    photo(
        "superseded by who makes the same renditions",
        f"{READ} PublishPhoto AbandonRenditions {END}",
        answers={"PublishPhoto": SUPERSEDED, "AbandonRenditions": returned({"unused": []})},
        output=NOBODYS,
    ),
    photo(
        "superseded before it is moderated",
        f"{READ} ModeratePhoto AbandonRenditions {END}",
        moderated=verdict("passed"),
        answers={"ModeratePhoto": SUPERSEDED, "AbandonRenditions": returned({"unused": []})},
        output=NOBODYS,
    ),
    photo(
        "superseded before it is held",
        f"{MODERATED} HoldPhoto AbandonRenditions {END}",
        moderated=verdict("held"),
        answers={"HoldPhoto": SUPERSEDED, "AbandonRenditions": returned({"unused": ["r/huge"]})},
        unused=["r/huge"],
        output=NOBODYS,
    ),
    photo(
        "superseded before it is rejected",
        f"ClaimPhoto ValidatePhoto RejectPhoto {END}",
        rejection=BAD,
        answers={"ValidatePhoto": CORRUPT, "RejectPhoto": SUPERSEDED},
        output=NOBODYS,
    ),
    photo(
        "superseded before it is finished",
        f"{READ} PublishPhoto TagPhoto FinishPhoto {END}",
        answers={"FinishPhoto": SUPERSEDED},
        output=NOBODYS,
    ),
    photo(
        "it takes the place of another",
        ACTIVE,
        unused=["r/former/small", "r/former/large"],
        faces=[FACE],
        status="ACTIVE",
    ),
    photo(
        "what is unused cannot be deleted",
        ACTIVE,
        answers={"DeleteObject": refused("InternalError")},
        asked={"DeleteObject": [{"Key": "masters/run-1"}] * 4},
        faces=[FACE],
        status="ACTIVE",
    ),
    photo(
        "services are busy once",
        ACTIVE,
        answers={
            "TagPhoto": [
                THROTTLED,
                refused("TooManyRequestsException"),
                returned({"tags": {"faces": [FACE]}}),
            ],
            "GroupIntoPeople": [raised("PeopleChanged"), returned({})],
        },
        asked={
            "TagPhoto": ANY,
            "FinishPhoto": finish({"tags": {"faces": [FACE]}}),
            "GroupIntoPeople": [invoked("People", key=KEY, execution=ARN, faces=[FACE])] * 2,
        },
        status="ACTIVE",
    ),
    photo(
        "a function is not allowed to do its work",
        f"{READ} PublishPhoto",
        answers={"PublishPhoto": raised("AccessDenied", "No.")},
        error="AccessDenied",
    ),
]

# ------------------------------------------------------------------------------------------------- film

PLANNED = {"developed": DEVELOPED, "preview_bytes": 5, "rungs": [{"name": "90p"}], "destination": "r/film/p"}
PARTS = [
    {"number": 0, "track": "picture"},
    {"number": 1, "track": "picture"},
    {"number": 0, "track": "sound"},
]


def film(
    says: str,
    path: str,
    parts: list[dict[str, Any]],
    *,
    photo: dict[str, Any] = PHOTO,
    developed: dict[str, Any] | None = DEVELOPED,
    answers: dict[str, Any] | None = None,
    asked: dict[str, Any] | None = None,
    output: Any = FILMED,
) -> Scenario:
    """Return an execution of the film workflow, for a film of `parts`."""
    planned = {**PLANNED, "developed": developed, "parts": parts}
    common = {"original": ORIGINAL, "photo": photo, "film": FILM, "execution": ARN}
    return Scenario(
        "film",
        says,
        {**OF_A_FILM, "photo": photo, "master": MASTER, "film": FILM},
        path,
        {
            "PlanFilm": returned(planned),
            "EncodePart": lambda asked: returned({"tracks": [asked["Payload"]["part"]]}),
            "AssembleFilm": returned(WEB_COPY),
            **(answers or {}),
        },
        {
            "PlanFilm": invoked("Film", step="plan", master=MASTER, **common),
            "EncodePart": [
                invoked("Film", step="encode", **common, rungs=PLANNED["rungs"], part=part) for part in parts
            ],
            "AssembleFilm": invoked(
                "Film",
                step="assemble",
                **common,
                planned=planned,
                encoded=[{"tracks": [part]} for part in parts],
            ),
            **(asked or {}),
        },
        output,
    )


REFUSED_FILM = {**dict.fromkeys(FILMED), "rejection": BAD}
FILMS = [
    film("of three parts", "PlanFilm EncodeParts AssembleFilm", PARTS),
    film("of one part", "PlanFilm EncodeParts AssembleFilm", PARTS[:1]),
    film(
        "of a still",
        "PlanFilm EncodeParts AssembleFilm",
        PARTS,
        developed=None,
        output=OF_A_STILL,
    ),
    film(
        "of a still, that cannot be decoded",
        "PlanFilm FilmRefused",
        PARTS,
        photo={**PHOTO, "motion": {}},
        answers={"PlanFilm": CORRUPT},
        output=dict.fromkeys(FILMED),
    ),
    film(
        "that cannot be decoded",
        "PlanFilm FilmRefused",
        PARTS,
        answers={"PlanFilm": CORRUPT},
        output=REFUSED_FILM,
    ),
    film(
        "of which a part cannot be decoded",  # of one, as others would go on into the next scenario
        "PlanFilm EncodeParts FilmRefused",
        PARTS[:1],
        answers={"EncodePart": CORRUPT},
        output=REFUSED_FILM,
    ),
]

# ------------------------------------------------------------------------------------------- conversion


def conversion(
    says: str,
    path: str,
    *,
    told: dict[str, Any] | None = None,
    rungs: int = 2,
    tracks: tuple[str, ...] = ("picture", "sound"),
    copied: bool = False,
    destination: str = "renditions/Sea/film/playlist",
    answers: dict[str, Any] | None = None,
    output: Any = FILMED,
) -> Scenario:
    """Return an execution of the workflow of long films, whose sizes are the first of `RUNGS`."""
    film = {"rotation": 0, "frame_rate": 29.97, **(told or {})}
    common = {"original": ORIGINAL, "film": FILM, "execution": ARN}
    given = {**common, "photo": {**PHOTO, "film": film}, "master": MASTER}
    planned = {
        "developed": DEVELOPED,
        "preview_bytes": 5,
        "rungs": RUNGS[:rungs],
        "parts": [{"number": 0, "track": track, "copied": copied} for track in tracks],
        "destination": destination,
    }
    return Scenario(
        "convert",
        says,
        given,
        path,
        {
            "PlanFilm": returned(planned),
            "MakeFilm": followed(FILMED),
            "ConvertFilm": {"Job": {"Id": "1", "Status": "COMPLETE"}},
            "AdoptFilm": returned(WEB_COPY),
            **(answers or {}),
        },
        {
            "PlanFilm": invoked("Film", step="plan", **given),
            "MakeFilm": waiting_for("FilmWorkflow", given),
            "ConvertFilm": ANY,  # test_conversion_job.py looks at it
            "AdoptFilm": invoked("Film", step="adopt", **common, planned=planned),
        },
        output,
    )


RUNGS = [
    {"name": "1080p", "width": 1920, "height": 1080, "bits_per_second": 6_000_000},
    {"name": "720p", "width": 1280, "height": 720, "bits_per_second": 3_265_986},
]
CONVERTED = "PlanFilm IsConverted ConvertFilm AdoptFilm"
CONVERSIONS = [
    conversion("with sound", CONVERTED),
    conversion(
        "of one size, silent, of many frames",
        CONVERTED,
        told={"frame_rate": 240},
        rungs=1,
        tracks=("picture",),
    ),
    conversion("upright, whose pace nobody knows", CONVERTED, told={"rotation": 90, "frame_rate": None}),
    conversion("that is copied", "PlanFilm IsConverted MakeFilm", copied=True),
    conversion(
        "whose name has what MediaConvert replaces",
        "PlanFilm IsConverted MakeFilm",
        destination="renditions/$dt$/film/playlist",
    ),
    conversion(
        "that cannot be decoded", "PlanFilm FilmRefused", answers={"PlanFilm": CORRUPT}, output=REFUSED_FILM
    ),
    conversion(
        "that was replaced meanwhile",
        f"{CONVERTED} FilmRefused",
        answers={"AdoptFilm": raised("OriginalMissing", "Gone.")},
        output={**REFUSED_FILM, "rejection": {"reason": "OriginalMissing", "message": "Gone."}},
    ),
]

# ---------------------------------------------------------------------------------------------- removal

DELETION = {"detail": {"object": {"key": KEY, "sequencer": "0063"}, "deletion-type": "Delete Marker Created"}}
AGAIN = {**EVENT, "reprocess": True}
LEAVE = "ClaimRemoval LeavePeople LeaveMemories DeleteRenditions BuryRecord"
BURIED = returned({"unused": []})


def removal(
    says: str,
    path: str,
    *,
    renditions: tuple[str, ...] = ("r/huge", "r/small"),
    answers: dict[str, Any] | None = None,
    output: Any = BURIED,
) -> Scenario:
    """Return an execution of the removal workflow, of a record that names `renditions`."""
    gone = {"key": KEY, "album": "Sea", "execution": ARN, "renditions": list(renditions)}
    return Scenario(
        "removal",
        says,
        DELETION,
        path,
        {"ClaimRemoval": returned(gone), "BuryRecord": BURIED, **(answers or {})},
        {
            "ClaimRemoval": invoked("Catalog", step="remove", event=DELETION, execution=ARN, at=NOW),
            "LeavePeople": invoked("People", key=KEY, execution=ARN, faces=[]),
            "LeaveMemories": invoked("Memories", album="Sea", key=KEY, execution=ARN),
            "DeleteRendition": [{"Bucket": "RenditionsBucket", "Key": key} for key in renditions],
            "BuryRecord": invoked("Catalog", step="bury", removal=gone),
        },
        output,
    )


REMOVALS = [
    removal("of a finished photo", f"{LEAVE} RemovalFinished"),
    removal("with one rendition", f"{LEAVE} RemovalFinished", renditions=("r/small",)),
    removal("of a photo without renditions", f"{LEAVE} RemovalFinished", renditions=()),
    removal(
        "of an event that was seen before",
        "ClaimRemoval AlreadyHandled",
        answers={"ClaimRemoval": SUPERSEDED},
        output={"Error": "Superseded", "Cause": ANY},
    ),
    removal(
        "of a photo that is uploaded again while its renditions are deleted",
        f"{LEAVE} Superseded",
        answers={"BuryRecord": SUPERSEDED},
        output={"Error": "Superseded", "Cause": ANY},
    ),
]

# ---------------------------------------------------------------------------------------------- sidecar


def sidecar(says: str, listed: list[str], found: list[str], asked: dict[str, Any], output: Any) -> Scenario:
    """Return an execution for the sidecar Sea/a.xmp: keys that S3 lists, and photos that are looked at."""
    known = {
        "Sea/a.jpg": {"reading": READING, "event": None},
        "Sea/a.HEIC": {"reading": None, "event": AGAIN},
        "Sea/a.png": {"reading": None, "event": None},
    }
    return Scenario(
        "sidecar",
        says,
        {"detail": {"bucket": {"name": "originals"}, "object": {"key": "Sea/a.xmp"}}},
        "FindPhotos ReadAgain",
        {
            "FindPhotos": {
                "KeyCount": len(listed),
                **({"Contents": [{"Key": it} for it in listed]} if listed else {}),
            },
            "FindPhoto": lambda asked: returned(known[asked["Payload"]["key"]]),
            "ReadMetadata": returned(READ_AGAIN),
            "DescribePhoto": returned({"unused": []}),
            "GroupIntoPeople": returned({"people": [], "version": "v"}),
            "GroupIntoMemories": returned({"memory_id": None, "version": "v"}),
            "SendPhoto": {"MessageId": "message"},
        },
        {
            "FindPhotos": {"Bucket": "originals", "Prefix": "Sea/a", "MaxKeys": 200},
            "FindPhoto": [invoked("Catalog", step="find", key=key, execution=ARN) for key in found],
            **asked,
        },
        output,
    )


READING = {
    "key": "Sea/a.jpg",
    "album": "Sea",
    "original": {"bucket": "originals", "key": "Sea/a.jpg", "size": 9, "version_id": None},
    "photo": {"format": "JPEG", "media_type": "image/jpeg", "width": 4, "height": 3, "bytes": 9},
    "owner": "arn:aws:states:eu-west-1:1:execution:photo:owner",
    "faces": None,
}
READ_AGAIN = {"metadata": {"title": "Sea"}, "bytes_read": 9, "version": "v"}
DESCRIBED = {
    "ReadMetadata": invoked("Metadata", original=READING["original"], photo=READING["photo"], execution=ARN),
    "DescribePhoto": invoked("Catalog", step="describe", reading=READING, metadata=READ_AGAIN, execution=ARN),
    "GroupIntoPeople": invoked("People", key="Sea/a.jpg", execution=READING["owner"], faces=None),
    "GroupIntoMemories": invoked("Memories", album="Sea", key="Sea/a.jpg", execution=ARN),
}
SENT = {"QueueUrl": "WaitingUploads", "MessageBody": json.dumps(AGAIN)}
NEIGHBOURS = ["Sea/a.xmp", "Sea/a.jpg.xmp", "Sea/ab.jpg", "Sea/a.d/b.jpg", "Sea/a.b.jpg"]

SIDECARS = [
    sidecar(
        "of three photos, of which one is finished, one is at work and one is rejected",
        [*NEIGHBOURS, "Sea/a.HEIC", "Sea/a.jpg", "Sea/a.png"],
        ["Sea/a.HEIC", "Sea/a.jpg", "Sea/a.png"],
        {**DESCRIBED, "SendPhoto": SENT},
        [{"MessageId": "message"}, {"key": "Sea/a.jpg"}, {"reading": None, "event": None}],
    ),
    sidecar("of one photo", ["Sea/a.jpg"], ["Sea/a.jpg"], DESCRIBED, [{"key": "Sea/a.jpg"}]),
    sidecar("before its photo", NEIGHBOURS, [], {}, []),
    sidecar("that is deleted again", [], [], {}, []),
]

# ---------------------------------------------------------------------------------------------- failure

FAILED = "arn:aws:states:eu-west-1:1:execution:photo:failed"


def event(number: int, kind: str, before: int, entered: str | None = None) -> dict[str, Any]:
    """Return an event of an execution's history."""
    details = {"stateEnteredEventDetails": {"name": entered}} if entered else {}
    return {"id": number, "type": kind, "previousEventId": before, "timestamp": NOW, **details}


TAG_FAILED = [
    event(6, "ExecutionFailed", 0),
    event(5, "TaskFailed", 3),
    event(4, "TaskStateEntered", 1, "Another"),
    event(3, "TaskScheduled", 2),
    event(2, "TaskStateEntered", 1, "TagPhoto"),
    event(1, "ExecutionStarted", 0),
]


def failure(
    says: str,
    *,
    of: Any = EVENT,
    described: dict[str, Any] | None = None,
    history: list[dict[str, Any]] = TAG_FAILED,
    step: str = "TagPhoto",
    error: str = "AccessDenied",
    cause: str = "It may not.",
    record: Answer | None = None,
) -> Scenario:
    """Return an execution of the failure workflow, for an execution with the input `of`."""
    known = of is EVENT
    details = (
        {"status": "FAILED", "error": "AccessDenied", "cause": "It may not."}
        if described is None
        else described
    )
    stored = {"error": error, "cause": cause, "step": step, "execution_arn": FAILED, "at": NOW}
    values = {
        ":failed": {"S": "FAILED"},
        ":key": {"S": KEY},
        ":album": {"S": "unfiled"},
        ":undated": {"S": "photo#undated"},
        ":execution": {"S": FAILED},
        ":failure": {"M": {name: {"S": value} for name, value in stored.items()}},
    }
    whose = KEY if known else "An execution without a photo"
    told = (
        f"{whose} failed at {step} ({error}).\n\n{cause}\n\n"
        f"Mend the cause, then redrive the execution; it resumes at that step:\n{FAILED}"
    )
    attributes = {"status": "FAILED", "error": error, "step": step}
    path = "DescribeFailure FindFailedStep IsPhotoKnown RecordFailure RaiseAlarm"
    return Scenario(
        "failure",
        says,
        {"detail": {"executionArn": FAILED}},
        path if known else path.replace("RecordFailure ", ""),
        {
            "DescribeFailure": {"executionArn": FAILED, "input": json.dumps(of), **details},
            "FindFailedStep": {"events": history},
            "RecordFailure": record or {},
            "RaiseAlarm": {"MessageId": "1"},
        },
        {
            "DescribeFailure": {"executionArn": FAILED},
            "FindFailedStep": {"executionArn": FAILED, "reverseOrder": True, "maxResults": 200},
            "RecordFailure": {"Key": {"id": {"S": f"photo/{KEY}"}}, "ExpressionAttributeValues": values},
            "RaiseAlarm": {
                "TopicArn": "AlertsTopic",
                "Subject": f"Safelight: a photo failed at {step}",
                "Message": told,
                "MessageAttributes": {
                    name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
                },
            },
        },
        {"MessageId": "1"},
    )


FAILURES = [
    failure("of a photo"),
    failure("of an execution without a photo", of={}),
    failure("of a photo that another execution has", record=refused("ConditionalCheckFailedException")),
    failure(
        "by time",
        described={"status": "TIMED_OUT"},
        history=[event(4, "ExecutionTimedOut", 0), *TAG_FAILED[3:]],
        error="TIMED_OUT",
        cause="",
    ),
    failure("at the start", history=[event(2, "ExecutionFailed", 0), TAG_FAILED[-1]], step="the start"),
    failure(
        "in a workflow that was waited for",
        described={
            "status": "FAILED",
            "error": "States.TaskFailed",
            "cause": json.dumps({"Error": "AccessDenied", "Cause": "It may not.", "Status": "FAILED"}),
        },
    ),
    failure(
        "in a workflow of which nothing is told",
        described={"status": "FAILED", "error": "States.TaskFailed", "cause": "It ended."},
        error="States.TaskFailed",
        cause="It ended.",
    ),
    failure(
        "by time in a workflow that was waited for",
        described={
            "status": "FAILED",
            "error": "States.TaskFailed",
            "cause": json.dumps({"Status": "TIMED_OUT"}),
        },
        error="TIMED_OUT",
        cause="",
    ),
    failure(
        "with much to say",
        described={"status": "FAILED", "error": "E", "cause": "é" * 5000},
        error="E",
        cause="é" * 4096,
    ),
]

# ------------------------------------------------------------------------------------------ on-this-day

DAY = {"scheduled_for": "2026-11-26T08:00:00Z", "timezone": "Etc/UTC"}
MEMORY = {"memory_id": "m1", "title": 'A "year" ago', "album": "Sea", "photo_count": 3, "cover_key": KEY}


def on_this_day(says: str, path: str, memory: Any, output: Any, taken: Answer | None = None) -> Scenario:
    """Return an execution of the workflow of the day, which has `memory`."""
    told = f'A "year" ago\n\nAlbum:  Sea\nPhotos: 3\nCover:  {KEY}\nMemory: m1\n'
    return Scenario(
        "on-this-day",
        says,
        DAY,
        f"RememberTheDay IsThereAMemory {path}",
        {
            "RememberTheDay": returned({"day": "2026-11-26", "memory": memory}),
            "TakeTheDay": taken or {},
            "AnnounceMemory": {"MessageId": "1"},
        },
        {
            "RememberTheDay": invoked("OnThisDay", **DAY),
            "TakeTheDay": {
                "Key": {"id": {"S": "announced/2026-11-26"}},
                "ExpressionAttributeValues": {":execution": {"S": ARN}, ":memory": {"S": "m1"}},
            },
            "AnnounceMemory": {
                "TopicArn": "NotificationsTopic",
                "Message": told,
                "MessageAttributes": {
                    "status": {"DataType": "String", "StringValue": "MEMORY"},
                    "album": {"DataType": "String", "StringValue": "Sea"},
                },
            },
        },
        output,
    )


DAYS = [
    on_this_day("a memory", "TakeTheDay AnnounceMemory MemoryAnnounced", MEMORY, {"memory_id": "m1"}),
    on_this_day("nothing", "NothingToAnnounce", None, returned({"day": "2026-11-26", "memory": None})),
    on_this_day(
        "what is announced already",
        "TakeTheDay AlreadyAnnounced",
        MEMORY,
        {"Error": "DynamoDB.ConditionalCheckFailedException", "Cause": ANY},
        refused("ConditionalCheckFailedException"),
    ),
]

# --------------------------------------------------------------------------------------------- backfill


def work(after: str, left: bool, sent: int = 0, *, full: bool = False) -> dict[str, Any]:
    """Return the work on a part of the bucket, of which something is `left` or nothing."""
    part = {"prefix": "Sea/", "after": after, "version": "", "until": ""} if left else None
    counts = {"seen": 2 * sent, "sent": sent, "sent_bytes": 9 * sent}
    return {"part": part, "dry_run": False, **counts, "is_full": full}


def backfill(says: str, parts: list[dict[str, Any]], goes: list[Any], output: Any) -> Scenario:
    """Return an execution over `parts`; `goes` has what is gone on with, and what comes of it."""
    answers = {json.dumps(asked): came for asked, came in goes}
    return Scenario(
        "backfill",
        says,
        {"prefixes": ["Sea/"], "dry_run": False},
        "DivideBucket GoThroughParts CountAll",
        {
            "DivideBucket": returned(parts),
            "SendEvents": lambda asked: returned(answers[json.dumps(asked["Payload"]["work"])]),
        },
        {
            "DivideBucket": invoked("Backfill", step="divide", prefixes=["Sea/"], dry_run=False),
            "SendEvents": [{"Payload": {"step": "go on", "work": asked}} for asked, _ in goes],
        },
        output,
    )


BACKFILLS = [
    backfill(
        "in two parts, of which one has two pages and waits for room",
        [work("", True), work("b", True)],
        [
            (work("", True), work("a", True, 1)),
            (work("a", True, 1), work("a", True, 1, full=True)),
            (work("a", True, 1, full=True), work("", False, 3)),
            (work("b", True), work("", False, 2)),
        ],
        {"seen": 10, "sent": 5, "sent_bytes": 45},
    ),
    backfill(
        "of one part",
        [work("", True)],
        [(work("", True), work("", False))],
        {"seen": 0, "sent": 0, "sent_bytes": 0},
    ),
]

# ----------------------------------------------------------------------------------------------- repair

HOUR = {"scheduled_for": "2026-11-26T08:07:00Z"}
LEFT = {
    **HOUR,
    "left": [{"workflow": "photo", "status": "FAILED", "token": "t"}],
    "recorded": 1,
    "revived": 0,
}
SEEN = {**LEFT, "left": [], "revived": 2}

REPAIRS = [
    Scenario(
        "repair",
        "an hour in two goes",
        HOUR,
        "BringBack IsMore BringBack IsMore BroughtBack",
        {"BringBack": lambda asked: returned(LEFT if asked["Payload"] == HOUR else SEEN)},
        {"BringBack": [{"Payload": HOUR}, {"Payload": LEFT}]},
        SEEN,
    )
]

# ----------------------------------------------------------------------------------------------- digest

DIGESTS = [
    Scenario(
        "digest",
        "of more than one function reads",
        {},
        "AnnounceTogether IsMore AnnounceTogether IsMore Announced",
        {
            "AnnounceTogether": [
                returned({"photos": 5000, "is_more": True}),
                returned({"photos": 7, "is_more": False}),
            ]
        },
        {"AnnounceTogether": [invoked("Notify", step="digest")] * 2},
        {"photos": 7, "is_more": False},
    )
]

# ----------------------------------------------------------------------------------------------- export

WISH = {"title": "Sea", "album": "Sea"}
ARCHIVES = [{"key": "exports/run-1/Sea.zip", "upload_id": "u", "bytes": 9, "crc32": "", "entries": 2}]
WORKS = [{"start": 0, "end": 7}, {"start": 7, "end": 9}]
EXPORTED = {"count": 2, "archives": [], "expires_at": "2026-12-04T02:00:00Z"}
MISSING = raised("OriginalMissing", "a.jpg is gone.")


def export(
    says: str, path: str, changed: dict[str, Any], asked: set[str], output: Any, *, batches: int = 1
) -> Scenario:
    """Return a scenario in which an album is exported, and states answer as always but for `changed`."""
    chosen: dict[str, Any] = {"count": 2, "cover": None, "batches": [{"start": 0, "end": 2}] * batches}
    told = {"wish": WISH, "count": 2, "cover": None, "archives": ARCHIVES, "at": NOW}
    every = {
        "ChoosePhotos": invoked("Export", step="choose", export="run-1", wish=WISH),
        "ComputeChecksum": [
            invoked("Export", step="checksum", export="run-1", batch=batch) for batch in chosen["batches"]
        ],
        "PlanExport": invoked("Export", step="plan", export="run-1", wish=WISH, batches=chosen["batches"]),
        "WritePart": [invoked("Export", step="write", export="run-1", work=work) for work in WORKS],
        "CompleteExport": invoked("Export", step="complete", export="run-1", archives=ARCHIVES),
        "DeliverExport": invoked("Export", step="deliver", export="run-1", **told),
        "AbandonExport": invoked("Export", step="abandon", export="run-1"),
    }
    answers = {
        "ChoosePhotos": returned(chosen),
        "PlanExport": returned({"archives": ARCHIVES, "works": WORKS}),
        "DeliverExport": returned(EXPORTED),
        **changed,
    }
    return Scenario("export", says, WISH, path, answers, {name: every[name] for name in asked}, output)


_BEGUN = {"ChoosePhotos", "ComputeChecksum", "PlanExport"}

EXPORTS = [
    export(
        "of an album",
        "ChoosePhotos ComputeChecksums IsAllThere PlanExport WriteParts IsWhole CompleteExport DeliverExport",
        {},
        _BEGUN | {"WritePart", "CompleteExport", "DeliverExport"},
        EXPORTED,
    ),
    export(
        "of photos whose checksums are known",
        "ChoosePhotos ComputeChecksums IsAllThere PlanExport WriteParts IsWhole CompleteExport DeliverExport",
        {},
        {"ChoosePhotos", "PlanExport", "WritePart", "CompleteExport", "DeliverExport"},
        EXPORTED,
        batches=0,
    ),
    export(
        "an original is gone before it was read",
        "ChoosePhotos ComputeChecksums IsAllThere AbandonExport",
        {"ComputeChecksum": MISSING},
        _BEGUN - {"PlanExport"} | {"AbandonExport"},
        {"refusal": "a.jpg is gone."},
    ),
    export(
        "an original is replaced while parts are written",
        "ChoosePhotos ComputeChecksums IsAllThere PlanExport WriteParts IsWhole AbandonExport",
        {"WritePart": [returned({}), MISSING]},
        _BEGUN | {"WritePart", "AbandonExport"},
        {"refusal": "a.jpg is gone."},
    ),
]

# ---------------------------------------------------------------------------------------------- canary

UPLOADED = {"key": "safelight-canary/photo.jpg", "etag": "e1", "version_id": "v1"}


def found(status: str, etag: str = "e1", **more: Any) -> Answer:
    """Return a record of the canary's photo, as DynamoDB has it."""
    return {"Item": {"status": {"S": status}, "original": {"M": {"etag": {"S": etag}}}, **more}}


DONE = {"processed_at": {"S": NOW}}


def canary(says: str, finds: list[Answer], ends: str, error: str | None = None) -> Scenario:
    """Return a scenario in which the canary finds these records, one after the other."""
    looks = " ".join(["GiveItTime FindPhoto IsActive"] * len(finds))
    asked: dict[str, Any] = {
        "UploadPhoto": invoked("Canary", execution=ARN),
        "FindPhoto": [{"Key": {"id": {"S": "photo/safelight-canary/photo.jpg"}}}] * len(finds),
    }
    output = None
    if error is None:
        asked["DeletePhoto"] = {"Key": UPLOADED["key"], "VersionId": "v1"}
        output = {"key": UPLOADED["key"]}
    answers = {"UploadPhoto": returned(UPLOADED), "FindPhoto": finds, "DeletePhoto": {}}
    return Scenario("canary", says, {}, f"UploadPhoto {looks} {ends}", answers, asked, output, error)


CANARIES = [
    canary(
        "its photo becomes ACTIVE",
        [{}, found("REMOVED", "e0"), found("PROCESSING"), found("ACTIVE"), found("ACTIVE", **DONE)],
        "DeletePhoto AllIsWell",
    ),
    canary("its photo is FAILED", [found("FAILED")], "PhotoNotActive", "PhotoNotActive"),
]

# ---------------------------------------------------------------------------------------------- dropbox

FILE = {"id": "id:1", "rev": "r", "size": 1, "name": "a.jpg"}
BATCH, OTHER = {"files": [FILE, FILE], "gone": []}, {"files": [], "gone": ["/b.jpg"]}
REST = {"files": [FILE], "gone": []}
FETCHED = {"batch": {"files": [], "gone": []}, "wait": 0}


def page(cursor: str | None, *batches: Any, more: bool = False, wait: int = 0) -> Answer:
    """Return what listing a page of changes returns."""
    return returned({"batches": batches, "cursor": cursor, "more": more, "wait": wait, "files": []})


def fetched(asked: Any) -> Answer:
    """Fetch half of one batch, then its rest, and fail at the other."""
    answers = {
        json.dumps(BATCH): returned({"batch": REST, "wait": 2}),
        json.dumps(REST): returned(FETCHED),
        json.dumps(OTHER): raised("Unforeseen", "torn"),
    }
    return answers[json.dumps(asked["Payload"]["batch"])]


LIST = invoked("Fetch", step="list", files=[])
DROPBOXES = [
    Scenario(
        "dropbox",
        "nothing has changed",
        {"files": []},
        "ListChanges MayGoOn KeepCursor IsMore AllFetched",
        {"ListChanges": page("c1")},
        {"ListChanges": LIST, "KeepCursor": invoked("Fetch", step="keep", cursor="c1")},
        {"files": []},
    ),
    Scenario(
        "dropbox",
        "a file that was left, then two pages, of which one is late and one fails in part",
        {"files": [FILE]},
        "ListChanges MayGoOn FetchFiles KeepCursor IsMore ListChanges MayGoOn WaitForDropbox "
        "ListChanges MayGoOn FetchFiles KeepCursor IsMore ListChanges MayGoOn KeepCursor IsMore AllFetched",
        {
            "ListChanges": [
                page(None, REST, more=True),
                page(None, more=True, wait=3),
                page("c1", BATCH, OTHER, more=True),
                page("c2"),
            ],
            "FetchBatch": fetched,
        },
        {
            "ListChanges": [invoked("Fetch", step="list", files=[FILE]), LIST, LIST, LIST],
            "FetchBatch": [
                invoked("Fetch", step="fetch", batch=batch) for batch in (REST, BATCH, REST, *[OTHER] * 3)
            ],
            "LeaveBatch": ANY,
            "KeepCursor": [invoked("Fetch", step="keep", cursor=cursor) for cursor in (None, "c1", "c2")],
        },
        {"files": []},
    ),
]

SCENARIOS = [
    *PHOTOS,
    *FILMS,
    *CONVERSIONS,
    *REMOVALS,
    *SIDECARS,
    *FAILURES,
    *DAYS,
    *BACKFILLS,
    *REPAIRS,
    *DIGESTS,
    *EXPORTS,
    *CANARIES,
    *DROPBOXES,
]
