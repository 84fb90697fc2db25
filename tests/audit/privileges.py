"""Proves by running that the functions' roles allow no more than is needed: `make privileges`.

The workflow tests run once. By the logs it is known which functions each of them has run, and by the proxy
which calls those made. Then each statement of each function's role is taken away in turn, and the tests of
that function run until one fails; with the statement back the same test has to pass, else it proves nothing
and the next is asked. Each finds the library empty. What no test notices is printed, and the exit status says
whether there is any that the embedded cloud would have enforced. Names of functions and paths of tests, as
arguments, are those that are looked at.
"""

import json
import re
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from contract.definitions import REPOSITORY
from safelight.keys import INDEX_KEY
from safelight_local.cloud.deployment import STACK_NAME
from workflow.faults import Call, quiet
from workflow.lab import Lab

LONGEST_SECONDS = 60
"""A test that waits so long for what was refused has failed."""

SEARCHED_SECONDS = 90
"""How long a test is looked for that notices: those that make such calls first, and of these the quicker."""

RULES = ("PhotoUploaded", "PhotoDeleted", "FailureWorkflowPhotoFailed")
"""What would make more of what is emptied."""

VERBS = {"Get": "GET", "List": "GET", "Put": "PUT", "Delete": "DELETE", "Abort": "DELETE"}
"""What the proxy knows of S3's operations."""

NOT_ENFORCED = {
    ("sns:Publish",): "the embedded cloud lets every function publish",
    ("s3:ListBucket",): "the embedded cloud says of a key that it is missing, whoever asks",
}
"""What is not refused here, and why."""

SEEING = {"rekognition", "textract"}
"""The services that the local vision service stands for, which answers to everybody."""

_SERVICE = re.compile(r'"service": ?"(\w+)"')
_FUNCTION_ROLE = re.compile(r"(\w+)FunctionRole$")


@dataclass(frozen=True)
class Statement:
    """One statement of an inline policy of a function's role, by its physical names.

    `service` is what the function's logs call it.
    """

    function: str
    service: str
    role: str
    policy: str
    sid: str
    actions: tuple[str, ...]
    text: str


@dataclass
class Known:
    """What the first run of a test has told: how long it took, and which functions it ran."""

    seconds: float
    functions: set[str]
    calls: frozenset[Call]


