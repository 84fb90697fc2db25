"""The first user of a laptop's library: made once, and logged in by a link."""

import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from safelight_local.cloud.owner import PASSWORD_FILE, ensure_owner, login_link
from unit.api_client import Client, Stack, deployed

ADDRESS = "http://d.cloudfront.localhost:20000"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with deployed() as stack:
        stack.library.outputs |= {
            "LibraryUrl": ADDRESS,
            "UserPool": stack.pool,
            "UserPoolClient": stack.client_id,
        }
        yield stack


def token_in(link: str) -> str:
    (token,) = parse_qs(urlsplit(link).fragment)["token"]
    return token


def test_the_owner_is_made_once_and_logged_in_by_the_link(stack: Stack, tmp_path: Path) -> None:
    ensure_owner(stack.library, tmp_path)
    password = (tmp_path / PASSWORD_FILE).read_text()
    ensure_owner(stack.library, tmp_path)
    assert (tmp_path / PASSWORD_FILE).read_text() == password
    assert stat.S_IMODE((tmp_path / PASSWORD_FILE).stat().st_mode) == 0o600
    link = login_link(stack.library, tmp_path)
    assert link.startswith(f"{ADDRESS}/#")
    token = token_in(link)
    assert jwt.decode(token, options={"verify_signature": False})["cognito:groups"] == ["owners"]
    assert Client(token).ask("GET", "/api/session").json["role"] == "owner"


def test_a_start_that_was_cut_short_is_made_good(stack: Stack, tmp_path: Path) -> None:
    for folder in (tmp_path / "cut short", tmp_path / "again"):
        folder.mkdir()
        ensure_owner(stack.library, folder)
    token = token_in(login_link(stack.library, folder))
    assert Client(token).ask("GET", "/api/session").json["role"] == "owner"


def test_who_believes_another_issuer_has_no_first_user(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(stack.library.outputs, "UserPool")
    ensure_owner(stack.library, tmp_path)
    assert not any(tmp_path.iterdir())
    assert login_link(stack.library, tmp_path) == ADDRESS
