"""What is counted of the calls for a photo, for the dashboard. Pure."""

from collections.abc import Mapping

from safelight.metering import Measure
from safelight.prices import cost_of


def spent_on(calls: Mapping[str, int]) -> Measure:
    """Return what `calls`, counted by their name, have cost: US dollars at list prices."""
    return Measure({"VisionDollars": ("None", cost_of(calls) / 1_000_000)}, {})
