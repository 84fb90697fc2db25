"""Opens with this checkout a library that another version made: `make upgrade FROM=<revision>`.

The older version runs from a worktree of its own, with its own environments and its own code. It makes a
library of the demo's roll, gives a person a name, and stops. Then this version opens the library, which has
to hold what it held, takes one photo more, and finds nothing that its doctor would mend. A photo goes through
the workflow as the older version defines it, too: that of an execution which was at work when this came.
"""

import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import boto3

from safelight.keys import INDEX_KEY, may_hold_photos
from safelight.record import event_again
from safelight.table import plain_record
from safelight_data.home import REPOSITORY, home
from safelight_local.demo.roll import develop_roll

_ALBUM = "Upgrade"
_SETTINGS = {
    "Partition": "aws",
    "RenditionsAtOnce": "2",
    "RenditionsTogether": "off",
    "AfterRendering": "ModeratePhoto",
    "AfterPublishing": "TagPhoto",
}
"""What the template substitutes beside functions and buckets, where moderation is on, as on a laptop."""
_TIMES = {"claimed_at", "published_at", "processed_at", "memory_version", "execution_arn", "ledger"}
"""The fields that tell of each processing."""

Client = Callable[[str], Any]


@dataclass(frozen=True)
class Version:
    """A checkout whose command has the library in `data`."""

    checkout: Path
    data: Path

    def run(self, *arguments: str, allowed: tuple[int, ...] = (0,)) -> str:
        """Run `safelight` with `arguments`; return what it printed.

        Raises:
            SystemExit: it ended with another status than one of `allowed`.
        """
        ran = subprocess.run(
            [self.checkout / ".venv/bin/safelight", *arguments],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "SAFELIGHT_HOME": str(self.checkout / ".safelight"), "COLUMNS": "200"},
        )
        if ran.returncode not in allowed:
            sys.exit(f"safelight {' '.join(arguments)} of {self.checkout} failed:\n{ran.stdout}")
        return ran.stdout

    def read(self, *arguments: str) -> Any:
        """Return what `safelight` prints as JSON."""
        return json.loads(self.run(*arguments, "--json", allowed=(0, 1)))

    def up(self) -> dict[str, Any]:
        """Start the cloud; return all that the library holds."""
        printed = self.run("up", "--data", str(self.data))
        variables = dict(re.findall(r"export (\w+)=(\S+)", printed))
        outputs = dict(re.findall(r"^  (\w+) +(\S+)$", printed, re.MULTILINE))

        def client(service: str) -> Any:
            return boto3.client(
                service,
                endpoint_url=variables["AWS_ENDPOINT_URL"],
                region_name=variables["AWS_REGION"],
                aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
            )

        return {"client": client, "outputs": outputs, **_held(client, outputs)}


def _held(client: Client, outputs: dict[str, str]) -> dict[str, Any]:
    scan = client("dynamodb").get_paginator("scan").paginate(TableName=outputs["LibraryTable"])
    versions = client("s3").get_paginator("list_object_versions")
    return {
        "records": {item["id"]["S"]: item for page in scan for item in page["Items"]},
        "objects": {
            (bucket, it["Key"], it["VersionId"]): it["ETag"]
            for bucket in ("OriginalsBucket", "RenditionsBucket")
            for page in versions.paginate(Bucket=outputs[bucket])
            for it in page.get("Versions", [])
            if it["Key"] != INDEX_KEY  # it is made anew where its form is another
        },
    }


