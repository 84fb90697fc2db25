"""docs/openapi.json is what the routes say."""

import json

from api.document import document
from api.routes import application
from contract.definitions import REPOSITORY

KEPT = json.loads((REPOSITORY / "docs" / "openapi.json").read_text())


def test_the_description_of_the_api_is_current() -> None:
    assert document(application()) == KEPT, "run: make openapi"


def test_every_way_to_fail_is_a_problem() -> None:
    for path in KEPT["paths"].values():
        for operation in path.values():
            (media_type,) = operation["responses"]["default"]["content"]
            assert media_type == "application/problem+json"
