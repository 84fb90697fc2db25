"""Reads and writes records of the library's table: consistently, and all of a transaction or nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from secrets import token_hex
from typing import TYPE_CHECKING, Any, cast

from boto3.dynamodb.types import TypeDeserializer

from safelight.attributes import attribute_value
from safelight.aws_errors import named_errors
from safelight.keys import photo_id
from safelight.record import PhotoRecord
from safelight.transactions import Record, Write

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TIMELINE_INDEX = "album-timeline"
"""The index that lists an album's photos and memories in the order of their time, all albums, and people."""

_READ_AT_ONCE = 100
"""How many records DynamoDB reads in one request."""

_ABSENT = {"ConditionExpression": "attribute_not_exists(id)"}

_LOST_RACES = frozenset({"ConditionalCheckFailed", "TransactionConflict"})
_THROTTLES = frozenset({"ProvisionedThroughputExceeded", "ThrottlingError"})


def read_records(
    dynamodb: "DynamoDBClient", table: str, ids: Iterable[str], action: str, fields: Sequence[str] = ()
) -> dict[str, Record]:
    """Return the records that exist, as they are now, by their ids; `action` as in `named_errors`.

    `fields`, of which `id` is one, are those that are wanted; without any, all are.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    wanted: list[Any] = [{"id": {"S": id_}} for id_ in dict.fromkeys(ids)]
    found: dict[str, Record] = {}
    names = {f"#{name}": name for name in fields}
    only: Any = {"ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names} if names else {}
    while wanted:
        batch, wanted = wanted[:_READ_AT_ONCE], wanted[_READ_AT_ONCE:]
        with named_errors(action):
            asked: Any = {"Keys": batch, "ConsistentRead": True, **only}
            answer = dynamodb.batch_get_item(RequestItems={table: asked})
        for item in answer["Responses"].get(table, []):
            found[item["id"]["S"]] = plain_record(item)
        left: Any = answer.get("UnprocessedKeys", {})
        wanted += left.get(table, {}).get("Keys", [])
    return found


def read_photo(dynamodb: "DynamoDBClient", table: str, key: str) -> PhotoRecord | None:
    """Return the record of the photo at `key`, as it is now, if there is one.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    records = read_records(dynamodb, table, [photo_id(key)], f"Reading the record of {key}")
    return cast(PhotoRecord | None, records.get(photo_id(key)))


def list_records(
    dynamodb: "DynamoDBClient", table: str, partition: str, kind: str, action: str
) -> list[Record]:
    """Return the records of one `kind` in a `partition` of the index, in its order; the index may lag.

    `action` is as in `named_errors`.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    with named_errors(action):
        pages = dynamodb.get_paginator("query").paginate(
            TableName=table,
            IndexName=_TIMELINE_INDEX,
            KeyConditionExpression="album = :partition AND begins_with(timeline, :kind)",
            ExpressionAttributeValues={":partition": {"S": partition}, ":kind": {"S": f"{kind}#"}},
        )
        return [plain_record(item) for page in pages for item in page["Items"]]


def page_of_records(
    dynamodb: "DynamoDBClient",
    table: str,
    partition: str,
    kind: str,
    limit: int,
    after: Record | None,
    action: str,
) -> tuple[list[Record], Record | None]:
    """Return as many records as `list_records` as `limit` allows, the last first, and where to go on.

    `after` is where an earlier page ended; `action` is as in `named_errors`.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    start: Any = {"ExclusiveStartKey": _item(after)} if after else {}
    with named_errors(action):
        page = dynamodb.query(
            TableName=table,
            IndexName=_TIMELINE_INDEX,
            KeyConditionExpression="album = :partition AND begins_with(timeline, :kind)",
            ExpressionAttributeValues={":partition": {"S": partition}, ":kind": {"S": f"{kind}#"}},
            ScanIndexForward=False,
            Limit=limit,
            **start,
        )
    ended = page.get("LastEvaluatedKey")
    return [plain_record(item) for item in page["Items"]], plain_record(ended) if ended else None


@cache
def secret(dynamodb: "DynamoDBClient", table: str, id_: str) -> bytes:
    """Return 32 random bytes that this table keeps by the name of `id_`, made at first use.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    with named_errors("Reading a secret of the stack"):
        answer = dynamodb.update_item(
            TableName=table,
            Key={"id": {"S": id_}},
            UpdateExpression="SET secret = if_not_exists(secret, :made)",
            ExpressionAttributeValues={":made": {"S": token_hex(32)}},
            ReturnValues="ALL_NEW",
        )
    return bytes.fromhex(answer["Attributes"]["secret"]["S"])


def scan_records(
    dynamodb: "DynamoDBClient", table: str, kinds: Iterable[str], action: str
) -> Iterator[list[Record]]:
    """Yield all records whose ids start with one of `kinds`, as in "photo/", some at a time.

    Each is as it was at a moment since the first was asked for. `action` is as in `named_errors`.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    values = {f":kind{number}": {"S": kind} for number, kind in enumerate(kinds)}
    condition = " OR ".join(f"begins_with(id, {name})" for name in values)
    with named_errors(action):
        pages = dynamodb.get_paginator("scan").paginate(
            TableName=table,
            ConsistentRead=True,
            FilterExpression=condition,
            ExpressionAttributeValues=values,
        )
        for page in pages:
            yield [plain_record(item) for item in page["Items"]]


def write_records(
    dynamodb: "DynamoDBClient", table: str, write: Write, action: str, updates: Sequence[Any] = ()
) -> bool:
    """Write all of `write` and `updates`, or nothing; tell whether they were written.

    They are not where a condition does not hold, another wrote at the same moment, or the table throttles.
    `updates` are DynamoDB's, without the name of the table.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    items: list[tuple[str, dict[str, Any]]] = [
        ("Put", {"Item": _item(record), **_version_condition(record["id"], write)}) for record in write.puts
    ]
    items += [("Delete", {**_key(id_), **_version_condition(id_, write)}) for id_ in write.deletes]
    items += [("ConditionCheck", {**_key(id_), **_ABSENT}) for id_ in write.absent]
    items += [("ConditionCheck", {**_key(id_), **still(fields)}) for id_, fields in write.seen.items()]
    items += [("Update", update) for update in updates]
    whole: list[Any] = [{verb: {"TableName": table, **item}} for verb, item in items]
    try:
        with named_errors(action):
            dynamodb.transact_write_items(TransactItems=whole)
    except dynamodb.exceptions.TransactionCanceledException as error:
        reasons = {reason.get("Code", "None") for reason in error.response.get("CancellationReasons", [])}
        if reasons <= {"None"} | _LOST_RACES | _THROTTLES:
            return False
        raise
    return True


def still(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return DynamoDB's condition that a record exists and has `fields`, but those that are None."""
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


def _version_condition(id_: str, write: Write) -> dict[str, Any]:
    """Return the condition on the version of a record; none where it may have any."""
    version = write.versions.get(id_)
    if version is None:
        return {}
    if version == 0:
        return _ABSENT
    return {
        "ConditionExpression": "#version = :version",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": {":version": {"N": str(version)}},
    }


def _key(id_: str) -> dict[str, Any]:
    return {"Key": {"id": {"S": id_}}}


def _item(record: Record) -> dict[str, Any]:
    return {name: attribute_value(value) for name, value in record.items()}


def plain_record(item: Mapping[str, Any]) -> Record:
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
