"""The workflows, the template, the functions and the errors agree with one another."""

import json
import re
from pathlib import Path
from typing import Any

import jsonata
import pytest

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
from safelight import errors, keys, presets

PHOTO = REPOSITORY / "statemachine" / "photo.asl.json"
BAD_INPUT = {error.__name__ for error in errors.leaves(errors.BadInput)}
TRANSIENT = {error.__name__ for error in errors.leaves(errors.TransientError)}
NOT_IN_THE_WORKFLOW = {"AccessDenied", "Misconfigured", "RequestRefused"}
"""Errors that nothing may catch or retry: they fail the execution at its step."""

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
        assert 0 < state["TimeoutSeconds"] <= 900, name
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


@every_workflow
def test_every_next_state_exists_and_every_state_is_reached(path: Path) -> None:
    def check(machine: dict[str, Any]) -> None:
        reached = {machine["StartAt"]}
        for state in machine["States"].values():
            for rule in [state, *state.get("Catch", []), *state.get("Choices", [])]:
                reached |= {rule[link] for link in ("Next", "Default") if link in rule}
            for inner in [*state.get("Branches", []), *filter(None, [state.get("ItemProcessor")])]:
                check(inner)
        assert reached == set(machine["States"])

    check(workflow(path))


@every_workflow
def test_every_placeholder_is_substituted_and_every_substitution_is_used(path: Path) -> None:
    machine = next(
        it["Properties"]
        for it in resources("AWS::Serverless::StateMachine").values()
        if it["Properties"]["DefinitionUri"] == f"statemachine/{path.name}"
    )
    used = {name for text in strings(workflow(path)) for name in re.findall(r"\$\{(\w+)\}", text)}
    assert used == set(machine["DefinitionSubstitutions"])
    for target in strings(machine["DefinitionSubstitutions"]):
        assert target.split(".")[0] in template()["Resources"] | template()["Parameters"], target


def test_the_workflow_knows_every_error_and_no_other() -> None:
    matched = {
        name
        for _, state in states(workflow(PHOTO))
        for policy in ("Retry", "Catch")
        for name in names_matched(state, policy)
        if "." not in name
    }
    assert matched == BAD_INPUT | TRANSIENT
    every_leaf = {error.__name__ for error in errors.leaves(errors.SafelightError)}
    assert every_leaf == matched | NOT_IN_THE_WORKFLOW


def test_bad_input_is_caught_wherever_a_photo_is_read_and_recorded_with_its_reason() -> None:
    for name in ("ValidatePhoto", "DevelopMaster", "RenderAndRead"):
        state = workflow(PHOTO)["States"][name]
        assert set(names_matched(state, "Catch")) == BAD_INPUT
        assert state["Catch"][0]["Next"] == "RecordRejection"


def test_transient_errors_are_retried_by_every_function_and_never_caught() -> None:
    for name, state in states(workflow(PHOTO)):
        assert not TRANSIENT & set(names_matched(state, "Catch")), name
        if state.get("Resource", "").endswith("lambda:invoke"):
            assert {"ServiceThrottled", "ServiceUnavailable"} <= set(names_matched(state, "Retry")), name
            assert not BAD_INPUT & set(names_matched(state, "Retry")), name


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
    assert invoked == functions


@pytest.mark.parametrize("logical_id", sorted(resources("AWS::Serverless::Function")))
def test_each_function_is_a_room_with_a_handler_and_its_own_requirements(logical_id: str) -> None:
    properties = resources("AWS::Serverless::Function")[logical_id]["Properties"]
    room = REPOSITORY / properties["CodeUri"]
    module, _, function = properties["Handler"].rpartition(".")
    handler = room / f"{module.replace('.', '/')}.py"
    assert f"def {function}(" in handler.read_text()
    assert len(handler.read_text().splitlines()) <= 50
    for line in (room / "requirements.txt").read_text().splitlines():
        assert re.fullmatch(r"[\w-]+==[\w.]+", line), "each requirement is pinned"


@pytest.mark.parametrize("logical_id", sorted(resources("AWS::Serverless::Function")))
def test_a_function_gets_exactly_the_settings_that_it_reads(logical_id: str) -> None:
    properties = resources("AWS::Serverless::Function")[logical_id]["Properties"]
    given = set(properties["Environment"]["Variables"]) - {"POWERTOOLS_SERVICE_NAME"}
    sources = "".join(file.read_text() for file in (REPOSITORY / properties["CodeUri"]).rglob("*.py"))
    declared = re.search(r"class Settings:(.*?)(?=\n\S|\Z)", sources, re.DOTALL)
    read = (
        {name.upper() for name in re.findall(r"^    (\w+): ", declared.group(1), re.MULTILINE)}
        if declared
        else set()
    )
    assert given == read


def test_no_function_but_its_own_rooms_imports_another() -> None:
    rooms = {each.name for each in (REPOSITORY / "functions").iterdir() if each.is_dir()}
    for room in rooms:
        for file in (REPOSITORY / "functions" / room).rglob("*.py"):
            imported = set(re.findall(r"^(?:from|import) (\w+)", file.read_text(), re.MULTILINE))
            assert not imported & (rooms - {room}), file


def claimed(expression_of: str, key: str) -> Any:
    expression = expression_of.removeprefix("{%").removesuffix("%}")
    states_variable = {"input": {"detail": {"object": {"key": key, "sequencer": "0062E1"}}}}
    return jsonata.Jsonata(expression).evaluate(None, {"states": states_variable, "key": key})


