"""Plays a herd of uploads against an account's quotas, with the Retry figures of the workflow itself.

`make bench-scaling` prints the tables of docs/scaling.md. Nothing is called: a clock of events starts the
states of `photo.asl.json`, each for about as long as a laptop takes, and a service or Lambda that is
asked above its quota throttles. What then waits, is tried again or fails is what the workflow says.
"""

import heapq
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from math import inf
from pathlib import Path
from typing import Any

_DEFINITION = Path(__file__).parents[2] / "statemachine" / "photo.asl.json"

_STATES: tuple[tuple[tuple[str, float], ...], ...] = (
    (("ClaimPhoto", 0.15),),
    (("ValidatePhoto", 0.3),),
    (("ReadMetadata", 0.2),),
    (("RenderRendition", 0.9),) * 4,
    (("PublishPhoto", 0.1),),
    (("TagPhoto", 1.0),),
    (("FinishPhoto", 0.1),),
    (("GroupIntoMemories", 0.2),),
    (("NotifyPhoto", 0.2),),
)
"""The functions of a photo in their order, those side by side together, and the seconds that each takes.

These are round figures, of about what `safelight demo` prints on a laptop.
"""

_REFUSED_SECONDS = 0.1
"""After so long a function knows that a service throttles it."""

_THROTTLE = {"lambda": "Lambda.TooManyRequestsException", "service": "ServiceThrottled"}


@dataclass(frozen=True)
class Retrier:
    """One entry of a state's Retry (Amazon States Language, Retry), with full jitter."""

    errors: tuple[str, ...]
    interval: float
    attempts: int
    rate: float
    longest: float

    def pause(self, tries: int, dice: random.Random) -> float:
        """Return the seconds before the next attempt, after so many that failed."""
        return dice.uniform(0, min(self.interval * self.rate**tries, self.longest))


def retriers(definition: Mapping[str, Any]) -> dict[str, list[Retrier]]:
    """Return the Retry of each Task of a workflow, those inside of others among them."""
    found = {}
    for name, state in _tasks(definition):
        found[name] = [
            Retrier(
                tuple(it["ErrorEquals"]),
                it.get("IntervalSeconds", 1),
                it.get("MaxAttempts", 3),
                it.get("BackoffRate", 2.0),
                it.get("MaxDelaySeconds", inf),
            )
            for it in state.get("Retry", [])
        ]
    return found


