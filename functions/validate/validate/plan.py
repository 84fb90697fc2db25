"""Plans the renditions of an original, and the master that they are made of where decoding is dear."""

import base64
import hashlib
import json
from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING

from safelight import __version__, presets
from safelight.errors import Misconfigured
from safelight.keys import VERSION_CHARACTERS, album_of, master_key, rendition_key

if TYPE_CHECKING:
    from safelight.contracts import FilmPlan, MasterPlan, Photo, Planned, RenditionPlan

_ALWAYS = frozenset({"RAW", "HEIC", "HEIF", "AVIF", "BMP", "JPEG 2000", "JPEG XL", "Photoshop"})
"""What the render function does not decode at all: one room carries those decoders."""

FROM_PIXELS = {
    "JPEG": 80_000_000,
    "PNG": 12_000_000,
    "TIFF": 12_000_000,
    "WebP": 80_000_000,
    "GIF": 80_000_000,
}
"""From so many pixels on, a master saves enough time to be worth the wait for one more function.

Measured by `make bench-develop` for the four renditions of `gallery` (docs/performance.md): JPEG breaks even
at 50 megapixels and saves a fifth at 100; at 12 PNG saves a seventh, TIFF from 8 % (LZW) to 59 % (16 bit).
WebP and GIF are decoded whole, in 8 and 5 bytes a pixel, for which the develop function has the memory.
"""


def planned(photo: "Photo", preset: str, original_key: str, version: str, execution: str) -> "Planned":
    """Return all that is to be made of the original at `original_key`, for the workflow's `execution`.

    Raises what `plan_of` does.
    """
    renditions, tagged = plan_of(preset, original_key, version)
    return {
        "renditions": renditions,
        "tagged_rendition": tagged,
        "master": master_of(photo, renditions, execution),
        "film": film_plan_of(photo, preset, original_key, version),
    }


def plan_of(preset: str, original_key: str, version: str) -> "tuple[list[RenditionPlan], str]":
    """Return the renditions to make of the original at `original_key`, and the key of the one to tag.

    `preset` is that of every album that presets.toml gives no other; `version` is that of the claim.

    Raises:
        Misconfigured: there is no such preset, or presets.toml is wrong.
    """
    return plan_with(_preset_for(preset, original_key), original_key, version)


def plan_with(preset: presets.Preset, original_key: str, version: str) -> "tuple[list[RenditionPlan], str]":
    """Return the renditions that `preset` makes of an original, and the key of the one to tag.

    Their keys change with the upload, and with what is made of it: a URL never shows anything else.
    """
    of_these = _version_with(preset, version)
    plans: dict[str, RenditionPlan] = {
        each.name: {
            **asdict(each),  # type: ignore[typeddict-item]
            "key": rendition_key(
                original_key, of_these, each.name, presets.EXTENSIONS[each.format], preset.key
            ),
            "placeholder": each.name == preset.placeholder,
            "facts": each.name == preset.facts,
        }
        for each in preset.renditions
    }
    return list(plans.values()), plans[preset.tagged]["key"]


def film_plan_of(photo: "Photo", preset: str, original_key: str, version: str) -> "FilmPlan | None":
    """Return how the files of a web copy are called, beside the renditions; None of what does not move.

    Raises:
        Misconfigured: there is no such preset, or presets.toml is wrong.
    """
    if "film" not in photo and "motion" not in photo:
        return None
    with_ = _preset_for(preset, original_key)
    return {"version": _version_with(with_, version), "template": with_.key}


def master_of(photo: "Photo", renditions: "list[RenditionPlan]", execution: str) -> "MasterPlan | None":
    """Return the working master to develop of `photo`, or None where each rendition decodes it itself.

    It is as large as the largest of `renditions` needs, never larger than the photo, and belongs to
    the workflow's execution of that name. A JPEG whose gain map is wanted has none: a master has no gain map.
    That of a film is its poster.
    """
    if photo["format"] not in _ALWAYS and not photo.get("rare") and "film" not in photo:
        if photo["width"] * photo["height"] < FROM_PIXELS[photo["format"]]:
            return None
        if any(rendition["gain_map"] for rendition in renditions):
            return None
    scale = min(1.0, max(_scale(photo, rendition) for rendition in renditions))
    return {
        "key": master_key(execution),
        "width": max(1, round(photo["width"] * scale)),
        "height": max(1, round(photo["height"] * scale)),
        "color": "display-p3" if any(r["color"] == "display-p3" for r in renditions) else "srgb",
    }


def _scale(photo: "Photo", rendition: "RenditionPlan") -> float:
    across, down = rendition["width"] / photo["width"], rendition["height"] / photo["height"]
    return max(across, down) if rendition["fit"] == "cover" else min(across, down)


def _preset_for(preset: str, original_key: str) -> presets.Preset:
    known = _presets()
    name = known.name_for(album_of(original_key), otherwise=preset)
    if name not in known.presets:
        raise Misconfigured(
            f"There is no preset {name!r}; there is {', '.join(sorted(known.presets))}. "
            "Mend the parameter Preset and deploy again."
        )
    return known.presets[name]


def _version_with(preset: presets.Preset, version: str) -> str:
    made_of = json.dumps([version, __version__, asdict(preset)], sort_keys=True, default=str)
    digest = hashlib.sha256(made_of.encode()).digest()
    return base64.urlsafe_b64encode(digest)[:VERSION_CHARACTERS].decode()


@cache
def _presets() -> presets.Presets:
    try:
        return presets.load()
    except presets.PresetProblem as problem:
        raise Misconfigured(str(problem)) from problem
