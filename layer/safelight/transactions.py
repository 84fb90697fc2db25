"""Steps on the library's table, for what computes and does not know of AWS. Pure: steps out, answers in.

A generator yields what it wants read or written and is sent the answer. Each write is a transaction on the
versions that were read, so that of two who read the same, one is refused and starts again.
"""

import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from safelight.errors import TransientError

Record = dict[str, Any]
"""A record of the library's table, as plain values."""

PATIENCE_SECONDS = 30.0
"""How long one call works: less than the function's timeout. What is left goes on when it is called again."""

_Step = TypeVar("_Step")
_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class Read:
    """Read these records, each as it is now; the answer maps the id of each that exists to it."""

    ids: tuple[str, ...]


@dataclass(frozen=True)
class Write:
    """Write all of this or nothing; the answer is whether it was written.

    puts and deletes: records, and ids. versions: the version that a record must have, by its id; 0 where it
    must not exist. absent: further ids that must not exist. seen: further records that must exist and still
    have these fields, by their ids; None stands for a field that is not there.
    """

    puts: tuple[Record, ...] = ()
    deletes: tuple[str, ...] = ()
    versions: Mapping[str, int] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    seen: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def carry_out(
    steps: Generator[_Step, Any, _Answer], perform: Callable[[_Step], Any], late: type[TransientError]
) -> _Answer:
    """Carry `steps` out, each by `perform`, and return what they return.

    Raises:
        TransientError: `late`, when there was more to do than `PATIENCE_SECONDS` allow.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    answer: Any = None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration as done:
            return cast(_Answer, done.value)
        if time.monotonic() > deadline:
            raise late("There was more to do than fits into one call. Start again: it goes on from here.")
        answer = perform(step)
