"""The executions of Step Functions."""

import contextvars
import threading
from collections.abc import Mapping
from functools import partial
from typing import Any

from safelight_emulator.emulated import module
from safelight_emulator.journal import Journal

HISTORIES = 500
"""Of so many ended executions the history is kept. It is most of what an execution weighs."""


class Executions:
    """The executions of Step Functions, whose starts and ends are in a journal."""

    def __init__(self, journal: Journal) -> None:
        """Have Step Functions tell each start and end to `journal`, without the history."""
        self._journal, self._service = journal, module("services.stepfunctions")
        self._told = self._service._emit_execution_status_event
        self._service._emit_execution_status_event = self.tell
        self._cut: list[dict[str, Any]] = []

    def tell(self, execution: dict[str, Any]) -> None:
        """Say that an execution has started or ended; the history is kept of one that failed."""
        failed = execution["status"] not in {"RUNNING", "SUCCEEDED"}
        self._journal.append({**execution, "events": execution["events"] if failed else []})
        self._told(execution)

    def replay(self) -> None:
        """Start and end what has, by the journal; what has not ended is RUNNING, and goes on by `resume`."""
        known = self._service._executions
        for execution in self._journal.changes():
            before = known.get_scoped(*_place(execution))
            if before is None or _is_open(before):
                known.set_scoped(*_place(execution), execution)
        self._cut = [it for it in known.all_values() if _is_open(it) and "mapRunArn" not in it]
        for execution in self._cut:
            execution.update(status="RUNNING", stopDate=None, output=None, events=[])
            execution.pop("error", None)
            execution.pop("cause", None)

    def resume(self) -> list[str]:
        """Begin again, from its start, what had not ended; return the ARNs, a second time none.

        The workflows of a Map belong to the execution that began them, and begins others.
        """
        cut, self._cut = self._cut, []
        scope = module("core.responses")
        for execution in cut:
            account, region, arn = _place(execution)
            context = contextvars.copy_context()
            context.run(scope.set_request_account_id, account)
            context.run(scope.set_request_region, region)
            run = partial(context.run, self._service._run_execution, arn)
            threading.Thread(target=run, daemon=True).start()
        return [execution["executionArn"] for execution in cut]

    def forget_histories(self) -> None:
        """Forget what happened in executions that have ended, but for the newest."""
        ended = [it for it in self._service._executions.all_values() if it.get("stopDate") and it["events"]]
        for execution in sorted(ended, key=lambda it: str(it["stopDate"]))[:-HISTORIES]:
            execution["events"] = []


def _is_open(execution: Mapping[str, Any]) -> bool:
    """Tell whether an execution has not ended, or only as the emulator ends what runs when it starts."""
    return execution["status"] == "RUNNING" or execution.get("error") == "States.ServiceRestart"


def _place(execution: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return where the emulator keeps an execution: account, region and ARN."""
    arn: str = execution["executionArn"]
    region, account = arn.split(":")[3:5]
    return account, region, arn
