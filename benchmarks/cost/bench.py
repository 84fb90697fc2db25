"""Counts what a stack uses for photos of 12 megapixels, and prices it, for docs/costs.md.

`make bench-cost` runs it, with more parameters as in SETTINGS="RenditionsTogether=on". Each photo is put when
the one before is done, so that none waits, and the first two are not counted: what is counted is warm.

Transitions are those of the executions' histories, GB-seconds those that the functions' REPORT lines say,
requests and units of DynamoDB those that a proxy between the functions and the cloud has seen.
"""

import datetime
import os
import platform
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from family import EMULATOR, VISION, Family
from photographs import photograph
from prices import STORAGE, UNITS
from safelight.record import PhotoRecord
from safelight.table import plain_record
from safelight_data.home import home
from safelight_library.library import Library
from safelight_local.cloud import cloud as clouds
from safelight_local.cloud.deployment import deploy, library_on
from safelight_local.cloud.environments import environment
from safelight_vision.weights.models import MODELS, ensure_models
from units import Asked, asked, size_of, units
from workflow.faults import Call
from workflow.lab import Lab

_REPORT = re.compile(r"Billed Duration: ([\d.]+) ms\tMemory Size: (\d+) MB")
_SERVICE = re.compile(r'"service": ?"(\w+)"')
_ROOMS = {each.name for each in (Path(__file__).parents[2] / "functions").iterdir()}
_QUEUE_REQUESTS = 3
"""Of SQS for an upload: EventBridge sends it, Lambda receives it and deletes it."""

_TABLE_AND_INDEX = 2
"""The index has all of a record, too."""

_FREE_STORAGE_MB = 512

_AS_ON_AWS = {
    "RenditionsAtOnce": "1",  # so that no function waits for another's processor
    "Faces": "off",
    "SceneText": "off",
    "Moderation": "off",
}
"""What the template's defaults are, and the laptop's are not."""

_INDEX_SECONDS = 10.0
"""After so long the index has followed the last photo."""

_WARMING = 2
"""So many photos come first, and are not counted."""


@dataclass(frozen=True)
class Runs:
    """What a function has run: how often, for how many seconds, and with MB of memory."""

    invocations: int
    seconds: float
    memory: int


@dataclass(frozen=True)
class Counted:
    """What was put since a moment, and what has seen it: the calls of functions, and the processes."""

    photos_put: int
    since: datetime.datetime
    library: Library
    calls: Mapping[Call, int]
    asked: Mapping[Asked, float]
    family: Family

    @property
    def photos(self) -> list[PhotoRecord]:
        """The records of the photos that count."""
        return [each for each in self.library.all_photos() if each["album"] == "cost"]


def main() -> None:
    """Put the photos through a stack, and print what 1,000 of them cost."""
    count, settings = int(sys.argv[1]), dict(each.split("=") for each in sys.argv[2:])
    for name in ("cloud", "sam", "lambda"):
        environment(name)
    ensure_models(home() / "models", *MODELS)
    with clouds.tied_cloud("cost") as cloud:
        deploy(cloud, **_AS_ON_AWS, **settings)
        lab = Lab(library_on(cloud), cloud)
        calls, units_asked = Counter[Call](), Counter[Asked]()
        lab.proxy.plan = lambda call: _note(call, calls, units_asked)
        with lab.proxy.listening() as variables:
            lab.go_by_the_proxy(variables)
            for number in range(_WARMING):
                _put(lab.library, f"warm/{number:03}.jpg", number)
            time.sleep(_INDEX_SECONDS)
            calls.clear()
            units_asked.clear()
            family, since = Family(cloud), datetime.datetime.now(datetime.UTC)
            with family.watched():
                for number in range(count):
                    _put(lab.library, f"cost/{number:03}.jpg", number)
                time.sleep(_INDEX_SECONDS)
        _print(Counted(count, since, lab.library, calls, units_asked, family))


def _note(call: Call, calls: Counter[Call], units_asked: Counter[Asked]) -> None:
    calls[call] += 1
    if call.service == "dynamodb":
        for what, times in asked(call.operation, call.body):
            units_asked[what] += times  # type: ignore[assignment]


def _put(library: Library, key: str, number: int) -> None:
    """Put a photo, and wait until the workflow has done with it."""
    bucket = library.outputs["OriginalsBucket"]
    library.s3.put_object(Bucket=bucket, Key=key, Body=photograph(number))
    while not any(map(library.is_finished, library.photos_at([key]))):
        time.sleep(0.5)


def _runs(library: Library, since: datetime.datetime) -> dict[str, Runs]:
    """Return what each function has run, by the name of its service, as its logs say it."""
    logs, found = library.client("logs"), defaultdict[str, list[str]](list)
    for group in logs.describe_log_groups()["logGroups"]:
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=group["logGroupName"], startTime=int(since.timestamp() * 1000)
        )
        for event in (each for page in pages for each in page["events"]):
            found[event["logStreamName"]].append(event["message"])
    runs: dict[str, Runs] = {}
    for lines in found.values():
        text = "\n".join(lines)
        report, services = _REPORT.search(text), _ROOMS & set(_SERVICE.findall(text))
        if report:
            name, memory = services.pop() if services else "not told", int(report[2])
            before = runs.get(name, Runs(0, 0.0, memory))
            runs[name] = Runs(before.invocations + 1, before.seconds + float(report[1]) / 1e3, memory)
    return runs


