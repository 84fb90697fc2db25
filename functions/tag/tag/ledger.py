"""What tagging keeps in the library's table, and the marks on held renditions in S3."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any

from safelight.aws_errors import named_errors
from safelight.clients import dynamodb, s3
from safelight.errors import Superseded
from safelight.keys import faces_record_id, spending_record_id
from safelight.table import read_photo


def face_ids(table: str, key: str) -> set[str]:
    """Return the ids that the faces of the photo at `key` have in the collection, as far as it is known.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    with named_errors(f"Reading the faces of {key}"):
        answer = dynamodb().get_item(
            TableName=table, Key={"id": {"S": faces_record_id(key)}}, ConsistentRead=True
        )
    return set(answer.get("Item", {}).get("face_ids", {}).get("SS", []))


def change_face_ids(table: str, key: str, *, add: Collection[str] = (), remove: Collection[str] = ()) -> None:
    """Add ids to those of the photo at `key`, or remove some.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    for verb, ids in (("ADD", add), ("DELETE", remove)):
        if ids:
            with named_errors(f"Writing the faces of {key}"):
                dynamodb().update_item(
                    TableName=table,
                    Key={"id": {"S": faces_record_id(key)}},
                    UpdateExpression=f"{verb} face_ids :ids",
                    ExpressionAttributeValues={":ids": {"SS": sorted(ids)}},
                )


def spend(table: str, micro_dollars: int, limit: int | None = None) -> bool:
    """Add to this month's spending (UTC), with a `limit` only where it is kept; tell whether it was added.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    values = {":cost": {"N": str(micro_dollars)}}
    condition: Any = {}
    if limit is not None:
        if micro_dollars > limit:
            return False
        values[":room"] = {"N": str(limit - micro_dollars)}
        condition["ConditionExpression"] = "attribute_not_exists(id) OR micro_dollars <= :room"
    with named_errors("Counting this month's spending"):
        try:
            dynamodb().update_item(
                TableName=table,
                Key={"id": {"S": spending_record_id(f"{datetime.now(UTC):%Y-%m}")}},
                UpdateExpression="ADD micro_dollars :cost",
                ExpressionAttributeValues=values,
                **condition,
            )
        except dynamodb().exceptions.ConditionalCheckFailedException:
            return False
    return True


def is_removed(table: str, key: str) -> bool:
    """Tell whether the photo at `key` has left the library.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    photo = read_photo(dynamodb(), table, key)
    return photo is None or photo["status"] == "REMOVED"


def check_owner(table: str, key: str, execution: str) -> None:
    """Return if `execution` has the photo at `key`.

    Raises:
        Superseded: another has it.
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    photo = read_photo(dynamodb(), table, key)
    if photo is None or photo["execution_arn"] != execution:
        raise Superseded(f"Another execution has {key}.")


def unmark(bucket: str, keys: Iterable[str]) -> None:
    """Take the mark `held` off renditions, so that they may be served.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    for key in keys:
        with named_errors(f"Releasing {key}"):
            s3().delete_object_tagging(Bucket=bucket, Key=key)
