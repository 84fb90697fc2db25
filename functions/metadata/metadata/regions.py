"""Reads who is where in a picture from XMP: regions of the Metadata Working Group, of Microsoft and of IPTC.

Metadata Working Group, Guidelines for Handling Image Metadata 2.0, 5.9 (Lightroom, digiKam, Picasa, Apple);
Microsoft, People Tagging Overview (Windows Photo Gallery, and digiKam beside the first); IPTC Photo Metadata
Standard 2022, Image Region and Person Shown. The first two count in the picture as it is stored, whatever its
orientation says.
"""

from collections.abc import Callable, Iterator
from math import isfinite
from typing import NamedTuple
from xml.etree.ElementTree import Element

Box = tuple[float, float, float, float]
"""Left, top, width and height, as fractions of the picture."""

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_MWG = "{http://www.metadataworkinggroup.com/schemas/regions/}"
_AREA = "{http://ns.adobe.com/xmp/sType/Area#}"
_DIMENSIONS = "{http://ns.adobe.com/xap/1.0/sType/Dimensions#}"
_MICROSOFT = "{http://ns.microsoft.com/photo/1.2/}"
_MICROSOFT_INFO = "{http://ns.microsoft.com/photo/1.2/t/RegionInfo#}"
_MICROSOFT_REGION = "{http://ns.microsoft.com/photo/1.2/t/Region#}"
_IPTC = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"


class Region(NamedTuple):
    """A part of the stored picture: who or what it is, and where.

    `box` is left, top, width and height as fractions of the stored picture, or None where only the name is
    told; `applied_to` is the size in pixels of the picture that the box was drawn in, where that is told.
    """

    name: str
    kind: str
    box: Box | None
    applied_to: tuple[float, float] | None
    source: str


def regions_of(description: Element, label: str) -> list[Region]:
    """Return the regions that a description tells, those of every schema; `label` is XMP or Sidecar."""
    found: list[Region] = []
    for read in (_working_group, _microsoft, _shown):
        found += read(description, label)
    return found


def _working_group(description: Element, label: str) -> Iterator[Region]:
    regions = _field(description, f"{_MWG}Regions")
    if regions is None:
        return
    size = _field(regions, f"{_MWG}AppliedToDimensions")
    applied = None if size is None else _numbers(size, _DIMENSIONS, "w", "h")
    applied_to = (applied[0], applied[1]) if applied else None
    for region in _listed(regions, f"{_MWG}RegionList"):
        area = _field(region, f"{_MWG}Area")
        box = None
        if area is not None and (numbers := _numbers(area, _AREA, "x", "y", "w", "h")):
            x, y, width, height = numbers  # the middle, not the corner
            if _text(area, f"{_AREA}unit") == "pixel" and applied_to:
                x, width = x / applied_to[0], width / applied_to[0]
                y, height = y / applied_to[1], height / applied_to[1]
            box = (x - width / 2, y - height / 2, width, height)
        kind = _text(region, f"{_MWG}Type").lower()
        yield Region(_text(region, f"{_MWG}Name"), kind, box, applied_to, f"{label} mwg-rs:Regions")


def _microsoft(description: Element, label: str) -> Iterator[Region]:
    regions = _field(description, f"{_MICROSOFT}RegionInfo")
    if regions is None:
        return
    for region in _listed(regions, f"{_MICROSOFT_INFO}Regions"):
        parts = [_number(part) for part in _text(region, f"{_MICROSOFT_REGION}Rectangle").split(",")]
        left, top, width, height = parts if len(parts) == 4 else [None] * 4
        if left is None or top is None or width is None or height is None:
            box = None
        else:
            box = (left, top, width, height)
        name = _text(region, f"{_MICROSOFT_REGION}PersonDisplayName")
        yield Region(name, "face", box, None, f"{label} MP:RegionInfo")


def _shown(description: Element, label: str) -> Iterator[Region]:
    for person in _listed(description, f"{_IPTC}PersonInImage"):
        yield Region(person.text or "", "person", None, None, f"{label} Iptc4xmpExt:PersonInImage")


def _field(structure: Element, name: str) -> Element | None:
    """Return the field of a structure, whichever of RDF's ways it is written in (ISO 16684-1, 7.9)."""
    for inner in (structure, *structure.findall(f"{_RDF}Description")):
        if (found := inner.find(name)) is not None:
            return found
    return None


def _text(structure: Element, name: str) -> str:
    for inner in (structure, *structure.findall(f"{_RDF}Description")):
        if (text := inner.get(name)) is not None:
            return text.strip()
    found = _field(structure, name)
    return "" if found is None else (found.text or "").strip()


def _listed(structure: Element, name: str) -> Iterator[Element]:
    listed = _field(structure, name)
    if listed is not None:
        for kind in ("Bag", "Seq"):
            for members in listed.findall(f"{_RDF}{kind}"):
                yield from members.findall(f"{_RDF}li")


def _numbers(structure: Element, space: str, *names: str) -> list[float] | None:
    """Return the numbers under `names`, or None unless each of them is there."""
    found = [_number(_text(structure, f"{space}{name}")) for name in names]
    known = [each for each in found if each is not None]
    return known if len(known) == len(names) else None


def _number(text: str) -> float | None:
    try:  # some programs write the decimal comma of their user
        number = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return number if isfinite(number) else None


_TURNS: dict[int, Callable[[float, float, float, float], Box]] = {
    2: lambda left, top, width, height: (1 - left - width, top, width, height),
    3: lambda left, top, width, height: (1 - left - width, 1 - top - height, width, height),
    4: lambda left, top, width, height: (left, 1 - top - height, width, height),
    5: lambda left, top, width, height: (top, left, height, width),
    6: lambda left, top, width, height: (1 - top - height, left, height, width),
    7: lambda left, top, width, height: (1 - top - height, 1 - left - width, height, width),
    8: lambda left, top, width, height: (top, 1 - left - width, height, width),
}
"""Where a box of the stored picture is in the displayed one, by the orientation of Exif."""


def displayed(region: Region, orientation: int, size: tuple[int | None, int | None]) -> Box | None:
    """Return the box of `region` in the displayed picture of `size`, cut to its edges; None without one.

    A program that turned the pixels, and drew in what it saw, says so by the size that its regions apply to.
    """
    if region.box is None:
        return None
    box = region.box
    width, height = size
    seen = region.applied_to
    turned = bool(
        orientation >= 5 and seen and width and height and (seen[0] - seen[1]) * (width - height) > 0
    )
    if orientation in _TURNS and not turned:
        box = _TURNS[orientation](*box)
    left, top = max(box[0], 0.0), max(box[1], 0.0)
    right, bottom = min(box[0] + box[2], 1.0), min(box[1] + box[3], 1.0)
    seen_width, seen_height = round(right - left, 6), round(bottom - top, 6)
    if seen_width <= 0 or seen_height <= 0:
        return None
    return round(left, 6), round(top, 6), seen_width, seen_height


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes share more than half of what both cover."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    shared = max(width, 0.0) * max(height, 0.0)
    return 2 * shared > one[2] * one[3] + other[2] * other[3] - shared
