"""Carries the steps of memories out on the library's table; what they are is decided in `steps`."""

from collections.abc import Generator
from typing import Any, TypeVar

from memories.steps import ALBUMS, Albums, Label, Step
from safelight import transactions
from safelight.aws_errors import named_errors
from safelight.clients import dynamodb
from safelight.errors import MemoriesChanged
from safelight.table import list_records, read_records, still, write_records
from safelight.transactions import Read, Write

T = TypeVar("T")


def carry_out(table: str, steps: Generator[Step, Any, T]) -> T:
    """Carry `steps` out on `table`, and return what they return.

    Raises:
        MemoriesChanged: another changed the same records, or there was more to do than fits into one call.
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    return transactions.carry_out(steps, lambda step: perform(table, step), MemoriesChanged)


def perform(table: str, step: Step) -> Any:
    """Carry one step out, and return the answer to it."""
    match step:
        case Read():
            return read_records(dynamodb(), table, step.ids, "Reading memories")
        case Write():
            return write_records(dynamodb(), table, step, "Writing memories")
        case Label():
            return label(table, step)
        case Albums():
            listed = list_records(dynamodb(), table, ALBUMS, "album", "Listing the albums")
            return [album["name"] for album in listed]


def label(table: str, step: Label) -> None:
    """Write the memory of a photo on its record, unless a later version has, or the photo is gone."""
    own = step.photo is not None
    request = still(step.photo or {})
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
