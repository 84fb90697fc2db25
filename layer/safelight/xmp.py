"""Writes XMP (ISO 16684-1) as sidecars that other programs read. Pure."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple
from xml.sax.saxutils import escape, quoteattr

_NAMESPACES = {
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xmp": "http://ns.adobe.com/xap/1.0/",
}
_UNWRITABLE = {code: None for code in range(32) if code not in (9, 10, 13)} | {0xFFFE: None, 0xFFFF: None}
_LANGUAGE = {"Alt": ' xml:lang="x-default"'}


TAKEOUT = "safelight, from Google Takeout"
"""Who wrote a sidecar that says what Google Photos knew; a program that changes it names itself instead."""


class Array(NamedTuple):
    """Several values of one property; a text that may be in several languages is an `Alt`."""

    kind: Literal["Alt", "Bag", "Seq"]
    items: Sequence[str]


Properties = Mapping[str, str | float | Array | None]
"""Values by their names, as `dc:title`; what is None, or an array of nothing, is not written."""


_OPENING = b'x:xmptk="%s"' % TAKEOUT.encode()


def packet(properties: Properties, toolkit: str) -> str:
    """Return a sidecar with these properties; `toolkit` says who wrote it (`x:xmptk`, ISO 16684-1, 7.3.3)."""
    named = "".join(f"\n    xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in _NAMESPACES.items())
    body = "".join(_element(name, value) for name, value in properties.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk={quoteattr(toolkit)}>\n'
        f' <rdf:RDF xmlns:rdf="{_NAMESPACES["rdf"]}">\n  <rdf:Description rdf:about=""{named}>\n'
        f"{body}  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n"
    )


def is_of_takeout(sidecar: bytes) -> bool:
    """Tell whether a sidecar says what Google Photos knew of a photo, and nobody has changed it since."""
    return _OPENING in sidecar


def degrees(value: float | None, sides: str) -> str | None:
    """Return degrees as XMP has them: whole degrees, minutes with a fraction, and the side of `sides`.

    `sides` are the letters of what is positive and what is negative, `NS` or `EW`.
    """
    if value is None:
        return None
    millionths = round(abs(value) * 60_000_000)
    whole, rest = divmod(millionths, 60_000_000)
    return f"{whole},{rest / 1_000_000:.6f}{sides[value < 0]}"


def _element(name: str, value: str | float | Array | None) -> str:
    if value is None or (isinstance(value, Array) and not value.items):
        return ""
    if not isinstance(value, Array):
        return f"   <{name}>{_text(value)}</{name}>\n"
    items = "".join(f"<rdf:li{_LANGUAGE.get(value.kind, '')}>{_text(each)}</rdf:li>" for each in value.items)
    return f"   <{name}><rdf:{value.kind}>{items}</rdf:{value.kind}></{name}>\n"


def _text(value: object) -> str:
    return escape(str(value).encode(errors="ignore").decode().translate(_UNWRITABLE))
