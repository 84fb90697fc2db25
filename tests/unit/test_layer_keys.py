"""The layout of keys: every key that S3 accepts has renditions, and no two share one."""

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight import keys

NAMES = ["placeholder", "thumbnail", "small", "medium", "large"]


@pytest.mark.parametrize(
    ("key", "album", "filename"),
    [
        ("a.jpg", "unfiled", "a.jpg"),
        ("trip/a.jpg", "trip", "a.jpg"),
        ("2024/summer trip/a b+c%20.jpg", "2024/summer trip", "a b+c%20.jpg"),
        ("Zürich/写真.heic", "Zürich", "写真.heic"),
        ("album/", "album", ""),
    ],
)
def test_album_and_filename(key: str, album: str, filename: str) -> None:
    assert keys.album_of(key) == album
    assert keys.filename_of(key) == filename


@pytest.mark.parametrize(
    ("decomposed", "read"),
    [
        ("Cafe\u0301/Re\u0301union.jpg", ("Caf\u00e9", "R\u00e9union.jpg")),
        ("\u1100\u1161\u11bc/\u304b\u3099.heic", ("\uac15", "\u304c.heic")),  # Hangul and kana
        ("\u212bngstrom/\u2126.jpg", ("\u00c5ngstrom", "\u03a9.jpg")),  # signs that stand for letters
        ("o\u0323\u0302/o\u0302\u0323.jpg", ("\u1ed9", "\u1ed9.jpg")),  # marks in either order
    ],
)
def test_spellings_that_people_read_as_one_are_one_album_and_one_filename(
    decomposed: str, read: tuple[str, str]
) -> None:
    for key in (decomposed, "/".join(read)):
        assert (keys.album_of(key), keys.filename_of(key)) == read
    assert keys.photo_id(decomposed) != keys.photo_id("/".join(read)), "the bytes of a key tell files apart"
    assert made(decomposed) == f"renditions/{'/'.join(read)}/{VERSION}/small.webp"
    assert keys.album_of("\ufb01lm/a.jpg") == "\ufb01lm", "what looks different stays different"


@given(st.text(st.sampled_from("a\u00e9\u0301\u0958\U0001d160"), min_size=1, max_size=1020))
def test_no_album_is_longer_than_a_key(name: str) -> None:
    name = name.encode()[:1016].decode(errors="ignore")
    for album in (name, keys.composed(name)):
        assert len(keys.album_of(f"{album}/a.jpg").encode()) <= keys.MAX_KEY_BYTES
    assert keys.album_of(f"{name}/a.jpg") == keys.album_of(f"{keys.composed(name)}/a.jpg")


VERSION = "v" * keys.VERSION_CHARACTERS


def made(key: str, name: str = "small", template: str = keys.RENDITION_TEMPLATE) -> str:
    return keys.rendition_key(key, VERSION, name, "webp", template)


def test_a_short_key_stays_as_its_user_wrote_it() -> None:
    written = "a b+c%2B/Zürich?.jpg"
    assert made(written) == f"renditions/{written}/{VERSION}/small.webp"
    assert made("top.jpg") == f"renditions/unfiled/top.jpg/{VERSION}/small.webp"


@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=1024))
def test_no_rendition_key_is_longer_than_s3_accepts(key: str) -> None:
    key = key.encode()[:1024].decode(errors="ignore")
    for name in NAMES:
        assert len(made(key, name).encode()) <= keys.MAX_KEY_BYTES


@given(
    st.text("ab/.é", min_size=1, max_size=1024)
    | st.sampled_from(["../a", "a/../b", "//a", "a/./b", "/", "."])
)
def test_no_part_of_a_rendition_key_means_another_path(key: str) -> None:
    key = key.encode()[:1024].decode(errors="ignore")
    assert not {"", ".", ".."} & set(made(key).split("/"))
    assert VERSION in made(key).split("/")


def test_a_template_places_each_part() -> None:
    template = "{name}/{version}/{album}/{filename}.{extension}"
    assert made("a/b c/d.heic", "small", template) == f"renditions/small/{VERSION}/a/b c/d.heic.webp"
    assert made("a/b.heic", "small", "{version}-{name}") == f"renditions/{VERSION}-small"


@pytest.mark.parametrize("key", ["a/" * 400 + "b" * 200, "a/" + "é" * 500, "é" * 512, "a/b" * 300])
def test_a_long_key_is_cut_whatever_the_template(key: str) -> None:
    template = "x" * 120 + "/{album}/{extension}/{version}/{filename}-{name}/" + "y" * 20
    assert keys.template_fault(template) is None
    cut = made(key, "a" * keys.MAX_NAME_BYTES, template)
    assert len(cut.encode()) <= keys.MAX_KEY_BYTES
    assert cut.startswith("renditions/xxx") and cut.endswith("yyy")


@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=200))
def test_a_url_leads_back_to_its_key(key: str) -> None:
    url = keys.url_of("https://photos.example/", key)
    assert url.isascii()
    assert "+" not in url and " " not in url and "?" not in url and "#" not in url
    assert unquote(url.removeprefix("https://photos.example/")) == key
    assert urlsplit(url).netloc == "photos.example"


def test_records_of_different_kinds_never_share_an_id() -> None:
    made = {keys.photo_id("x"), keys.memory_record_id("x"), keys.album_record_id("x")}
    assert made == {"photo/x", "memory/x", "album/x"}


def test_the_longest_key_has_a_place_in_the_index() -> None:
    longest = "é" * (keys.MAX_KEY_BYTES // 2)
    place = keys.timeline_of("face", longest)
    assert place.startswith("face#éé")
    assert len(place.encode()) == keys.MAX_TIMELINE_BYTES - 1, "whole letters, as many as fit"
    assert keys.timeline_of("face", "trip/a.jpg") == "face#trip/a.jpg"


@pytest.mark.parametrize("key", ["trip/", "trip/a.jpg.xmp", "malware-protection-resource-validation-object"])
def test_what_is_no_upload_has_no_record(key: str) -> None:
    assert not keys.has_record(key)
    assert keys.has_record(f"{key}.jpg")
