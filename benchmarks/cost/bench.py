"""Counts what a stack uses for photos of 12 megapixels, and prices it, for docs/costs.md.

`make bench-cost` runs it. Transitions are those of the executions' histories, GB-seconds those that the
functions' REPORT lines say, requests those that a proxy between the functions and the cloud has seen. Write
units are of the records as they are in the end: each write counts as large as the mean record became.
"""

import datetime
import io
import os
import platform
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from statistics import fmean

from boto3.dynamodb.types import TypeSerializer
from PIL import Image, ImageOps

from photos import originals
from prices import STORAGE, UNITS
from safelight_data.home import home
from safelight_library.library import Library
from safelight_local.cloud import cloud as clouds
from safelight_local.cloud.deployment import deploy, library_on
from safelight_local.cloud.environments import environment
from safelight_vision.weights.models import MODELS, ensure_models
from workflow.faults import Call
from workflow.lab import Lab

_SIZE = 4000, 3000
_REPORT = re.compile(r"Billed Duration: ([\d.]+) ms\tMemory Size: (\d+) MB")
_SERVICE = re.compile(r'"service": ?"(\w+)"')
_QUEUE_REQUESTS = 3
"""Of SQS for an upload: EventBridge sends it, Lambda receives it and deletes it."""

_TABLE_AND_INDEX = 2
"""A write of a record is one of the index, too, which has all of it."""

_IN_A_TRANSACTION = 2
"""What a write or read in a transaction counts for (DynamoDB, read and write units)."""


_FREE_STORAGE_MB = 512

_AS_ON_AWS = {
    "PhotosAtOnce": "1",  # so that no function waits for another's processor
    "Faces": "off",
    "SceneText": "off",
    "Moderation": "off",
}
"""What the template's defaults are, and the laptop's are not."""


@dataclass(frozen=True)
class Runs:
    """What a function has run: how often, for how many seconds, and with MB of memory."""

    invocations: int
    seconds: float
    memory: int


def main() -> None:
    """Put the photos through a stack, and print what 1,000 of them cost."""
    count = int(sys.argv[1])
    for name in ("cloud", "sam", "lambda"):
        environment(name)
    ensure_models(home() / "models", *MODELS)
    with clouds.tied_cloud("cost") as cloud:
        deploy(cloud, **_AS_ON_AWS)
        lab = Lab(library_on(cloud), cloud)
        calls: Counter[Call] = Counter()
        lab.proxy.plan = lambda call: calls.update([call])
        with lab.proxy.listening() as variables:
            lab.go_by_the_proxy(variables)
            for number in range(count):
                key = f"cost/{number:03}.jpg"
                lab.library.s3.put_object(
                    Bucket=lab.library.outputs["OriginalsBucket"], Key=key, Body=_photo(number)
                )
            while sum(map(lab.library.is_finished, lab.library.all_photos())) < count:
                time.sleep(2)
            time.sleep(10)  # the index follows
        _print(count, lab.library, calls)


def _photo(number: int) -> bytes:
    """Return a photograph of 12 megapixels; each further one of the same is cropped more."""
    again, which = divmod(number, len(sources := originals()))
    photo = ImageOps.fit(ImageOps.crop(Image.open(sources[which]), 16 * again), _SIZE)
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=92, subsampling="4:2:0")
    return file.getvalue()


def _runs(library: Library) -> dict[str, Runs]:
    """Return what each function has run, by the name of its service, as its logs say it."""
    logs, found = library.client("logs"), defaultdict[str, list[str]](list)
    for group in logs.describe_log_groups()["logGroups"]:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
        for event in (each for page in pages for each in page["events"]):
            found[event["logStreamName"]].append(event["message"])
    runs: dict[str, Runs] = {}
    for lines in found.values():
        text = "\n".join(lines)
        report, service = _REPORT.search(text), _SERVICE.search(text)
        if report:
            name, memory = service[1] if service else "not told", int(report[2])
            before = runs.get(name, Runs(0, 0.0, memory))
            runs[name] = Runs(before.invocations + 1, before.seconds + float(report[1]) / 1e3, memory)
    return runs


