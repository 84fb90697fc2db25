import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from safelight_local.gallery.page import (
    GalleryMemory,
    GalleryPerson,
    GalleryPhoto,
    GalleryRendition,
    span_of,
    url_of,
    write_gallery,
)

HOSTILE = "<script>alert(1)</script>\"'&{{ 7*7 }} #1 ?a=b 50% a+b, é.jpg"
PLACEHOLDER = "data:image/webp;base64,UklGRg=="


class Page(HTMLParser):
    """What a browser would make of the page: elements with their attributes, and its text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.skipping = False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self.skipping = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self.skipping = False

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self.text += data

    def all(self, tag: str, **having: str) -> list[dict[str, str]]:
        return [
            attributes
            for name, attributes in self.elements
            if name == tag and all(attributes.get(key.rstrip("_")) == value for key, value in having.items())
        ]

    def urls(self) -> list[str]:
        found = [attributes["src"] for attributes in self.all("img") if "src" in attributes]
        found += [attributes["href"] for attributes in self.all("a", class_="tile")]
        for attributes in [*self.all("img"), *self.all("source")]:
            candidates = [entry for entry in attributes.get("srcset", "").split(", ") if entry]
            found += [candidate.rsplit(" ", 1)[0] for candidate in candidates]
        return found


def photo(name: str = "a.jpg", **changes: object) -> GalleryPhoto:
    plain = GalleryPhoto(
        key=f"album/{name}",
        filename=name,
        status="ACTIVE",
        renditions={
            "thumbnail": GalleryRendition(f"renditions/{name}/thumbnail.jpg", 300, 200),
            "large": GalleryRendition(f"renditions/{name}/large.jpg", 1500, 1000),
        },
        width=6000,
        height=4000,
        placeholder=PLACEHOLDER,
        taken_at="2025-08-22T01:27:40+12:00",
        memory_id="m1",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


MEMORY = GalleryMemory(
    "m1", "Three days by the lake", "2025-08-21T10:00:00+12:00", "2025-08-23T09:00:00+12:00", 3
)


def page_of(tmp_path: Path, photos: list[GalleryPhoto], memories: list[GalleryMemory] | None = None) -> Page:
    return Page(write_gallery(tmp_path, "An album", photos, [MEMORY] if memories is None else memories))


def test_hostile_names_labels_and_text_stay_text(tmp_path: Path) -> None:
    hostile = photo(HOSTILE, labels=[HOSTILE], text=[HOSTILE], camera=HOSTILE, place=HOSTILE)
    rejected = photo("r" + HOSTILE, status="REJECTED", reason=HOSTILE, message=HOSTILE)
    memory = replace(MEMORY, title=HOSTILE)
    page = Page(write_gallery(tmp_path, HOSTILE, [hostile, rejected], [memory]))
    plain = Page(write_gallery(tmp_path / "plain", "x", [photo()], [MEMORY]))

    assert len(page.all("script")) == len(plain.all("script")) == 1
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert page.text.count(HOSTILE) >= 8
    assert [tile["data-key"] for tile in page.all("a", class_="tile")] == [f"album/{HOSTILE}"]


def test_a_placeholder_that_is_not_an_image_is_left_out(tmp_path: Path) -> None:
    evil = "data:image/webp;base64,AAAA');background:url(https://tracker.example/x"
    page = page_of(tmp_path, [photo(placeholder=evil)])
    assert "tracker.example" not in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert not page.all("span", class_="placeholder")


@pytest.mark.parametrize(
    "name", ["a.jpg", "Übernachtung im Zelt.jpg", HOSTILE.replace("/", "_"), "#1?+%2F.heic"]
)
def test_every_url_resolves_to_a_file_beside_the_page(tmp_path: Path, name: str) -> None:
    shown = photo(name)
    for rendition in shown.renditions.values():
        file = tmp_path / rendition.href
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"pixels")
    urls = page_of(tmp_path, [shown]).urls()
    assert len(urls) >= 4
    for url in urls:
        parts = urlsplit(url)
        assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")
        assert (tmp_path / unquote(parts.path)).is_file()


def test_urls() -> None:
    assert url_of("https://photos.example/a%20b.jpg?v=1") == "https://photos.example/a%20b.jpg?v=1"
    assert url_of("https://photos.example/a,b c.jpg") == "https://photos.example/a%2Cb%20c.jpg"
    assert url_of("javascript:alert(1)") == "javascript%3Aalert%281%29"
    for absolute in ("/etc/passwd", "//elsewhere.example/a.jpg"):
        with pytest.raises(ValueError, match="absolute"):
            url_of(absolute)


def test_every_photo_appears_once(tmp_path: Path) -> None:
    photos = [
        photo("in-memory.jpg"),
        photo("unknown-memory.jpg", memory_id="gone"),
        photo("alone.jpg", memory_id=None),
        photo("undated.jpg", memory_id=None, taken_at=None),
        photo("odd-date.jpg", memory_id=None, taken_at="yesterday"),
        photo("waiting.jpg", status="PROCESSING", renditions={}),
        photo("early.jpg", status="PROCESSING"),
        photo("rejected.jpg", status="REJECTED", renditions={}, reason="EmptyFile"),
        photo("failed.jpg", status="FAILED", reason="AccessDenied"),
        photo("held.jpg", status="HELD", reason="Held", message="Violence 91 %."),
    ]
    page = page_of(tmp_path, photos)
    for each in photos:
        assert page.text.count(each.filename) == 1, each.filename
    assert len(page.all("a", class_="tile")) == 6
    assert "Not dated" in page.text


def test_photos_are_sorted_by_the_instant_they_were_taken(tmp_path: Path) -> None:
    photos = [
        photo("third.jpg", taken_at="2025-08-22T09:00:00+09:00"),
        photo("first.jpg", taken_at="2025-08-22T11:00:00+12:00"),
        photo("second.jpg", taken_at="2025-08-21T23:30:00"),
    ]
    page = page_of(tmp_path, photos)
    keys = [tile["data-key"] for tile in page.all("a", class_="tile")]
    assert keys == ["album/first.jpg", "album/second.jpg", "album/third.jpg"]


def test_the_page_does_not_depend_on_the_order_of_its_photos(tmp_path: Path) -> None:
    photos = [photo(f"{number}.jpg", taken_at=f"2025-08-22T0{number}:00:00+12:00") for number in range(6)]
    one = write_gallery(tmp_path / "one", "x", photos, [MEMORY]).read_bytes()
    assert write_gallery(tmp_path / "two", "x", photos[::-1], [MEMORY]).read_bytes() == one


def test_the_cover_is_that_of_the_largest_memory(tmp_path: Path) -> None:
    photos = [photo("a.jpg"), photo("b.jpg", memory_id="m2")]
    memories = [
        replace(MEMORY, cover_key="album/a.jpg"),
        replace(MEMORY, memory_id="m2", photo_count=9, cover_key="album/b.jpg"),
    ]
    page = page_of(tmp_path, photos, memories)
    assert page.all("img", fetchpriority="high")[0]["src"].startswith("renditions/b.jpg/")


def test_nothing_jumps_and_a_cropped_rendition_is_not_mixed_with_whole_ones(tmp_path: Path) -> None:
    renditions = {
        "square": GalleryRendition("square.jpg", 400, 400),
        "medium": GalleryRendition("medium.jpg", 600, 400),
        "large": GalleryRendition("large.jpg", 1500, 1000),
    }
    page = page_of(tmp_path, [photo(renditions=renditions)])
    image = page.all("img", loading="lazy")[0]
    assert image["srcset"] == "medium.jpg 600w, large.jpg 1500w"
    assert (image["width"], image["height"]) == ("1500", "1000")
    assert "--ratio:1.5" in page.all("figure")[0]["style"]


WEB = {
    "square": GalleryRendition("square.jpg", 150, 150),
    "400": GalleryRendition("400.jpg", 400, 267),
    "800": GalleryRendition("800.jpg", 800, 533),
    "1200": GalleryRendition("1200.jpg", 1200, 800),
    "800-webp": GalleryRendition("800 a,b.webp", 800, 533, "image/webp"),
    "1200-webp": GalleryRendition("1200.webp", 1200, 800, "image/webp"),
}
"""What a preset with WebP beside JPEG leaves in the record."""


def test_webp_is_offered_before_jpeg_with_the_widths_of_the_record(tmp_path: Path) -> None:
    page = page_of(tmp_path, [photo(renditions=WEB)])
    assert [name for name, _ in page.elements if name in ("picture", "source", "img")][-3:] == [
        "picture",
        "source",
        "img",
    ]
    source, image = page.all("source")[-1], page.all("img", loading="lazy")[0]
    assert source["type"] == "image/webp"
    assert source["srcset"] == "800%20a%2Cb.webp 800w, 1200.webp 1200w"
    assert source["sizes"] == image["sizes"]
    assert image["srcset"] == "400.jpg 400w, 800.jpg 800w, 1200.jpg 1200w"
    assert image["src"] == "800.jpg"
    assert page.all("a", class_="tile")[0]["href"] == "1200.jpg"


def test_avif_is_offered_before_webp(tmp_path: Path) -> None:
    avif = {"1200-avif": GalleryRendition("1200.avif", 1200, 800, "image/avif")}
    page = page_of(tmp_path, [photo(renditions={**WEB, **avif})])
    assert [source["type"] for source in page.all("source")][-2:] == ["image/avif", "image/webp"]


def test_a_format_that_stops_short_of_the_largest_size_is_not_offered(tmp_path: Path) -> None:
    """A browser would enlarge it, since it chooses the format before the size."""
    renditions = {**WEB, "large": GalleryRendition("large.jpg", 4000, 2667)}
    assert not page_of(tmp_path, [photo(renditions=renditions)]).all("source")


def test_a_preset_of_webp_alone_is_shown_by_its_webp(tmp_path: Path) -> None:
    renditions = {name: size for name, size in WEB.items() if size.media_type == "image/webp"}
    image = page_of(tmp_path, [photo(renditions=renditions)]).all("img", loading="lazy")[0]
    assert image["srcset"] == "800%20a%2Cb.webp 800w, 1200.webp 1200w"


def test_a_photo_of_which_there_are_only_crops_is_not_distorted(tmp_path: Path) -> None:
    page = page_of(tmp_path, [photo(renditions={"square": WEB["square"]})])
    assert page.all("figure")[0]["style"] == "--ratio:1"


def test_the_dominant_color_is_seen_until_there_is_more_and_nothing_but_a_color(tmp_path: Path) -> None:
    page = page_of(tmp_path, [photo(color="#c81e1e", placeholder=None)])
    assert page.all("a", class_="tile")[0]["style"] == "background-color:#c81e1e"
    page = page_of(tmp_path, [photo(color="red;background:url(https://tracker.example/x)")])
    assert "style" not in page.all("a", class_="tile")[0]
    assert "tracker.example" not in (tmp_path / "index.html").read_text(encoding="utf-8")


def stack() -> list[GalleryPhoto]:
    return [
        photo("spare.jpg", stacked_on="album/best.jpg", alike="softer", taken_at="2025-08-22T01:00:00+12:00"),
        photo("between.jpg", taken_at="2025-08-22T02:00:00+12:00"),
        photo("best.jpg", labels=["Lake"], taken_at="2025-08-22T03:00:00+12:00"),
    ]


def test_photos_that_look_the_same_lie_below_the_best(tmp_path: Path) -> None:
    page = page_of(tmp_path, stack())
    tiles = page.all("a", class_="tile")
    assert [tile["data-key"] for tile in tiles] == ["album/between.jpg", "album/best.jpg", "album/spare.jpg"]
    assert [figure.get("class") for figure in page.all("figure")] == [None, None, "spare"]
    assert [badge["title"] for badge in page.all("span", class_="stack")] == ["2 photos that look the same"]
    assert "softer" in page.text
    assert "spare.jpg" in tiles[1]["data-search"], "the search finds the stack by what lies in it"


def test_a_photo_whose_best_is_in_another_memory_stays_in_sight(tmp_path: Path) -> None:
    spare, between, best = stack()
    page = page_of(tmp_path, [spare, between, replace(best, memory_id=None)])
    assert not page.all("figure", class_="spare")
    assert not page.all("span", class_="stack")


def test_alt_text_tells_what_is_seen_and_read(tmp_path: Path) -> None:
    page = page_of(tmp_path, [photo(labels=["Mountain", "Starry Sky"], text=["LODGE"])])
    assert page.all("img", loading="lazy")[0]["alt"] == "Photo: mountain, starry sky. It reads: LODGE"
    assert all("alt" in image for image in page.all("img"))


def test_a_rejected_photo_says_why_and_what_to_do(tmp_path: Path) -> None:
    cut = photo("cut.jpg", status="REJECTED", reason="TruncatedFile", message="It ends after 6,249 bytes.")
    failed = photo("lost.jpg", status="FAILED", reason="AccessDenied")
    text = page_of(tmp_path, [cut, failed]).text
    for expected in (
        "cut.jpg",
        "The file ends before its image or film does",
        "6,249 bytes",
        "lost.jpg",
        "Grant the permission",
    ):
        assert expected in text


def test_a_held_photo_is_named_and_not_shown(tmp_path: Path) -> None:
    page = page_of(tmp_path, [photo("held.jpg", status="HELD", reason="Held", message="Violence 91 %.")])
    assert "held until someone has looked at it" in page.text
    assert not page.all("a", class_="tile")
    assert "held.jpg" not in "".join(image.get("src", "") for image in page.all("img"))


def test_the_page_asks_no_other_host(tmp_path: Path) -> None:
    page = page_of(tmp_path, [photo()])
    policy = next(meta["content"] for meta in page.all("meta") if "http-equiv" in meta)
    assert "default-src 'none'" in policy
    assert all(not link["href"].startswith("http") for link in page.all("link"))
    assert all("src" not in script for script in page.all("script"))


def test_an_empty_album_and_one_of_a_thousand(tmp_path: Path) -> None:
    assert "No photos yet" in page_of(tmp_path, [], []).text
    many = [photo(f"{number:04}.jpg") for number in range(1000)]
    assert len(page_of(tmp_path, many).all("figure")) == 1000


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2025, 8, 21), date(2025, 8, 21), "21 August 2025"),
        (date(2025, 8, 21), date(2025, 8, 23), "21\u201323 August 2025"),
        (date(2025, 8, 30), date(2025, 9, 2), "30 August \u2013 2 September 2025"),
        (date(2025, 12, 31), date(2026, 1, 2), "31 December 2025 \u2013 2 January 2026"),
    ],
)
def test_spans_of_dates(start: date, end: date, expected: str) -> None:
    assert span_of(start, end) == expected


def test_an_event_says_which_trip_it_belongs_to(tmp_path: Path) -> None:
    page = write_gallery(
        tmp_path, "An album", [photo()], [replace(MEMORY, trip="Nine days in Portugal, May 2024")]
    )
    assert "Nine days in Portugal, May 2024" in page.read_text()


ANN = GalleryPerson("p1", "Ann", "album/a.jpg", left=0.4, top=0.3, width=0.1, height=0.3)


def test_people_are_shown_by_a_cut_of_their_photo_and_lead_to_their_photos(tmp_path: Path) -> None:
    nobody = replace(ANN, person_id="p2", name=None, key="album/b.jpg", left=0.9)
    elsewhere = replace(ANN, person_id="p3", key="another album/c.jpg")
    photos = [photo("a.jpg", people=["p1"]), photo("b.jpg", people=["p1", "p2"]), photo("c.jpg")]
    page = Page(write_gallery(tmp_path, "x", photos, [MEMORY], [nobody, elsewhere, ANN]))

    assert [button["data-person"] for button in page.all("button") if "data-person" in button] == ["p1", "p2"]
    assert "Ann" in page.text
    assert "2 photos" in page.text
    assert [tile["data-people"] for tile in page.all("a", class_="tile")] == ["p1", "p1 p2", ""]


@pytest.mark.parametrize(("left", "top"), [(0.4, 0.3), (0.0, 0.0), (0.95, 0.9), (-0.05, -0.1)])
def test_the_cut_of_a_face_holds_the_face_and_stays_inside_of_the_photo(
    tmp_path: Path, left: float, top: float
) -> None:
    ann = replace(ANN, left=left, top=top, width=0.1, height=0.15)
    write_gallery(tmp_path, "x", [photo(people=["p1"])], [MEMORY], [ann])
    (style,) = re.findall(
        r"width:([\d.]+)%;left:(-?[\d.]+)%;top:(-?[\d.]+)%", (tmp_path / "index.html").read_text()
    )
    width, cut_left, cut_top = (float(number) / 100 for number in style)
    height = width * 1000 / 1500
    assert cut_left <= 0
    assert cut_top <= 0
    assert cut_left + width >= 1 - 1e-5
    assert cut_top + height >= 1 - 1e-5
    for place, size, offset in ((left, width, cut_left), (top, height, cut_top)):
        centre = min(max(place + 0.05, 0), 1) * size + offset
        assert 0 <= centre <= 1


def test_a_film_says_how_long_it_is_and_plays_its_preview(tmp_path: Path) -> None:
    film = photo("a b.mp4", preview="renditions/a b.mp4/v/film/preview.mp4", seconds=67.4)
    page = page_of(tmp_path, [film, photo("b.jpg")])
    tiles = {each["data-key"]: each for each in page.all("a", class_="tile")}
    assert tiles["album/a b.mp4"]["data-preview"] == "renditions/a%20b.mp4/v/film/preview.mp4"
    assert "data-preview" not in tiles["album/b.jpg"]
    assert "1:07, a film" in page.text
    (policy,) = [it for it in page.all("meta") if it.get("http-equiv") == "Content-Security-Policy"]
    assert "media-src 'self'" in policy["content"], "else the browser fetches none"
