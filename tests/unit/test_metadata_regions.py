"""Faces and names that other programs wrote into a photo, in the picture as it is displayed."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from metadata.bounded import Header
from metadata.record import MAX_REGIONS, Asked, build_record, read_record
from metadata.regions import Region, displayed
from metadata_files import exif_segment, jpeg, tiff, xmp_segment

SPACES = {
    "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
    "stArea": "http://ns.adobe.com/xmp/sType/Area#",
    "stDim": "http://ns.adobe.com/xap/1.0/sType/Dimensions#",
    "MP": "http://ns.microsoft.com/photo/1.2/",
    "MPRI": "http://ns.microsoft.com/photo/1.2/t/RegionInfo#",
    "MPReg": "http://ns.microsoft.com/photo/1.2/t/Region#",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
}


def packet(*properties: str) -> bytes:
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in SPACES.items())
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f"<rdf:Description {declared}>{''.join(properties)}</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def lightroom(
    *regions: tuple[str, str, float, float, float, float], size: tuple[int, int] = (4000, 3000)
) -> str:
    """Structures as attributes of descriptions; x and y are of the middle."""
    items = "".join(
        f'<rdf:li><rdf:Description mwg-rs:Type="{kind}" mwg-rs:Name="{name}">'
        f'<mwg-rs:Area stArea:x="{x}" stArea:y="{y}" stArea:w="{w}" stArea:h="{h}" stArea:unit="normalized"/>'
        "</rdf:Description></rdf:li>"
        for name, kind, x, y, w, h in regions
    )
    return (
        "<mwg-rs:Regions><rdf:Description><mwg-rs:AppliedToDimensions "
        f'stDim:w="{size[0]}" stDim:h="{size[1]}" stDim:unit="pixel"/>'
        f"<mwg-rs:RegionList><rdf:Bag>{items}</rdf:Bag></mwg-rs:RegionList></rdf:Description></mwg-rs:Regions>"
    )


def digikam(name: str, x: str, y: str, w: str, h: str, unit: str = "normalized") -> str:
    """Structures as elements, with the decimal comma of whoever runs it."""
    fields = "".join(
        f"<stArea:{key}>{value}</stArea:{key}>" for key, value in zip("xywh", (x, y, w, h), strict=True)
    )
    return (
        '<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:AppliedToDimensions rdf:parseType="Resource">'
        "<stDim:w>4000</stDim:w><stDim:h>3000</stDim:h></mwg-rs:AppliedToDimensions>"
        f'<mwg-rs:RegionList><rdf:Bag><rdf:li rdf:parseType="Resource"><mwg-rs:Name>{name}</mwg-rs:Name>'
        f'<mwg-rs:Type>Face</mwg-rs:Type><mwg-rs:Area rdf:parseType="Resource">{fields}'
        f"<stArea:unit>{unit}</stArea:unit></mwg-rs:Area></rdf:li></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>"
    )


def microsoft(name: str, rectangle: str) -> str:
    return (
        "<MP:RegionInfo><rdf:Description><MPRI:Regions><rdf:Bag><rdf:li><rdf:Description "
        f'MPReg:Rectangle="{rectangle}" MPReg:PersonDisplayName="{name}"/></rdf:li></rdf:Bag></MPRI:Regions>'
        "</rdf:Description></MP:RegionInfo>"
    )


def shown(*names: str) -> str:
    items = "".join(f"<rdf:li>{name}</rdf:li>" for name in names)
    return f"<Iptc4xmpExt:PersonInImage><rdf:Bag>{items}</rdf:Bag></Iptc4xmpExt:PersonInImage>"


def read(*properties: str, orientation: int = 1, **asked: Any) -> list[dict[str, Any]]:
    data = jpeg(exif_segment(tiff({0x0112: orientation})), xmp_segment(packet(*properties)))
    record = read_record(Header(io.BytesIO(data)), Asked(**asked))
    return [dict(region) for region in record.get("regions", [])]


BOX = {"left": 0.4, "top": 0.3, "width": 0.2, "height": 0.2}
WORKING_GROUP = {"name": "Ada", "type": "face", "box": BOX, "source": "XMP mwg-rs:Regions"}
ADA = ("Ada", "Face", 0.5, 0.4, 0.2, 0.2)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (lightroom(ADA), WORKING_GROUP),
        (digikam("Ada", "0.5", "0.4", "0.2", "0.2"), WORKING_GROUP),
        (digikam("Ada", "0,5", "0,4", "0,2", "0,2"), WORKING_GROUP),
        (digikam("Ada", "2000", "1200", "800", "600", "pixel"), WORKING_GROUP),
        (microsoft("Ada", "0.4, 0.3, 0.2, 0.2"), WORKING_GROUP | {"source": "XMP MP:RegionInfo"}),
        (shown("Ada"), {"name": "Ada", "type": "person", "source": "XMP Iptc4xmpExt:PersonInImage"}),
        (
            lightroom(("", "Focus", 0.5, 0.4, 0.2, 0.2)),
            {"type": "focus", "box": BOX, "source": "XMP mwg-rs:Regions"},
        ),
        (lightroom(("Rex", "Pet", 0.5, 0.4, 0.2, 0.2)), WORKING_GROUP | {"name": "Rex", "type": "pet"}),
        (
            lightroom(("Ada", "Face", 0.05, 0.95, 0.2, 0.2)),
            WORKING_GROUP | {"box": {"left": 0.0, "top": 0.85, "width": 0.15, "height": 0.15}},
        ),
        (
            digikam("Ada", "here", "0.4", "0.2", "0.2"),
            {key: WORKING_GROUP[key] for key in ("name", "type", "source")},
        ),
        (
            digikam("Ada", "nan", "0.4", "0.2", "inf"),
            {key: WORKING_GROUP[key] for key in ("name", "type", "source")},
        ),
        (microsoft("Ada", "0.4, 0.3"), {"name": "Ada", "type": "face", "source": "XMP MP:RegionInfo"}),
    ],
)
def test_regions_of_every_program_are_read(written: str, expected: dict[str, Any]) -> None:
    assert read(written) == [expected]


@pytest.mark.parametrize(
    "written", [lightroom(), lightroom(("", "Face", 3.0, 3.0, 0.2, 0.2)), shown(""), shown(" ")]
)
def test_a_region_that_says_nothing_is_none(written: str) -> None:
    assert read(written) == []


def test_what_another_schema_says_again_is_left_out() -> None:
    again = (microsoft("Ada", "0.41, 0.31, 0.2, 0.2"), shown("Ada", "Bo"))
    assert [(region["name"], "box" in region) for region in read(lightroom(ADA), *again)] == [
        ("Ada", True),
        ("Bo", False),
    ]


def test_two_of_one_name_are_two() -> None:
    twins = read(lightroom(ADA, ("Ada", "Face", 0.8, 0.4, 0.2, 0.2)))
    assert [region["box"]["left"] for region in twins] == [0.4, 0.7]
    strangers = read(lightroom(("", "Face", 0.5, 0.4, 0.2, 0.2), ("", "Face", 0.8, 0.4, 0.2, 0.2)))
    assert len(strangers) == 2


def test_a_sidecar_outranks_the_file() -> None:
    found = read(lightroom(ADA), sidecar=packet(lightroom(("Bo", "Face", 0.5, 0.4, 0.2, 0.2))))
    assert [(region["name"], region["source"]) for region in found] == [("Bo", "Sidecar mwg-rs:Regions")]


def test_a_name_of_every_script_is_kept_and_a_long_one_is_cut() -> None:
    assert read(shown("アダ\u202e\x1f Łovelace"))[0]["name"] == "アダ Łovelace"
    assert read(shown("x" * 1000))[0]["name"] == "x" * 64


def test_more_regions_than_a_record_holds_are_told() -> None:
    data = jpeg(xmp_segment(packet(shown(*(f"Person {number}" for number in range(MAX_REGIONS + 1))))))
    record = read_record(Header(io.BytesIO(data)))
    assert len(record["regions"]) == MAX_REGIONS
    assert record["warnings"] == ["Regions were cut: the first 100 were read."]


FACE = Region("Ada", "face", (0.1, 0.2, 0.3, 0.4), (4000, 3000), "")
TURNED = {
    1: (0.1, 0.2, 0.3, 0.4),
    2: (0.6, 0.2, 0.3, 0.4),
    3: (0.6, 0.4, 0.3, 0.4),
    4: (0.1, 0.4, 0.3, 0.4),
    5: (0.2, 0.1, 0.4, 0.3),
    6: (0.4, 0.1, 0.4, 0.3),
    7: (0.4, 0.6, 0.4, 0.3),
    8: (0.2, 0.6, 0.4, 0.3),
}


@pytest.mark.parametrize("orientation", TURNED)
def test_a_box_turns_with_the_picture(orientation: int) -> None:
    size = (3000, 4000) if orientation > 4 else (4000, 3000)
    assert displayed(FACE, orientation, size) == pytest.approx(TURNED[orientation])
    assert displayed(FACE, orientation, (None, None)) == pytest.approx(TURNED[orientation])


@pytest.mark.parametrize("orientation", TURNED)
def test_a_turn_of_pixels_and_of_boxes_is_one(orientation: int) -> None:
    """What Pillow makes of a picture with one white box is what is made of the box."""
    picture = Image.new("L", (100, 100))
    picture.paste(255, (10, 20, 40, 60))
    made = Image.Exif()
    made[0x0112] = orientation
    buffer = io.BytesIO()
    picture.save(buffer, "TIFF", exif=made.tobytes())
    left, top, right, bottom = ImageOps.exif_transpose(Image.open(buffer)).getbbox() or (0, 0, 0, 0)
    assert displayed(FACE, orientation, (None, None)) == pytest.approx(
        (left / 100, top / 100, (right - left) / 100, (bottom - top) / 100)
    )


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_what_was_drawn_in_the_turned_picture_is_not_turned_again(orientation: int) -> None:
    seen = FACE._replace(applied_to=(3000, 4000))
    assert displayed(seen, orientation, (3000, 4000)) == pytest.approx(TURNED[1])
    square = FACE._replace(applied_to=(3000, 3000))
    assert displayed(square, orientation, (3000, 3000)) == pytest.approx(TURNED[orientation])


def test_the_orientation_of_the_file_turns_its_regions() -> None:
    (region,) = read(lightroom(("Ada", "Face", 0.25, 0.4, 0.3, 0.4)), orientation=6, width=3000, height=4000)
    assert region["box"] == {"left": 0.4, "top": 0.1, "width": 0.4, "height": 0.3}


NUMBERS = st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.text(max_size=8), st.floats(-1, 2))


@given(st.lists(NUMBERS, min_size=4, max_size=4), st.integers(1, 8))
def test_every_box_lies_in_the_picture(numbers: list[Any], orientation: int) -> None:
    written = [str(number).replace("<", "").replace("&", "").replace("\x00", "") for number in numbers]
    for region in read(digikam("Ada", *written), orientation=orientation):
        box = region.get("box", BOX)
        assert 0 <= box["left"] < box["left"] + box["width"] <= 1.000001
        assert 0 <= box["top"] < box["top"] + box["height"] <= 1.000001


def test_a_turn_that_the_decoder_makes_turns_the_regions_too() -> None:
    record = build_record({"HEIF Orientation": 6}, [], Asked(width=3000, height=4000), [FACE])
    assert "orientation" not in record
    assert record["regions"][0]["box"] == {"left": 0.4, "top": 0.1, "width": 0.4, "height": 0.3}
