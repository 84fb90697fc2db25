"""Who asks the API is known by a token of the pool, and by nothing else."""

import io
import json
from collections.abc import Iterator

import jwt
import pytest

from api import identity
from api.settings import settings
from unit.api_client import PASSWORD, Client, Stack, deployed


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with deployed() as stack:
        stack.add_user("vic", "viewers")
        yield stack


def test_nobody_is_nobody(stack: Stack) -> None:
    answer = Client().ask("GET", "/api/session")
    assert (answer.status, answer.json) == (200, {"role": "nobody", "name": None, "share": None})


@pytest.mark.parametrize(("name", "role"), [("ada", "owner"), ("vic", "viewer")])
def test_a_user_logs_in_by_password_and_out(stack: Stack, name: str, role: str) -> None:
    browser = Client()
    answer = browser.ask("POST", "/api/session", {"username": name, "password": PASSWORD})
    assert (answer.status, answer.json["role"]) == (200, role)
    assert browser.ask("GET", "/api/session").json["role"] == role
    assert browser.ask("DELETE", "/api/session").status == 204
    assert browser.ask("GET", "/api/session").json["role"] == "nobody"


def test_a_session_outlives_its_token_until_one_logs_out(stack: Stack) -> None:
    browser = Client()
    browser.ask("POST", "/api/session", {"username": "ada", "password": PASSWORD})
    refresh = browser.cookies["refresh"]
    browser.cookies["session"] = "ended"
    answer = browser.ask("GET", "/api/session")
    assert (answer.json["role"], browser.cookies["session"] != "ended") == ("owner", True)
    assert browser.ask("GET", "/api/people").status == 200
    browser.ask("DELETE", "/api/session")
    assert not browser.cookies
    browser.cookies = {"session": "ended", "refresh": refresh}
    assert browser.ask("GET", "/api/session").json["role"] == "nobody", "the token is revoked"


def test_a_token_logs_in(stack: Stack) -> None:
    token = stack.token("ada")
    assert Client(token).ask("GET", "/api/session").json["role"] == "owner"
    browser = Client()
    assert browser.ask("POST", "/api/session", {"token": token}).json["role"] == "owner"
    assert browser.ask("GET", "/api/session").json["role"] == "owner"


@pytest.mark.parametrize(
    ("origin", "is_secure"),
    [("https://photos.example.com", True), ("http://d.cloudfront.localhost:20000", False), ("", True)],
)
def test_the_cookie_is_kept_from_scripts_and_other_sites(stack: Stack, origin: str, is_secure: bool) -> None:
    login = {"username": "ada", "password": PASSWORD}
    sent = Client().ask("POST", "/api/session", login, headers={"origin": origin}).set_cookies
    for cookie, path in zip(sent, ("/api", "/api/session"), strict=True):
        assert {"HttpOnly", "SameSite=Lax", f"Path={path}"} <= set(cookie.split("; "))
        assert ("Secure" in cookie.split("; ")) is is_secure


def test_a_wrong_password_and_an_unknown_user_sound_the_same(stack: Stack) -> None:
    wrong = Client().ask("POST", "/api/session", {"username": "ada", "password": "another password"})
    unknown = Client().ask("POST", "/api/session", {"username": "bob", "password": PASSWORD})
    assert wrong.status == unknown.status == 401
    assert wrong.json == unknown.json
    assert wrong.headers["content-type"] == "application/problem+json"


def test_who_is_in_no_group_is_not_let_in(stack: Stack) -> None:
    stack.add_user("eve")
    token = stack.token("eve")
    assert Client(token).ask("GET", "/api/session").json["role"] == "nobody"
    assert Client().ask("POST", "/api/session", {"token": token}).status == 401


def test_forged_tokens_are_nobodys(stack: Stack) -> None:
    token = stack.token("ada")
    claims = jwt.decode(token, options={"verify_signature": False})
    header = jwt.get_unverified_header(token)
    forged = [
        jwt.encode(claims, "", algorithm="none", headers={"kid": header["kid"]}),
        jwt.encode(claims, "x" * 32, algorithm="HS256", headers={"kid": header["kid"]}),
        jwt.encode(claims, "x" * 32, algorithm="HS256", headers={"kid": "unknown"}),
        token[:-8] + "AAAAAAAA",
        "no token",
        "ä.ö.ü",
    ]
    for each in forged:
        assert Client(each).ask("GET", "/api/session").json["role"] == "nobody"


def test_nobody_goes_around_the_distribution(stack: Stack) -> None:
    for secret in ("", "another", "ä"):
        answer = Client().ask("GET", "/api/session", headers={"x-safelight-origin": secret})
        assert answer.status == 403


def test_no_other_site_changes_anything_with_a_users_cookies(stack: Stack) -> None:
    browser = Client()
    browser.ask("POST", "/api/session", {"username": "ada", "password": PASSWORD})
    answer = browser.ask("DELETE", "/api/session", headers={"x-safelight": ""})
    assert answer.status == 403
    assert browser.ask("GET", "/api/session").json["role"] == "owner"


def test_what_is_not_there_is_a_problem(stack: Stack) -> None:
    answer = Client().ask("GET", "/api/nothing")
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json["title"] == "Not Found"
    assert Client().ask("POST", "/api/session", {"username": 1}).status == 422


@pytest.mark.parametrize("keys", [b"no json", b"{}", b'{"keys": []}', b'{"keys": [{"kty": "none"}]}'])
def test_an_issuer_without_keys_is_out_of_reach_and_believed_by_nobody(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, keys: bytes
) -> None:
    token = stack.token("ada")
    identity._keys.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(identity, "urlopen", lambda url, timeout: io.BytesIO(keys))
        answer = Client(token).ask("GET", "/api/session")
    identity._keys.cache_clear()
    assert (answer.status, answer.headers["retry-after"]) == (503, "2")


def test_tokens_of_keys_that_there_are_not_do_not_make_it_fetch_them_each_time(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Client(stack.token("ada")).ask("GET", "/api/session").json["role"] == "owner"
    monkeypatch.setattr(identity, "urlopen", None)
    for kid in ("one", "two"):
        forged = jwt.encode({"sub": "eve"}, "x" * 32, algorithm="HS256", headers={"kid": kid})
        assert Client(forged).ask("GET", "/api/session").json["role"] == "nobody"


def test_another_issuer_names_its_keys_by_discovery(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    issuer, asked = "https://issuer.example.com/realm", []

    def answer(url: str, timeout: int) -> io.BytesIO:
        asked.append(url)
        return io.BytesIO(json.dumps({"jwks_uri": "https://keys.example.com", "keys": []}).encode())

    monkeypatch.setenv("TOKEN_ISSUER", issuer)
    monkeypatch.setattr(identity, "urlopen", answer)
    settings.cache_clear()
    identity._keys.cache_clear()
    try:
        Client(stack.token("ada")).ask("GET", "/api/session")
    finally:
        settings.cache_clear()
        identity._keys.cache_clear()
    assert asked == [f"{issuer}/.well-known/openid-configuration", "https://keys.example.com"]
