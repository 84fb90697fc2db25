"""Reads presets.toml, and says in words what is wrong with it; docs/presets.md explains every key.

`python -m safelight.presets` checks the file that lies beside this module, as `sam build` does.
"""

import json
import re
import sys
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from safelight.keys import MAX_NAME_BYTES, RENDITION_TEMPLATE, composed, template_fault

FILE = "layer/safelight/presets.toml"
"""The file as a user finds it, for messages."""

EXTENSIONS = {"jpeg": "jpg", "webp": "webp", "avif": "avif", "png": "png"}
"""The formats of renditions, and what their keys end with."""

MAX_RENDITIONS = 40
"""So many URLs still fit into the one update expression of 4 KB that writes them all to the record."""

MAX_SIDE = 16_383
"""The longest side of a WebP, 14 bits (RFC 6386, section 9.1); that of the other formats is longer."""

TAGGED_SIDES = (80, 10_000)
"""The sides in pixels that Rekognition takes (Amazon Rekognition Developer Guide, guidelines and quotas)."""

FACTS_SIDE = 1024
"""The long side in pixels from which on a rendition shows all that the facts of a photo need."""

_SHOWN_CHARACTERS = 60


class PresetProblem(ValueError):
    """The file of presets is wrong; the message has a line for each fault, with what to do."""


@dataclass(frozen=True)
class Rendition:
    """One rendition of a preset; `width` and `height` are its box in pixels."""

    name: str
    width: int
    height: int
    fit: Literal["inside", "cover"]
    crop: Literal["centre", "attention"]
    format: Literal["jpeg", "webp", "avif", "png"]
    quality: int
    progressive: bool
    sharpen: float
    color: Literal["srgb", "display-p3"]
    background: str
    metadata: Literal["none", "copyright"]
    gain_map: bool


@dataclass(frozen=True)
class Preset:
    """A set of renditions; `tagged`, `placeholder` and `facts` are names of renditions."""

    description: str
    renditions: tuple[Rendition, ...]
    tagged: str
    placeholder: str
    facts: str
    key: str


@dataclass(frozen=True)
class Presets:
    """What the file holds: presets by name, and the names of presets by album prefix."""

    presets: Mapping[str, Preset]
    albums: Mapping[str, str]

    def name_for(self, album: str, otherwise: str) -> str:
        """Return the name of the preset of `album`: that of its longest prefix, or `otherwise`.

        A prefix matches whole parts of the path: `a/b` is one of `a/b` and `a/b/c`, and not of `a/bc`.
        """
        matching = [prefix for prefix in self.albums if f"{album}/".startswith(f"{prefix}/")]
        return self.albums[max(matching, key=len)] if matching else otherwise


@dataclass(frozen=True)
class Key:
    """A key of a table: its default, None where there is none, and what is wrong with a value, or None."""

    default: Any
    fault: Callable[[Any], str | None]
    required: bool = False


def _text(value: Any) -> str | None:
    return None if isinstance(value, str) and value.strip() else "must be a text that is not empty"


def _flag(value: Any) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _one_of(*words: str) -> Callable[[Any], str | None]:
    def fault(value: Any) -> str | None:
        if isinstance(value, str) and value in words:
            return None
        return f"must be {_or(words)}.{_meant(value, words)}"

    return fault


def _within(low: int, high: int, *kinds: type) -> Callable[[Any], str | None]:
    what = "a number" if float in kinds else "a whole number"

    def fault(value: Any) -> str | None:
        inside = type(value) in kinds and low <= value <= high
        return None if inside else f"must be {what} from {low:,} to {high:,}"

    return fault


_side = _within(16, MAX_SIDE, int)


def _size(value: Any) -> str | None:
    sides = value if isinstance(value, list) and len(value) == 2 else [value]
    if any(_side(side) for side in sides):
        return (
            "must be the long side in pixels, or [width, height], "
            f"each a whole number from 16 to {MAX_SIDE:,}"
        )
    return None


def _crop(value: Any) -> str | None:
    if value == "faces":
        return 'comes with the tagging of faces, which is not there yet. Until then write "attention"'
    return _one_of("centre", "attention")(value)


def _color_code(value: Any) -> str | None:
    correct = isinstance(value, str) and re.fullmatch(r"#[0-9a-fA-F]{6}", value)
    return None if correct else 'must be a colour such as "#ffffff"'


def _rendition_name(value: Any) -> str | None:
    if isinstance(value, str) and re.fullmatch(rf"[a-z][a-z0-9_]{{0,{MAX_NAME_BYTES - 1}}}", value):
        return None
    return (
        f"must be a name of at most {MAX_NAME_BYTES} characters a-z, 0-9 and _, a letter first: "
        "fields of the photo's record are called after it"
    )


def _tagged(value: Any) -> str | None:
    if not _rendition_name(value):
        return None
    low, high = TAGGED_SIDES
    return f"must name the rendition to tag, a JPEG or PNG of {low} to {high:,} pixels a side"


