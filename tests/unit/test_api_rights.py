"""Every route of the API, asked by everybody: nobody gets what they have no right to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from api import handler
from api.routes import application
from safelight.keys import public_id
from unit.api_client import Client, Stack, deployed, guest_of
from unit.api_records import FAILED, HELD, INLAND, KEY, LIBRARY

ID = public_id(KEY)
LOGIN = {"username": "ada", "password": "wrong"}
NEW = {"filename": "new.jpg", "bytes": 3, "sha256": "0" * 64}
UPLOADS = {"album": "Sea", "files": [NEW]}
BEGUN = {"id": public_id("Sea/big.tif"), "upload_id": "none"}

ASKING = ("nobody", "stranger", "guest", "uploader", "viewer", "owner")
"""Stranger: the guest of another album. Uploader: a guest who may download and upload, too."""


@dataclass(frozen=True)
class Asked:
    """A request, and the status of its answer to each of `ASKING`."""

    path: str
    body: Any
    statuses: tuple[int, ...]


ROUTES: dict[str, Asked] = {
    "GET /api/session": Asked("/api/session", None, (200, 200, 200, 200, 200, 200)),
    "POST /api/session": Asked("/api/session", LOGIN, (401, 401, 401, 401, 401, 401)),
    "DELETE /api/session": Asked("/api/session", None, (204, 204, 204, 204, 204, 204)),
    "GET /api/timeline": Asked("/api/timeline", None, (401, 200, 200, 200, 200, 200)),
    "GET /api/photos": Asked("/api/photos", None, (401, 200, 200, 200, 200, 200)),
    "GET /api/albums": Asked("/api/albums", None, (401, 200, 200, 200, 200, 200)),
    "GET /api/memories": Asked("/api/memories", None, (401, 403, 403, 403, 200, 200)),
    "GET /api/people": Asked("/api/people", None, (401, 403, 403, 403, 200, 200)),
    "GET /api/places": Asked("/api/places", None, (401, 403, 403, 403, 200, 200)),
    "GET /api/search/suggestions": Asked(
        "/api/search/suggestions?q=sea", None, (401, 403, 403, 403, 200, 200)
    ),
    "GET /api/photos/{photo_id}": Asked(f"/api/photos/{ID}", None, (401, 404, 200, 200, 200, 200)),
    "GET /api/photos/{photo_id}/original": Asked(
        f"/api/photos/{ID}/original", None, (401, 404, 403, 302, 302, 302)
    ),
    "GET /api/photos/{photo_id}/stages": Asked(
        f"/api/photos/{ID}/stages", None, (401, 403, 403, 403, 403, 200)
    ),
    "POST /api/photos/{photo_id}/release": Asked(
        f"/api/photos/{public_id(HELD['key'])}/release", None, (401, 403, 403, 403, 403, 202)
    ),
    "POST /api/photos/{photo_id}/retry": Asked(
        f"/api/photos/{public_id(FAILED['key'])}/retry", None, (401, 403, 403, 403, 403, 409)
    ),
    "DELETE /api/photos/{photo_id}": Asked(
        f"/api/photos/{public_id(INLAND['key'])}", None, (401, 403, 403, 403, 403, 202)
    ),
    "GET /api/status": Asked("/api/status", None, (401, 403, 403, 403, 403, 200)),
    "GET /api/status/photos": Asked("/api/status/photos?status=HELD", None, (401, 403, 403, 403, 403, 200)),
    "POST /api/status": Asked("/api/status", {"ids": [ID]}, (401, 200, 403, 200, 403, 200)),
    "POST /api/uploads": Asked("/api/uploads", UPLOADS, (401, 403, 403, 200, 403, 200)),
    "POST /api/uploads/parts": Asked(
        "/api/uploads/parts", {**BEGUN, "parts": [1]}, (401, 403, 403, 404, 403, 404)
    ),
    "POST /api/uploads/complete": Asked("/api/uploads/complete", BEGUN, (401, 403, 403, 404, 403, 404)),
    "POST /api/uploads/abort": Asked("/api/uploads/abort", BEGUN, (401, 403, 403, 204, 403, 204)),
    "PATCH /api/people/{person_id}": Asked(
        "/api/people/nobody", {"name": "Ada"}, (401, 403, 403, 403, 403, 404)
    ),
    "POST /api/people/{person_id}/merge": Asked(
        "/api/people/nobody/merge", {"other": "p1"}, (401, 403, 403, 403, 403, 404)
    ),
    "POST /api/people/{person_id}/split": Asked(
        "/api/people/nobody/split", {"photos": [ID]}, (401, 403, 403, 403, 403, 400)
    ),
    "DELETE /api/people/{person_id}": Asked("/api/people/nobody", None, (401, 403, 403, 403, 403, 404)),
    "GET /api/shares": Asked("/api/shares", None, (401, 403, 403, 403, 403, 200)),
    "POST /api/shares": Asked(
        "/api/shares", {"title": "The sea", "album": "Sea"}, (401, 403, 403, 403, 403, 201)
    ),
    "DELETE /api/shares/{share_id}": Asked("/api/shares/none", None, (401, 403, 403, 403, 403, 204)),
    "POST /api/shares/session": Asked(
        "/api/shares/session", {"token": "none"}, (404, 404, 404, 404, 404, 404)
    ),
    "POST /api/exports": Asked("/api/exports", {"person": "none"}, (401, 400, 403, 400, 404, 404)),
    "GET /api/exports/{export_id}": Asked("/api/exports/none", None, (401, 404, 404, 404, 404, 404)),
    "GET /api/openapi.json": Asked("/api/openapi.json", None, (200, 200, 200, 200, 200, 200)),
}


@pytest.fixture(scope="module")
def asking() -> Iterator[dict[str, Client]]:
    with deployed(LIBRARY) as stack:
        yield _everybody(stack)


def _everybody(stack: Stack) -> dict[str, Client]:
    stack.add_user("vic", "viewers")
    clients = {"nobody": Client(), "viewer": Client(stack.token("vic")), "owner": stack.owner()}
    for name, album, more in (
        ("stranger", "Inland", {"download": True, "upload": True}),
        ("guest", "Sea", {}),
        ("uploader", "Sea", {"download": True, "upload": True}),
    ):
        clients[name] = guest_of(clients["owner"], title=name, album=album, **more)
    return clients


def routes() -> list[str]:
    """Return every route of the OpenAPI document."""
    paths = application().get_openapi_schema().paths or {}
    methods = ("get", "post", "put", "patch", "delete", "head", "options")
    return sorted(
        f"{method.upper()} {path.replace('<', '{').replace('>', '}')}"
        for path, item in paths.items()
        for method in methods
        if getattr(item, method, None)
    )


def test_every_route_is_in_the_table() -> None:
    assert routes() == sorted(ROUTES)


@pytest.mark.parametrize("route", ROUTES)
def test_everybody_gets_what_they_have_a_right_to_and_nothing_else(
    asking: dict[str, Client], route: str
) -> None:
    method, asked = route.partition(" ")[0], ROUTES[route]
    got = []
    for name in ASKING:
        cookies = dict(asking[name].cookies)
        got.append(asking[name].ask(method, asked.path, asked.body).status)
        asking[name].cookies = cookies
    assert tuple(got) == asked.statuses


def test_a_route_that_names_nobody_is_open_to_nobody(
    asking: dict[str, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = application()

    @app.get("/api/forgotten")
    def forgotten() -> str:
        return "secret"

    monkeypatch.setattr(handler, "_app", app)
    assert asking["owner"].ask("GET", "/api/session").status == 200
    assert asking["owner"].ask("GET", "/api/forgotten").status == 404


def test_a_guest_is_told_neither_where_nor_who(asking: dict[str, Client]) -> None:
    seen = asking["guest"].ask("GET", f"/api/photos/{ID}").json
    assert seen["metadata"] == {"title": "At the sea"}
    assert (seen["people"], seen["memory"], seen["moderation"]) == ([], None, None)


def test_a_stranger_learns_nothing_of_what_becomes_of_photos(asking: dict[str, Client]) -> None:
    told = [
        asking["stranger"].ask("POST", "/api/status", {"ids": [id_]}).json["photos"][0] | {"id": ""}
        for id_ in (ID, public_id("Sea/none.jpg"))
    ]
    assert told[0] == told[1]


def test_what_is_held_is_not_there_for_guests_and_viewers(asking: dict[str, Client]) -> None:
    for name in ("guest", "uploader", "viewer"):
        assert asking[name].ask("GET", f"/api/photos/{public_id(HELD['key'])}").status == 404
    told = asking["uploader"].ask("POST", "/api/status", {"ids": [public_id(HELD["key"])]}).json
    assert [each["images"] for each in told["photos"]] == [[]]
