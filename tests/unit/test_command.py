"""The command tells every error in words, and lets no name move the terminal."""

import ast
import json
from typing import Any

import pytest
from botocore import exceptions as boto
from click.testing import CliRunner, Result
from rich.console import Console
from rich.text import Text

from contract.definitions import REPOSITORY
from safelight.errors import ServiceUnavailable
from safelight_library.errors import StackNotFound
from safelight_library.library import Library
from safelight_local.command import cli, connection, terminal
from unit.stack import library_of_moto

HOSTILE = "a\x1b[2J\x1b]0;owned\x07\x9b31m\u202egpj\udcff.jpg"
CLEANED = "a[2J]0;owned31mgpj.jpg"


def safelight(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(cli.main, list(arguments), env=environment)


def raising(error: BaseException) -> Any:
    def library(_: object) -> None:
        raise error

    return library


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (boto.NoCredentialsError(), "There are no AWS credentials"),
        (boto.ProfileNotFound(profile="work"), "aws configure list-profiles"),
        (boto.NoRegionError(), "export AWS_DEFAULT_REGION"),
        (boto.ClientError({"Error": {"Code": "ExpiredToken"}}, "Scan"), "Log in with"),
        (boto.ClientError({"Error": {"Code": "AccessDeniedException"}}, "Scan"), "does not allow Scan"),
        (boto.ClientError({"Error": {"Code": "Odd"}}, "Scan"), "AWS refused Scan"),
        (boto.EndpointConnectionError(endpoint_url="http://x"), "safelight up"),
        (boto.ReadTimeoutError(endpoint_url="http://x"), "safelight up"),
        (ServiceUnavailable("The table could not be reached"), "safelight up"),
        (StackNotFound("There is no stack."), "There is no stack."),
        (PermissionError(13, "Permission denied", "/gallery"), "/gallery: Permission denied"),
        (KeyError("odd"), "This is a fault of Safelight (KeyError: 'odd'). Please report it"),
    ],
    ids=lambda it: type(it).__name__ if isinstance(it, Exception) else "",
)
def test_every_error_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, error: Exception, words: str
) -> None:
    monkeypatch.setenv("SAFELIGHT_HOME", str(tmp_path))
    monkeypatch.setattr(connection, "library_of", raising(error))
    told = safelight("status")
    assert told.exit_code == 1
    assert isinstance(told.exception, SystemExit)
    assert words in told.output
    assert "Traceback" not in told.output


def test_a_stack_that_cannot_be_asked_for_is_told_by_its_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "list-profiles" in safelight("--stack", "x", "status", AWS_PROFILE="nobody").output
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name)
    assert "No AWS region is chosen" in safelight("--stack", "x", "status").output
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    told = safelight("--stack", "x", "status", AWS_DEFAULT_REGION="eu-central-1")
    assert "There are no AWS credentials" in told.output


@pytest.fixture
def library(aws: None, monkeypatch: pytest.MonkeyPatch) -> Library:
    made = library_of_moto()
    monkeypatch.setattr(connection, "library_of", lambda _: made)
    return made


def test_no_name_moves_the_terminal(library: Library, tmp_path: Any) -> None:
    assert terminal.clean(HOSTILE) == CLEANED
    key = "x/a\x1b[2J\u009b31m\u202egpj.jpg"
    library.s3.put_object(Bucket="originals", Key=key, Body=b"a")
    for arguments in (["doctor", "--older-than", "0"], ["retry", key], ["show", key], ["release", key]):
        told = safelight(*arguments)
        assert "x/a[2J31mgpj.jpg" in told.output
        assert not {"\x1b", "\u009b", "\u202e"} & set(told.output)
    (found,) = json.loads(safelight("doctor", "--older-than", "0", "--json").stdout)
    assert found["key"] == key
    assert not {"\x1b", "\u009b", "\u202e"} & set(safelight("doctor", "--older-than", "0", "--json").stdout)


def test_a_clean_console_keeps_its_own_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    screen = terminal.console()
    with screen.capture() as captured:
        screen.print(Text(HOSTILE, style="red"))
    assert captured.get().strip() == f"\x1b[31m{CLEANED}\x1b[0m"


ROWS = [
    (Text("Summer 2024/DSC_0021.JPG"), Text("ACTIVE"), Text("4 · 183 kB"), Text("Twizel, New Zealand")),
    (Text("a.jpg"), Text("REJECTED"), Text(""), Text("")),
]
TABLE = terminal.Fitted(
    ("Photo", "Status", "Renditions", "Place"), ROWS, ("Photo", "Status", "Place", "Renditions")
)


@pytest.mark.parametrize(
    ("width", "headings"),
    [
        (20, ["Photo"]),
        (40, ["Photo", "Status"]),
        (50, ["Photo", "Status", "Place"]),
        (60, ["Photo", "Status", "Renditions", "Place"]),
        (200, ["Photo", "Status", "Renditions", "Place"]),
    ],
)
def test_a_table_shows_what_can_be_read(width: int, headings: list[str]) -> None:
    screen = Console(width=width)
    with screen.capture() as captured:
        screen.print(TABLE)
    lines = captured.get().splitlines()
    assert next(line for line in lines if line.strip()).split() == headings
    assert max(map(len, lines)) <= width


def test_without_a_terminal_a_row_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    long = terminal.Fitted(("Photo",), [(Text("x" * 300),)], ("Photo",))
    screen = terminal.console()
    with screen.capture() as captured:
        screen.print(long)
    assert "x" * 300 in captured.get()
    monkeypatch.setenv("COLUMNS", "60")
    assert terminal.console().width == 60


def test_nothing_else_prints() -> None:
    for module in (REPOSITORY / "local" / "safelight_local" / "command").glob("*.py"):
        if module.name != "terminal.py":
            nodes = ast.walk(ast.parse(module.read_text()))
            called = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
            assert not called & {"Console", "click.echo", "click.secho", "print"}, module