def _transitions(library: Library) -> Counter[str]:
    """Return how often each state was entered, over all executions.

    The histories of the embedded AWS leave out what is inside a Parallel or a Map; it is added here.
    """
    entered: Counter[str] = Counter()
    workflows = [arn for output, arn in library.outputs.items() if output.endswith("WorkflowArn")]
    for workflow in workflows:
        pages = library.stepfunctions.get_paginator("list_executions").paginate(stateMachineArn=workflow)
        for execution in (each for page in pages for each in page["executions"]):
            history = library.stepfunctions.get_paginator("get_execution_history").paginate(
                executionArn=execution["executionArn"]
            )
            entered.update(
                event["stateEnteredEventDetails"]["name"]
                for page in history
                for event in page["events"]
                if "stateEnteredEventDetails" in event
            )
    entered["ReadMetadata"] = entered["RenderRenditions"] = entered["RenderAndRead"]
    entered["RenderRendition"] = sum(len(photo["renditions"]) for photo in library.all_photos())
    return entered


def _items(library: Library) -> Iterator[int]:
    """Yield the size of each record in bytes, about as DynamoDB counts it."""
    pages = library.dynamodb.get_paginator("scan").paginate(TableName=library.outputs["LibraryTable"])
    for page in pages:
        for item in page["Items"]:
            yield len(str(TypeSerializer().serialize(item)))


def _used(library: Library, calls: Mapping[Call, int], count: int) -> dict[str, float]:
    """Return how many of each of `UNITS` were used."""
    runs, storage = _runs(library), int(library.parameters()["StorageMegabytes"])
    size = fmean(_items(library))
    writes = {"PutItem": 1, "UpdateItem": 1, "DeleteItem": 1, "TransactWriteItems": 3 * _IN_A_TRANSACTION}
    reads = {"GetItem": 1, "BatchGetItem": 2, "Query": 1, "TransactGetItems": 2 * _IN_A_TRANSACTION}

    def of(service: str, weights: Mapping[str, int]) -> int:
        return sum(n * weights.get(call.operation, 0) for call, n in calls.items() if call.service == service)

    return {
        "state transitions": _transitions(library).total(),
        "GB-seconds of Lambda, arm64": sum(it.seconds * it.memory / 1024 for it in runs.values()),
        "GB-seconds of its storage above 512 MB": sum(
            runs[name].seconds * (storage - _FREE_STORAGE_MB) / 1024 for name in ("validate", "render")
        ),
        "invocations of Lambda": sum(it.invocations for it in runs.values()),
        "write units of DynamoDB": of("dynamodb", writes) * ceil(size / 1024) * _TABLE_AND_INDEX,
        "read units of DynamoDB": of("dynamodb", reads) * ceil(size / 4096),
        "writing requests of S3": of("s3", {"PUT": 1, "POST": 1}),
        "reading requests of S3": of("s3", {"GET": 1, "HEAD": 1}),
        "requests of SQS": _QUEUE_REQUESTS * count,
        "messages of SNS": of("sns", {"Publish": 1}),
    }


def _print(count: int, library: Library, calls: Mapping[Call, int]) -> None:
    today, cores = datetime.datetime.now(datetime.UTC).date(), os.cpu_count()
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(
        f"`make bench-cost PHOTOS={count}` on {today}, {cores} cores, Python {platform.python_version()}, "
        f"load {load}.\n"
    )
    used = _used(library, calls, count)
    print("| What | of a photo | US dollars for 1,000 |\n|---|---:|---:|")
    for unit, many in used.items():
        print(f"| {unit} | {many / count:.2f} | {many / count * 1000 * UNITS[unit]:.3f} |")
    thousand = sum(many / count * 1000 * UNITS[unit] for unit, many in used.items())
    print(f"| **together** | | **{thousand:.2f}** |\n")
    print(
        "| Function | of a photo | seconds of each | MB | US dollars for 1,000 |\n|---|---:|---:|---:|---:|"
    )
    for name, it in sorted(_runs(library).items()):
        dollars = it.seconds * it.memory / 1024 * UNITS["GB-seconds of Lambda, arm64"] / count * 1000
        print(
            f"| {name} | {it.invocations / count:.2f} | {it.seconds / max(it.invocations, 1):.2f} | "
            f"{it.memory} | {dollars:.3f} |"
        )
    kept = {
        "originals": sum(it.size for it in library.originals()),
        "renditions": sum(it.size for it in library.renditions()),
        "records": sum(_items(library)) * _TABLE_AND_INDEX,
    }
    print("\n| Kept | MB of a photo | US dollars a month for 1,000 |\n|---|---:|---:|")
    for what, size in kept.items():
        price = STORAGE["DynamoDB" if what == "records" else "S3"]
        print(f"| {what} | {size / count / 1e6:.3f} | {size / count * 1000 / 1e9 * price:.3f} |")
    print(f"\nStates entered: {dict(_transitions(library))}", file=sys.stderr)


if __name__ == "__main__":
    main()