def _tables(value: Any) -> str | None:
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        if len(value) <= MAX_RENDITIONS:
            return None
        return f"has {len(value)} renditions; the record has room for {MAX_RENDITIONS}"
    return 'must be a list of renditions, such as [{ name = "small", size = 800 }]'


def _key_template(value: Any) -> str | None:
    if not isinstance(value, str):
        return f'must be a template such as "{RENDITION_TEMPLATE}"'
    return template_fault(value)


PRESET_KEYS = {
    "description": Key(None, _text, required=True),
    "renditions": Key(None, _tables, required=True),
    "tagged": Key(None, _tagged, required=True),
    "placeholder": Key(None, _rendition_name),
    "facts": Key(None, _rendition_name),
    "key": Key(RENDITION_TEMPLATE, _key_template),
}
"""The keys of a preset. Without a default: `placeholder` and `facts`, which go by rule."""

RENDITION_KEYS = {
    "name": Key(None, _rendition_name, required=True),
    "size": Key(None, _size, required=True),
    "fit": Key("inside", _one_of("inside", "cover")),
    "crop": Key("centre", _crop),
    "format": Key("jpeg", _one_of(*EXTENSIONS)),
    "quality": Key(85, _within(1, 95, int)),
    "progressive": Key(False, _flag),
    "sharpen": Key(0.0, _within(0, 3, int, float)),
    "color": Key("srgb", _one_of("srgb", "display-p3")),
    "background": Key("#ffffff", _color_code),
    "metadata": Key("none", _one_of("none", "copyright")),
    "gain_map": Key(False, _flag),
}
"""The keys of a rendition."""


def load() -> Presets:
    """Return the presets of the file beside this module.

    Raises:
        PresetProblem: it cannot be read, or there is something wrong with it.
    """
    return read(Path(__file__).with_name("presets.toml"))


