"""Carries the steps of memories out on the library's table; what they are is decided in `steps`."""

import time
from collections.abc import Generator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

import boto3
from botocore.config import Config

from memories.steps import ALBUMS, Albums, Label, Read, Step, Write
from memories.summary import Record
from safelight.attributes import attribute_value
from safelight.aws_errors import named_errors
from safelight.errors import MemoriesChanged
from safelight.table import TIMELINE_INDEX, read_records, write_together

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

T = TypeVar("T")

PATIENCE_SECONDS = 40.0
"""How long one call works: less than the function's timeout. What is left goes on when it is called again."""


@cache
def dynamodb() -> "DynamoDBClient":
    """Return the DynamoDB client, made at first use. Retrying is the workflow's task, not the client's."""
    return boto3.client(
        "dynamodb", config=Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=10)
    )


def carry_out(table: str, steps: Generator[Step, Any, T]) -> T:
    """Carry `steps` out on `table`, and return what they return.

    Raises:
        MemoriesChanged: another changed the same records, or there was more to do than fits into one call.
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    answer: Any = None
    while True:
        try:
            step: Step = steps.send(answer)
        except StopIteration as done:
            return cast(T, done.value)
        if time.monotonic() > deadline:
            raise MemoriesChanged("There was too much to write in one go. The workflow groups again.")
        match step:
            case Read():
                answer = read(table, step)
            case Write():
                answer = write(table, step)
            case Label():
                label(table, step)
                answer = None
            case Albums():
                answer = albums(table)


def read(table: str, step: Read) -> dict[str, Record]:
    """Return the records that exist, as they are now, by their ids."""
    return read_records(dynamodb(), table, step.ids, "Reading memories")


def write(table: str, step: Write) -> bool:
    """Write all of `step` in one transaction, or nothing; tell whether it was written."""
    items: list[Any] = [
        {
            "Put": {
                "TableName": table,
                "Item": {name: attribute_value(value) for name, value in record.items()},
                **_version_condition(record["id"], step),
            }
        }
        for record in step.puts
    ]
    items += [
        {"Delete": {"TableName": table, "Key": {"id": {"S": id_}}, **_version_condition(id_, step)}}
        for id_ in step.deletes
    ]
    if step.photo:
        id_, fields = step.photo
        items.append(
            {"ConditionCheck": {"TableName": table, "Key": {"id": {"S": id_}}, **_condition(fields)}}
        )
    return write_together(dynamodb(), items, "Writing memories")


def label(table: str, step: Label) -> None:
    """Write the memory of a photo on its record, unless a later version has, or the photo is gone."""
    own = step.photo is not None
    request = _condition(step.photo or {})
    request["ConditionExpression"] += (
        f" AND (attribute_not_exists(memory_version) OR memory_version {'<=' if own else '<'} :version)"
    )
    values = {":version": {"N": str(step.version)}}
    if step.memory_id:
        values[":memory"] = {"S": step.memory_id}
    request["ExpressionAttributeValues"] = request.get("ExpressionAttributeValues", {}) | values
    try:
        with named_errors(f"Writing the memory of {step.photo_id}"):
            dynamodb().update_item(
                TableName=table,
                Key={"id": {"S": step.photo_id}},
                UpdateExpression="SET memory_version = :version"
                + (", memory_id = :memory" if step.memory_id else " REMOVE memory_id"),
                **request,
            )
    except dynamodb().exceptions.ConditionalCheckFailedException:
        return
    except dynamodb().exceptions.TransactionConflictException:
        raise MemoriesChanged(f"{step.photo_id} was being written. The workflow groups again.") from None


def albums(table: str) -> list[str]:
    """Return the names of all albums that have memories, in order."""
    with named_errors("Listing the albums"):
        pages = (
            dynamodb()
            .get_paginator("query")
            .paginate(
                TableName=table,
                IndexName=TIMELINE_INDEX,
                KeyConditionExpression="album = :albums AND begins_with(timeline, :kind)",
                ExpressionAttributeValues={":albums": {"S": ALBUMS}, ":kind": {"S": "album#"}},
            )
        )
        return [item["name"]["S"] for page in pages for item in page["Items"]]


def _version_condition(id_: str, step: Write) -> dict[str, Any]:
    """Return the condition on the version of a record of `step`; none where it may have any."""
    if step.versions.get(id_) == 0:
        return {"ConditionExpression": "attribute_not_exists(id)"}
    if id_ in step.versions:
        condition, version = "#version = :version", step.versions[id_]
    elif id_ in step.not_after:
        condition, version = "attribute_not_exists(id) OR #version <= :version", step.not_after[id_]
    else:
        return {}
    return {
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": {":version": {"N": str(version)}},
    }


def _condition(fields: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the condition that a record has `fields`, those that are None missing; or that it is none."""
    if fields is None:
        return {"ConditionExpression": "attribute_not_exists(id)"}
    parts, values = ["attribute_exists(id)"], {}
    for name, value in fields.items():
        if value is None:
            parts.append(f"(attribute_not_exists(#{name}) OR attribute_type(#{name}, :null))")
            values[":null"] = {"S": "NULL"}
        else:
            parts.append(f"#{name} = :{name}")
            values[f":{name}"] = attribute_value(value)
    request: dict[str, Any] = {"ConditionExpression": " AND ".join(parts)}
    if fields:
        request["ExpressionAttributeNames"] = {f"#{name}": name for name in fields}
        request["ExpressionAttributeValues"] = values
    return request
