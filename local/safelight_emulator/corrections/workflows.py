"""Step Functions."""

import json
import threading
from typing import Any

from safelight_emulator.emulated import module

_OF_A_MAP = ("ItemProcessor", "Next", "End")
"""What of a distributed Map the emulator heeds as it is."""


def correct() -> None:
    """Put right what the emulator does otherwise than AWS."""
    _map_by_expressions()
    _tell_what_tasks_are_given()


def _map_by_expressions() -> None:
    """Let a distributed Map heed its expressions, as one that is inline does: all ours are in JSONata."""
    engine = module("services.stepfunctions")
    distributed = engine._run_distributed_map

    def by_expressions(
        state: dict[str, Any], given: Any, _: Any, iterator: Any, execution: Any, context: dict[str, Any]
    ) -> Any:
        items = engine._jsonata_state_field(state, "Items", "array", given, context)
        if selector := state.get("ItemSelector"):
            places = [
                {**context, "Map": {"Item": {"Index": index, "Value": item}}}
                for index, item in enumerate(items)
            ]
            items = [engine._apply_jsonata_template(selector, given, place) for place in places]
        at_once = engine._jsonata_state_field(state, "MaxConcurrency", "number", given, context)
        plain: dict[str, Any] = {name: state[name] for name in _OF_A_MAP if name in state}
        plain["MaxConcurrency"] = at_once
        result, following = distributed(plain, items, items, iterator, execution, context)
        output = engine._apply_jsonata_output(state, given, context, result=result, default=result)
        engine._apply_state_assign(state, given, context, result=result)
        return output, following

    engine._run_distributed_map = by_expressions


def _tell_what_tasks_are_given() -> None:
    """Let the history of an execution say what each task was given, as AWS's does."""
    engine = module("services.stepfunctions")
    evaluate, add = engine._apply_jsonata_arguments, engine._add_event
    given = threading.local()  # a task is evaluated and scheduled on one thread

    def evaluated(*state: Any) -> Any:
        given.parameters = evaluate(*state)
        return given.parameters

    def told(execution: dict[str, Any], kind: str, details: Any = None) -> Any:
        if kind == "TaskScheduled":
            details["taskScheduledEventDetails"]["parameters"] = json.dumps(given.parameters)
        return add(execution, kind, details)

    engine._apply_jsonata_arguments, engine._add_event = evaluated, told
