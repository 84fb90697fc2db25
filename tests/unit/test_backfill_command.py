"""The command says what a backfill costs before it begins one."""

import json
import re
from typing import Any

import pytest
from click.testing import CliRunner

from contract.definitions import REPOSITORY, template
from safelight_library import backfill
from safelight_library.library import Library
from safelight_local.command import cli, connection
from safelight_local.command.prices import REST_MICRO_DOLLARS, dollars_of

DEFAULTS = {name: str(it.get("Default", "")) for name, it in template()["Parameters"].items()}
RUN = "arn:aws:states:eu-central-1:123456789012:execution:backfill:1"


class Workflows:
    """Step Functions, on which each execution has ended."""

    def __init__(self) -> None:
        self.started: list[Any] = []

    def start_execution(self, **given: Any) -> dict[str, str]:
        self.started.append(json.loads(given["input"]))
        return {"executionArn": RUN}

    def describe_execution(self, **_: Any) -> dict[str, str]:
        return {"status": "SUCCEEDED", "output": json.dumps({"seen": 12, "sent": 10, "sent_bytes": 10**9})}


@pytest.fixture
def workflows(monkeypatch: pytest.MonkeyPatch) -> Workflows:
    library = object.__new__(Library)
    library.outputs = {"BackfillWorkflowArn": "arn"}
    workflows = Workflows()
    library.stepfunctions = workflows  # type: ignore[assignment]
    monkeypatch.setattr(Library, "parameters", lambda _: DEFAULTS)
    monkeypatch.setattr(Library, "waiting", lambda _: 0)
    monkeypatch.setattr(connection, "library_of", lambda _: library)
    monkeypatch.setattr(backfill, "_POLL_SECONDS", 0)
    return workflows


def test_a_dry_run_says_the_price_and_sends_nothing(workflows: Workflows) -> None:
    ran = CliRunner().invoke(cli.main, ["backfill", "Sea", "--dry-run"])
    assert ran.exit_code == 0, ran.output
    assert "Of 12 photos 10 are to be processed, 1.0 GB, for 0.03 US dollars" in " ".join(ran.output.split())
    assert workflows.started == [{"prefixes": ["Sea/"], "dry_run": True}]


def test_without_it_the_events_are_sent_for_either_spelling_of_the_album(workflows: Workflows) -> None:
    ran = CliRunner().invoke(cli.main, ["backfill", "Zürich"])
    assert ran.exit_code == 0, ran.output
    assert "10 photos were sent" in ran.output
    spelled = ["Zu\N{COMBINING DIAERESIS}rich/", "Z\N{LATIN SMALL LETTER U WITH DIAERESIS}rich/"]
    assert workflows.started == [{"prefixes": spelled, "dry_run": it} for it in (True, False)]


def test_the_price_is_that_of_the_documentation() -> None:
    costs = (REPOSITORY / "docs" / "costs.md").read_text().partition("## The rest of the pipeline")[2]
    together = re.search(r"^\| \*\*together\*\* \| \| \*\*([\d.]+)\*\*", costs, re.MULTILINE)
    assert together
    assert round(float(together[1]) * 1000) == REST_MICRO_DOLLARS
    assert dollars_of(1000, {**DEFAULTS, "ReadText": "never"}) == pytest.approx(1.46)
