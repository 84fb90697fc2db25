"""What it means that a photo is not in the library, and what to do, in words for people: one table of it."""

from dataclasses import dataclass

from safelight import errors
from safelight.record import PhotoRecord, Verdict


@dataclass(frozen=True)
class Outcome:
    """`wrong` says what is wrong, without a full stop; `remedy` what to do, in sentences."""

    wrong: str
    remedy: str


_BUSY = Outcome(
    "An AWS service was busy or out of reach", "Bring it back in a while with: safelight retry --failed."
)
_CROWDED = Outcome("Other photos kept changing the same records", _BUSY.remedy)

_BY_REASON = {
    error.__name__: outcome
    for error, outcome in {
        errors.UnsupportedFormat: Outcome(
            "It is no photo or film in a format that this library takes, whatever its name says",
            "Export it as JPEG, PNG, HEIC, AVIF, WebP or TIFF, a film as MP4, and upload the export.",
        ),
        errors.EmptyFile: Outcome(
            "The file is empty", "Copy it from the camera or card once more, and upload the copy."
        ),
        errors.FileTooLarge: Outcome(
            "The file is larger than this library takes, or a film longer",
            "Export a smaller or shorter version and upload that, "
            "or raise the stack's MaxFileMegabytes or MaxFilmMinutes.",
        ),
        errors.TooManyPixels: Outcome(
            "The image has more pixels than this library takes",
            "Export it at a smaller size and upload that, or raise the stack's MaxMegapixels.",
        ),
        errors.TooCostly: Outcome(
            "Decoding the image takes more memory or time than there is",
            "Export it at a smaller size or as a plain JPEG and upload that, "
            "or raise the stack's DevelopMemoryMegabytes and RenderMemoryMegabytes.",
        ),
        errors.TruncatedFile: Outcome(
            "The file ends before its image or film does",
            "It was probably cut short while it was copied: copy it from the camera or card once more.",
        ),
        errors.CorruptFile: Outcome(
            "The file is damaged",
            "Look for an undamaged copy, on the camera's card or in a backup, and upload that.",
        ),
        errors.MalwareFound: Outcome(
            "The file holds malware, and nobody has opened it",
            "Do not open it. Delete the original, and look at the device that it came from.",
        ),
        errors.OriginalMissing: Outcome(
            "The original was deleted before it could be processed",
            "If that was not intended, upload it once more.",
        ),
        errors.OriginalArchived: Outcome(
            "The original lies in an archive of S3",
            "Restore it there, then bring the photo back with: safelight retry --failed.",
        ),
        errors.ServiceThrottled: _BUSY,
        errors.ServiceUnavailable: _BUSY,
        errors.MemoriesChanged: _CROWDED,
        errors.PeopleChanged: _CROWDED,
        errors.AccessDenied: Outcome(
            "A function may not do what it needs to",
            "Grant the permission in template.yaml, deploy, and bring it back: safelight retry --failed.",
        ),
        errors.Misconfigured: Outcome(
            "A setting of a function is missing or wrong",
            "Mend it in template.yaml, deploy, and bring it back with: safelight retry --failed.",
        ),
        errors.RequestRefused: Outcome(
            "A vision service refuses the photo",
            "The original is safe. Report the reason to the makers of Safelight.",
        ),
    }.items()
}
_BY_STATUS = {
    "HELD": Outcome(
        "It is held until someone has looked at it", "Look at the original, and release or delete it."
    ),
    "FAILED": Outcome(
        "Something went wrong on this side, and the original is safe",
        "Mend the cause, then bring it back with: safelight retry --failed.",
    ),
}
_OTHER = Outcome(
    "It could not be processed", "Upload it in another format; if that fails too, tell who runs this library."
)


def outcome_of(status: str, reason: str | None = None) -> Outcome:
    """Return what it means that a photo has `status`, for the `reason` that its record names."""
    return _BY_REASON.get(reason or "") or _BY_STATUS.get(status, _OTHER)


@dataclass(frozen=True)
class Why:
    """Why a photo is not in the library: the error's name or `Held`, what is wrong, and what to do."""

    reason: str
    message: str
    remedy: str


def why_not(record: PhotoRecord) -> Why | None:
    """Return why a photo is not in the library; None of one that is, or is on its way."""
    if rejection := record.get("rejection"):
        remedy = outcome_of("REJECTED", rejection["reason"]).remedy
        return Why(rejection["reason"], rejection["message"], remedy)
    if failure := record.get("failure"):
        outcome = outcome_of("FAILED", failure["error"])
        return Why(failure["error"], f"{outcome.wrong}.", outcome.remedy)
    if record["status"] == "HELD":
        return Why("Held", f"{held_for(record['tags']['moderation'])}.", outcome_of("HELD").remedy)
    return None


def held_for(moderation: Verdict) -> str:
    """Return what a photo is held for, without a full stop."""
    return moderation["reason"] or ", ".join(
        f"{label['name']} {label['confidence']:.0f} %" for label in moderation["labels"]
    )
