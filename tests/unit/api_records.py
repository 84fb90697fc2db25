"""A small library of records, as the workflow writes them."""

from typing import Any

from safelight.keys import photo_id

KEY = "Sea/Öland/a.jpg"

ACTIVE: dict[str, Any] = {
    "id": photo_id(KEY),
    "status": "ACTIVE",
    "key": KEY,
    "album": "Sea/Öland",
    "filename": "a.jpg",
    "execution_arn": "arn:aws:states:eu-central-1:123456789012:execution:photo:1",
    "timeline": "photo#2024-06-01T10:00:00",
    "taken_at": "2024-06-01T10:00:00",
    "original": {"bucket": "originals", "version_id": "1", "bytes": 1000, "etag": "e"},
    "sequencer": "1",
    "photo": {"format": "JPEG", "media_type": "image/jpeg", "width": 400, "height": 300, "bytes": 1000},
    "renditions": {
        name: {
            "key": f"renditions/Sea/Öland/a.jpg/v/{name}.jpg",
            "url": f"https://example.com/{name}.jpg",
            "width": width,
            "height": width * 3 // 4,
            "bytes": 10,
            "media_type": "image/jpeg",
        }
        for name, width in (("large", 400), ("small", 100))
    },
    "facts": {"thumbhash": "aGFzaA==", "dominant_color": "#102030"},
    "metadata": {
        "title": "At the sea",
        "gps": {"latitude": 56.5, "longitude": 16.6},
        "place": {"locality": "Borgholm"},
    },
    "tags": {
        "labels": [{"name": "Sea", "confidence": 99.0, "parents": []}],
        "text": ["Hello"],
        "moderation": {"verdict": "passed", "labels": [], "model": "7", "reason": ""},
    },
    "people": ["p1"],
    "memory_id": "m1",
    "processed_at": "2026-01-01T00:00:00Z",
}
HELD: dict[str, Any] = {
    "id": photo_id("Sea/held.jpg"),
    "status": "HELD",
    "key": "Sea/held.jpg",
    "album": "Sea",
    "filename": "held.jpg",
    "execution_arn": ACTIVE["execution_arn"],
    "timeline": "photo#undated",
    "original": ACTIVE["original"],
    "sequencer": "1",
    "photo": ACTIVE["photo"],
    "held_renditions": ["renditions/Sea/held.jpg/v/small.jpg"],
    "tags": {
        "moderation": {
            "verdict": "held",
            "labels": [{"name": "Weapons", "parent": "Violence", "confidence": 91.2}],
            "model": "7",
            "reason": "",
        }
    },
    "processed_at": "2026-01-01T00:00:00Z",
}
REJECTED: dict[str, Any] = {
    "id": photo_id("Sea/empty.jpg"),
    "status": "REJECTED",
    "key": "Sea/empty.jpg",
    "album": "Sea",
    "filename": "empty.jpg",
    "execution_arn": ACTIVE["execution_arn"],
    "timeline": "photo#undated",
    "original": ACTIVE["original"],
    "sequencer": "1",
    "rejection": {"reason": "EmptyFile", "message": "empty.jpg has no bytes."},
    "processed_at": "2026-01-01T00:00:00Z",
}
PEOPLE: list[dict[str, Any]] = [
    {"id": f"faces-of/{KEY}", "faces": {"f1": "p1"}, "version": 1},
    {
        "id": "face/f1",
        "face_id": "f1",
        "person_id": "p1",
        "key": KEY,
        "quality": 1.0,
        "box": {"left": 0.1, "top": 0.2, "width": 0.3, "height": 0.4},
    },
    {"id": "person/p1", "person_id": "p1", "name": "Ada"},
    {"id": "memory/m1", "memory_id": "m1", "title": "A day at the sea"},
]
FAILED: dict[str, Any] = {
    **{name: ACTIVE[name] for name in ("original", "sequencer", "execution_arn")},
    "id": photo_id("Sea/failed.jpg"),
    "status": "FAILED",
    "key": "Sea/failed.jpg",
    "album": "Sea",
    "filename": "failed.jpg",
    "timeline": "photo#undated",
    "failure": {
        "error": "ServiceUnavailable",
        "cause": "It was out of reach.",
        "step": "TagPhoto",
        "execution_arn": ACTIVE["execution_arn"],
        "at": "2026-01-01T00:00:00Z",
    },
}
INLAND: dict[str, Any] = {
    **{name: it for name, it in ACTIVE.items() if name not in {"people", "memory_id"}},
    "id": photo_id("Inland/b.jpg"),
    "key": "Inland/b.jpg",
    "album": "Inland",
    "filename": "b.jpg",
}
LIBRARY = (ACTIVE, HELD, REJECTED, FAILED, INLAND, *PEOPLE)
