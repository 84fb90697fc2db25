"""Records as the product writes them, for tests of what is made of them."""

from typing import Any

from safelight.keys import album_of, filename_of, memory_record_id, person_record_id, photo_id

ARN = "arn:aws:states:eu-central-1:123456789012:execution:photo:1"


def photo(key: str, taken_at: str | None = "2024-06-01T10:00:00", **changes: Any) -> dict[str, Any]:
    """Return the record of a photo that is ACTIVE; `changes` are of its fields, None takes one away."""
    metadata: dict[str, Any] = {"taken_at": taken_at} if taken_at else {}
    record: dict[str, Any] = {
        "id": photo_id(key),
        "status": "ACTIVE",
        "key": key,
        "album": album_of(key),
        "filename": filename_of(key),
        "execution_arn": ARN,
        "timeline": f"photo#{taken_at or 'undated'}",
        "original": {"bucket": "originals", "version_id": "1", "bytes": 1000, "etag": "e"},
        "sequencer": "1",
        "claimed_at": "2026-01-01T00:00:00.000Z",
        "published_at": "2026-01-01T00:00:01.000Z",
        "processed_at": "2026-01-01T00:00:02.000Z",
        "taken_at": taken_at,
        "photo": {"format": "JPEG", "media_type": "image/jpeg", "width": 400, "height": 300, "bytes": 1000},
        "renditions": {
            name: {
                "key": f"renditions/{key}/v/{name}.jpg",
                "url": f"https://example.com/renditions/{key}/v/{name}.jpg",
                "width": width,
                "height": width * 3 // 4,
                "bytes": 10,
                "media_type": "image/jpeg",
            }
            for name, width in (("large", 400), ("small", 100))
        },
        "facts": {
            "thumbhash": "aGFzaA==",
            "perceptual_hash": "7c6a6b4f3411c5c3",
            "dominant_color": "#808080",
            "sharpness": 100.0,
            "clipped_shadows": 0.0,
            "clipped_highlights": 0.0,
        },
        "metadata": metadata,
        "tags": {
            "moderation": {"verdict": "passed", "labels": [], "model": "7", "reason": ""},
            "calls": {},
            "owed": False,
            "labels": [],
            "faces": [],
            "text": [],
            "model": "local",
        },
        "ledger": {},
    }
    for name, value in changes.items():
        if value is None:
            del record[name]
        elif name in ("metadata", "tags", "facts"):
            record[name] = record[name] | value
        else:
            record[name] = value
    return record


def labels(*names: str, parents: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return tags with these labels, each a kind of `parents`."""
    return {
        "labels": [
            {
                "name": name,
                "confidence": 90.0,
                "parents": list(parents),
                "categories": [],
                "instances": [],
            }
            for name in names
        ]
    }


def person(person_id: str, name: str | None, cover_key: str) -> dict[str, Any]:
    """Return the record of a person."""
    return {
        "id": person_record_id(person_id),
        "album": "people",
        "timeline": f"person#{person_id}",
        "person_id": person_id,
        "face_count": 1,
        "not_same": [],
        "absorbing": [],
        "told": {},
        "version": 1,
        "cover": {
            "face_id": f"face-{person_id}",
            "key": cover_key,
            "box": {"left": 0.1, "top": 0.2, "width": 0.3, "height": 0.4},
            "quality": 8.0,
        },
    } | ({"name": name} if name else {})


def memory(memory_id: str, kind: str, span: tuple[str, str], cover_key: str, **more: Any) -> dict[str, Any]:
    """Return the record of a memory of the album of its cover."""
    return {
        "id": memory_record_id(memory_id),
        "album": album_of(cover_key),
        "timeline": f"memory#{span[0]}",
        "memory_id": memory_id,
        "kind": kind,
        "title": "Three days in Koror, August 2025",
        "starts_at": span[0],
        "ends_at": span[1],
        "photo_count": 2,
        "cover_key": cover_key,
        "highlights": [cover_key],
        "score": 0.6,
        "version": 1,
        **more,
    }
