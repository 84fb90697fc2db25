"""The workflows, the template, the functions and the errors agree with one another."""

import json
import re
from itertools import product
from pathlib import Path
from typing import Any, get_args, get_type_hints

import jsonata
import pytest

from catalog import changes, steps
from contract.definitions import (
    REPOSITORY,
    WORKFLOWS,
    expressions,
    resources,
    states,
    strings,
    template,
    workflow,
)
from engine.lab import deployed
from safelight import errors, keys, presets
from safelight.reviving import OF_THE_MOMENT

PHOTO = REPOSITORY / "statemachine" / "photo.asl.json"
FILM = REPOSITORY / "statemachine" / "film.asl.json"
CONVERT = REPOSITORY / "statemachine" / "convert.asl.json"
BAD_INPUT = {error.__name__ for error in errors.leaves(errors.BadInput)}
TRANSIENT = {error.__name__ for error in errors.leaves(errors.TransientError)}
NOT_IN_THE_WORKFLOW = {"AccessDenied", "Misconfigured", "OriginalArchived", "RequestRefused"}
"""Errors that nothing may catch or retry: they fail the execution at its step."""
TOO_EARLY = {"NotModerated", "NotTagged"}
"""What the catalog says where a setting was changed since an execution began."""

every_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def names_matched(state: dict[str, Any], policy: str) -> list[str]:
    return [name for rule in state.get(policy, []) for name in rule["ErrorEquals"]]


@every_workflow
def test_every_state_says_what_it_is_for(path: Path) -> None:
    assert [name for name, state in states(workflow(path)) if not state.get("Comment")] == []


@every_workflow
def test_every_task_ends_in_time_and_retries_with_jitter(path: Path) -> None:
    for name, state in states(workflow(path)):
        if state["Type"] != "Task":
            continue
        most = 900
        if state["Resource"].endswith("startExecution.sync:2"):  # which ends before the state does
            most = workflow(path)["TimeoutSeconds"]
            for begun in {FILM, CONVERT} - {path}:
                assert workflow(begun)["TimeoutSeconds"] < state["TimeoutSeconds"], name
        elif state["Resource"].endswith("createJob.sync"):
            most = workflow(path)["TimeoutSeconds"]
        assert 0 < state["TimeoutSeconds"] <= most, name
        assert state["Retry"], name
        for rule in state["Retry"]:
            assert rule["JitterStrategy"] == "FULL", name
            assert rule["MaxAttempts"] == 1 or ("MaxDelaySeconds" in rule and rule["BackoffRate"] > 1), name


@every_workflow
def test_nothing_catches_or_retries_every_error(path: Path) -> None:
    for name, state in states(workflow(path)):
        matched = names_matched(state, "Retry") + names_matched(state, "Catch")
        assert not {"States.ALL", "States.TaskFailed"} & set(matched), name


@every_workflow
def test_every_expression_is_valid_jsonata(path: Path) -> None:
    found = list(expressions(workflow(path)))
    assert found
    for expression in found:
        assert jsonata.Jsonata(expression).errors is None, expression


@every_workflow
def test_every_variable_is_assigned_somewhere(path: Path) -> None:
    definition = workflow(path)
    assigned = {
        name
        for _, state in states(definition)
        for rule in [state, *state.get("Catch", [])]
        for name in rule.get("Assign", {})
    }
    for expression in expressions(definition):
        literal_free = re.sub(r"'[^']*'", "''", expression)
        local = set(re.findall(r"\$(\w+)\s*:=", literal_free)) | set(
            re.findall(r"function\(\$(\w+)\)", literal_free)
        )
        for name in re.findall(r"\$(\w+)(?!\w*\()", literal_free):
            assert name in assigned | local | {"states"}, (name, expression)


