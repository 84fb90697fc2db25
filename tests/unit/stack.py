"""A stack of moto's with the outputs of template.yaml, so that the library finds what it finds on AWS."""

import json
from typing import Any

import boto3

from contract.definitions import template
from safelight_library.library import Library

_WORKFLOW = {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 1, "End": True}}}
_KEYED = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")


class _Stacks:
    """Answers as CloudFormation does, of which moto needs more packages than tests do otherwise."""

    def __init__(self, outputs: dict[str, str]) -> None:
        self._outputs = outputs

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        assert StackName == "safelight"
        outputs = [{"OutputKey": name, "OutputValue": value} for name, value in self._outputs.items()]
        return {"Stacks": [{"Outputs": outputs}]}


class _Session(boto3.Session):
    outputs: dict[str, str]

    def client(self, service_name: str, *arguments: Any, **named: Any) -> Any:  # type: ignore[override]
        if service_name == "cloudformation":
            return _Stacks(self.outputs)
        return super().client(service_name, *arguments, **named)  # type: ignore[call-overload]


def library_of_moto() -> Library:
    """Return the library of a stack with buckets, table, queue and workflows; within `mock_aws`."""
    resources = template()["Resources"]
    session = _Session()
    s3, workflows = boto3.client("s3"), boto3.client("stepfunctions")
    where: Any = {"LocationConstraint": s3.meta.region_name}
    for bucket in ("originals", "renditions", "web"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
    s3.put_bucket_versioning(
        Bucket="originals",
        VersioningConfiguration=resources["Originals"]["Properties"]["VersioningConfiguration"],
    )
    table = resources["Library"]["Properties"]
    boto3.client("dynamodb").create_table(
        TableName="library", **{name: table[name] for name in _KEYED if name in table}
    )
    session.outputs = {
        "OriginalsBucket": "originals",
        "RenditionsBucket": "renditions",
        "WebBucket": "web",
        "LibraryTable": "library",
        "PhotosAtOnce": "2",
        **{
            f"{name}Queue": boto3.client("sqs").create_queue(QueueName=name)["QueueUrl"]
            for name in ("UndeliveredEvents", "WaitingUploads", "WaitingDeletions")
        },
        **{
            f"{name}WorkflowArn": workflows.create_state_machine(
                name=name,
                definition=json.dumps(_WORKFLOW),
                roleArn="arn:aws:iam::123456789012:role/workflow",
            )["stateMachineArn"]
            for name in ("Photo", "Sidecar", "Removal", "Failure", "Export")
        },
    }
    assert set(session.outputs) <= set(template()["Outputs"])
    return Library(session, "safelight")
