"""Goes through the executions that ended badly in an hour, and brings each back where there is a way."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NotRequired, TypedDict

from mend import executions
from mend.executions import Ended, Status
from safelight.clients import dynamodb
from safelight.errors import TransientError
from safelight.metering import Measure
from safelight.reviving import begun_again, is_on_record
from safelight.routing import Workflow
from safelight.table import read_photo

_SETTLED = timedelta(minutes=15)
"""What has ended since is left alone: its event may be on its way."""

_SPAN = timedelta(hours=1)
"""From one schedule to the next."""

_LONGEST = timedelta(hours=2)
"""No execution runs so long: the workflows end after an hour."""

_WORKFLOWS: tuple[Workflow, ...] = ("photo", "sidecar", "removal")
_STATUSES: tuple[Status, ...] = ("FAILED", "TIMED_OUT", "ABORTED")


@dataclass(frozen=True)
class Settings:
    """The workflows, the table, the queues and the name of the stack."""

    photo_workflow: str
    sidecar_workflow: str
    removal_workflow: str
    failure_workflow: str
    library_table: str
    waiting_uploads_queue: str
    waiting_deletions_queue: str
    stack: str


class Place(TypedDict):
    """A page of the executions of a workflow that have a status; the token is empty at the first."""

    workflow: Workflow
    status: Status
    token: str


class Work(TypedDict):
    """What ended badly in the hour that was a quarter of an hour before `scheduled_for`, UTC in ISO 8601.

    left: the pages that nobody has seen, all where it is missing. recorded: of how many photos the failure
    was recorded; revived: how many executions are begun again.
    """

    scheduled_for: str
    left: NotRequired[list[Place]]
    recorded: NotRequired[int]
    revived: NotRequired[int]


def gone_on(settings: Settings, work: Work, has_time: Callable[[], bool]) -> Work:
    """Return what is left of `work` after going on with it, a page at a time, while there is time.

    What came of earlier pages is not lost to an error: it ends the work of this time, and is met again next.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable: it was met at the first page.
    """
    pages: list[Place] = [
        {"workflow": workflow, "status": status, "token": ""}
        for workflow in _WORKFLOWS
        for status in _STATUSES
    ]
    left = work.get("left", pages)
    until = datetime.fromisoformat(work["scheduled_for"]) - _SETTLED
    counts = {"recorded": work.get("recorded", 0), "revived": work.get("revived", 0)}
    seen = 0
    while left and (has_time() or not seen):
        try:
            left = _one_page(settings, left[0], until, counts) + left[1:]
        except TransientError:
            if not seen:
                raise
            break
        seen += 1
    return {
        "scheduled_for": work["scheduled_for"],
        "left": left,
        "recorded": counts["recorded"],
        "revived": counts["revived"],
    }


def age_of(oldest: datetime | None, now: datetime) -> Measure:
    """Return the age of the photo that is PROCESSING the longest, by its execution: 0 where none is.

    What no execution is at work on is recorded as FAILED by the run for the hour in which its own has ended.
    """
    return Measure({"AgeOfOldestPhoto": ("Seconds", (now - oldest).total_seconds() if oldest else 0)}, {})


def _one_page(settings: Settings, place: Place, until: datetime, counts: dict[str, int]) -> list[Place]:
    """Bring back what is on a page, count it, and return the page after it, if what is there may matter."""
    workflow: str = getattr(settings, f"{place['workflow']}_workflow")
    page, token = executions.page_of(workflow, place["status"], place["token"])
    for ended in page:
        if until - _SPAN <= ended.stopped < until:
            did = _bring_back(settings, place["workflow"], ended)
            if did:
                counts[did] += 1
    is_last = not token or page[-1].started < until - _SPAN - _LONGEST
    return [] if is_last else [{**place, "token": token}]


def _bring_back(settings: Settings, workflow: Workflow, ended: Ended) -> str | None:
    event, error = executions.about(ended.arn)
    if event is None:
        return None
    photo = read_photo(dynamodb(), settings.library_table, event["detail"]["object"]["key"])
    if again := begun_again(event, ended.arn, error, photo):
        removes = workflow == "removal"
        queue = settings.waiting_deletions_queue if removes else settings.waiting_uploads_queue
        executions.send(queue, again)
        return "revived"
    if workflow == "photo" and not is_on_record(photo, ended.arn):
        executions.record(settings.failure_workflow, ended)
        return "recorded"
    return None
