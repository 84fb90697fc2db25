"""Lambda."""

from functools import partialmethod
from typing import Any

from safelight_emulator.emulated import module

LAST_LINE_SECONDS = 0.005
"""How long an invocation waits for what the function may still have logged."""


def correct() -> None:
    """Put right what the emulator does otherwise than AWS."""
    _invoke_sooner()


def _invoke_sooner() -> None:
    """Let functions be called, and answer, without the waits that the emulator has and AWS has not.

    A quiet function was waited for, as if it might still log; and its event was sent as a header and then a
    body, the second of which waits for the first to be acknowledged (Nagle's algorithm, RFC 896).
    """
    runtime = module("core.lambda_runtime")
    drained, handler_class = runtime.Worker._drain_stderr_bounded, runtime.ProvidedWorker._build_handler_class
    runtime.Worker._drain_stderr_bounded = partialmethod(drained, first_line_wait=LAST_LINE_SECONDS)

    def undelayed(worker: Any, *arguments: Any) -> Any:
        made = handler_class(worker, *arguments)
        made.disable_nagle_algorithm = True
        return made

    runtime.ProvidedWorker._build_handler_class = undelayed