@pytest.mark.parametrize(("moderation", "tagging"), [*product(["on", "off"], repeat=2)])
@every_workflow
def test_every_next_state_exists_and_every_state_is_reached(
    path: Path, moderation: str, tagging: str
) -> None:
    """Step Functions takes no definition with a state that nothing leads to, whatever is substituted."""

    def check(machine: dict[str, Any]) -> None:
        reached = {machine["StartAt"]}
        for state in machine["States"].values():
            for rule in [state, *state.get("Catch", []), *state.get("Choices", [])]:
                reached |= {rule[link] for link in ("Next", "Default") if link in rule}
            for inner in [*state.get("Branches", []), *filter(None, [state.get("ItemProcessor")])]:
                check(inner)
        assert reached == set(machine["States"])

    check(json.loads(deployed(path, moderation, tagging=tagging)))


@every_workflow
def test_every_placeholder_is_substituted_and_every_substitution_is_used(path: Path) -> None:
    machine = next(
        it["Properties"]
        for it in resources("AWS::Serverless::StateMachine").values()
        if it["Properties"]["DefinitionUri"] == f"statemachine/{path.name}"
    )
    outermost = workflow(path)["States"]
    used = {name for text in strings(workflow(path)) for name in re.findall(r"\$\{(\w+)\}", text)}
    assert used == set(machine["DefinitionSubstitutions"])
    for target in strings(machine["DefinitionSubstitutions"]):
        known = {*PSEUDO, *(kind for each in SECTIONS for kind in template()[each]), *outermost}
        assert target.split(".")[0] in known, target


