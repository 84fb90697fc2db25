"""What a function was given is found in an execution's history, as Step Functions tells it."""

import json
from typing import Any

from safelight_library.handed import events_of, executions_of

LAMBDA = "arn:aws:lambda:eu-west-1:123456789012:function:"


def scheduled(function: str, payload: Any) -> dict[str, Any]:
    parameters = json.dumps({"FunctionName": LAMBDA + function, "Payload": payload})
    return {
        "type": "TaskScheduled",
        "taskScheduledEventDetails": {"resourceType": "lambda", "parameters": parameters},
    }


def test_events_of_one_function_are_found_in_order_and_those_of_a_retry_once() -> None:
    history = [
        {"type": "TaskStateEntered", "stateEnteredEventDetails": {"name": "Render", "input": "{}"}},
        scheduled("stack-Render-1", {"rendition": "small"}),
        scheduled("stack-Render-1", {"rendition": "large"}),
        {"type": "TaskFailed", "taskFailedEventDetails": {"error": "ServiceThrottled"}},
        scheduled("stack-Render-1", {"rendition": "small"}),
        scheduled("stack-Render-10", {"another": "function"}),
        {
            "type": "TaskScheduled",
            "taskScheduledEventDetails": {"resourceType": "aws-sdk:s3", "parameters": '{"Bucket": "b"}'},
        },
    ]
    assert events_of(history, "stack-Render-1") == [{"rendition": "small"}, {"rendition": "large"}]


def test_a_version_or_an_alias_is_the_same_function() -> None:
    assert events_of([scheduled("stack-Tag-1:live", {"step": "tag"})], "stack-Tag-1") == [{"step": "tag"}]


def test_executions_that_were_waited_for_are_found_however_they_ended() -> None:
    film, another = json.dumps({"ExecutionArn": "film", "Output": "{}"}), json.dumps({"ExecutionArn": "two"})
    history = [
        scheduled("stack-Render-1", {"ExecutionArn": "no"}),
        {"taskSucceededEventDetails": {"output": json.dumps({"Payload": {"ExecutionArn": "no"}})}},
        {"taskFailedEventDetails": {"error": "States.TaskFailed", "cause": another}},
        {"taskFailedEventDetails": {"error": "ServiceThrottled", "cause": "Too much at once."}},
        {"taskFailedEventDetails": {"error": "States.Timeout"}},
        {"taskSucceededEventDetails": {"output": film}},
        {"taskSucceededEventDetails": {"output": film}},
        {"taskSucceededEventDetails": {"output": "[]"}},
    ]
    assert executions_of(history) == ["two", "film"]
