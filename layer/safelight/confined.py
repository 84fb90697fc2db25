"""Runs what decodes a stranger's bytes in a process of its own, which may die or starve without the function.

The process is forked before anything was decoded, and goes on from photo to photo, so that it is as quick as
the function itself. It has less memory than the function, and a bound on its processor time.
"""

import errno
import mmap
import os
import pickle
import resource
import signal
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO, NamedTuple, NoReturn, ParamSpec, Protocol, TypeVar, cast

from safelight.errors import CorruptFile, SafelightError, ServiceUnavailable, TooCostly

P = ParamSpec("P")
T = TypeVar("T")

_RESERVED_MEGABYTES = 128
"""What is left to the function itself, and to what the system needs."""

_SHARE_OF_TIME = 0.8
"""How much processor time decoding may take, as a share of the time that the function has left."""

_PR_SET_PDEATHSIG = 1


class Context(Protocol):
    """What is asked of Lambda's context."""

    memory_limit_in_mb: str

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the function may still run."""


class _Process(NamedTuple):
    pid: int
    orders: BinaryIO
    answers: BinaryIO


class _Order(NamedTuple):
    seconds: int
    work: Callable[..., Any]
    positional: tuple[Any, ...]
    named: dict[str, Any]


class _Answer(NamedTuple):
    """What the work has returned or raised; nothing where a signal of this number ended its process."""

    value: Any = None
    error: Exception | None = None
    ended_by: int = 0

    @property
    def spent(self) -> bool:
        """Whether its process is of no use any more."""
        return bool(self.ended_by) or isinstance(self.error, MemoryError)


_idle: list[_Process] = []
"""The process that has worked before, if there is one."""


def confined(
    context: Context | None, filename: str, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Return what `work` returns or raises, from a process that a decompression bomb may end.

    `work` is a function of a module. It runs in this process where `context` is None, as in tests. What ends
    a process that has worked before is tried again in a fresh one. `filename` is for the messages.

    Raises:
        TooCostly: it needs more memory or processor time than the function has.
        CorruptFile: a decoder crashed.
        ServiceUnavailable: the process was killed from outside.
    """
    if context is None:
        return work(*args, **kwargs)
    megabytes = int(context.memory_limit_in_mb) - _RESERVED_MEGABYTES
    seconds = int(context.get_remaining_time_in_millis() / 1000 * _SHARE_OF_TIME)
    order = _Order(seconds, work, args, kwargs)
    answer = _asked(_idle.pop(), order) if _idle else None
    if answer is None or (answer.spent and answer.ended_by not in (signal.SIGXCPU, signal.SIGKILL)):
        answer = _asked(_forked(megabytes << 20), order)
    if answer.spent:
        raise _named(answer.ended_by, filename, megabytes, order.seconds) from answer.error
    if answer.error:
        raise answer.error
    return cast(T, answer.value)


def mapped_to_change(file: BinaryIO) -> mmap.mmap:
    """Return the bytes of `file`, to be changed in memory alone.

    The whole of it counts as data, and only what is changed takes memory: the ceiling is raised by that.
    """
    size = os.fstat(file.fileno()).st_size
    ceiling, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if ceiling != resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_DATA, (ceiling + size, hard))
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)


def _asked(process: _Process, order: _Order) -> _Answer:
    try:
        pickle.dump(order, process.orders)
        process.orders.flush()
        answer: _Answer = pickle.load(process.answers)  # noqa: S301 - from a process that was forked here
    except (EOFError, BrokenPipeError, pickle.UnpicklingError):
        answer = _Answer(error=MemoryError())
    if not answer.spent:
        _idle.append(process)
        return answer
    process.orders.close()
    process.answers.close()
    _, status = os.waitpid(process.pid, 0)
    return answer._replace(ended_by=os.WTERMSIG(status)) if os.WIFSIGNALED(status) else answer


def _named(ended_by: int, filename: str, megabytes: int, seconds: int) -> SafelightError:
    if ended_by == signal.SIGKILL:
        return ServiceUnavailable(f"What decoded {filename} was killed from outside. Try again.")
    if ended_by not in (0, signal.SIGXCPU):
        name = signal.Signals(ended_by).name
        return CorruptFile(
            f"{filename} makes its decoder crash ({name}): its image data are damaged, or made to do harm. "
            "Copy it again from the camera or from a backup, or export it anew."
        )
    most = f"{seconds:,} seconds" if ended_by else f"{megabytes:,} MB of memory"
    return TooCostly(
        f"{filename} cannot be decoded in the {most} that there are: it is huge, or a decompression bomb. "
        "Export it smaller, a picture as a plain JPEG, and upload that."
    )


def _forked(memory: int) -> _Process:
    """Return a new process, which may have `memory` bytes of data."""
    for_orders, orders = os.pipe()
    answers, for_answers = os.pipe()
    pid = os.fork()
    if pid:
        os.close(for_orders)
        os.close(for_answers)
        return _Process(pid, os.fdopen(orders, "wb"), os.fdopen(answers, "rb"))
    try:
        os.close(orders)
        os.close(answers)
        _serve(os.fdopen(for_orders, "rb"), os.fdopen(for_answers, "wb"), memory)
    finally:
        os._exit(1)


def _serve(orders: BinaryIO, answers: BinaryIO, memory: int) -> NoReturn:
    import ctypes  # the function itself needs none of it

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        order: _Order = pickle.load(orders)  # noqa: S301 - from the process that forked this one
        resource.setrlimit(resource.RLIMIT_DATA, (memory, resource.RLIM_INFINITY))
        used = resource.getrusage(resource.RUSAGE_SELF)
        until = int(used.ru_utime + used.ru_stime) + order.seconds + 1
        resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))
        pickle.dump(_carried_out(order), answers)
        answers.flush()


def _carried_out(order: _Order) -> _Answer:
    try:
        return _Answer(order.work(*order.positional, **order.named))
    except Exception as error:
        if not isinstance(error, SafelightError | MemoryError):
            traceback.print_exc()  # it does not cross to the other process
        return _Answer(error=_crossing(error))


def _crossing(error: Exception) -> Exception:
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return MemoryError(str(error))
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
