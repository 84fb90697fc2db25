"""Plans the renditions of an original, as the preset of its album says."""

from dataclasses import asdict
from functools import cache

from safelight import presets
from safelight.contracts import RenditionPlan
from safelight.errors import Misconfigured
from safelight.keys import album_of, rendition_key


def plan_of(preset: str, original_key: str) -> tuple[list[RenditionPlan], str]:
    """Return the renditions to make of the original at `original_key`, and the key of the one to tag.

    `preset` is that of every album that presets.toml gives no other.

    Raises:
        Misconfigured: there is no such preset, or presets.toml is wrong.
    """
    known = _presets()
    name = known.name_for(album_of(original_key), otherwise=preset)
    if name not in known.presets:
        raise Misconfigured(
            f"There is no preset {name!r}; there is {', '.join(sorted(known.presets))}. "
            "Mend the parameter Preset and deploy again."
        )
    return plan_with(known.presets[name], original_key)


def plan_with(preset: presets.Preset, original_key: str) -> tuple[list[RenditionPlan], str]:
    """Return the renditions that `preset` makes of an original, and the key of the one to tag."""
    plans: dict[str, RenditionPlan] = {
        each.name: {
            **asdict(each),  # type: ignore[typeddict-item]
            "key": rendition_key(original_key, each.name, presets.EXTENSIONS[each.format], preset.key),
            "placeholder": each.name == preset.placeholder,
            "facts": each.name == preset.facts,
        }
        for each in preset.renditions
    }
    return list(plans.values()), plans[preset.tagged]["key"]


@cache
def _presets() -> presets.Presets:
    try:
        return presets.load()
    except presets.PresetProblem as problem:
        raise Misconfigured(str(problem)) from problem
