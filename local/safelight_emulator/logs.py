"""What the functions log, and what is sent over the buses."""

from safelight_emulator.emulated import module

LOG_LINES = 2_000
"""Of each stream of a log so many lines are kept, the newest, and so many of all events of the buses."""


def forget_lines() -> None:
    """Forget the oldest of what the functions have logged and of what was sent over the buses.

    The emulator keeps all of it, and writes all of it down at each checkpoint.
    """
    logs, buses = module("services.cloudwatch_logs"), module("services.eventbridge")
    with logs._log_events_lock:
        for group in logs._log_groups.all_values():
            for stream in group["streams"].values():
                del stream["events"][:-LOG_LINES]
    for events in buses._events_log.all_values():
        del events[:-LOG_LINES]
