"""docs/costs.md has the prices that the budget counts by, for every combination of features."""

import re
from itertools import product

import pytest

from contract.definitions import REPOSITORY, template
from safelight.prices import MICRO_DOLLARS, cost_of

COSTS = (REPOSITORY / "docs" / "costs.md").read_text()
CALLS = ("DetectLabels", "ImageProperties", "IndexFaces", "DetectModerationLabels", "DetectText")
SHARES = (0.0, 0.1, 1.0)
"""Which share of the photos Textract reads: ReadText never, documents with one photo in ten, always."""


@pytest.mark.parametrize("asked", list(product([False, True], repeat=len(CALLS))))
def test_the_price_of_1000_photos_is_that_of_their_calls(asked: tuple[bool, ...]) -> None:
    calls = {name: 1000 for name, on in zip(CALLS, asked, strict=True) if on}
    read = [cost_of({**calls, "DetectDocumentText": round(1000 * share)}) / 1e6 for share in SHARES]
    cells = ["on" if on else "" for on in asked] + [f"{price:.2f}" for price in read]
    assert f"| {' | '.join(cells)} |" in COSTS


@pytest.mark.parametrize(("call", "price"), MICRO_DOLLARS.items())
def test_the_price_of_every_call_is_told(call: str, price: int) -> None:
    assert re.search(rf"^\| `{call}` .*\| {price / 1e6:.5f} \|$", COSTS, re.MULTILINE)


def test_every_feature_that_costs_is_a_parameter_and_named() -> None:
    for parameter in ("Labels", "ImageProperties", "Faces", "Moderation", "SceneText", "ReadText"):
        assert parameter in template()["Parameters"]
        assert f"`{parameter}`" in COSTS
