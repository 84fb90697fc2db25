"""Sends events for originals that nobody has decided on, by the stack's own workflow, and follows them."""

import json
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from safelight_library.errors import BackfillFailed
from safelight_library.library import GOING_ON, Library

_POLL_SECONDS = 2.0


@dataclass(frozen=True)
class Counts:
    """How many photos lie there; of how many the event was sent, or would be, and of how many bytes."""

    seen: int
    sent: int
    sent_bytes: int


class Backfill:
    """One run of the workflow, over an album with its sub-albums, or over all originals."""

    def __init__(self, library: Library, album: str | None, *, dry_run: bool) -> None:
        """Start it; with `dry_run` it only counts."""
        self._library = library
        names = {unicodedata.normalize(form, f"{album}/") for form in ("NFC", "NFD")} if album else {""}
        given = {"prefixes": sorted(names), "dry_run": dry_run}
        started = library.stepfunctions.start_execution(
            stateMachineArn=library.outputs["BackfillWorkflowArn"], input=json.dumps(given)
        )
        self._execution = started["executionArn"]

    def counts(self) -> Counts:
        """Return what came of it, when it has ended.

        Raises:
            BackfillFailed: it failed; what it has sent is sent.
        """
        while (about := self._described())["status"] in GOING_ON:
            time.sleep(_POLL_SECONDS)
        if about["status"] != "SUCCEEDED":
            raise BackfillFailed(
                f"{self._execution} is {about['status']}. What was sent is sent: mend the cause, which the "
                "execution names, and give the command again; it skips what is done by then."
            )
        return Counts(**json.loads(about["output"]))

    def waiting(self) -> Iterator[int]:
        """Yield how many events wait for their place, every other second, until none does, or will."""
        while True:
            is_sending = self._described()["status"] in GOING_ON
            number = self._library.waiting()
            if not number and not is_sending:
                return
            yield number
            time.sleep(_POLL_SECONDS)

    def _described(self) -> dict[str, str]:
        about = self._library.stepfunctions.describe_execution(executionArn=self._execution)
        return {"status": about["status"], "output": about.get("output", "")}
