"""Makes of photos' records what the gallery page shows, and fetches their renditions."""

from collections.abc import Sequence
from pathlib import Path

from safelight.listing import playback_of
from safelight.record import PhotoRecord
from safelight_library import words
from safelight_library.duplicates import groups_of
from safelight_library.library import Library
from safelight_local.gallery.page import (
    GalleryMemory,
    GalleryPerson,
    GalleryPhoto,
    GalleryRendition,
    write_gallery,
)


def write_album(library: Library, album: str, photos: Sequence[PhotoRecord], directory: Path) -> Path:
    """Write the page of `photos` with its renditions into a folder of the album's name; return its path."""
    directory = directory / album.replace("/", ", ")
    memories = library.memories_of(photos)
    below = {
        spare.photo["key"]: (group.keep.photo, spare.why)
        for group in groups_of(photos)
        for spare in group.spare
    }
    return write_gallery(
        directory,
        album,
        [_photo(library, photo, directory, below.get(photo["key"])) for photo in photos],
        [
            GalleryMemory(
                memory_id=memory["memory_id"],
                title=memory["title"],
                starts_at=memory["starts_at"],
                ends_at=memory["ends_at"],
                photo_count=memory["photo_count"],
                cover_key=memory["cover_key"],
                trip=memories.get(memory.get("trip_id", ""), {}).get("title"),
            )
            for memory in memories.values()
            if memory["kind"] == "event"
        ],
        [
            GalleryPerson(each["person_id"], each["name"], each["key"], **each["box"])
            for each in library.people_of(photos)
        ],
    )


def _photo(
    library: Library, photo: PhotoRecord, directory: Path, below: tuple[PhotoRecord, str] | None
) -> GalleryPhoto:
    """Return a photo as the page shows it; `below` is the photo that it lies below, and why."""
    shown = photo if photo["status"] == "ACTIVE" else {**photo, "renditions": {}}
    paths = library.download_renditions(shown, directory)
    playback = playback_of(photo)
    preview = library.download_preview(shown, directory)
    name, message = words.reason(photo)
    return GalleryPhoto(
        key=photo["key"],
        filename=photo["filename"],
        status=photo["status"],
        placeholder=shown.get("placeholder"),
        renditions={
            each: GalleryRendition(
                href=path.relative_to(directory).as_posix(),
                width=shown["renditions"][each]["width"],
                height=shown["renditions"][each]["height"],
                media_type=shown["renditions"][each]["media_type"],
            )
            for each, path in paths.items()
        },
        width=photo.get("photo", {}).get("width", 0),
        height=photo.get("photo", {}).get("height", 0),
        taken_at=photo.get("taken_at"),
        place=words.place(photo),
        camera=words.camera(photo),
        exposure=words.exposure(photo),
        labels=words.labels(photo),
        text=words.text(photo),
        memory_id=photo.get("memory_id"),
        people=photo.get("people", []),
        reason=name,
        message=message,
        color=photo.get("facts", {}).get("dominant_color"),
        stacked_on=below[0]["key"] if below else None,
        alike=words.alike(*below) if below else None,
        preview=preview.relative_to(directory).as_posix() if preview else None,
        seconds=playback.seconds if playback else 0,
    )
