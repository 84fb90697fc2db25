"""Presets: what the checker lets through plans well, and what it refuses is told in words."""

import copy
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from safelight import keys, presets
from safelight.contracts import RenditionPlan
from safelight.presets import PRESET_KEYS, RENDITION_KEYS, PresetProblem, checked, read
from validate.plan import plan_with

SHIPPED = tomllib.loads(Path(presets.__file__).with_name("presets.toml").read_text())
RIGHT: dict[str, Any] = {
    "presets": {
        "print": {
            "description": "For prints.",
            "tagged": "page",
            "renditions": [
                {"name": "page", "size": 2000},
                {"name": "card", "size": [600, 400], "fit": "cover", "crop": "attention"},
            ],
        }
    },
    "albums": {"clients/smith": "print"},
}


def test_gallery_is_four_sizes_of_jpeg_the_small_ones_progressive() -> None:
    gallery = presets.load().presets["gallery"]
    assert [(each.name, each.width, each.height) for each in gallery.renditions] == [
        ("thumbnail", 400, 400),
        ("small", 800, 600),
        ("medium", 2000, 2000),
        ("large", 4000, 4000),
    ]
    assert {(each.fit, each.format, each.quality) for each in gallery.renditions} == {("inside", "jpeg", 85)}
    assert [each.progressive for each in gallery.renditions] == [True, True, False, False]
    assert (gallery.placeholder, gallery.facts) == ("thumbnail", "medium")


def test_web_is_a_crop_and_sizes_in_two_formats_sharpened_from_800_up() -> None:
    web = presets.load().presets["web"]
    made = [(each.format, each.width, each.height, each.fit, each.quality) for each in web.renditions]
    assert made == [
        ("jpeg", 150, 150, "cover", 80),
        ("jpeg", 400, 400, "inside", 85),
        ("jpeg", 800, 800, "inside", 85),
        ("jpeg", 1200, 1200, "inside", 90),
        ("webp", 800, 800, "inside", 85),
        ("webp", 1200, 1200, "inside", 90),
    ]
    assert all((each.sharpen > 0) == (each.width >= 800) for each in web.renditions)
    assert (web.placeholder, web.facts) == ("small", "large")


def test_archive_4k_is_one_progressive_jpeg() -> None:
    (uhd,) = presets.load().presets["archive-4k"].renditions
    assert (uhd.width, uhd.height, uhd.fit, uhd.format, uhd.quality, uhd.progressive) == (
        *(3840, 3840, "inside", "jpeg", 85),
        True,
    )


def test_roles_go_by_rule_unless_they_are_given() -> None:
    document = copy.deepcopy(RIGHT)
    preset = document["presets"]["print"]
    sizes = {"a": 900, "b": 1023, "c": [100, 100]}
    preset["renditions"] = [
        {"name": name, "size": size, **({"fit": "cover"} if name == "c" else {})}
        for name, size in sizes.items()
    ]
    preset["tagged"] = "b"
    by_rule = checked(document).presets["print"]
    assert (by_rule.placeholder, by_rule.facts) == ("a", "b"), "no box is large enough: the largest"
    preset["renditions"].append({"name": "d", "size": [100, 1024]})
    by_rule = checked(document).presets["print"]
    assert (by_rule.placeholder, by_rule.facts) == ("d", "d"), "of two inside, the smaller"
    preset |= {"placeholder": "c", "facts": "a"}
    given_by_name = checked(document).presets["print"]
    assert (given_by_name.placeholder, given_by_name.facts) == ("c", "a")


@pytest.mark.parametrize(
    ("album", "name"),
    [
        ("clients/smith", "archive-4k"),
        ("clients/smith/day 1/raw", "archive-4k"),
        ("clients/smithson", "web"),
        ("clients", "web"),
        ("clientship", "gallery"),
        ("old/clients/smith", "gallery"),
        ("unfiled", "gallery"),
        ("", "gallery"),
    ],
)
def test_the_longest_prefix_of_whole_parts_chooses_the_preset(album: str, name: str) -> None:
    document = {**SHIPPED, "albums": {"clients": "web", "clients/smith": "archive-4k"}}
    assert checked(document).name_for(album, otherwise="gallery") == name


