"""The command has archives made, and fetches them or prints their links."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from safelight_library import exports
from safelight_library.library import Library
from safelight_local.command import cli, connection

ARCHIVES = [
    {
        "name": f"Sea ({number} of 2).zip",
        "url": f"https://x/exports/1/Sea%20({number}%20of%202).zip",
        "bytes": 9,
    }
    for number in (1, 2)
]


class Stack:
    """Step Functions on which each execution has ended, and S3 that has every object."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.output: dict[str, Any] = {"count": 3, "archives": ARCHIVES, "expires_at": "2026-12-04T02:00:00Z"}
        self.status = "SUCCEEDED"

    def start_execution(self, **given: Any) -> dict[str, str]:
        assert len(given["name"]) == 32
        self.asked.append(json.loads(given["input"]))
        return {"executionArn": "arn"}

    def describe_execution(self, **_: Any) -> dict[str, str]:
        return {"status": self.status, "output": json.dumps(self.output), "cause": "It broke"}

    def download_file(self, bucket: str, key: str, path: str, Callback: Any) -> None:  # noqa: N803
        Callback(9)
        Path(path).write_text(f"{bucket} {key}")


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Stack:
    library, stack = object.__new__(Library), Stack()
    library.outputs = {"ExportWorkflowArn": "arn", "RenditionsBucket": "renditions"}
    library.stepfunctions = library.s3 = stack  # type: ignore[assignment]
    monkeypatch.setattr(Library, "parameters", lambda _: {"MailFrom": "none"})
    monkeypatch.setattr(connection, "library_of", lambda _: library)
    monkeypatch.setattr(exports, "_POLL_SECONDS", 0)
    return stack


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, ["export", *arguments])


def test_links_are_printed(stack: Stack) -> None:
    ran = run("Holidays/Sea", "--sidecars", "--gigabytes", "4")
    assert ran.exit_code == 0, ran.output
    assert all(each["url"] in ran.output for each in ARCHIVES)  # type: ignore[operator]
    assert "until 2026-12-04" in ran.output
    (asked,) = stack.asked
    assert (asked["title"], asked["album"], asked["most_bytes"]) == ("Sea", "Holidays/Sea", 4_000_000_000)
    assert (asked["sidecars"], asked["renditions"], asked["mail"], asked["keys"]) == (True, False, None, None)


def test_archives_are_fetched_into_a_folder_or_to_numbered_files(stack: Stack, tmp_path: Path) -> None:
    assert run("Sea", "--to", str(tmp_path)).exit_code == 0
    assert (tmp_path / "Sea (1 of 2).zip").read_text() == "renditions exports/1/Sea (1 of 2).zip"
    assert run("Sea", "--to", str(tmp_path / "my.zip")).exit_code == 0
    assert (tmp_path / "my (2).zip").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Name an ALBUM"),
        (["Sea", "--person", "p1"], "Name an ALBUM"),
        (["Sea", "--mail", "a@example.com"], "sends no letters"),
    ],
)
def test_what_cannot_be_is_told_before_it_begins(stack: Stack, arguments: list[str], words: str) -> None:
    ran = run(*arguments)
    assert ran.exit_code == 2
    assert words in " ".join(ran.output.split())
    assert stack.asked == []


@pytest.mark.parametrize(
    ("status", "output", "words"),
    [
        ("SUCCEEDED", {"refusal": "a.jpg is gone."}, "a.jpg is gone. Then export again."),
        ("FAILED", {}, "arn is FAILED. Mend the cause, and redrive it. It broke"),
        ("SUCCEEDED", {"count": 0, "archives": [], "expires_at": ""}, "There are no photos to export."),
    ],
)
def test_an_export_that_came_to_nothing_says_why(stack: Stack, status: str, output: Any, words: str) -> None:
    stack.status, stack.output = status, output
    ran = run("Sea")
    assert ran.exit_code == 1
    assert words in " ".join(ran.output.split())
