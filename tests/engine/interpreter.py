"""Runs workflows on LocalStack's interpreter of the Amazon States Language, for the tests that start it.

It runs in the environment `engine`, and talks in lines of JSON: it reads a definition with its input, asks
for the value of every expression and for the answer of every service, and says what became of the execution.
So the tests hold both JSONata and the services; only the states are LocalStack's.
"""

import io
import json
import logging
import sys
import threading
from functools import cache
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import botocore.session

_STEP_FUNCTIONS = "localstack.services.stepfunctions"
for _unused in (  # the JVM for JSONata, which the tests evaluate; AWS Batch; answers from a file
    *("jpype", "jpype.imports", "moto", "moto.batch", "moto.batch.utils"),
    *(f"{_STEP_FUNCTIONS}.packages", f"{_STEP_FUNCTIONS}.local_mocking.mock_config"),
):
    sys.modules[_unused] = MagicMock()

from localstack.aws.api.stepfunctions import EvaluationFailedEventDetails, HistoryEventType  # noqa: E402
from localstack.services.stepfunctions.asl.component.common.error_name.failure_event import (  # noqa: E402
    FailureEvent,
    FailureEventException,
)
from localstack.services.stepfunctions.asl.component.common.error_name.states_error_name import (  # noqa: E402
    StatesErrorName,
)
from localstack.services.stepfunctions.asl.component.common.error_name.states_error_name_type import (  # noqa: E402
    StatesErrorNameType,
)
from localstack.services.stepfunctions.asl.component.common.retry import retrier_decl  # noqa: E402
from localstack.services.stepfunctions.asl.component.common.string.string_expression import (  # noqa: E402
    StringJSONata,
)
from localstack.services.stepfunctions.asl.component.eval_component import EvalComponent  # noqa: E402
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service import (  # noqa: E402
    state_task_service,
    state_task_service_unsupported,
)
from localstack.services.stepfunctions.asl.component.state.state_wait.wait_function.wait_function import (  # noqa: E402
    WaitFunction,
)
from localstack.services.stepfunctions.asl.eval.environment import Environment  # noqa: E402
from localstack.services.stepfunctions.asl.eval.evaluation_details import AWSExecutionDetails  # noqa: E402
from localstack.services.stepfunctions.asl.eval.event.event_detail import EventDetails  # noqa: E402
from localstack.services.stepfunctions.asl.eval.event.event_manager import (  # noqa: E402
    EventHistoryContext,
    EventManager,
)
from localstack.services.stepfunctions.asl.eval.program_state import ProgramEnded, ProgramError  # noqa: E402
from localstack.services.stepfunctions.asl.parse.asl_parser import AmazonStateLanguageParser  # noqa: E402
from localstack.services.stepfunctions.asl.utils import boto_client  # noqa: E402

_entered: list[str] = []
"""The states that an execution has entered, and those of the parts of its distributed Map."""
_pipe = threading.Lock()
_making = threading.Lock()
_task = threading.local()
_session = botocore.session.get_session()


def _say(**said: Any) -> None:
    sys.stdout.write(json.dumps(said, default=str) + "\n")
    sys.stdout.flush()


def _ask(**question: Any) -> Any:
    with _pipe:
        _say(**question)
        return json.loads(sys.stdin.readline())


def _evaluate(self: StringJSONata, env: Environment) -> None:
    variables = {**env.variable_store._outer_scope, **env.variable_store._inner_scope}
    answer = _ask(expression=self.expression, bindings={**variables, "states": env.states._states_data})
    if "value" not in answer:
        name = StatesErrorName(typ=StatesErrorNameType.StatesQueryEvaluationError)
        details = EvaluationFailedEventDetails(error=name.error_name, cause=answer["error"])
        raise FailureEventException(
            FailureEvent(
                env=env,
                error_name=name,
                event_type=HistoryEventType.EvaluationFailed,
                event_details=EventDetails(evaluationFailedEventDetails=details),
            )
        )
    env.stack.append(answer["value"])