def test_the_prefix_of_an_album_may_be_spelled_in_either_way_of_unicode() -> None:
    for spelled in ("caf\u00e9", "cafe\u0301"):
        document = {**SHIPPED, "albums": {spelled: "web"}}
        assert checked(document).name_for(keys.album_of("cafe\u0301/x/a.jpg"), otherwise="gallery") == "web"


def with_preset(**changes: Any) -> dict[str, Any]:
    document = copy.deepcopy(RIGHT)
    document["presets"]["print"].update(changes)
    return document


def with_rendition(**changes: Any) -> dict[str, Any]:
    document = copy.deepcopy(RIGHT)
    document["presets"]["print"]["renditions"][0].update(changes)
    return document


def without(document: dict[str, Any], *path: Any) -> dict[str, Any]:
    document = copy.deepcopy(document)
    inner: Any = document
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return document


WRONG_RENDITIONS: list[tuple[dict[str, Any], str]] = [
    ({"qualty": 85}, '"qualty" is not a key of a rendition. Did you mean quality? There is name, size, fit'),
    ({"size": 15}, "size is 15; it must be the long side in pixels, or [width, height], each a whole number"),
    ({"size": 16_384}, "size is 16384; it must be"),
    ({"size": [100]}, "size is [100]; it must be"),
    ({"size": [100, 100, 100]}, "size is [100, 100, 100]; it must be"),
    ({"size": [100, True]}, "size is [100, true]; it must be"),
    ({"size": 800.0}, "size is 800.0; it must be"),
    ({"size": "800x600"}, 'size is "800x600"; it must be'),
    ({"fit": "crop"}, 'fit is "crop"; it must be inside or cover'),
    ({"fit": "insde"}, "Did you mean inside?"),
    ({"fit": "cover"}, 'fit = "cover" needs both sides. Write size = [2000, 2000]'),
    ({"crop": "centre"}, 'crop goes with fit = "cover" alone'),
    ({"crop": "faces"}, 'crop is "faces"; it comes with the tagging of faces, which is not there yet'),
    ({"crop": "center"}, "Did you mean centre?"),
    ({"format": "jpg"}, 'format is "jpg"; it must be jpeg, webp, avif or png. Did you mean jpeg?'),
    ({"format": ["jpeg"]}, 'format is ["jpeg"]; it must be jpeg, webp, avif or png.'),
    ({"quality": 0}, "quality is 0; it must be a whole number from 1 to 95."),
    ({"quality": 96}, "quality is 96; it must be a whole number from 1 to 95."),
    ({"quality": True}, "quality is true; it must be a whole number from 1 to 95."),
    ({"quality": 10**5000}, "quality is a number too long to show; it must be a whole number"),
    ({"format": "png", "quality": 85}, "a PNG has no quality, since it loses nothing. Leave quality out"),
    ({"progressive": 1}, "progressive is 1; it must be true or false"),
    ({"format": "png", "progressive": True}, 'progressive goes with format = "jpeg" alone'),
    ({"gain_map": True, "format": "png"}, "a PNG has no place for a gain map"),
    ({"sharpen": -0.1}, "sharpen is -0.1; it must be a number from 0 to 3"),
    ({"sharpen": float("nan")}, "sharpen is NaN; it must be a number from 0 to 3"),
    ({"sharpen": 3.1}, "sharpen is 3.1; it must be a number from 0 to 3"),
    ({"color": "displayp3"}, 'color is "displayp3"; it must be srgb or display-p3. Did you mean display-p3?'),
    ({"background": "white"}, 'background is "white"; it must be a colour such as "#ffffff"'),
    ({"background": "#fff"}, 'background is "#fff"; it must be a colour such as "#ffffff"'),
    ({"metadata": "all"}, 'metadata is "all"; it must be none or copyright'),
]


