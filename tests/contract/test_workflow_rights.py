"""The workflows' roles allow what their integrations do and nothing else, which the laptop does not check."""

from pathlib import Path
from typing import Any

import pytest

from contract.definitions import WORKFLOWS, resources, states, workflow

NEEDED = {
    "lambda:invoke": {"lambda:InvokeFunction"},
    "dynamodb:getItem": {"dynamodb:GetItem"},
    "dynamodb:updateItem": {"dynamodb:UpdateItem"},
    "sns:publish": {"sns:Publish"},
    "sqs:sendMessage": {"sqs:SendMessage"},
    "states:startExecution.sync:2": {
        *("states:StartExecution", "states:DescribeExecution", "states:StopExecution"),
        *("events:PutTargets", "events:PutRule", "events:DescribeRule"),
    },
    "mediaconvert:createJob.sync": {
        *("mediaconvert:CreateJob", "mediaconvert:GetJob", "mediaconvert:CancelJob", "iam:PassRole"),
        *("events:PutTargets", "events:PutRule", "events:DescribeRule"),
    },
    "aws-sdk:s3:deleteObject": {"s3:DeleteObject"},
    "aws-sdk:s3:listObjectsV2": {"s3:ListBucket"},
    "aws-sdk:sfn:describeExecution": {"states:DescribeExecution"},
    "aws-sdk:sfn:getExecutionHistory": {"states:GetExecutionHistory"},
}
"""The actions of each integration, by the service authorization reference of its service."""

CHILDREN = {
    "states:StartExecution",
    "states:DescribeExecution",
    "states:StopExecution",
    "states:RedriveExecution",
}
"""Those of a distributed Map, whose children are executions (Step Functions Developer Guide, IAM)."""


def needed_by(definition: dict[str, Any]) -> set[str]:
    needed: set[str] = set()
    for _, state in states(definition):
        if state["Type"] == "Task":
            integration = state["Resource"].partition(":states:::")[2]
            of_a_version = integration.endswith("deleteObject") and "VersionId" in state["Arguments"]
            needed |= {"s3:DeleteObjectVersion"} if of_a_version else NEEDED[integration]
        if state.get("ItemProcessor", {}).get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED":
            needed |= CHILDREN
    return needed


def allowed_to(name: str) -> set[str]:
    policies = [*resources("AWS::Serverless::StateMachine")[name]["Properties"]["Policies"]]
    policies += [
        policy["Properties"]["PolicyDocument"]
        for policy in resources("AWS::IAM::Policy").values()
        if {"Ref": f"{name}Role"} in policy["Properties"]["Roles"]
    ]
    statements = [it for policy in policies for it in policy["Statement"] if it["Sid"] != "DeliverLogs"]
    actions = [it["Action"] if isinstance(it["Action"], list) else [it["Action"]] for it in statements]
    return {action for listed in actions for action in listed}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_do_what_its_integrations_do_and_nothing_else(path: Path) -> None:
    (name,) = (
        name
        for name, machine in resources("AWS::Serverless::StateMachine").items()
        if machine["Properties"]["DefinitionUri"].endswith(f"/{path.name}")
    )
    assert allowed_to(name) == needed_by(workflow(path))
