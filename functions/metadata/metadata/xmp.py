"""Reads XMP packets (ISO 16684-1) into plain values: text, and tuples of text for bags and sequences."""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder  # defusedxml does the parsing

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from metadata.decoding import decoded
from metadata.regions import Region, regions_of

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
_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)""")
_STARTS = (
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0<", "utf-16-be"),
    (b"<\0", "utf-16-le"),
)
"""How a byte order mark, or the first letter, tells the encoding of a packet (XML 1.0, appendix F)."""
_NO_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML 1.0 has no place for; some editors copy it from Exif."""


class _Tree(TreeBuilder):
    """The tree of a document, as far as it was read; of an element that was not closed, no text."""

    def __init__(self) -> None:
        super().__init__()
        self.root: Element | None = None
        self.depth = 0

    def start(self, tag: str, attributes: dict[str, str], /) -> Element:
        element = super().start(tag, attributes)
        if self.root is None:
            self.root = element
        self.depth += 1
        return element

    def end(self, tag: str, /) -> Element:
        self.depth -= 1
        return super().end(tag)

    @property
    def whole(self) -> bool:
        """Whether the root was closed: what follows is a leftover, or the packet's trailer."""
        return self.root is not None and self.depth == 0


def read_xmp(packet: bytes, label: str) -> tuple[Tags, list[Region], list[str]]:
    """Return the properties of an XMP packet as `label prefix:name`, its regions, and what was wrong with it.

    What stands before damage is read. Of structures, what lies directly in a property is read. Entities are
    refused, not expanded.
    """
    if not packet.strip(b"\x00 \r\n\t"):
        return {}, [], []
    tree = _Tree()
    damage = ""
    try:
        parser = DefusedXMLParser(target=tree, forbid_dtd=True)
        parser.feed(_text(packet))
        parser.close()
    except ParseError as error:
        if not tree.whole:
            damage = f"{label} cannot be read: {type(error).__name__}."
    except (DefusedXmlException, ValueError, LookupError) as error:
        return {}, [], [f"{label} cannot be read: {type(error).__name__}."]
    found: Tags = {}
    regions: list[Region] = []
    for description in _descriptions(tree.root):
        for name, value in _properties(description):
            found.setdefault(f"{label} {name}", value)
        regions += regions_of(description, label)
    if damage and found:
        damage = f"{label} is damaged or cut; what stands before that was read."
    return found, regions, [damage] if damage else []


def _text(packet: bytes) -> str:
    """Return the packet as text, from its first element on.

    Raises:
        LookupError: it is in an encoding that nobody knows.
    """
    for start, encoding in _STARTS:
        if packet.startswith(start):
            return _cleaned(packet.decode(encoding, "replace"))
    declared = _ENCODING.match(packet)
    encoding = declared[1].decode().lower() if declared else "utf-8"
    return _cleaned(decoded(packet) if encoding == "utf-8" else packet.decode(encoding, "replace"))


def _cleaned(text: str) -> str:
    return _NO_CHARACTERS.sub("", text[max(text.find("<"), 0) :])


def _descriptions(root: Element | None) -> Iterator[Element]:
    """Yield what describes the picture itself, and not what is described within: ingredients, history."""
    if root is not None:
        for rdf in root.iter(f"{_RDF}RDF"):
            yield from rdf


def _properties(description: Element) -> Iterator[tuple[str, Any]]:
    for name, text in description.items():
        if known := _known(name):
            yield known, text
    for element in description:
        if known := _known(element.tag):
            yield known, _value(element)
            for inner in (element, *element.findall(f"{_RDF}Description")):
                fields = [*inner.items(), *((each.tag, each.text or "") for each in inner)]
                for field_name, text in fields:
                    if field := _known(field_name):
                        yield f"{known}/{field}", text


def _known(name: str) -> str | None:
    namespace, _, local = name[1:].partition("}")
    prefix = _PREFIXES.get(namespace)
    return f"{prefix}:{local}" if prefix else None


def _value(element: Element) -> Any:
    for kind in ("Bag", "Seq"):
        if (several := element.find(f"{_RDF}{kind}")) is not None:
            return tuple(_plain(member) for member in several.findall(f"{_RDF}li")[:MAX_ITEMS])
    if (languages := element.find(f"{_RDF}Alt")) is not None:
        members = languages.findall(f"{_RDF}li")[:MAX_ITEMS]
        default = [each for each in members if each.get(_LANGUAGE) == "x-default"]
        return next((text for each in [*default, *members] if (text := _plain(each)).strip()), "")
    return _plain(element)


def _plain(element: Element) -> str:
    """Return the text of an element; with qualifiers, that of its `rdf:value` (ISO 16684-1, 7.8)."""
    for inner in (element, *element.findall(f"{_RDF}Description")):
        value = inner.find(f"{_RDF}value")
        text = inner.get(f"{_RDF}value") if value is None else value.text
        if text is not None:
            return text
    return element.text or element.get(f"{_RDF}resource") or ""
