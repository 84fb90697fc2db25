"""Reads and writes records of the library's table: consistently, and all of a transaction or nothing."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer

from safelight.aws_errors import named_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TIMELINE_INDEX = "album-timeline"
"""The index that lists an album's photos and memories in the order of their time, all albums, and people."""

_LOST_RACES = frozenset({"ConditionalCheckFailed", "TransactionConflict"})
_THROTTLES = frozenset({"ProvisionedThroughputExceeded", "ThrottlingError"})


def read_records(
    dynamodb: "DynamoDBClient", table: str, ids: Iterable[str], action: str
) -> dict[str, dict[str, Any]]:
    """Return the records that exist, as they are now, by their ids; `action` as in `named_errors`.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    wanted: list[Any] = [{"id": {"S": id_}} for id_ in dict.fromkeys(ids)]
    found: dict[str, dict[str, Any]] = {}
    while wanted:
        with named_errors(action):
            answer = dynamodb.batch_get_item(RequestItems={table: {"Keys": wanted, "ConsistentRead": True}})
        for item in answer["Responses"].get(table, []):
            found[item["id"]["S"]] = plain_record(item)
        left: Any = answer.get("UnprocessedKeys", {})
        wanted = left.get(table, {}).get("Keys", [])
    return found


def write_together(dynamodb: "DynamoDBClient", items: Sequence[Any], action: str) -> bool:
    """Write all items of a transaction, or none; tell whether they were written.

    They are not where a condition does not hold, another wrote at the same moment, or the table throttles.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    try:
        with named_errors(action):
            dynamodb.transact_write_items(TransactItems=items)
    except dynamodb.exceptions.TransactionCanceledException as error:
        reasons = {reason.get("Code", "None") for reason in error.response.get("CancellationReasons", [])}
        if reasons <= {"None"} | _LOST_RACES | _THROTTLES:
            return False
        raise
    return True


def plain_record(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return a DynamoDB item as plain values, its numbers as int or float."""
    deserialize = TypeDeserializer().deserialize
    return {name: _plain(deserialize(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case dict():
            return {name: _plain(member) for name, member in value.items()}
        case list():
            return [_plain(member) for member in value]
        case _:
            return value