@pytest.mark.parametrize(
    "key",
    [
        "a.jpg",
        "album/a.jpg",
        "a/b/c d.jpg",
        "ünï/100% + ok#?.jpg",
        "trailing./x",
        "a//b.jpg",
        "日本/写真.heic",
    ],
)
def test_the_workflow_and_the_key_layout_agree(key: str) -> None:
    claim = workflow(PHOTO)["States"]["ClaimPhoto"]
    values = claim["Arguments"]["ExpressionAttributeValues"]
    assert claimed(values[":album"]["S"], key) == claimed(claim["Assign"]["album"], key) == keys.album_of(key)
    assert claimed(values[":filename"]["S"], key) == keys.filename_of(key)
    assert claimed(claim["Assign"]["photo_id"], key) == keys.photo_id(key)
    failure = workflow(REPOSITORY / "statemachine" / "failure.asl.json")["States"]["RecordFailure"][
        "Arguments"
    ]
    assert claimed(failure["ExpressionAttributeValues"][":album"]["S"], key) == keys.album_of(key)
    assert claimed(failure["Key"]["id"]["S"], key) == keys.photo_id(key)


def test_the_workflow_deletes_the_master_that_the_key_layout_names() -> None:
    delete = workflow(PHOTO)["States"]["DeleteRejectedMaster"]["Arguments"]
    expression = delete["Key"].removeprefix("{%").removesuffix("%}")
    context = {"Execution": {"Name": "1f0c-2"}}
    key = jsonata.Jsonata(expression).evaluate(None, {"states": {"context": context}})
    assert key == keys.master_key("1f0c-2")


def test_masters_are_written_read_and_deleted_below_a_prefix_that_a_rule_sweeps() -> None:
    functions = resources("AWS::Serverless::Function")
    machine = resources("AWS::Serverless::StateMachine")["PhotoWorkflow"]
    granted = {
        (statement["Action"], statement["Resource"]["Fn::Sub"])
        for each in (functions["DevelopFunction"], functions["RenderFunction"], machine)
        for statement in each["Properties"]["Policies"][0]["Statement"]
        if "masters" in str(statement["Resource"])
    }
    prefix = keys.master_key("")
    assert granted == {
        (action, f"${{Renditions.Arn}}/{prefix}*")
        for action in ("s3:PutObject", "s3:GetObject", "s3:DeleteObject")
    }
    rules = resources("AWS::S3::Bucket")["Renditions"]["Properties"]["LifecycleConfiguration"]["Rules"]
    (sweep,) = [rule for rule in rules if "Prefix" in rule]
    assert sweep["Prefix"] == prefix
    assert sweep["ExpirationInDays"] > 14, "a failed execution can be redriven for 14 days"


def test_sequencers_of_different_lengths_compare_as_numbers_would() -> None:
    expression = workflow(PHOTO)["States"]["ClaimPhoto"]["Arguments"]["ExpressionAttributeValues"][
        ":sequencer"
    ]
    padded = claimed(expression["S"], "a")
    assert padded == "0062E1" + "0" * 34


def test_the_workflows_are_plain_json_that_a_console_shows_as_written() -> None:
    for path in WORKFLOWS:
        assert json.loads(path.read_text())["QueryLanguage"] == "JSONata"


def test_the_template_allows_the_presets_that_there_are() -> None:
    parameter = template()["Parameters"]["Preset"]
    assert sorted(parameter["AllowedValues"]) == sorted(presets.load().presets)
    assert parameter["Default"] in parameter["AllowedValues"]


def test_the_urls_of_the_most_renditions_fit_into_one_update() -> None:
    publish = workflow(PHOTO)["States"]["PublishPhoto"]["Arguments"]["UpdateExpression"]
    renditions = [
        {"name": f"n{number:0{keys.MAX_NAME_BYTES - 1}}"} for number in range(presets.MAX_RENDITIONS)
    ]
    expression = publish.removeprefix("{%").removesuffix("%}")
    written = jsonata.Jsonata(expression).evaluate(None, {"states": {"input": {"renditions": renditions}}})
    assert written.count("_url = :") == presets.MAX_RENDITIONS
    assert len(written.encode()) <= 4096, "what DynamoDB takes (Amazon DynamoDB Developer Guide, quotas)"


def test_what_is_held_is_denied_to_everyone_outside_of_the_account() -> None:
    (policy,) = resources("AWS::S3::BucketPolicy").values()
    assert policy["Properties"]["Bucket"] == {"Ref": "Renditions"}
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:GetObject")
    assert statement["Condition"] == {
        "StringEquals": {"s3:ExistingObjectTag/held": "true"},
        "StringNotEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}},
    }


def test_no_photo_is_published_past_a_moderation_that_is_on() -> None:
    machine = workflow(PHOTO)["States"]
    leading = {name: state for name, state in machine.items() if "PublishPhoto" in json.dumps(state)}
    assert set(leading) == {"IsModerated", "IsHeld"}
    (choice,) = machine["IsModerated"]["Choices"]
    assert choice == {"Condition": "{% '${Moderation}' = 'on' %}", "Next": "ModeratePhoto"}
    assert machine["ModeratePhoto"]["Next"] == "IsHeld"
    assert machine["IsHeld"]["Choices"][0]["Next"] == "HoldPhoto"


def test_a_held_photo_loses_every_url_and_every_likeness() -> None:
    expression = workflow(PHOTO)["States"]["HoldPhoto"]["Arguments"]["UpdateExpression"]
    states_variable = {"input": {"renditions": [{"name": "small"}, {"name": "large"}]}}
    written = jsonata.Jsonata(expression[2:-2]).evaluate(None, {"states": states_variable})
    removed = set(written.partition(" REMOVE ")[2].split(", "))
    assert removed == {"published_at", "renditions", "placeholder", "facts", "small_url", "large_url"}