def main() -> None:
    """Make a library with the revision that is named, open it with this one, and say what was seen."""
    revision = _git("rev-parse", "--short", sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        checkout, data = Path(folder, "older"), Path(folder, "library")
        _git("worktree", "add", "--quiet", "--detach", str(checkout), revision)
        older, newer = Version(checkout, data), Version(REPOSITORY, data)
        try:
            subprocess.run(["make", "--silent", ".venv/made"], cwd=checkout, check=True, stdout=sys.stderr)
            _rehearse(older, newer, revision)
        finally:
            for version in (newer, older):
                if (version.checkout / ".venv/bin/safelight").exists():
                    version.run("down", allowed=(0, 1))
            _git("worktree", "remove", "--force", str(checkout))


def _rehearse(older: Version, newer: Version, revision: str) -> None:
    develop_roll(home() / "roll", home() / "packages")
    photos = sorted(str(each) for each in (home() / "roll").iterdir() if may_hold_photos(each.name))
    older.up()
    older.run("add", "--album", _ALBUM, *photos[1:], allowed=(0, 1))
    older.run("people", "name", older.read("people")[0]["person_id"], "Ann")
    before = older.up()
    older.run("down")

    opened = newer.up()
    faults = [f"{what} differ" for what in ("records", "objects") if opened[what] != before[what]]
    faults += _differences(before["records"], opened["records"])
    if "Ann" not in {person["name"] for person in newer.read("people")}:
        faults.append("Ann has no name any more")
    added = newer.read("add", "--album", _ALBUM, *photos)
    faults += _as_before(older.checkout / "statemachine/photo.asl.json", opened)
    if _page(opened["outputs"]["LibraryUrl"]).count(b"<script") == 0:
        faults.append("the web app does not open")
    found = newer.read("doctor")
    faults += [f"the doctor found: {it}" for it in found]
    print(
        f"{revision} made {len(before['records'])} records and {len(before['objects'])} objects; "
        f"this version has {len(opened['records'])} and {len(opened['objects'])}. Of {len(photos)} photos "
        f"that are added then {len(added['there'])} are there, and {len(added['photos'])} are new."
    )
    print("\n".join(faults) or "Nothing differs.")
    sys.exit(bool(faults))


def _as_before(definition: Path, opened: dict[str, Any]) -> list[str]:
    """Have a photo processed by an older definition with the functions of now; return what went wrong."""
    client, outputs = opened["client"], opened["outputs"]
    steps, stack = client("stepfunctions"), client("cloudformation")

    def deployed(name: re.Match[str]) -> str:
        if name[1].endswith("Bucket"):
            return str(outputs[name[1]])
        if not name[1].endswith("Function"):
            return _SETTINGS[name[1]]
        about = stack.describe_stack_resource(StackName="safelight", LogicalResourceId=name[1])
        function = about["StackResourceDetail"]["PhysicalResourceId"]
        return str(client("lambda").get_function_configuration(FunctionName=function)["FunctionArn"])

    now = steps.describe_state_machine(stateMachineArn=outputs["PhotoWorkflowArn"])
    machine = steps.create_state_machine(
        name="as-before",
        definition=re.sub(r"\$\{(\w+)\}", deployed, definition.read_text()),
        roleArn=now["roleArn"],
    )
    records = map(plain_record, opened["records"].values())
    before: Any = next(it for it in records if it["id"].startswith("photo/") and it["status"] == "ACTIVE")
    run = steps.start_execution(
        stateMachineArn=machine["stateMachineArn"], input=json.dumps(event_again(before))
    )["executionArn"]
    while (ended := steps.describe_execution(executionArn=run))["status"] == "RUNNING":
        time.sleep(0.5)
    item = client("dynamodb").get_item(TableName=outputs["LibraryTable"], Key={"id": {"S": before["id"]}})
    after: Any = plain_record(item["Item"])
    changed = {name for name in {*before, *after} - _TIMES if before.get(name) != after.get(name)}
    print(f"{before['key']} went through {definition.name} of then: {ended['status']}, {after['status']}.")
    faults = [f"by the workflow of then, {name} became {after.get(name)}" for name in sorted(changed)]
    return faults if ended["status"] == "SUCCEEDED" else [*faults, f"it ended with {ended.get('error')}"]


def _page(url: str) -> bytes:
    """Return what a browser gets, which takes every name below `localhost` for this machine."""
    parts = urlsplit(url)
    asked = Request(f"http://127.0.0.1:{parts.port}{parts.path or '/'}", headers={"Host": parts.netloc})
    answer = urlopen(asked)
    page: bytes = answer.read()
    return gzip.decompress(page) if answer.headers["Content-Encoding"] == "gzip" else page


def _differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [
        f"record {id_}: {before.get(id_)} became {after.get(id_)}"
        for id_ in sorted({*before, *after})
        if before.get(id_) != after.get(id_)
    ]


def _git(*arguments: str) -> str:
    return subprocess.check_output(["git", *arguments], cwd=REPOSITORY, text=True).strip()


if __name__ == "__main__":
    main()
