"""The workflow of removals: which deletions mean the photo, what it deletes, and for whom it waits."""

import json
import re
from typing import Any

import jsonata
import pytest

from contract.definitions import REPOSITORY, workflow
from safelight import keys

REMOVAL = workflow(REPOSITORY / "statemachine" / "removal.asl.json")["States"]
PHOTO = workflow(REPOSITORY / "statemachine" / "photo.asl.json")["States"]
ARN = "arn:aws:states:eu-west-1:1:execution:removal:1"


def evaluated(expression: str, key: str = "a.jpg", result: Any = None, **variables: Any) -> Any:
    detail = {"deletion-type": "Delete Marker Created", "object": {"key": key, "sequencer": "0062E1"}}
    detail = variables.pop("detail", detail)
    context = {"Execution": {"Id": ARN}, "State": {"EnteredTime": "2026-11-22T10:00:00Z"}}
    states = {"input": {"detail": detail}, "result": result, "context": context}
    parsed = jsonata.Jsonata(expression[2:-2])
    parsed.register_lambda("parse", json.loads)
    return parsed.evaluate(None, {"states": states, **variables})


@pytest.mark.parametrize("key", ["a.jpg", "album/a.jpg", "a/b/c d.jpg", "ünï/100% + ok#?.jpg", "a//b.jpg"])
def test_the_removal_and_the_key_layout_agree(key: str) -> None:
    claim = REMOVAL["ClaimRemoval"]
    values = evaluated(claim["Arguments"]["ExpressionAttributeValues"], key)
    assigned = {name: evaluated(claim["Assign"][name], key) for name in ("photo_id", "album", "filename")}
    assert evaluated(claim["Arguments"]["Key"]["id"]["S"], key) == assigned["photo_id"] == keys.photo_id(key)
    assert values[":album"]["S"] == assigned["album"] == keys.album_of(key)
    assert values[":filename"]["S"] == assigned["filename"] == keys.filename_of(key)


def test_removals_and_uploads_order_events_alike() -> None:
    upload = PHOTO["ClaimPhoto"]["Arguments"]["ExpressionAttributeValues"][":sequencer"]["S"]
    values = evaluated(REMOVAL["ClaimRemoval"]["Arguments"]["ExpressionAttributeValues"])
    assert evaluated(upload) == values[":sequencer"]["S"]
    assert evaluated(REMOVAL["ClaimRemoval"]["Assign"]["sequencer"]) == values[":sequencer"]["S"]


@pytest.mark.parametrize(
    ("deletion", "version", "means_one_version"),
    [
        ("Delete Marker Created", "of-the-marker", False),
        ("Permanently Deleted", "of-the-photo", True),
        ("Permanently Deleted", None, False),
    ],
)
def test_the_deletion_of_one_version_is_told_from_that_of_the_original(
    deletion: str, version: str | None, means_one_version: bool
) -> None:
    deleted = {"key": "a.jpg", "sequencer": "1", **({"version-id": version} if version else {})}
    detail = {"deletion-type": deletion, "object": deleted}
    arguments = REMOVAL["ClaimRemoval"]["Arguments"]
    condition = evaluated(arguments["ConditionExpression"], detail=detail)
    values = evaluated(arguments["ExpressionAttributeValues"], detail=detail)
    assert (":version" in condition) == (":version" in values) == means_one_version
    assert ("attribute_not_exists(id)" in condition) != means_one_version


def old(**fields: Any) -> dict[str, Any]:
    return {"Attributes": {"status": {"S": "ACTIVE"}, "execution_arn": {"S": "maker"}, **fields}}


@pytest.mark.parametrize(
    ("result", "maker"),
    [
        ({}, None),
        (old(), "maker"),
        (old(status={"S": "FAILED"}), "maker"),
        (old(processed_at={"S": "2026"}), None),
        (old(status={"S": "REMOVED"}), None),
    ],
)
def test_it_waits_for_the_execution_that_has_not_finished_with_the_photo(result: Any, maker: Any) -> None:
    assert evaluated(REMOVAL["ClaimRemoval"]["Assign"]["maker"], result=result) == maker


@pytest.mark.parametrize("names", [[], ["small"], ["small", "large"]])
def test_it_deletes_every_rendition_that_record_and_maker_name(names: list[str]) -> None:
    renditions = {"M": {name: {"M": {"key": {"S": f"renditions/{name}"}}} for name in names}}
    of_record = evaluated(REMOVAL["ClaimRemoval"]["Assign"]["renditions"], result=old(renditions=renditions))
    assert of_record == [f"renditions/{name}" for name in names]

    left = PHOTO["PublishPhoto"]["Catch"][0]["Output"]["unpublished"]
    states = {"input": {"renditions": [{"key": f"renditions/{name}"} for name in [*names, "huge"]]}}
    unpublished = jsonata.Jsonata(left[2:-2]).evaluate(None, {"states": states})
    described = {"Status": "SUCCEEDED", "Output": json.dumps({"unpublished": unpublished})}
    expression = REMOVAL["LookAtTheMaker"]["Assign"]["renditions"]
    found = evaluated(expression, result=described, renditions=of_record)
    assert found == [f"renditions/{name}" for name in [*names, "huge"]]


def test_it_deletes_what_a_held_photo_hides() -> None:
    hold = PHOTO["HoldPhoto"]
    value = hold["Arguments"]["ExpressionAttributeValues"]
    held = re.search(r"':held_renditions': (\{.*?\]\})", value)
    assert held
    states = {"input": {"renditions": [{"key": "one"}, {"key": "two"}]}}
    written = jsonata.Jsonata(held[1]).evaluate(None, {"states": states})
    result = old(status={"S": "HELD"}, processed_at={"S": "2026"}, held_renditions=written)
    assert evaluated(REMOVAL["ClaimRemoval"]["Assign"]["renditions"], result=result) == ["one", "two"]
    assert "unpublished" in hold["Catch"][0]["Output"]


@pytest.mark.parametrize("described", [{"Status": "RUNNING"}, {"Status": "FAILED"}])
def test_an_execution_without_an_output_has_left_nothing(described: dict[str, str]) -> None:
    expression = REMOVAL["LookAtTheMaker"]["Assign"]["renditions"]
    assert evaluated(expression, result=described, renditions=["one"]) == ["one"]
    assert evaluated(expression, result=described, renditions=[]) == []


def test_a_photo_that_is_uploaded_again_is_removed_no_more() -> None:
    cleared = PHOTO["ClaimPhoto"]["Arguments"]["UpdateExpression"].partition(" REMOVE ")[2]
    assert re.search(r"\bremoved_at\b", cleared)
