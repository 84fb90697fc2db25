"""What Safelight knows of a photo, as an XMP sidecar that other programs read. Pure."""

from safelight import __version__
from safelight.record import PhotoRecord
from safelight.xmp import Array, degrees, packet


def sidecar_of(record: PhotoRecord) -> str:
    """Return the sidecar of a photo: its time, place, words, rating, and the labels of what it shows."""
    metadata = record.get("metadata", {})
    gps, place = metadata.get("gps", {}), metadata.get("place", {})
    labels = [label["name"] for label in record.get("tags", {}).get("labels", [])]
    when = record.get("taken_at")
    return packet(
        {
            "photoshop:DateCreated": f"{when}{metadata.get('offset', '')}" if when else None,
            "xmp:Rating": metadata.get("rating"),
            "photoshop:City": place.get("city"),
            "photoshop:State": place.get("region"),
            "photoshop:Country": place.get("country"),
            "exif:GPSLatitude": degrees(gps.get("latitude"), "NS"),
            "exif:GPSLongitude": degrees(gps.get("longitude"), "EW"),
            "dc:title": _words(metadata.get("title")),
            "dc:description": _words(metadata.get("description")),
            "dc:rights": _words(metadata.get("copyright")),
            "dc:creator": Array("Seq", [creator] if (creator := metadata.get("creator")) else []),
            "dc:subject": Array("Bag", list(dict.fromkeys([*metadata.get("keywords", []), *labels]))),
        },
        f"safelight {__version__}",
    )


def _words(text: str | None) -> Array:
    return Array("Alt", [text] if text else [])
