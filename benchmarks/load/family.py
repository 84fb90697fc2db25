"""Tells which process of an embedded cloud has taken how much processor time, by what it is there for."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from safelight_local.cloud.cloud import Cloud

EMULATOR, VISION = "emulator", "vision"
_LOOKS_SECONDS = 0.5
_HANDLER = "_HANDLER"
"""The environment variable by which Lambda's runtime client knows what to call."""


class Family:
    """The processes below a cloud's supervisor: the emulator, the vision service, and the functions.

    A function is called by its room, as in `render`. What decodes for one counts as part of it.
    """

    def __init__(self, cloud: Cloud) -> None:
        """Begin to count from now on."""
        self._emulator, self._vision = psutil.Process(cloud.supervisor).children()
        self._last: dict[tuple[int, float], tuple[str, float, float]] = {}
        self._look()
        self._before = {who: seconds for who, (_, seconds, _) in self._last.items()}

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look at the processes again and again meanwhile, so that those that end are counted, too."""
        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(_LOOKS_SECONDS):
                self._look()

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            self._look()

    def seconds(self) -> dict[str, float]:
        """Return the seconds of processor time since the beginning, by role."""
        by_role = defaultdict[str, float](float)
        for who, (role, seconds, _) in self._last.items():
            by_role[role] += seconds - self._before.get(who, 0.0)
        return dict(by_role)

    def megabytes(self) -> dict[str, float]:
        """Return the most resident memory in MB that one process of each role had."""
        by_role = defaultdict[str, float](float)
        for role, _, memory in self._last.values():
            by_role[role] = max(by_role[role], memory)
        return dict(by_role)

    def _look(self) -> None:
        self._note(self._emulator, EMULATOR)
        self._note(self._vision, VISION)
        for function in self._emulator.children():
            with suppress(psutil.Error):
                if handler := function.environ().get(_HANDLER):
                    for process in (function, *function.children(recursive=True)):
                        self._note(process, handler.partition(".")[0])

    def _note(self, process: psutil.Process, role: str) -> None:
        with suppress(psutil.Error), process.oneshot():
            times, who = process.cpu_times(), (process.pid, process.create_time())
            before = self._last.get(who, ("", 0.0, 0.0))[2]
            most = max(before, process.memory_info().rss / 1e6)
            self._last[who] = role, times.user + times.system, most
