"""Reads XMP packets (ISO 16684-1) into plain values: text, and tuples of text for bags and sequences."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError  # types alone: defusedxml does the parsing

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

Tags = dict[str, Any]

MAX_ITEMS = 200
"""How many members of a bag or sequence are read."""

_PREFIXES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://ns.adobe.com/exif/1.0/aux/": "aux",
    "http://cipa.jp/exif/1.0/": "exifEX",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://ns.google.com/photos/1.0/camera/": "GCamera",
    "http://ns.google.com/photos/1.0/panorama/": "GPano",
    "http://ns.adobe.com/hdr-gain-map/1.0/": "hdrgm",
    "http://ns.apple.com/HDRGainMap/1.0/": "HDRGainMap",
}
"""The namespaces that the record reads from, with the prefixes that their specifications use."""

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def read_xmp(packet: bytes, label: str) -> tuple[Tags, list[str]]:
    """Return the properties of an XMP packet as `label prefix:name`, and what was wrong with it.

    Structures are not read, but for what lies directly in a property. Entities are refused, not expanded.
    """
    packet = packet.strip(b"\x00 \r\n\t")
    if not packet:
        return {}, []
    try:
        root = fromstring(packet, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        return {}, [f"{label} cannot be read: {type(error).__name__}."]
    found: Tags = {}
    for description in root.iter(f"{_RDF}Description"):
        for name, value in _properties(description):
            found.setdefault(f"{label} {name}", value)
    return found, []


def _properties(description: Element) -> Iterator[tuple[str, Any]]:
    for name, text in description.items():
        if known := _known(name):
            yield known, text
    for element in description:
        if known := _known(element.tag):
            yield known, _value(element)


def _known(name: str) -> str | None:
    namespace, _, local = name[1:].partition("}")
    prefix = _PREFIXES.get(namespace)
    return f"{prefix}:{local}" if prefix else None


def _value(element: Element) -> Any:
    for kind in ("Bag", "Seq"):
        if (several := element.find(f"{_RDF}{kind}")) is not None:
            return tuple(member.text or "" for member in several.findall(f"{_RDF}li")[:MAX_ITEMS])
    if (languages := element.find(f"{_RDF}Alt")) is not None:
        members = languages.findall(f"{_RDF}li")[:MAX_ITEMS]
        default = [each for each in members if each.get(_LANGUAGE) == "x-default"]
        return next((each.text or "" for each in [*default, *members]), "")
    return element.text or element.get(f"{_RDF}resource") or ""
