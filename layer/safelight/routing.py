"""Which workflow an event of the originals is for. Pure."""

from collections.abc import Mapping
from typing import Any, Literal

from safelight.keys import SIDECAR_SUFFIX

Workflow = Literal["photo", "sidecar", "removal"]

_DELETED = "Object Deleted"


def workflow_of(event: Mapping[str, Any]) -> Workflow:
    """Return the workflow of an event, as EventBridge hands it on (Amazon S3 User Guide, EventBridge events).

    Raises:
        KeyError, TypeError: it is no event of an object.
    """
    key: str = event["detail"]["object"]["key"]
    if event.get("detail-type") == _DELETED:
        return "removal"
    return "sidecar" if key.endswith(SIDECAR_SUFFIX) else "photo"