def _transitions(counted: Counted) -> Counter[str]:
    """Return how often each state was entered, over all executions that began since the photos were put.

    The histories of the embedded AWS leave out what is inside a Map; it is added here.
    """
    library, entered = counted.library, Counter[str]()
    since = counted.since
    workflows = [arn for output, arn in library.outputs.items() if output.endswith("WorkflowArn")]
    for workflow in workflows:
        pages = library.stepfunctions.get_paginator("list_executions").paginate(stateMachineArn=workflow)
        executions = (each for page in pages for each in page["executions"])
        for execution in (each for each in executions if each["startDate"] >= since):
            history = library.stepfunctions.get_paginator("get_execution_history").paginate(
                executionArn=execution["executionArn"]
            )
            entered.update(
                event["stateEnteredEventDetails"]["name"]
                for page in history
                for event in page["events"]
                if "stateEnteredEventDetails" in event
            )
    together = library.parameters()["RenditionsTogether"] == "on"
    renditions = sum(len(photo["renditions"]) for photo in counted.photos)
    entered["RenderRendition"] = counted.photos_put if together else renditions
    return entered


def _records(library: Library) -> list[dict[str, Any]]:
    pages = library.dynamodb.get_paginator("scan").paginate(TableName=library.outputs["LibraryTable"])
    return [plain_record(item) for page in pages for item in page["Items"]]


def _used(counted: Counted, runs: Mapping[str, Runs]) -> dict[str, float]:
    """Return how many of each of `UNITS` were used."""
    library, calls, count = counted.library, counted.calls, counted.photos_put
    storage = int(library.parameters()["StorageMegabytes"])
    used = units(counted.asked, _records(library))

    def of(service: str, weights: Mapping[str, int]) -> int:
        return sum(n * weights.get(call.operation, 0) for call, n in calls.items() if call.service == service)

    return {
        "state transitions": _transitions(counted).total(),
        "GB-seconds of Lambda, arm64": sum(it.seconds * it.memory / 1024 for it in runs.values()),
        "GB-seconds of its storage above 512 MB": sum(
            runs[name].seconds * (storage - _FREE_STORAGE_MB) / 1024 for name in ("validate", "render")
        ),
        "invocations of Lambda": sum(it.invocations for it in runs.values()),
        "write units of DynamoDB": sum(many for (what, _), many in used.items() if what == "write"),
        "read units of DynamoDB": sum(many for (what, _), many in used.items() if what == "read"),
        "writing requests of S3": of("s3", {"PUT": 1, "POST": 1}),
        "reading requests of S3": of("s3", {"GET": 1, "HEAD": 1}),
        "requests of SQS": _QUEUE_REQUESTS * count,
        "messages of SNS": of("sns", {"Publish": 1}),
    }


def _print(counted: Counted) -> None:
    count, library, runs = counted.photos_put, counted.library, _runs(counted.library, counted.since)
    today, cores = datetime.datetime.now(datetime.UTC).date(), os.cpu_count()
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    settings = " ".join(sys.argv[2:])
    print(
        f"`make bench-cost PHOTOS={count}{f' SETTINGS={settings!r}' if settings else ''}` on {today}, "
        f"{cores} cores, Python {platform.python_version()}, load {load}.\n"
    )
    used = _used(counted, runs)
    print("| What | of a photo | US dollars for 1,000 |\n|---|---:|---:|")
    for unit, many in used.items():
        print(f"| {unit} | {many / count:.2f} | {many / count * 1000 * UNITS[unit]:.3f} |")
    thousand = sum(many / count * 1000 * UNITS[unit] for unit, many in used.items())
    print(f"| **together** | | **{thousand:.2f}** |\n")
    print(
        "| Function | of a photo | seconds of each | of these CPU | MB | most in use, MB "
        "| US dollars for 1,000 |\n|---|---:|---:|---:|---:|---:|---:|"
    )
    spent, most = counted.family.seconds(), counted.family.megabytes()
    for name, it in sorted(runs.items()):
        dollars = it.seconds * it.memory / 1024 * UNITS["GB-seconds of Lambda, arm64"] / count * 1000
        times = max(it.invocations, 1)
        print(
            f"| {name} | {it.invocations / count:.2f} | {it.seconds / times:.2f} | "
            f"{spent.get(name, 0) / times:.2f} | {it.memory} | {most.get(name, 0):.0f} | {dollars:.3f} |"
        )
    kept = {
        "originals": sum(it.size for it in library.originals()),
        "renditions": sum(it.size for it in library.renditions()),
        "records": sum(map(size_of, _records(library))) * _TABLE_AND_INDEX,
    }
    print("\n| Kept | MB of a photo | US dollars a month for 1,000 |\n|---|---:|---:|")
    for what, size in kept.items():
        price, of = STORAGE["DynamoDB" if what == "records" else "S3"], count + _WARMING
        print(f"| {what} | {size / of / 1e6:.3f} | {size / of * 1000 / 1e9 * price:.3f} |")
    print(
        f"\nStates entered: {dict(_transitions(counted))}. Calls: {dict(counted.calls)}. "
        f"Units of DynamoDB: {dict(units(counted.asked, _records(library)))}. "
        f"CPU seconds: {spent[EMULATOR]:.1f} of the emulator, {spent[VISION]:.1f} of the vision service.",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