@pytest.mark.parametrize(("changes", "words"), WRONG_RENDITIONS, ids=[words for _, words in WRONG_RENDITIONS])
def test_a_wrong_rendition_is_refused_by_name(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(PresetProblem) as caught:
        checked(with_rendition(**changes))
    said = [line for line in str(caught.value).splitlines() if words in line]
    assert said, str(caught.value)
    assert said[0].startswith('layer/safelight/presets.toml, preset "print": rendition "page": ')
    assert said[0].endswith((".", "?"))


A_NAME = "must be a name of at most 32 characters a-z, 0-9 and _"
WRONG_FILES: list[tuple[dict[str, Any], str]] = [
    ({}, "it has no preset"),
    ({"presets": {}}, "it has no preset"),
    ({**RIGHT, "preset": {}}, '"preset" is not a key of the file. Did you mean presets?'),
    ({"presets": {"web": 1}}, 'preset "web": it must be a table, such as [presets.web]'),
    ({"presets": {"My web": {}}}, 'preset "My web": its name must be of at most 64 characters'),
    (without(RIGHT, "presets", "print", "description"), 'preset "print": description is missing: it must be'),
    (without(RIGHT, "presets", "print", "tagged"), "tagged is missing: it must name the rendition to tag"),
    (without(RIGHT, "presets", "print", "renditions"), "renditions is missing: it must be a list"),
    (with_preset(renditions=[]), "renditions is []; it must be a list of renditions"),
    (with_preset(renditions=[1]), "renditions is [1]; it must be a list of renditions"),
    (with_preset(renditions={"name": "a"}), "it must be a list of renditions"),
    (
        with_preset(renditions=[{"name": f"r{n}", "size": 100} for n in range(41)]),
        "it has 41 renditions; the record has room for 40",
    ),
    (with_preset(description=" "), 'description is " "; it must be a text that is not empty'),
    (with_preset(tagged="pag"), 'tagged is "pag"; that names no rendition of it. Did you mean page?'),
    (
        with_preset(placeholder="x"),
        'placeholder is "x"; that names no rendition of it. There is page or card',
    ),
    (with_preset(facts="x"), 'facts is "x"; that names no rendition of it'),
    (with_preset(facts=3), f"facts is 3; it {A_NAME}"),
    (with_preset(tags="page"), '"tags" is not a key of a preset. Did you mean tagged?'),
    (without(RIGHT, "presets", "print", "renditions", 1, "name"), f"number 2: name is missing: it {A_NAME}"),
    (with_rendition(name="Page"), f'name is "Page"; it {A_NAME}'),
    (with_rendition(name="a-b"), f'name is "a-b"; it {A_NAME}'),
    (with_rendition(name="1st"), f'name is "1st"; it {A_NAME}'),
    (with_rendition(name="page\n"), f'name is "page\\n"; it {A_NAME}'),
    (with_rendition(name="a" * 33), f"it {A_NAME}"),
    (with_rendition(name="card"), 'rendition "card": another has that name already'),
    (
        with_rendition(format="webp"),
        'rendition "page": it cannot be tagged, since Rekognition takes JPEG and',
    ),
    (with_rendition(size=79), "pixels a side. Name another as tagged, or change this one"),
    (with_rendition(size=[10_001, 100]), "takes JPEG and PNG of 80 to 10,000 pixels a side"),
    ({**RIGHT, "albums": 1}, "[albums] must be a table"),
    ({**RIGHT, "albums": {"a": "prnt"}}, 'album "a": "prnt" is not a preset here. Did you mean print?'),
    ({**RIGHT, "albums": {"a": 1}}, 'album "a": 1 is not a preset here'),
    ({**RIGHT, "albums": {"a": {"b": "print"}}}, 'album "a": write the whole prefix in quotes'),
    ({**RIGHT, "albums": {"a/": "print"}}, 'album "a/": a prefix has no slash at its ends'),
    ({**RIGHT, "albums": {"a//b": "print"}}, 'album "a//b": a prefix has no slash at its ends'),
    ({**RIGHT, "albums": {"": "print"}}, 'album "": a prefix has no slash'),
]


@pytest.mark.parametrize(("document", "words"), WRONG_FILES, ids=[words for _, words in WRONG_FILES])
def test_a_wrong_file_is_refused_in_words(document: dict[str, Any], words: str) -> None:
    with pytest.raises(PresetProblem) as caught:
        checked(document)
    assert words in str(caught.value)
    assert all(line.startswith(f"{presets.FILE}, ") for line in str(caught.value).splitlines())


def test_every_fault_is_told_at_once() -> None:
    document = with_rendition(quality=0, size=0)
    document["presets"]["other"] = {}
    with pytest.raises(PresetProblem) as caught:
        checked(document)
    assert len(str(caught.value).splitlines()) == 2 + 3


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{version}.{extension}", "holds no {name}"),
        ("{album}/{filename}/{name}", "holds no {version}"),
        ("{version}/{name}/{name}", "holds {name} more than once"),
        ("{version}/{file}/{name}", "holds {file}, which is no placeholder. Those that there are: {album}"),
        ("{version}/{filename!r}/{name}", "holds {filename!r}, which is no placeholder"),
        ("{version}/{name}{", "may hold placeholders, letters, digits"),
        ("{version}/é{name}", "may hold placeholders, letters, digits"),
        ("{version}/{name}" + "x" * 200, "200 characters at most"),
        ("/{version}/{name}", "has a part that is empty"),
        ("{version}/../{name}", "has a part that is empty or of dots alone"),
    ],
)
def test_a_key_template_that_could_not_serve_is_refused(template: str, words: str) -> None:
    with pytest.raises(PresetProblem) as caught:
        checked(with_preset(key=template))
    assert f'preset "print": key is "{template}'[:80] in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[presets.a]\n[presets.a]\n", "is not TOML: Cannot declare ('presets', 'a') twice (at line 2"),
        (b"a = \xff", "is not TOML: "),
        (b"a = " + b"9" * 5000, "is not TOML: "),
        (b"a = " + b"[" * 100_000, "is not TOML: "),
        (b"", "it has no preset"),
    ],
    ids=["declared twice", "not UTF-8", "digits without end", "brackets without end", "empty"],
)
def test_what_is_no_toml_is_told_with_its_place(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "presets.toml"
    file.write_bytes(content)
    with pytest.raises(PresetProblem) as caught:
        read(file)
    assert presets.FILE in str(caught.value) and words in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(PresetProblem, match=r"presets\.toml cannot be read: No such file"):
        read(tmp_path / "presets.toml")


NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True)
SIDES = st.integers(16, presets.MAX_SIDE)
LITERALS = st.text("abX01._~-", max_size=8)


