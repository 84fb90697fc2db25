"""What is counted of a photo when it is announced, for the dashboard and its alarms. Pure."""

from collections.abc import Iterator
from datetime import datetime

from safelight.metering import Measure
from safelight.record import PhotoRecord


def measures_of(photo: PhotoRecord, uploaded_at: str | None) -> Iterator[Measure]:
    """Yield what is counted of a photo that is finished, held or rejected.

    SecondsToActive is from its claim until it was published, FilmSecondsToActive that of a film, which takes
    as long as it plays; SecondsFromUpload is from when S3 had it, which is longer by what it waited for its
    place. S3 tells the second that it was in.
    """
    yield Measure({"Photos": ("Count", 1)}, {"status": str(photo["status"])})
    if rejection := photo.get("rejection"):
        yield Measure({"Rejected": ("Count", 1)}, {"reason": rejection["reason"]})
    if photo["status"] == "ACTIVE":
        claimed, published = (datetime.fromisoformat(photo[it]) for it in ("claimed_at", "published_at"))
        waited = {}
        if uploaded_at:
            since = datetime.fromisoformat(uploaded_at)
            waited = {"SecondsFromUpload": ("Seconds", (published - since).total_seconds())}
        yield Measure(
            {
                "Bytes": ("Bytes", photo["photo"]["bytes"]),
                f"{'Film' if 'film' in photo['photo'] else ''}SecondsToActive": (
                    "Seconds",
                    (published - claimed).total_seconds(),
                ),
                **waited,
                "OwedTags": ("Count", int(photo.get("tags", {}).get("owed", False))),
            },
            {},
        )