def _tasks(machine: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, state in machine["States"].items():
        if state["Type"] == "Task":
            yield name, state
        for inner in (*state.get("Branches", []), *filter(None, [state.get("ItemProcessor")])):
            yield from _tasks(inner)


@dataclass
class Quota:
    """A service that answers `rate` calls a second, and a second's worth at once."""

    rate: float
    _tokens: float = field(init=False)
    _at: float = 0.0

    def __post_init__(self) -> None:
        """Begin with a full second."""
        self._tokens = self.rate

    def has_room(self, now: float) -> bool:
        """Take a call at `now` if there is one to have."""
        self._tokens = min(self.rate, self._tokens + (now - self._at) * self.rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


@dataclass(frozen=True)
class Account:
    """What an account allows, and how many photos are let into the workflow at once."""

    functions: int
    labels_per_second: float
    photos_at_once: float


@dataclass
class Outcome:
    """What became of a herd: how many failed, the attempts beyond the first, and the seconds until the end.

    most_pauses: how often the state that was tried most had to wait.
    """

    failed: int = 0
    again: int = 0
    seconds: float = 0.0
    most_pauses: int = 0


class Herd:
    """So many photos that are uploaded in the same `within` seconds."""

    def __init__(
        self, photos: int, within: float, account: Account, policies: Mapping[str, list[Retrier]]
    ) -> None:
        """Take an account, and the Retry of each state."""
        self._account, self._policies = account, policies
        self._dice, self._order = random.Random(1), count()
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._busy, self._inside, self._labels = 0, 0, Quota(account.labels_per_second)
        self._waiting = 0
        self._uploads = [within * number / photos for number in range(photos)]
        self.outcome = Outcome()

    def play(self) -> Outcome:
        """Return what becomes of them."""
        for at in self._uploads:
            self._at(at, self._arrive)
        while self._events:
            now, _, happens = heapq.heappop(self._events)
            happens(now)
            self.outcome.seconds = now
        return self.outcome

    def _at(self, when: float, happens: Callable[[float], None]) -> None:
        heapq.heappush(self._events, (when, next(self._order), happens))

    def _arrive(self, now: float) -> None:
        self._waiting += 1
        self._admit(now)

    def _admit(self, now: float) -> None:
        while self._waiting and self._inside < self._account.photos_at_once:
            self._waiting -= 1
            self._inside += 1
            self._enter(0, now)

    def _leave(self, now: float, *, failed: bool) -> None:
        self._inside -= 1
        self.outcome.failed += failed
        self._admit(now)

    def _enter(self, stage: int, now: float) -> None:
        if stage == len(_STATES):
            self._leave(now, failed=False)
            return
        left = len(_STATES[stage])
        is_over = False

        def ended(then: float, failed: bool) -> None:
            nonlocal left, is_over
            left -= 1
            if failed and not is_over:
                is_over = True
                self._leave(then, failed=True)
            elif not left and not is_over:
                self._enter(stage + 1, then)

        for state, seconds in _STATES[stage]:
            self._try(state, seconds, {}, ended, now)

    def _try(
        self,
        state: str,
        seconds: float,
        tries: dict[Retrier, int],
        ended: Callable[[float, bool], None],
        now: float,
    ) -> None:
        if self._busy >= self._account.functions:
            self._failed(_THROTTLE["lambda"], state, seconds, tries, ended, now)
            return
        self._busy += 1
        refused = state == "TagPhoto" and not self._labels.has_room(now)

        def done(then: float) -> None:
            self._busy -= 1
            if refused:
                self._failed(_THROTTLE["service"], state, seconds, tries, ended, then)
            else:
                ended(then, False)

        self._at(now + (_REFUSED_SECONDS if refused else seconds), done)

    def _failed(
        self,
        error: str,
        state: str,
        seconds: float,
        tries: dict[Retrier, int],
        ended: Callable[[float, bool], None],
        now: float,
    ) -> None:
        retrier = next(it for it in self._policies[state] if error in it.errors)
        before = tries.get(retrier, 0)
        if before >= retrier.attempts:
            ended(now, True)
            return
        self.outcome.again += 1
        self.outcome.most_pauses = max(self.outcome.most_pauses, before + 1)
        pause = retrier.pause(before, self._dice)
        following = {**tries, retrier: before + 1}
        self._at(now + pause, lambda then: self._try(state, seconds, following, ended, then))


def main() -> None:
    """Print what becomes of herds of photos in accounts old and new, with and without the door."""
    policies = retriers(json.loads(_DEFINITION.read_text()))
    print(
        "| Photos | within | functions at once | DetectLabels a second | `PhotosAtOnce` | FAILED "
        "| tried again, a photo | most pauses of a state | over after |\n"
        f"|{'---:|' * 9}"
    )
    for photos, within, functions, labels, at_once in (
        (1_000, 60, 10, 5, inf),
        (1_000, 60, 10, 5, 2),
        (1_000, 60, 50, 5, inf),
        (1_000, 60, 50, 5, 10),
        (5_000, 60, 1_000, 5, inf),
        (5_000, 60, 1_000, 5, 50),
        (5_000, 60, 1_000, 50, 50),
        (100_000, 60, 1_000, 50, 50),
        (100_000, 60, 1_000, 50, 200),
    ):
        it = Herd(photos, within, Account(functions, labels, at_once), policies).play()
        print(
            f"| {photos:,} | {within} s | {functions:,} | {labels} | "
            f"{at_once if at_once < inf else 'no bound'} | "
            f"{it.failed / photos:.1%} | {it.again / photos:.2f} | {it.most_pauses} | {_time(it.seconds)} |",
            flush=True,
        )


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 600 else f"{seconds / 60:.0f} min"


if __name__ == "__main__":
    main()
