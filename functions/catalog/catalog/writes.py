"""Carries changes of photos' records out on the library's table."""

from collections.abc import Mapping
from typing import Any, cast

from catalog.changes import Change
from safelight.attributes import attribute_value
from safelight.aws_errors import named_errors
from safelight.clients import dynamodb
from safelight.errors import Superseded
from safelight.keys import VERSIONS_ID
from safelight.record import PhotoRecord
from safelight.table import plain_record
from safelight.table import secret as table_secret


def secret(table: str) -> bytes:
    """Return what makes versions unguessable.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    return table_secret(dynamodb(), table, VERSIONS_ID)


def write(table: str, change: Change) -> PhotoRecord:
    """Carry `change` out, and return the record as it is then.

    Raises:
        Superseded: its condition does not hold.
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    expression, names, values = update_of(change)
    with named_errors(f"Writing {change.id}"):
        try:
            answer = dynamodb().update_item(
                TableName=table,
                Key={"id": {"S": change.id}},
                ConditionExpression=change.condition,
                UpdateExpression=expression,
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=values,
                ReturnValues="ALL_NEW",
            )
        except dynamodb().exceptions.ConditionalCheckFailedException as error:
            raise Superseded(f"Another execution has {change.id}, for an event as late or later.") from error
    return cast(PhotoRecord, plain_record(answer["Attributes"]))


def replace(table: str, record: PhotoRecord) -> None:
    """Put `record` in the place of one that the same execution has.

    Raises:
        Superseded: another execution has the photo.
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    with named_errors(f"Writing {record['id']}"):
        try:
            dynamodb().put_item(
                TableName=table,
                Item=attribute_value(record)["M"],
                ConditionExpression="execution_arn = :execution",
                ExpressionAttributeValues={":execution": {"S": record["execution_arn"]}},
            )
        except dynamodb().exceptions.ConditionalCheckFailedException as error:
            raise Superseded(f"Another execution has {record['id']}.") from error


def update_of(change: Change) -> tuple[str, dict[str, str], dict[str, Any]]:
    """Return DynamoDB's update expression for `change`, with its names and values.

    Every name has a placeholder, so that none of DynamoDB's reserved words is in the way.
    """
    names: dict[str, str] = {"#status": "status"} if "#status" in change.condition else {}
    values: dict[str, Any] = {name: attribute_value(value) for name, value in change.values.items()}

    def path(field: str) -> str:
        parts = field.split(".")
        placeholders = [f"#{part}" for part in parts]
        names.update(zip(placeholders, parts, strict=True))
        return ".".join(placeholders)

    def assignments(fields: Mapping[str, Any], as_default: bool) -> list[str]:
        made = []
        for field, value in fields.items():
            name = f":v{len(values)}"
            values[name] = attribute_value(value)
            made.append(
                f"{path(field)} = " + (f"if_not_exists({path(field)}, {name})" if as_default else name)
            )
        return made

    expression = "SET " + ", ".join(
        [*assignments(change.puts, as_default=False), *assignments(change.defaults, as_default=True)]
    )
    if change.drops:
        expression += " REMOVE " + ", ".join(path(field) for field in change.drops)
    return expression, names, values
