"""IAM."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from safelight_emulator.emulated import module


def correct() -> None:
    """Put right what the emulator does otherwise than AWS."""
    module("core.iam_evaluator")._is_root_key = lambda _: False
    module("core.iam_evaluator")._fnmatch_compile = _wildcards
    _name_batches()
    _tell_leading_keys(module("services.dynamodb")._tables)


@cache
def _wildcards(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    """Return what a pattern of IAM's matches: `*` any characters, line breaks among them, and `?` one.

    The emulator's own leaves line breaks out, so that what is allowed on all keys was denied on some.
    """
    parts = {"*": ".*", "?": "."}
    regex = "".join(parts.get(character) or re.escape(character) for character in pattern)
    return re.compile(rf"{regex}\Z", re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def _name_batches() -> None:
    """Let IAM call many messages at once as it calls one: SQS has no actions of their own for them."""
    actions = module("core.iam_actions")
    named = actions._action_from_target

    def as_one(headers: dict[str, Any]) -> Any:
        action = named(headers)
        batches = {"SendMessageBatch": "SendMessage", "DeleteMessageBatch": "DeleteMessage"}
        return batches.get(action, action)

    actions._action_from_target = as_one


def _tell_leading_keys(tables: Any) -> None:
    """Let IAM see the partition keys of what a request to DynamoDB reads and writes."""
    actions = module("core.iam_actions")
    context_of = actions.dynamodb_service_context

    def with_keys(body: bytes) -> dict[str, Any]:
        request = json.loads(body or b"{}")
        keys = [next(iter(value.values())) for value in _leading_keys(tables, request)]
        context: dict[str, Any] = context_of(body)
        return context | ({"dynamodb:LeadingKeys": keys} if keys else {})

    actions.dynamodb_service_context = with_keys


def _leading_keys(tables: Any, request: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    for part in request.get("TransactItems", []):
        for action in part.values():
            yield from _leading_keys(tables, action)
    for name, batch in request.get("RequestItems", {}).items():
        for key in batch["Keys"] if isinstance(batch, dict) else []:
            yield from _leading_keys(tables, {"TableName": name, "Key": key})
        for write in batch if isinstance(batch, list) else []:
            for action in write.values():
                yield from _leading_keys(tables, {"TableName": name, **action})
    if item := request.get("Key") or request.get("Item"):
        schema = tables[request["TableName"].rpartition("/")[2]]["KeySchema"]
        yield item[next(each["AttributeName"] for each in schema if each["KeyType"] == "HASH")]
    if condition := re.match(r"\s*\S+\s*=\s*(:\w+)", request.get("KeyConditionExpression", "")):
        yield request["ExpressionAttributeValues"][condition[1]]