SECTIONS = ("Resources", "Parameters", "Conditions")
PSEUDO = ("AWS::Partition", "AWS::AccountId")
FUNCTIONS = {
    *("ServiceThrottled", "ServiceUnavailable"),
    *("Lambda.TooManyRequestsException", "Lambda.ServiceException", "Lambda.AWSLambdaException"),
    *("Lambda.SdkClientException", "Lambda.ResourceNotReadyException"),
}
CHANGED = {"MemoriesChanged", "PeopleChanged"}
NAMELESS = {"Unforeseen", "OSError", "MemoryError"}
"""What has no name of ours: in a function, and where its modules are loaded."""
CRASHES = NAMELESS | {
    *("Runtime.ExitError", "Runtime.OutOfMemory", "Runtime.Unknown", "Runtime.ImportModuleError"),
    *("Sandbox.Timedout", "Sandbox.Failure", "States.Timeout"),
    *("Lambda.Unknown", "Lambda.ClientExecutionTimeoutException"),
}
SERVICES = {
    "aws-sdk:s3": {"S3.S3Exception", "S3.SdkClientException", "States.Timeout"},
    "states:startExecution.sync": {
        *("StepFunctions.ExecutionLimitExceededException", "StepFunctions.AWSStepFunctionsException"),
        "StepFunctions.SdkClientException",
    },
    "mediaconvert": {
        *("MediaConvert.TooManyRequestsException", "MediaConvert.InternalServerErrorException"),
        "MediaConvert.SdkClientException",
    },
    "aws-sdk:sfn": {"Sfn.SfnException", "Sfn.SdkClientException", "States.Timeout"},
    "sqs": {"SQS.AmazonSQSException", "SQS.SdkClientException", "States.Timeout"},
    "sns": {
        *("SNS.InternalErrorException", "SNS.ThrottledException"),
        *("SNS.SdkClientException", "States.Timeout"),
    },
    "dynamodb": {
        *("DynamoDB.ProvisionedThroughputExceededException", "DynamoDB.ThrottlingException"),
        *("DynamoDB.RequestLimitExceededException", "DynamoDB.TransactionConflictException"),
        *("DynamoDB.InternalServerErrorException", "DynamoDB.InternalServerException"),
        *("DynamoDB.SdkClientException", "States.Timeout"),
    },
}
PATIENCE = {"IntervalSeconds": 1, "MaxAttempts": 30, "BackoffRate": 2, "MaxDelaySeconds": 60}
AGAIN = {"IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 2, "MaxDelaySeconds": 30}
BRIEFLY = {"IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 2, "MaxDelaySeconds": 10}
"""The policies. *Patience* waits for a throttle or an outage to end, wherever it is met; *again* gives a
function that crashed another place to run; *briefly* is for what a lifecycle rule mends anyway."""


@every_workflow
def test_there_are_three_policies_and_each_error_has_its_own(path: Path) -> None:
    for name, state in states(workflow(path)):
        if state["Type"] != "Task":
            continue
        rules = [({**rule}, set(rule.pop("ErrorEquals"))) for rule in map(dict, state["Retry"])]
        policies = [
            {field: value for field, value in rule.items() if field not in ("ErrorEquals", "JitterStrategy")}
            for rule, _ in rules
        ]
        names = [matched for _, matched in rules]
        if state["Resource"].endswith("lambda:invoke"):
            assert names[0] - CHANGED == FUNCTIONS, name
            assert names[1:] == [CRASHES], name
            assert policies == [PATIENCE, AGAIN], name
        else:
            service = state["Resource"].removeprefix("arn:${Partition}:states:::").rpartition(":")[0]
            assert names == [SERVICES[service]], name
            assert policies == [BRIEFLY if name == "DeleteObject" else PATIENCE], name


def test_what_is_waited_for_with_patience_is_begun_again_by_the_hour() -> None:
    waited_for = {
        name
        for path in WORKFLOWS
        for _, state in states(workflow(path))
        for rule in state.get("Retry", [])
        if {field: rule.get(field) for field in PATIENCE} == PATIENCE
        for name in rule["ErrorEquals"]
        if not name.startswith("Sfn.")  # of the failure workflow alone
    }
    assert waited_for | {"TIMED_OUT"} == OF_THE_MOMENT


def test_the_workflows_know_every_error_and_no_other() -> None:
    matched = {
        name
        for path in WORKFLOWS
        for _, state in states(workflow(path))
        for policy in ("Retry", "Catch")
        for name in names_matched(state, policy)
        if "." not in name
    }
    assert matched == BAD_INPUT | TRANSIENT | NAMELESS | {"Superseded", *TOO_EARLY}
    every_leaf = {error.__name__ for error in errors.leaves(errors.SafelightError)}
    assert every_leaf == (matched - {"OSError", "MemoryError"}) | NOT_IN_THE_WORKFLOW


@pytest.mark.parametrize("logical_id", sorted(resources("AWS::Serverless::Function")))
def test_no_error_leaves_a_function_without_a_name(logical_id: str) -> None:
    properties = resources("AWS::Serverless::Function")[logical_id]["Properties"]
    module, _, function = properties["Handler"].rpartition(".")
    source = (REPOSITORY / properties["CodeUri"] / f"{module.replace('.', '/')}.py").read_text()
    assert f"@foreseen\ndef {function}(" in source


def test_who_reads_originals_is_told_that_one_is_missing() -> None:
    """Without the permission to list the bucket, S3 denies access to what is not there."""
    for name, function in resources("AWS::Serverless::Function").items():
        statements = function["Properties"]["Policies"][0]["Statement"]
        read = any("s3:GetObjectVersion" in listed(each["Action"]) for each in statements)
        allowed = {"Fn::GetAtt": "Originals.Arn"} in [
            each["Resource"] for each in statements if each["Action"] == "s3:ListBucket"
        ]
        assert read == allowed, name


def test_bad_input_is_caught_wherever_a_photo_is_read_and_recorded_with_its_reason() -> None:
    for name in ("ValidatePhoto", "ReadMetadata", "DevelopMaster", "RenderRenditions"):
        state = workflow(PHOTO)["States"][name]
        assert set(names_matched(state, "Catch")) == BAD_INPUT
        assert state["Catch"][0]["Next"] == "RejectPhoto"
    for name in ("PlanFilm", "EncodeParts"):
        state = workflow(FILM)["States"][name]
        assert set(names_matched(state, "Catch")) == BAD_INPUT
        assert state["Catch"][0]["Next"] == "FilmRefused"
    for name in ("PlanFilm", "AdoptFilm"):
        state = workflow(CONVERT)["States"][name]
        assert set(names_matched(state, "Catch")) == BAD_INPUT
        assert state["Catch"][0]["Next"] == "FilmRefused"


def test_whoever_loses_the_photo_ends_without_a_failure() -> None:
    for path in WORKFLOWS:
        for name, state in states(workflow(path)):
            step = state.get("Arguments", {}).get("Payload")
            if isinstance(step, dict) and step.get("step") in WRITES:
                assert set(names_matched(state, "Catch")) - TOO_EARLY == {"Superseded"}, name


WRITES = {"claim", "publish", "hold", "reject", "finish", "remove", "bury"}


def test_every_step_of_the_catalog_is_asked_for_with_what_it_takes() -> None:
    """The shapes stand in two languages: here what the workflows send meets what the function takes."""
    taken = {
        get_args(get_type_hints(shape)["step"])[0]: set(get_type_hints(shape))
        for shape in get_args(steps.Event)
    }
    sent = {
        state["Arguments"]["Payload"]["step"]: set(state["Arguments"]["Payload"])
        for path in WORKFLOWS
        for _, state in states(workflow(path))
        if "${CatalogFunction}" in str(state.get("Arguments"))
    }
    assert sent == taken


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_can_be_read_at_a_glance(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= (280 if path == PHOTO else 160)


def test_the_photo_workflow_computes_nothing_long() -> None:
    assert max(map(len, expressions(workflow(PHOTO)))) <= 120


def test_each_state_machine_may_invoke_exactly_the_functions_that_it_names() -> None:
    functions = set(resources("AWS::Serverless::Function"))
    invoked: set[str] = set()
    for machine in resources("AWS::Serverless::StateMachine").values():
        values = machine["Properties"]["DefinitionSubstitutions"].values()
        named = {value["Fn::GetAtt"] for value in values if "Fn::GetAtt" in value}
        allowed = {
            resource["Fn::GetAtt"]
            for statement in machine["Properties"]["Policies"][0]["Statement"]
            if statement["Action"] == "lambda:InvokeFunction"
            for resource in statement["Resource"]
        }
        assert allowed == named
        invoked |= {each.split(".")[0] for each in named}
    others = {"AdmitFunction", "ApiFunction", "IndexFunction", "WebhookFunction"}
    assert invoked == functions - others, "queues, a distribution and a stream invoke them"


@pytest.mark.parametrize("logical_id", sorted(resources("AWS::Serverless::Function")))
def test_each_function_is_a_room_with_a_handler_and_its_own_requirements(logical_id: str) -> None:
    properties = resources("AWS::Serverless::Function")[logical_id]["Properties"]
    room = REPOSITORY / properties["CodeUri"]
    module, _, function = properties["Handler"].rpartition(".")
    handler = room / f"{module.replace('.', '/')}.py"
    assert f"def {function}(" in handler.read_text()
    assert len(handler.read_text().splitlines()) <= 50
    wanted = (room / "requirements.in").read_text().splitlines()
    for line in wanted:
        assert re.fullmatch(r"[\w-]+==[\w.]+", line), "each requirement is pinned"
    first, *locked = (room / "requirements.txt").read_text().split("\n")
    assert first == "--require-hashes", "uv and pip install nothing whose hash is not there"
    pinned = {line.split()[0] for line in locked if "==" in line}
    assert {line.lower() for line in wanted} <= pinned, "make pins"


@pytest.mark.parametrize("logical_id", sorted(resources("AWS::Serverless::Function")))
def test_a_function_gets_exactly_the_settings_that_it_reads(logical_id: str) -> None:
    properties = resources("AWS::Serverless::Function")[logical_id]["Properties"]
    given = set(properties["Environment"]["Variables"]) - {"POWERTOOLS_SERVICE_NAME"}
    clients = (REPOSITORY / "layer" / "safelight" / "clients.py").read_text()
    by_the_clients = set(re.findall(r'environ\.get\("(\w+)"\)', clients))
    sources = "".join(file.read_text() for file in (REPOSITORY / properties["CodeUri"]).rglob("*.py"))
    declared = re.search(r"class Settings:(.*?)(?=\n\S|\Z)", sources, re.DOTALL)
    read = (
        {name.upper() for name in re.findall(r"^    (\w+): ", declared.group(1), re.MULTILINE)}
        if declared
        else set()
    )
    assert given - by_the_clients == read - by_the_clients - {"AWS_REGION"}, "which Lambda gives"


def test_no_function_but_its_own_rooms_imports_another() -> None:
    rooms = {each.name for each in (REPOSITORY / "functions").iterdir() if each.is_dir()}
    for room in rooms:
        for file in (REPOSITORY / "functions" / room).rglob("*.py"):
            imported = set(re.findall(r"^(?:from|import) (\w+)", file.read_text(), re.MULTILINE))
            assert not imported & (rooms - {room}), file


def test_a_failure_is_recorded_by_no_rule_about_keys() -> None:
    """The record of failures must not fail with what it records: it names the key, and no part of it."""
    failure = workflow(REPOSITORY / "statemachine" / "failure.asl.json")["States"]["RecordFailure"]
    values = failure["Arguments"]["ExpressionAttributeValues"]
    assert values[":album"] == {"S": keys.UNFILED}
    assert values[":undated"] == {"S": changes.UNDATED}
    using = [text for text in expressions(failure["Arguments"]) if "$key" in text]
    assert sorted(using) == ["$key", "'photo/' & $key"]
    assert keys.photo_id("x") == "photo/x"


def test_the_workflow_deletes_the_master_that_the_key_layout_names() -> None:
    expression = workflow(PHOTO)["States"]["DeleteUnused"]["Items"][2:-2]
    context = {"Execution": {"Name": "1f0c-2"}}
    for unused in ([], ["renditions/a"], ["renditions/a", "renditions/b"]):
        variables = {"states": {"context": context}, "unused": unused}
        items = jsonata.Jsonata(expression).evaluate(None, variables)
        assert items == [keys.master_key("arn:aws:states:eu-west-1:1:execution:photo:1f0c-2"), *unused]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_masters_are_written_read_and_deleted_below_a_prefix_that_a_rule_sweeps() -> None:
    functions = resources("AWS::Serverless::Function")
    machine = resources("AWS::Serverless::StateMachine")["PhotoWorkflow"]
    granted = {
        (statement["Action"], resource["Fn::Sub"])
        for each in (functions["DevelopFunction"], functions["RenderFunction"], machine)
        for statement in each["Properties"]["Policies"][0]["Statement"]
        if "masters" in str(statement["Resource"])
        for resource in listed(statement["Resource"])
        if "masters" in str(resource)
    }
    prefix = keys.master_key("")
    assert granted == {
        (action, f"${{Renditions.Arn}}/{prefix}*")
        for action in ("s3:PutObject", "s3:GetObject", "s3:DeleteObject")
    }
    rules = resources("AWS::S3::Bucket")["Renditions"]["Properties"]["LifecycleConfiguration"]["Rules"]
    days = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "Prefix" in rule}
    assert set(days) == {prefix, keys.PLANNED_EXPORTS, keys.EXPORTS}
    assert days[keys.EXPORTS] == {"Ref": "ExportDays"}
    for redriven in (prefix, keys.PLANNED_EXPORTS):
        assert days[redriven] > 14, "a failed execution can be redriven for 14 days"


def test_the_workflows_are_plain_json_that_a_console_shows_as_written() -> None:
    for path in WORKFLOWS:
        assert json.loads(path.read_text())["QueryLanguage"] == "JSONata"


def test_the_template_allows_the_presets_that_there_are() -> None:
    parameter = template()["Parameters"]["Preset"]
    assert sorted(parameter["AllowedValues"]) == sorted(presets.load().presets)
    assert parameter["Default"] in parameter["AllowedValues"]


def test_what_is_held_is_denied_to_everyone_outside_of_the_account() -> None:
    policies = [policy["Properties"] for policy in resources("AWS::S3::BucketPolicy").values()]
    (policy,) = (each for each in policies if each["Bucket"] == {"Ref": "Renditions"})
    statement, delivery, _ = policy["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:GetObject")
    assert statement["Condition"] == {
        "StringEquals": {"s3:ExistingObjectTag/held": "true"},
        "StringNotEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}},
    }
    condition, allowed, otherwise = delivery["Fn::If"]
    assert (condition, otherwise) == ("Delivers", {"Ref": "AWS::NoValue"})
    served = [{"Fn::Sub": f"${{Renditions.Arn}}/{prefix}*"} for prefix in ("renditions/", keys.EXPORTS)]
    assert allowed["Resource"] == served
    assert set(allowed["Condition"]["StringEquals"]) == {"aws:SourceArn"}, "of one distribution alone"


def test_no_photo_is_published_past_a_moderation_that_is_on() -> None:
    for moderation, first in (("on", "ModeratePhoto"), ("off", "PublishPhoto")):
        machine = json.loads(deployed(PHOTO, moderation))["States"]
        leading = {name for name, state in machine.items() if '"PublishPhoto"' in json.dumps(state)}
        assert leading == {"IsHeld"} | ({"RenderRenditions"} if moderation == "off" else set())
        assert machine["RenderRenditions"]["Next"] == first
        assert machine["ModeratePhoto"]["Next"] == "IsHeld"
        assert machine["IsHeld"]["Choices"][0]["Next"] == "HoldPhoto"
        refused = machine["PublishPhoto"]["Catch"][0]
        assert (refused["ErrorEquals"], refused["Next"]) == (["NotModerated"], "ModeratePhoto")
    substituted = resources("AWS::Serverless::StateMachine")["PhotoWorkflow"]["Properties"]
    chosen = {"Fn::If": ["Moderates", "ModeratePhoto", "PublishPhoto"]}
    assert substituted["DefinitionSubstitutions"]["AfterRendering"] == chosen
    assert template()["Conditions"]["Moderates"] == {"Fn::Equals": [{"Ref": "Moderation"}, "on"]}


def test_no_photo_pays_for_tagging_where_nothing_is_asked_and_none_gets_past_it_else() -> None:
    for tagging, first in (("on", "TagPhoto"), ("off", "FinishPhoto")):
        machine = json.loads(deployed(PHOTO, tagging=tagging))["States"]
        leading = {name for name, state in machine.items() if state.get("Next") == "FinishPhoto"}
        assert leading == {"TagPhoto"} | ({"PublishPhoto"} if tagging == "off" else set())
        assert machine["PublishPhoto"]["Next"] == first
        refused = machine["FinishPhoto"]["Catch"][0]
        assert (refused["ErrorEquals"], refused["Next"]) == (["NotTagged"], "TagPhoto")
    substituted = resources("AWS::Serverless::StateMachine")["PhotoWorkflow"]["Properties"]
    chosen = {"Fn::If": ["TagsPhotos", "TagPhoto", "FinishPhoto"]}
    assert substituted["DefinitionSubstitutions"]["AfterPublishing"] == chosen
    catalog = resources("AWS::Serverless::Function")["CatalogFunction"]["Properties"]["Environment"]
    assert catalog["Variables"]["TAGGING"] == {"Fn::If": ["TagsPhotos", "on", "off"]}
    asked = {"Labels": "on", "ImageProperties": "on", "Faces": "on", "SceneText": "on", "ReadText": "always"}
    assert template()["Conditions"]["TagsPhotos"] == {
        "Fn::Or": [{"Fn::Equals": [{"Ref": name}, value]} for name, value in asked.items()]
    }
