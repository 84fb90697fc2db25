"""What Safelight knows of a photo, as an XMP sidecar that other programs read (ISO 16684-1). Pure."""

from xml.sax.saxutils import escape, quoteattr

from safelight.record import PhotoRecord

_NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xmp": "http://ns.adobe.com/xap/1.0/",
}
_UNWRITABLE = {code: None for code in range(32) if code not in (9, 10, 13)}


def sidecar_of(record: PhotoRecord) -> str:
    """Return the sidecar of a photo: its time, place, words, rating, and the labels of what it shows."""
    metadata = record.get("metadata", {})
    gps, place = metadata.get("gps", {}), metadata.get("place", {})
    labels = [label["name"] for label in record.get("tags", {}).get("labels", [])]
    when = record.get("taken_at")
    fields: dict[str, object] = {
        "photoshop:DateCreated": f"{when}{metadata.get('offset', '')}" if when else None,
        "xmp:Rating": metadata.get("rating"),
        "photoshop:City": place.get("city"),
        "photoshop:State": place.get("region"),
        "photoshop:Country": place.get("country"),
        "exif:GPSLatitude": _degrees(gps.get("latitude"), "NS"),
        "exif:GPSLongitude": _degrees(gps.get("longitude"), "EW"),
    }
    lines = [f"   <{name}>{_text(value)}</{name}>" for name, value in fields.items() if value is not None]
    for name, words in (
        ("dc:title", metadata.get("title")),
        ("dc:description", metadata.get("description")),
        ("dc:rights", metadata.get("copyright")),
    ):
        lines += _array(name, "Alt", [words] if words else [], ' xml:lang="x-default"')
    creator = metadata.get("creator")
    lines += _array("dc:creator", "Seq", [creator] if creator else [])
    lines += _array("dc:subject", "Bag", list(dict.fromkeys([*metadata.get("keywords", []), *labels])))
    named = "".join(f"\n    xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in _NAMESPACES.items())
    body = "\n".join(lines)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        f' <rdf:RDF xmlns:rdf="{_NAMESPACES["rdf"]}">\n  <rdf:Description rdf:about=""{named}>\n'
        f"{body}\n  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n"
    )


def _array(name: str, kind: str, words: list[str], attribute: str = "") -> list[str]:
    if not words:
        return []
    items = "".join(f"<rdf:li{attribute}>{_text(each)}</rdf:li>" for each in words)
    return [f"   <{name}><rdf:{kind}>{items}</rdf:{kind}></{name}>"]


def _text(value: object) -> str:
    return escape(str(value).translate(_UNWRITABLE))


def _degrees(value: float | None, sides: str) -> str | None:
    """Return degrees as XMP has them: whole degrees, minutes with a fraction, and the side."""
    if value is None:
        return None
    millionths = round(abs(value) * 60_000_000)
    degrees, rest = divmod(millionths, 60_000_000)
    return f"{degrees},{rest / 1_000_000:.6f}{sides[value < 0]}"
