"""The workflow of removals: which deletions mean the photo, what it deletes, and for whom it waits."""

import json
from typing import Any

import jsonata
import pytest

from contract.definitions import REPOSITORY, workflow

REMOVAL = workflow(REPOSITORY / "statemachine" / "removal.asl.json")["States"]
PHOTO = workflow(REPOSITORY / "statemachine" / "photo.asl.json")["States"]


def evaluated(expression: str, result: Any = None, **variables: Any) -> Any:
    parsed = jsonata.Jsonata(expression[2:-2])
    parsed.register_lambda("parse", json.loads)
    return parsed.evaluate(None, {"states": {"result": result}, **variables})


@pytest.mark.parametrize("names", [[], ["small"], ["small", "large"]])
def test_it_deletes_every_rendition_that_record_and_maker_name(names: list[str]) -> None:
    of_record = [f"renditions/{name}" for name in names]
    claimed = evaluated(
        REMOVAL["ClaimRemoval"]["Assign"]["renditions"], {"Payload": {"renditions": of_record}}
    )
    assert claimed == of_record

    made = {"renditions": [{"key": f"renditions/{name}"} for name in [*names, "huge"]]}
    for step in ("PublishPhoto", "HoldPhoto"):
        left = PHOTO[step]["Catch"][0]["Output"]["unpublished"]
        for came_as in (made, [{"metadata": {}}, made]):
            parsed = jsonata.Jsonata(left[2:-2])
            unpublished = parsed.evaluate(None, {"states": {"input": came_as}})
            described = {"Status": "SUCCEEDED", "Output": json.dumps({"unpublished": unpublished})}
            found = evaluated(REMOVAL["LookAtTheMaker"]["Assign"]["unpublished"], described)
            items = evaluated(REMOVAL["DeleteRenditions"]["Items"], renditions=of_record, unpublished=found)
            assert items == [f"renditions/{name}" for name in [*names, "huge"]]


@pytest.mark.parametrize("described", [{"Status": "RUNNING"}, {"Status": "FAILED"}])
def test_an_execution_without_an_output_has_left_nothing(described: dict[str, str]) -> None:
    assert evaluated(REMOVAL["LookAtTheMaker"]["Assign"]["unpublished"], described) == []
    for renditions in (["one"], []):
        items = evaluated(REMOVAL["DeleteRenditions"]["Items"], renditions=renditions, unpublished=[])
        assert items == renditions