@st.composite
def renditions(draw: st.DrawFn, name: str, tagged: bool) -> dict[str, Any]:
    side = st.integers(*presets.TAGGED_SIDES) if tagged else SIDES
    made_as = draw(st.sampled_from(["jpeg", "png"] if tagged else list(presets.EXTENSIONS)))
    fit = draw(st.sampled_from(["inside", "cover"]))
    box = st.lists(side, min_size=2, max_size=2)
    optional: dict[str, st.SearchStrategy[Any]] = {
        "sharpen": st.integers(0, 3) | st.floats(0, 3),
        "color": st.sampled_from(["srgb", "display-p3"]),
        "background": st.from_regex("#[0-9a-fA-F]{6}", fullmatch=True),
        "metadata": st.sampled_from(["none", "copyright"]),
        "progressive": st.booleans() if made_as == "jpeg" else st.just(False),
        "gain_map": st.booleans() if made_as in {"jpeg", "avif"} else st.just(False),
    }
    if made_as != "png":
        optional["quality"] = st.integers(1, 95)
    if fit == "cover":
        optional["crop"] = st.sampled_from(["centre", "attention"])
    required = {
        "name": name,
        "format": made_as,
        "fit": fit,
        "size": draw(box if fit == "cover" else box | side),
    }
    return required | draw(st.fixed_dictionaries({}, optional=optional))


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A right file with one preset, `it`."""
    names = draw(st.lists(NAMES, min_size=1, max_size=presets.MAX_RENDITIONS, unique=True))
    tagged = draw(st.sampled_from(names))
    preset: dict[str, Any] = {
        "description": draw(st.text(min_size=1).filter(str.strip)),
        "tagged": tagged,
        "renditions": [draw(renditions(name, name == tagged)) for name in names],
    }
    roles = {role: st.sampled_from(names) for role in ("placeholder", "facts")}
    preset |= draw(st.fixed_dictionaries({}, optional={**roles, "key": templates()}))
    return {"presets": {"it": preset}, "albums": draw(st.dictionaries(NAMES, st.just("it"), max_size=2))}


@st.composite
def templates(draw: st.DrawFn) -> str:
    """A key template; most of them are right."""
    parts = draw(
        st.permutations(["{album}", "{filename}", "{version}", "{name}", "{extension}", draw(LITERALS)])
    )
    joined = parts[0] + "".join(draw(st.sampled_from(["/", "/", "-", ""])) + part for part in parts[1:])
    assume(keys.template_fault(joined) is None)
    return joined


ORIGINALS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=1024).map(
    lambda key: key.encode()[:1024].decode(errors="ignore")
)


@given(documents(), ORIGINALS | st.sampled_from(["é" * 512, "a/" + "b" * 1022, "a" * 1020 + "/b.c"]))
def test_what_the_checker_accepts_plans_well(document: dict[str, Any], original: str) -> None:
    preset = checked(document).presets["it"]
    plans, tagged = plan_with(preset, original, "v")
    assert len({plan["key"] for plan in plans}) == len(plans)
    for plan in plans:
        assert set(plan) == set(RenditionPlan.__annotations__)
        assert plan["key"].startswith("renditions/")
        assert len(plan["key"].encode()) <= keys.MAX_KEY_BYTES
        assert type(plan["sharpen"]) is float
    assert [plan["key"] for plan in plans if plan["name"] == preset.tagged] == [tagged]
    assert [plan["name"] for plan in plans if plan["placeholder"]] == [preset.placeholder]
    assert [plan["name"] for plan in plans if plan["facts"]] == [preset.facts]


PARTS = st.text("ab/-_.~", min_size=1, max_size=6)


@given(templates(), st.sets(PARTS, min_size=2, max_size=5), st.sets(NAMES, min_size=1, max_size=4))
def test_no_two_originals_and_renditions_share_a_key(
    template: str, originals: set[str], names: set[str]
) -> None:
    preset = checked(RIGHT).presets["print"]
    known = preset.renditions[0]
    of_names = replace(preset, key=template, renditions=tuple(replace(known, name=name) for name in names))
    made = {
        plan["key"]
        for original in originals
        for plan in plan_with(replace(of_names, tagged=min(names)), original, f"the version of {original}")[0]
    }
    assert len(made) == len(originals) * len(names)


JUNK = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.dates()
    | st.lists(st.integers() | st.text(max_size=3), max_size=3)
    | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
)


@given(documents(), st.data())
def test_a_file_with_one_thing_wrong_is_refused_in_words_and_never_breaks(
    document: dict[str, Any], data: st.DataObject
) -> None:
    preset = document["presets"]["it"]
    place: Any = data.draw(st.sampled_from([document, document["presets"], preset, *preset["renditions"]]))
    key = data.draw(st.sampled_from([*place, *PRESET_KEYS, *RENDITION_KEYS]) | st.text(max_size=5))
    place[key] = data.draw(JUNK)
    try:
        made = checked(document)
    except PresetProblem as problem:
        assert all(line.startswith(presets.FILE) and len(line) > 60 for line in str(problem).splitlines())
    else:
        plan_with(made.presets["it"], "album/a.jpg", "v")


@pytest.mark.parametrize("place", ["presets", "print", "page"])
@given(key=st.text(max_size=8))
def test_every_unknown_key_is_refused(place: str, key: str) -> None:
    document = copy.deepcopy(RIGHT)
    preset = document["presets"]["print"]
    table = {"presets": document, "print": preset, "page": preset["renditions"][0]}[place]
    assume(key not in {"presets", "albums", *PRESET_KEYS, *RENDITION_KEYS})
    table[key] = 1
    with pytest.raises(PresetProblem, match="is not a key of"):
        checked(document)