def read(path: Path) -> Presets:
    """Return the presets of the TOML file at `path`; messages call it `FILE`.

    Raises:
        PresetProblem: it cannot be read, is no TOML, or `checked` refuses it.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PresetProblem(f"{FILE} cannot be read: {error.strerror}. Put it back.") from error
    except (ValueError, RecursionError) as error:  # a number may have more digits than Python reads
        raise PresetProblem(f"{FILE} is not TOML: {error}. Mend it there.") from error
    return checked(document)


def checked(document: Mapping[str, Any]) -> Presets:
    """Return the presets of a TOML document.

    Raises:
        PresetProblem: there is something wrong; the message has a line for each fault.
    """
    faults = _unknown(document, ("presets", "albums"), "the file")
    tables, albums = document.get("presets"), document.get("albums", {})
    presets: dict[str, Preset] = {}
    if not isinstance(tables, dict) or not tables:
        faults.append("it has no preset. Write one, such as the table [presets.gallery]")
        tables = {}
    for name, table in tables.items():
        where = f"preset {_shown(name)}: "
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,63}", name):
            faults.append(f"{where}its name must be of at most 64 characters a-z, 0-9 and -, a letter first")
        if isinstance(table, dict):
            preset, found = _preset(table)
            faults += [where + fault for fault in found]
            if preset and not found:
                presets[name] = preset
        else:
            faults.append(f"{where}it must be a table, such as [presets.{name}]")
    if not isinstance(albums, dict):
        faults.append('[albums] must be a table, with lines such as "clients/smith" = "web"')
        albums = {}
    for prefix, name in albums.items():
        faults += [f"album {_shown(prefix)}: {fault}" for fault in _album(prefix, name, tables)]
    if faults:
        raise PresetProblem("\n".join(_line(fault) for fault in faults))
    return Presets(presets, {composed(prefix): name for prefix, name in albums.items()})


def _album(prefix: str, name: Any, presets: Collection[str]) -> list[str]:
    if isinstance(name, dict):
        return [f'write the whole prefix in quotes, as in "{prefix}/..." = "web"']
    faults = []
    if "" in prefix.split("/"):
        faults.append("a prefix has no slash at its ends, nor two in a row. Take it away")
    if not isinstance(name, str) or name not in presets:
        known = f"There is {_or(presets)}" if presets else "There is none"
        faults.append(f"{_shown(name)} is not a preset here.{_meant(name, presets)} {known}")
    return faults


def _preset(table: dict[str, Any]) -> tuple[Preset | None, list[str]]:
    """Return a preset where its parts can be read, and what is wrong with it."""
    faults = _faults(table, PRESET_KEYS, "a preset")
    if PRESET_KEYS["renditions"].fault(table.get("renditions")):
        return None, faults
    renditions: list[Rendition] = []
    for number, each in enumerate(table["renditions"], start=1):
        name = each.get("name")
        where = f"rendition {_shown(name) if isinstance(name, str) else f'number {number}'}: "
        found = _faults(each, RENDITION_KEYS, "a rendition")
        found = found or _contradictions(each)
        if not found and name in {other.name for other in renditions}:
            found = ["another has that name already. Give each its own, in another format too"]
        faults += [where + fault for fault in found]
        if not found:
            renditions.append(_rendition(each))
    if faults:
        return None, faults
    return _roles(table, tuple(renditions))


def _roles(table: dict[str, Any], renditions: tuple[Rendition, ...]) -> tuple[Preset | None, list[str]]:
    by_name = {rendition.name: rendition for rendition in renditions}
    faults = [
        f"{role} is {_shown(table[role])}; that names no rendition of it.{_meant(table[role], by_name)} "
        f"There is {_or(by_name)}"
        for role in ("tagged", "placeholder", "facts")
        if role in table and table[role] not in by_name
    ]
    if faults:
        return None, faults
    tagged = by_name[table["tagged"]]
    low, high = TAGGED_SIDES
    if tagged.format not in {"jpeg", "png"} or not all(
        low <= side <= high for side in (tagged.width, tagged.height)
    ):
        return None, [
            f"rendition {_shown(tagged.name)}: it cannot be tagged, since Rekognition takes JPEG and PNG of "
            f"{low} to {high:,} pixels a side. Name another as tagged, or change this one"
        ]
    whole = [rendition for rendition in renditions if rendition.fit == "inside"] or list(renditions)
    smallest_first = sorted(whole, key=lambda rendition: rendition.width * rendition.height)
    detailed = [each for each in smallest_first if max(each.width, each.height) >= FACTS_SIDE]
    preset = Preset(
        description=table["description"],
        renditions=renditions,
        tagged=tagged.name,
        placeholder=table.get("placeholder", smallest_first[0].name),
        facts=table.get("facts", (detailed or smallest_first[-1:])[0].name),
        key=table.get("key", PRESET_KEYS["key"].default),
    )
    return preset, []


def _rendition(table: dict[str, Any]) -> Rendition:
    """Return the rendition of a table without faults, its defaults filled in."""
    values = {name: table.get(name, key.default) for name, key in RENDITION_KEYS.items()}
    size = values.pop("size")
    width, height = size if isinstance(size, list) else (size, size)
    return Rendition(**{**values, "sharpen": float(values["sharpen"])}, width=width, height=height)


def _contradictions(table: dict[str, Any]) -> list[str]:
    """Return where keys that are right each for itself do not go together."""
    faults = []
    made_as, fit = (table.get(name, RENDITION_KEYS[name].default) for name in ("format", "fit"))
    if fit == "cover" and not isinstance(table["size"], list):
        side = table["size"]
        faults.append(f'fit = "cover" needs both sides. Write size = [{side}, {side}]')
    if fit != "cover" and "crop" in table:
        faults.append('crop goes with fit = "cover" alone. Add that, or leave crop out')
    if made_as == "png" and "quality" in table:
        faults.append("a PNG has no quality, since it loses nothing. Leave quality out")
    if made_as != "jpeg" and table.get("progressive"):
        faults.append('progressive goes with format = "jpeg" alone. Leave it out')
    if made_as in {"png", "webp"} and table.get("gain_map"):
        faults.append(f"a {made_as.upper()} has no place for a gain map. Leave gain_map out")
    return faults


def _faults(table: dict[str, Any], keys: Mapping[str, Key], what: str) -> list[str]:
    """Return what is wrong with each key of a table by itself."""
    faults = _unknown(table, keys, what)
    faults += [
        f"{name} is missing: it {key.fault(None)}"
        for name, key in keys.items()
        if key.required and name not in table
    ]
    faults += [
        f"{name} is {_shown(table[name])}; it {fault}"
        for name, key in keys.items()
        if name in table and (fault := key.fault(table[name]))
    ]
    return faults


def _unknown(table: Mapping[str, Any], keys: Collection[str], what: str) -> list[str]:
    return [
        f"{_shown(name)} is not a key of {what}.{_meant(name, keys)} There is {_or(keys)}"
        for name in table
        if name not in keys
    ]


def _meant(value: Any, words: Collection[str]) -> str:
    close = get_close_matches(value, words, n=1) if isinstance(value, str) else []
    return f" Did you mean {close[0]}?" if close else ""


def _or(words: Collection[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def _line(fault: str) -> str:
    """Return a fault as a sentence on one line, whatever characters the file's words have."""
    shown = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in fault)
    return f"{FILE}, {shown}" if shown.endswith((".", "?")) else f"{FILE}, {shown}."


def _shown(value: Any) -> str:
    """Return a value as the file has it, cut to a readable length."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except ValueError:  # a number may have more digits than Python writes
        return "a number too long to show"
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "..."


if __name__ == "__main__":
    try:
        load()
    except PresetProblem as problem:
        sys.exit(str(problem))
