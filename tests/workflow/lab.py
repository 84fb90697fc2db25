"""What the workflow tests do to a deployed stack: upload, replay, listen, and break a service."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from safelight.index import schema
from safelight.keys import INDEX_KEY
from safelight.transactions import Record
from safelight_library.library import Library
from safelight_library.uploads import Upload
from safelight_local.cloud.cloud import Cloud
from workflow.faults import Call, Fault, FaultProxy, Plan, quiet

PATIENCE_SECONDS = 45


@dataclass(frozen=True)
class Message:
    """What a topic's subscriber received."""

    subject: str
    text: str
    attributes: dict[str, Any]


@dataclass(frozen=True)
class Page:
    """What a browser got."""

    status: int
    headers: dict[str, str]
    body: bytes


class Lab:
    """A deployed stack under test."""

    def __init__(self, library: Library, cloud: Cloud) -> None:
        """Subscribe a queue to each of the two topics."""
        self.library = library
        self.cloud = cloud
        self.proxy = FaultProxy(cloud)
        self.sqs = library.client("sqs")
        self._queues = {
            topic: self._listen(library.outputs[topic]) for topic in ("NotificationsTopic", "AlertsTopic")
        }
        self._heard: dict[str, list[Message]] = {topic: [] for topic in self._queues}

    def _listen(self, topic_arn: str) -> str:
        url: str = self.sqs.create_queue(QueueName=topic_arn.rpartition(":")[2] + "-ear")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ]
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "sns.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": arn,
                    "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
                }
            ],
        }
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
        self.library.client("sns").subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=arn)
        return url

    def add(self, *photos: tuple[str, Path]) -> list[Record]:
        """Upload files to keys; return their records, in that order, when each is final."""
        uploads = [Upload(path, key) for key, path in photos]
        records = {record["key"]: record for record in self.library.add(uploads)}
        return [records[upload.key] for upload in uploads]

    def record(self, key: str) -> Record | None:
        """Return the record of the original at `key`."""
        return next(iter(self.library.photos_at([key])), None)

    def index(self, path: Path) -> sqlite3.Connection:
        """Return the index as it is now, of which a copy lies at `path`."""
        where = {"Bucket": self.library.outputs["RenditionsBucket"], "Key": INDEX_KEY}
        path.write_bytes(self.library.s3.get_object(**where)["Body"].read())
        return schema.readable(path)

    def event(self, record: Record) -> dict[str, Any]:
        """Return the event that started the execution of a record."""
        described = self.library.stepfunctions.describe_execution(executionArn=record["execution_arn"])
        loaded: dict[str, Any] = json.loads(described["input"])
        return loaded

    def run(self, event: dict[str, Any], workflow: str = "PhotoWorkflowArn") -> tuple[str, list[str]]:
        """Start a workflow with `event`; return how it ended and the states it entered."""
        started = self.library.stepfunctions.start_execution(
            stateMachineArn=self.library.outputs[workflow], input=json.dumps(event)
        )
        arn = started["executionArn"]
        self.until(lambda: self.library.execution_status(arn) != "RUNNING", f"{arn} ends")
        return self.library.execution_status(arn), self.states_of(arn)

    def states_of(self, execution_arn: str) -> list[str]:
        """Return the names of the states that an execution entered, in order."""
        pages = self.library.stepfunctions.get_paginator("get_execution_history").paginate(
            executionArn=execution_arn
        )
        return [
            event["stateEnteredEventDetails"]["name"]
            for page in pages
            for event in page["events"]
            if "stateEnteredEventDetails" in event
        ]

    def get(self, url: str, **headers: str) -> Page:
        """Return what a browser gets at `url`; it takes every name below `localhost` for this machine."""
        parts = urlsplit(url)
        assert parts.hostname is not None
        host = "127.0.0.1" if parts.hostname.endswith(".localhost") else parts.hostname
        connection = HTTPConnection(host, parts.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request("GET", parts.path, headers={"Host": parts.netloc, **headers})
            answer = connection.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return Page(answer.status, named, answer.read())
        finally:
            connection.close()

    def post(self, url: str, body: str, **headers: str) -> Page:
        """Return what the embedded AWS answers at a function's own `url`."""
        here = urlsplit(self.cloud.endpoint)
        connection = HTTPConnection(here.hostname or "", here.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request("POST", "/", body, {"Host": urlsplit(url).netloc, **headers})
            answer = connection.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return Page(answer.status, named, answer.read())
        finally:
            connection.close()

    def heard(self, topic: str, about: str) -> list[Message]:
        """Return what `topic` has said so far that mentions `about`."""
        while messages := self.sqs.receive_message(
            QueueUrl=self._queues[topic], MaxNumberOfMessages=10, WaitTimeSeconds=0
        ).get("Messages", []):
            for message in messages:
                body = json.loads(message["Body"])
                self._heard[topic].append(
                    Message(body.get("Subject", ""), body["Message"], body.get("MessageAttributes", {}))
                )
                self.sqs.delete_message(QueueUrl=self._queues[topic], ReceiptHandle=message["ReceiptHandle"])
        return [message for message in self._heard[topic] if about in message.text + message.subject]

    def until(self, condition: Callable[[], Any], what: str) -> Any:
        """Wait for `condition`, and return what it gave; fail after `PATIENCE_SECONDS`."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if outcome := condition():
                return outcome
            time.sleep(0.2)
        raise AssertionError(f"Waited {PATIENCE_SECONDS} s in vain until {what}.")

    @contextmanager
    def faults(self, plan: Plan) -> Iterator[None]:
        """Let `plan` decide what befalls the functions' calls while the body runs."""
        self.proxy.plan = plan
        try:
            yield
        finally:
            self.proxy.plan = quiet

    @contextmanager
    def rekognition_that(self, answer: "Answer", operation: str = "DetectLabels") -> Iterator[list[int]]:
        """Let Rekognition answer to `operation` with errors of `answer`, while the body runs.

        Yields the HTTP statuses that it has answered with, as it goes; 200 is a call that was passed on.
        """
        statuses: list[int] = []

        def plan(call: Call) -> Fault | None:
            if (call.service, call.operation) != ("rekognition", operation):
                return None
            error = answer(len(statuses))
            statuses.append(error[0] if error else 200)
            return Fault("error", reply=error) if error else None

        with self.faults(plan):
            yield statuses

    def go_by_the_proxy(self, variables: Mapping[str, str], longest: int = 900) -> None:
        """Let every function's calls go by the proxy, and none run longer than `longest` seconds."""
        functions = self.library.client("lambda")
        for page in functions.get_paginator("list_functions").paginate():
            for function in page["Functions"]:
                before = function.get("Environment", {}).get("Variables", {})
                functions.update_function_configuration(
                    FunctionName=function["FunctionName"],
                    Environment={"Variables": {**before, **variables}},
                    Timeout=min(function["Timeout"], longest),
                )

    @contextmanager
    def function_setting(self, logical_id: str, variable: str, value: str) -> Iterator[None]:
        """Run the body with another value of a function's environment variable."""
        functions = self.library.client("lambda")
        name = self.physical(logical_id)
        before = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        functions.update_function_configuration(
            FunctionName=name, Environment={"Variables": {**before, variable: value}}
        )
        try:
            yield
        finally:
            functions.update_function_configuration(FunctionName=name, Environment={"Variables": before})

    @contextmanager
    def without_policies(self, logical_id: str) -> Iterator[None]:
        """Run the body with a role stripped of its own policies."""
        iam = self.library.client("iam")
        role = self.physical(logical_id)
        policies = {
            name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
        }
        assert policies
        for name in policies:
            iam.delete_role_policy(RoleName=role, PolicyName=name)
        try:
            yield
        finally:
            for name, document in policies.items():
                iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))

    def physical(self, logical_id: str) -> str:
        """Return the physical id of one of the stack's resources."""
        answer = self.library.client("cloudformation").describe_stack_resource(
            StackName="safelight", LogicalResourceId=logical_id
        )
        physical: str = answer["StackResourceDetail"]["PhysicalResourceId"]
        return physical


Answer = Callable[[int], tuple[int, str] | None]
"""Given how many calls came before: the HTTP status and error code to answer with, or None to pass on."""
