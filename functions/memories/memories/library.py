"""Reads and writes the library's table for grouping; what to write is decided in `grouping`."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from boto3.dynamodb.types import TypeDeserializer
from botocore.config import Config

from memories.grouping import WRITING_SECONDS, Album, Entry, Plan, Record
from safelight.attributes import attribute_value
from safelight.aws_errors import named_errors
from safelight.errors import MemoriesChanged
from safelight.keys import album_record_id, photo_id

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TIMELINE_INDEX = "album-timeline"
"""The index that lists an album's photos and memories in the order of their time."""

_CONNECTIONS = 8
_FIELDS = (
    *("id", "album", "key", "status", "timeline", "taken_at", "memory_id", "memory_version", "version"),
    *("title", "starts_at", "ends_at", "photo_count", "cover_key", "box"),
)
_NAMES = {f"#{name}": name for name in (*_FIELDS, "metadata", "gps")}
_PROJECTION = ", ".join(["#metadata.#gps", *(f"#{name}" for name in _FIELDS)])


@cache
def dynamodb() -> "DynamoDBClient":
    """Return the DynamoDB client, made at first use. Retrying is the workflow's task, not the client's."""
    return boto3.client(
        "dynamodb",
        config=Config(
            retries={"total_max_attempts": 1},
            max_pool_connections=_CONNECTIONS,
            connect_timeout=2,
            read_timeout=5,
        ),
    )


def read_album(table: str, name: str, key: str) -> Album:
    """Return the album `name`, with the photo at `key` and the journal's records as they are now.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    counter = _get(table, album_record_id(name)) or {}
    journal = {id_: Entry(**entry) for id_, entry in counter.get("journal", {}).items()}
    records = {record["id"]: record for record in _query(table, name)}
    fresh = [photo_id(key), *(id_ for id_ in journal if id_ != photo_id(key))]
    for id_, record in zip(fresh, _each(lambda id_: _get(table, id_), fresh), strict=True):
        records.pop(id_, None)
        if record and record.get("album", name) == name:
            records[id_] = record
    return Album(name=name, version=counter.get("version", 0), journal=journal, records=records)


def claim(table: str, album: Album, plan: Plan) -> None:
    """Make `plan` the album's current grouping.

    Raises:
        MemoriesChanged: another grouping has claimed the version first.
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    journal = {id_: vars(entry) for id_, entry in plan.journal.items()}
    try:
        with named_errors(f"Claiming a regrouping of {album.name}"):
            dynamodb().update_item(
                TableName=table,
                Key={"id": {"S": album_record_id(album.name)}},
                UpdateExpression="SET #album = :album, #version = :version, #journal = :journal",
                ConditionExpression="#version = :read" if album.version else "attribute_not_exists(#version)",
                ExpressionAttributeNames={"#album": "album", "#version": "version", "#journal": "journal"},
                ExpressionAttributeValues={
                    ":album": {"S": album.name},
                    ":version": {"N": str(plan.version)},
                    ":journal": attribute_value(journal),
                    **({":read": {"N": str(album.version)}} if album.version else {}),
                },
            )
    except dynamodb().exceptions.ConditionalCheckFailedException:
        raise MemoriesChanged(
            f"Another photo of {album.name} was grouped at the same moment. The workflow groups again."
        ) from None


def write(table: str, plan: Plan, clock: Callable[[], float], claimed_at: float) -> None:
    """Write what `plan` says, save where a later grouping has written.

    Raises:
        MemoriesChanged: writing took too long to be safe; grouping again goes on from here.
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    version = {"N": str(plan.version)}

    def one(write: Callable[[], Any]) -> None:
        if clock() - claimed_at > WRITING_SECONDS:
            raise MemoriesChanged("There was too much to write in one go. The workflow groups again.")
        try:
            with named_errors("Writing memories"):
                write()
        except dynamodb().exceptions.ConditionalCheckFailedException:
            return  # a later grouping has written this record, or the photo is gone

    def put(record: Record) -> Callable[[], Any]:
        return lambda: dynamodb().put_item(
            TableName=table,
            Item={name: attribute_value(value) for name, value in record.items()},
            ConditionExpression="attribute_not_exists(#version) OR #version < :version",
            ExpressionAttributeNames={"#version": "version"},
            ExpressionAttributeValues={":version": version},
        )

    def delete(id_: str) -> Callable[[], Any]:
        return lambda: dynamodb().delete_item(
            TableName=table,
            Key={"id": {"S": id_}},
            ConditionExpression="attribute_not_exists(#version) OR #version < :version",
            ExpressionAttributeNames={"#version": "version"},
            ExpressionAttributeValues={":version": version},
        )

    def join(id_: str, memory_id: str | None) -> Callable[[], Any]:
        return lambda: dynamodb().update_item(
            TableName=table,
            Key={"id": {"S": id_}},
            UpdateExpression="SET memory_version = :version"
            + (", memory_id = :memory" if memory_id else " REMOVE memory_id"),
            ConditionExpression="attribute_exists(id)"
            " AND (attribute_not_exists(memory_version) OR memory_version < :version)",
            ExpressionAttributeValues={
                ":version": version,
                **({":memory": {"S": memory_id}} if memory_id else {}),
            },
        )

    writes = [
        *(put(record) for record in plan.puts),
        *(join(id_, memory_id) for id_, memory_id in sorted(plan.memberships.items())),
        *(put({"id": id_, "version": plan.version}) for id_ in plan.places),
        *(delete(id_) for id_ in plan.deletes),
    ]
    _each(one, writes)


def _each(function: Callable[[Any], Any], arguments: Iterable[Any]) -> list[Any]:
    """Return `function` of each argument, a few at a time, so that a long merger does not take minutes."""
    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        return list(pool.map(function, arguments))


def _get(table: str, id_: str) -> Record | None:
    with named_errors(f"Reading {id_}"):
        answer = dynamodb().get_item(TableName=table, Key={"id": {"S": id_}}, ConsistentRead=True)
    return _plain_record(answer["Item"]) if "Item" in answer else None


def _query(table: str, album: str) -> list[Record]:
    with named_errors(f"Reading the album {album}"):
        pages = (
            dynamodb()
            .get_paginator("query")
            .paginate(
                TableName=table,
                IndexName=TIMELINE_INDEX,
                KeyConditionExpression="#album = :album",
                ProjectionExpression=_PROJECTION,
                ExpressionAttributeNames=_NAMES,
                ExpressionAttributeValues={":album": {"S": album}},
            )
        )
        return [_plain_record(item) for page in pages for item in page["Items"]]


def _plain_record(item: Mapping[str, Any]) -> Record:
    read = TypeDeserializer().deserialize
    return {name: _plain(read(item[name])) for name in (*_FIELDS, "metadata", "journal") if name in item}


def _plain(value: Any) -> Any:
    """Return a deserialised `value` with numbers that compare with those written: no Decimal."""
    match value:
        case dict():
            return {name: _plain(member) for name, member in value.items()}
        case list():
            return [_plain(member) for member in value]
        case bool() | str() | None:
            return value
        case _:
            return int(value) if value == int(value) else float(value)