class Privileges:
    """Runs the tests in place of pytest's own loop."""

    def __init__(self, functions: list[str]) -> None:
        self.functions = functions
        self.lab: Lab | None = None
        self.missed: list[Statement] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Iterator[None]:
        """Take the stack when it is deployed."""
        made = yield
        if fixturedef.argname == "lab":
            self.lab = made
        return made

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run every test once, and then again without each statement."""
        known = dict(self._first_run(session.items))
        statements = list(self._statements())
        print(f"\n{len(session.items)} tests, {len(known)} of them passed; {len(statements)} statements.\n")
        print("| Function | Statement | Actions | Without it fails |\n|---|---|---|---|")
        for statement in statements:
            items = [it for it in known if statement.service in known[it].functions] or [*known]
            wanted = set(map(call_of, statement.actions))
            items.sort(key=lambda it: (wanted.isdisjoint(known[it].calls), known[it].seconds))
            if reason := not_enforced(statement.actions):
                told = reason
            elif found := self._who_notices(statement, items):
                told = f"`{found.nodeid.rpartition('/')[2]}`"
            else:
                told = "**nothing**"
                self.missed.append(statement)
            actions = " ".join(f"`{it}`" for it in statement.actions)
            print(f"| {statement.function} | `{statement.sid}` | {actions} | {told} |", flush=True)
        session._setupstate.teardown_exact(None)
        print(f"\n{len(self.missed)} of {len(statements)} statements are missed by no test.")
        return True

    def _first_run(self, items: list[pytest.Item]) -> Iterator[tuple[pytest.Item, Known]]:
        for item, following in zip(items, [*items[1:], items[-1]], strict=True):
            since, calls = time.time(), set[Call]()
            if self.lab:
                self.lab.proxy.plan = calls.add
            passed = _passes(item, following)
            seconds = time.time() - since
            print(f"{seconds:6.1f} s  {'passed' if passed else 'FAILED'}  {item.nodeid}", flush=True)
            if passed:
                yield item, Known(seconds, self._logged(since), frozenset(calls))

    def _logged(self, since: float) -> set[str]:
        assert self.lab
        pages = (
            self.lab.library.client("logs")
            .get_paginator("filter_log_events")
            .paginate(logGroupName=self.lab.physical("FunctionLogs"), startTime=int(since * 1000))
        )
        text = "\n".join(event["message"] for page in pages for event in page["events"])
        return set(_SERVICE.findall(text))

    def _statements(self) -> Iterator[Statement]:
        assert self.lab
        cloudformation, iam = self.lab.library.client("cloudformation"), self.lab.library.client("iam")
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=STACK_NAME)
        for resource in (each for page in pages for each in page["StackResourceSummaries"]):
            named = _FUNCTION_ROLE.match(resource["LogicalResourceId"])
            if not named or (self.functions and named[1] not in self.functions):
                continue
            role, service = resource["PhysicalResourceId"], self._service_of(f"{named[1]}Function")
            for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
                document: Any = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
                for it in document["Statement"]:
                    actions = it["Action"] if isinstance(it["Action"], list) else [it["Action"]]
                    sid = it.get("Sid", "SAM's own")
                    yield Statement(named[1], service, role, policy, sid, tuple(actions), json.dumps(it))

    def _service_of(self, function: str) -> str:
        assert self.lab
        functions = self.lab.library.client("lambda")
        about = functions.get_function_configuration(FunctionName=self.lab.physical(function))
        return about["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]

    def _who_notices(self, statement: Statement, items: list[pytest.Item]) -> pytest.Item | None:
        """Return a test that fails without the statement, and passes with it."""
        until = time.monotonic() + SEARCHED_SECONDS
        for item in items:
            elsewhere = next((it for it in item.session.items if it.parent is not item.parent), item)
            self._forget()
            with self._without(statement):
                passed = _passes(item, elsewhere)
            self._forget()
            if not passed and _passes(item, elsewhere):
                return item
            if time.monotonic() > until:
                return None
        return None

    def _forget(self) -> None:
        """Empty the library: what another run has left would be in the way of the same test."""
        assert self.lab
        lab, library = self.lab, self.lab.library
        rules: Any = library.client("events")
        deaf = [lab.physical(name) for name in RULES]
        for rule in deaf:
            rules.disable_rule(Name=rule)
        workflows = [arn for name, arn in library.outputs.items() if name.endswith("WorkflowArn")]
        for workflow in workflows:
            running = library.stepfunctions.list_executions(stateMachineArn=workflow, statusFilter="RUNNING")
            for each in running["executions"]:
                library.stepfunctions.stop_execution(executionArn=each["executionArn"])
        for name, queue in library.outputs.items():
            if name.endswith("Queue"):
                lab.sqs.purge_queue(QueueUrl=queue)
        for bucket in (library.outputs["OriginalsBucket"], library.outputs["RenditionsBucket"]):
            self._empty(bucket)
        table = library.outputs["LibraryTable"]
        for page in library.dynamodb.get_paginator("scan").paginate(TableName=table):
            for item in page["Items"]:
                if not item["id"]["S"].startswith("secret/"):
                    library.dynamodb.delete_item(TableName=table, Key={"id": item["id"]})
        for topic in lab._heard:
            lab.heard(topic, "")
            lab._heard[topic].clear()
        lab.proxy.plan = quiet
        for rule in deaf:
            rules.enable_rule(Name=rule)

    def _empty(self, bucket: str) -> None:
        assert self.lab
        s3: Any = self.lab.library.s3
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for it in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                if it["Key"] != INDEX_KEY:
                    s3.delete_object(Bucket=bucket, Key=it["Key"], VersionId=it["VersionId"])

    @contextmanager
    def _without(self, statement: Statement) -> Iterator[None]:
        assert self.lab
        iam: Any = self.lab.library.client("iam")
        where = {"RoleName": statement.role, "PolicyName": statement.policy}
        whole = iam.get_role_policy(**where)["PolicyDocument"]
        left = [it for it in whole["Statement"] if json.dumps(it) != statement.text]
        assert len(left) == len(whole["Statement"]) - 1
        if left:
            iam.put_role_policy(**where, PolicyDocument=json.dumps({**whole, "Statement": left}))
        else:
            iam.delete_role_policy(**where)
        self.lab.library.client("lambda").update_function_configuration(
            FunctionName=self.lab.physical(f"{statement.function}Function"),
            Description=f"Without {statement.sid}",  # it begins anew, and has read nothing before
        )
        try:
            yield
        finally:
            iam.put_role_policy(**where, PolicyDocument=json.dumps(whole))


def not_enforced(actions: tuple[str, ...]) -> str | None:
    """Return why nothing would notice that `actions` are not allowed, or None."""
    if {it.partition(":")[0] for it in actions} <= SEEING:
        return "the local vision service answers to everybody"
    return NOT_ENFORCED.get(actions)


def call_of(action: str) -> Call:
    """Return how the proxy sees the call that an action of IAM's allows."""
    service, _, operation = action.partition(":")
    if service == "s3":
        verb = next((VERBS[it] for it in VERBS if operation.startswith(it)), "")
        return Call(service, verb)
    return Call(service, operation)


def _passes(item: pytest.Item, following: pytest.Item) -> bool:
    """Run a test, and tell whether it passed; what `following` shares with it stays."""

    def too_long(*_: Any) -> None:
        raise TimeoutError(f"It took longer than {LONGEST_SECONDS} s.")

    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(LONGEST_SECONDS)
    try:
        item._initrequest()  # type: ignore[attr-defined]
        return not any(report.failed for report in runtestprotocol(item, log=False, nextitem=following))
    finally:
        signal.alarm(0)


if __name__ == "__main__":
    audit = Privileges([it for it in sys.argv[1:] if "/" not in it])
    tests = [it for it in sys.argv[1:] if "/" in it] or [str(REPOSITORY / "tests" / "workflow")]
    ran = pytest.main(["-p", "no:cacheprovider", "-p", "no:terminal", "-s", *tests], plugins=[audit])
    sys.exit(ran or bool(audit.missed))
