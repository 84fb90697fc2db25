"""Working masters of what is merely large: JPEG, PNG and TIFF, through the decoders of the renditions."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import images
from develop.master import DECODED, Master, develop
from safelight.contracts import MasterPlan
from safelight.errors import BadInput, CorruptFile

PLAN: MasterPlan = {"key": "masters/x", "width": 160, "height": 100, "color": "srgb"}


@pytest.fixture
def developed(tmp_path: Path):  # type: ignore[no-untyped-def]
    def of(data: bytes, format_: str, **plan: Any) -> Master:
        path = tmp_path / "original"
        path.write_bytes(data)
        return develop(path, "a scan", format_, {**PLAN, **plan})

    return of


def opened(master: Master) -> Image.Image:
    return Image.open(io.BytesIO(master.body))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "TIFF"])
def test_a_master_is_upright_and_inside_its_box(developed, format_: str, orientation: int) -> None:  # type: ignore[no-untyped-def]
    master = developed(images.oriented(format_, orientation), format_)
    assert (master.source, master.media_type) == (DECODED, "image/jpeg")
    made = opened(master)
    assert made.getexif().get(0x0112, 1) == 1
    images.assert_similar(made, images.picture(160, 100), f"master-{format_}-{orientation}", most=4)


def test_a_master_is_never_enlarged(developed) -> None:  # type: ignore[no-untyped-def]
    assert opened(developed(images.plain("tiff"), "TIFF", width=4000, height=4000)).size == (320, 200)


def test_transparency_is_kept(developed) -> None:  # type: ignore[no-untyped-def]
    clear = Image.new("RGBA", (320, 200), (200, 30, 30, 100))
    master = developed(images.saved(clear, "PNG"), "PNG")
    assert master.media_type == "image/png"
    assert opened(master).getpixel((80, 50)) == pytest.approx((200, 30, 30, 100), abs=1)


@pytest.mark.parametrize("format_", ["JPEG", "TIFF"])
def test_of_the_metadata_only_those_who_made_the_photo_are_kept(developed, format_: str) -> None:  # type: ignore[no-untyped-def]
    exif = Image.Exif()
    exif.load(images.exif(1))
    exif[315], exif[33432] = "Ansel", "(c) Ansel"
    how: dict[str, Any] = (
        {"exif": exif} if format_ == "JPEG" else {"tiffinfo": {315: "Ansel", 33432: "(c) Ansel"}}
    )
    master = developed(images.saved(images.picture(), format_, **how), format_)
    kept = opened(master).getexif()
    assert (kept[315], kept[33432]) == ("Ansel", "(c) Ansel")
    assert not kept.get_ifd(0x8825)
    assert b"SECRET-DESCRIPTION" not in master.body


@pytest.mark.parametrize("name", ["Jörg Müller", "撮影者", "a (b, ASCII, 3 components, 3 bytes)"])
def test_names_beyond_ascii_stay_as_the_file_has_them(developed, name: str) -> None:  # type: ignore[no-untyped-def]
    exif = Image.Exif()
    exif[315] = name.encode()
    made = opened(developed(images.saved(images.picture(), "JPEG", exif=exif), "JPEG"))
    assert made.getexif()[315].encode("latin-1").decode() == name


def test_broken_exif_costs_the_names_and_not_the_photo(developed) -> None:  # type: ignore[no-untyped-def]
    data = images.plain("jpeg")
    broken = b"\xff\xe1\x00\x12Exif\x00\x00II*\x00\xff\xff\xff\xff"
    assert opened(developed(data[:2] + broken + data[2:], "JPEG")).size == (160, 100)


@pytest.mark.parametrize(("name", "format_"), [("png", "PNG"), ("tiff-lzw", "TIFF"), ("jpeg", "JPEG")])
def test_missing_pixels_are_bad_input(developed, name: str, format_: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadInput, match=r"^a scan"):
        developed(images.plain(name)[:-900], format_)


def test_damaged_pixels_are_corrupt(developed) -> None:  # type: ignore[no-untyped-def]
    data = images.plain("png")
    at = data.index(b"IDAT") + 20
    with pytest.raises(CorruptFile, match=r"^a scan"):
        developed(data[:at] + b"\xff" * 100 + data[at + 100 :], "PNG")


def test_the_same_original_gives_the_same_bytes(developed) -> None:  # type: ignore[no-untyped-def]
    data = images.oriented("TIFF", 6)
    assert developed(data, "TIFF").body == developed(data, "TIFF").body
