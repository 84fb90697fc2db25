"""The executions of a workflow, of which only so many run at once."""

import math
import os
import time
from dataclasses import dataclass
from functools import cache

from safelight.aws_errors import named_errors
from safelight.clients import stepfunctions
from safelight.routing import Workflow
from safelight.settings import from_environment

_REMEMBERED_SECONDS = 10.0
"""How long what was started here counts without being listed: lists are best effort (Step Functions API)."""

_LISTED_EVERY_SECONDS = 1.0
"""Two functions may ask so often in every region (Step Functions quotas, ListExecutions)."""

_LISTED_EVERY_SECONDS_A_PLACE = 0.1
"""Of few places each counts more, and those of a laptop have no quota."""

_STARTED_BY_A_LIST = 0.1
"""The part of the places that one list may fill: what another function starts meanwhile is not on it."""


class Executions:
    """The executions of one workflow.

    Step Functions itself is asked who runs, so that no count of our own can go wrong. What a list does not
    have yet of those that were started here is asked for by name.
    """

    def __init__(self, workflow: str, at_once: int) -> None:
        """Take the ARN of a workflow, and how many executions of it may run at once."""
        self._workflow = workflow
        self._at_once = at_once
        self._pause = min(_LISTED_EVERY_SECONDS, _LISTED_EVERY_SECONDS_A_PLACE * at_once)
        self._running: set[str] = set()
        self._listed_at = -math.inf
        self._started: dict[str, float] = {}

    def wait_for_room(self, seconds: float) -> bool:
        """Wait until one more may run, for so many seconds at most; tell whether it may.

        Two that wait side by side may both take the last place, or the last tenth of many.

        Raises:
            AccessDenied, ServiceThrottled, ServiceUnavailable
        """
        until = time.monotonic() + seconds
        while not self._have_room():
            if time.monotonic() + self._pause > until:
                return False
            time.sleep(self._pause)
        return True

    def _have_room(self) -> bool:
        is_listed = time.monotonic() < self._listed_at + self._pause
        started = sum(at > self._listed_at for at in self._started.values())
        if is_listed and started < _STARTED_BY_A_LIST * self._at_once - 1 and self._are_fewer():
            return True
        with named_errors("Listing the executions that run"):
            listed = stepfunctions().list_executions(
                stateMachineArn=self._workflow, statusFilter="RUNNING", maxResults=self._at_once
            )
        self._running = {each["executionArn"] for each in listed["executions"]}
        self._listed_at = time.monotonic()
        oldest = self._listed_at - _REMEMBERED_SECONDS
        self._started = {
            arn: at
            for arn, at in self._started.items()
            if at > oldest and (arn in self._running or self._runs(arn))
        }
        return self._are_fewer()

    def _are_fewer(self) -> bool:
        return len(self._running | set(self._started)) < self._at_once

    def start(self, name: str, event: str) -> None:
        """Start an execution, unless there is one of that name: then this event has started it before.

        Raises:
            AccessDenied, ServiceThrottled, ServiceUnavailable
        """
        with named_errors("Starting the workflow"):
            try:
                started = stepfunctions().start_execution(
                    stateMachineArn=self._workflow, name=name, input=event
                )
            except stepfunctions().exceptions.ExecutionAlreadyExists:
                return
        self._started[started["executionArn"]] = time.monotonic()

    def _runs(self, arn: str) -> bool:
        """Tell whether an execution runs; one that Step Functions does not find yet does."""
        with named_errors("Looking at an execution"):
            try:
                return stepfunctions().describe_execution(executionArn=arn)["status"] == "RUNNING"
            except stepfunctions().exceptions.ExecutionDoesNotExist:
                return True


@dataclass(frozen=True)
class Settings:
    """The ARNs of the three workflows, and how many executions of each run at once."""

    photo_workflow: str
    sidecar_workflow: str
    removal_workflow: str
    photos_at_once: int


@cache
def executions_of(workflow: Workflow) -> Executions:
    """Return the executions of a workflow of this stack, as the function's environment names it.

    Raises:
        Misconfigured
    """
    settings = from_environment(Settings, os.environ)
    arn: str = getattr(settings, f"{workflow}_workflow")
    return Executions(arn, settings.photos_at_once)