@cache
def _client_of(service: str) -> Any:
    """Return a client that checks what it is given as the service's model says, and lets the tests answer."""
    client = _session.create_client(service, "eu-west-1", aws_access_key_id="-", aws_secret_access_key="-")

    def keep(params: dict[str, Any], **_: Any) -> None:
        _task.parameters = {**params}
        for name in {"Payload", "input"} & set(params):
            _task.parameters[name] = json.loads(params[name])

    def answer(model: Any, **_: Any) -> tuple[Any, dict[str, Any]]:
        response = _ask(state=_task.state, operation=f"{service}:{model.name}", parameters=_task.parameters)
        if "Payload" in response:
            response["Payload"] = io.BytesIO(json.dumps(response["Payload"]).encode())
        status = 400 if "Error" in response else 200
        response["ResponseMetadata"] = {"HTTPStatusCode": status, "RequestId": "1"}
        return SimpleNamespace(status_code=status), response

    client.meta.events.register("provide-client-params.*.*", keep)
    client.meta.events.register("before-call.*.*", answer)
    return client


def _client(service: str, region: str, state_credentials: Any) -> Any:
    with _making:
        return _client_of(service)


def _remember_the_state(eval_execution: Any) -> Any:
    def evaluated(self: Any, env: Environment) -> None:
        _task.state = env.states.context_object.context_object_data["State"]["Name"]
        eval_execution(self, env)

    return evaluated


def _note_entering(create: Any) -> Any:
    def created(*args: Any, **named: Any) -> Any:
        event = create(*args, **named)
        if "stateEnteredEventDetails" in event:
            _entered.append(event["stateEnteredEventDetails"]["name"])
        return event

    return staticmethod(created)


def _wait_for_the_job(self: Any, env: Environment, **_: Any) -> Any:
    """Return what says how a job ended whose service LocalStack does not wait for: as its answer has it."""
    job = env.stack.pop()
    return lambda: job


def _settle() -> None:
    others = state_task_service_unsupported
    others._SUPPORTED_INTEGRATION_PATTERNS.add(others.ResourceCondition.Sync)
    others.StateTaskServiceUnsupported._build_sync_resolver = _wait_for_the_job
    EventManager._create_history_event = _note_entering(EventManager._create_history_event)
    StringJSONata._eval_body = _evaluate
    WaitFunction._wait_interval = lambda *_, **__: None
    retrier_decl.time = SimpleNamespace(sleep=lambda _: None)
    service = state_task_service.StateTaskService
    service._eval_execution = _remember_the_state(service._eval_execution)
    of_localstack = boto_client.boto_client_for
    for module in list(sys.modules.values()):
        if vars(module).get("boto_client_for") is of_localstack:
            module.boto_client_for = _client


@cache
def _parsed(definition: str) -> EvalComponent:
    return AmazonStateLanguageParser.parse(definition)[0]


def _run(definition: str, given: Any, execution: str) -> dict[str, Any]:
    context = {
        "Execution": {"Id": execution, "Input": given, "Name": execution.rpartition(":")[2]},
        "StateMachine": {"Id": "arn", "Name": "workflow"},
    }
    env = Environment(
        aws_execution_details=AWSExecutionDetails(account="1", region="eu-west-1", role_arn="role"),
        execution_type="STANDARD",
        context=context,
        event_history_context=EventHistoryContext.of_program_start(),
        cloud_watch_logging_session=None,
        activity_store={},
    )
    _entered.clear()
    _parsed(definition).eval(env)
    end = env.program_state()
    entered = [*_entered]
    match end:
        case ProgramEnded():
            return {"entered": entered, "status": "SUCCEEDED", "output": env.states.get_input()}
        case ProgramError():
            return {"entered": entered, "status": "FAILED", **end.error}
    return {"entered": entered, "status": type(end).__name__}


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    _settle()
    for line in sys.stdin:
        _say(ended=_run(**json.loads(line)))
