"""The ledger tells what another version made; where that is the metadata, it alone is read again."""

from typing import Any

import pytest

from safelight import __version__
from safelight_library.ledger import stale_stages, work_of

NOW, BEFORE = f"safelight {__version__}", "safelight 0.0.9"


def photo(**ledger: str) -> Any:
    return {"status": "ACTIVE", "processed_at": "2026", "ledger": ledger}


@pytest.mark.parametrize(
    ("ledger", "stale"),
    [
        ({}, set()),
        ({"render": f"{NOW}, libvips 8.17"}, set()),
        ({"render": f"{BEFORE}, libvips 8.17", "metadata": NOW}, {"render"}),
        ({"render": f"{NOW}1, libvips 8.17"}, {"render"}),
    ],
)
def test_a_stage_is_stale_that_another_version_ran(ledger: dict[str, str], stale: set[str]) -> None:
    assert stale_stages(photo(**ledger)) == stale


@pytest.mark.parametrize(
    ("stage", "only_stale", "ledger", "work"),
    [
        ("all", False, {"render": NOW}, "all"),
        ("metadata", False, {"render": NOW}, "metadata"),
        ("all", True, {"render": NOW, "metadata": NOW}, None),
        ("all", True, {"render": BEFORE, "metadata": NOW}, "all"),
        ("all", True, {"render": BEFORE, "metadata": BEFORE}, "all"),
        ("all", True, {"render": NOW, "metadata": BEFORE}, "metadata"),
        ("metadata", True, {"render": BEFORE, "metadata": BEFORE}, "metadata"),
        ("metadata", True, {"render": BEFORE, "metadata": NOW}, None),
    ],
)
def test_what_is_done_again(stage: Any, only_stale: bool, ledger: dict[str, str], work: str | None) -> None:
    assert work_of(photo(**ledger), stage, only_stale) == work


@pytest.mark.parametrize("status", ["FAILED", "REJECTED", "PROCESSING", "REMOVED"])
def test_of_a_photo_that_is_not_finished_nothing_is_done_again(status: str) -> None:
    assert work_of({**photo(), "status": status}, "all", only_stale=False) is None
    assert work_of({**photo(), "status": status}, "metadata", only_stale=False) is None
