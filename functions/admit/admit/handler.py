"""Lambda: starts the workflow of an event of the originals, as soon as it has a place.

A queue hands over one event at a time to each of two of these functions: what waits, waits in the queue,
and a full library holds two functions back and nothing else.
"""

import json
from typing import Any

from admit.executions import executions_of
from admit.queue import Answer, Batch
from safelight.observability import foreseen, logger_of
from safelight.routing import workflow_of

_ENDING_SECONDS = 10.0
"""What is left of the function's time when an event goes back to the queue, which hands it over again."""


@foreseen
def handler(batch: Batch, context: Any) -> Answer:
    """Start the workflow of the event in `batch`, under the id of its message, so that it starts once.

    Raises:
        AccessDenied, Misconfigured, ServiceThrottled, ServiceUnavailable: the queue hands it over again.
        Unforeseen: it is no event of the originals; in the end the queue gives it up.
    """
    (message,) = batch["Records"]
    event = json.loads(message["body"])
    log = logger_of(event["detail"]["object"]["key"], message["messageId"], context)
    executions = executions_of(workflow_of(event))
    if not executions.wait_for_room(context.get_remaining_time_in_millis() / 1000 - _ENDING_SECONDS):
        log.info("event goes on waiting")
        return {"batchItemFailures": [{"itemIdentifier": message["messageId"]}]}
    executions.start(message["messageId"], message["body"])
    log.info("workflow started")
    return {"batchItemFailures": []}
