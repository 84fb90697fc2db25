"""The workflows do on another engine what they do in the embedded cloud, with each answer of the services."""

import json
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest

from contract.definitions import REPOSITORY, WORKFLOWS, expressions, states, workflow
from engine.lab import Engine, Execution, deployed
from engine.scenarios import ARN, SCENARIOS, Scenario

Run = Callable[[Scenario], Execution]


@pytest.fixture(scope="session")
def run() -> Iterator[Run]:
    """What becomes of a scenario."""
    engine = Engine()

    @cache
    def become(scenario: Scenario) -> Execution:
        definition = deployed(path_of(scenario), scenario.moderation, scenario.together, scenario.tagging)
        return engine.run(definition, scenario.given, ARN, Answers(scenario))

    yield become
    engine.close()


class Answers:
    """Answers for the services, as the scenario has them."""

    def __init__(self, scenario: Scenario) -> None:
        self._answers = {
            state: iter(answer) if isinstance(answer, list) else answer
            for state, answer in scenario.answers.items()
        }

    def __call__(self, state: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return what the service of `state` answers; where the scenario says nothing, that it is done."""
        match self._answers.get(
            state, {"StatusCode": 200, "Payload": {}} if operation == "lambda:Invoke" else {}
        ):
            case dict() as answer:
                return answer
            case Iterator() as answers:
                return next(answers)
            case answer_to:
                return answer_to(parameters)


def path_of(scenario: Scenario) -> Path:
    return REPOSITORY / "statemachine" / f"{scenario.workflow}.asl.json"


def assert_asked(state: str, got: list[Any], expected: Any) -> None:
    """Check what a service was asked each time: at least what is expected, in any order."""
    if expected is ANY:
        return
    wanted = expected if isinstance(expected, list) else [expected]
    assert len(got) == len(wanted), state
    named = [{name: each.get(name) for name in wanted[0]} for each in got]
    as_text = partial(json.dumps, sort_keys=True)
    assert sorted(map(as_text, named)) == sorted(map(as_text, wanted)), state


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda it: f"{it.workflow}: {it.says}")
def test_the_workflow_does_what_it_should(scenario: Scenario, run: Run) -> None:
    execution = run(scenario)
    outermost = workflow(path_of(scenario))["States"]
    assert " ".join(name for name in execution.entered if name in outermost) == scenario.path
    for state in dict(execution.asked):
        asked = [parameters for name, parameters in execution.asked if name == state]
        assert_asked(state, asked, scenario.asked[state])
    assert (execution.error, execution.output) == (scenario.error, scenario.output)
    assert execution.differences == [], "the two implementations of JSONata differ"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_scenario_enters_every_state_and_evaluates_every_expression(path: Path, run: Run) -> None:
    executions = [run(scenario) for scenario in SCENARIOS if path_of(scenario) == path]
    entered = {name for execution in executions for name in execution.entered}
    assert {name for name, _ in states(workflow(path))} == entered
    evaluated = {expression for execution in executions for expression in execution.expressions}
    for moderation, together in product(("on", "off"), repeat=2):
        assert set(expressions(json.loads(deployed(path, moderation, together)))) <= evaluated
