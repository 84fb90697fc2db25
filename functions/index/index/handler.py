"""Lambda: brings the index in line with the records that the table's stream names."""

from typing import Any, TypedDict

from index.keeper import keeper
from safelight.observability import foreseen, logger


class Event(TypedDict, total=False):
    """What the stream sends, `Records`, of which the ids of the records are read; or `rebuild`."""

    Records: list[dict[str, Any]]
    rebuild: bool


class Kept(TypedDict):
    """How many records were looked at, and the ids of those that could not be read."""

    records: int
    unreadable: list[str]


@foreseen
def handler(event: Event, context: Any) -> Kept:
    """Apply the records that have changed, as they are now, or make the whole index anew.

    A record that cannot be read is set aside, and stops nothing. Whatever else fails is tried again by the
    stream, with half of the batch.

    Raises:
        AccessDenied, Misconfigured, ServiceThrottled, ServiceUnavailable
    """
    logger().append_keys(request=context.aws_request_id if context else None)
    if event.get("rebuild"):
        count, unreadable = keeper().rebuild()
    else:
        ids = {each["dynamodb"]["Keys"]["id"]["S"] for each in event["Records"]}
        count, unreadable = keeper().follow(ids)
    logger().info("index kept", records=count, rebuilt=bool(event.get("rebuild")))
    for id_, why in unreadable.items():
        logger().error("a record cannot be read", id=id_, why=why)
    return {"records": count, "unreadable": sorted(unreadable)}
