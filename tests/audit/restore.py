"""Rehearses the loss of all records: `make rehearse`.

On an embedded cloud of its own the demo's roll is added, a person gets a name, a photo is shared, and each
record is deleted. First they come back from the table at a point in time; then, deleted once more, from the
originals alone. What each way does not bring back is printed.
"""

import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from click.testing import CliRunner

from safelight.table import plain_record
from safelight_data.home import home
from safelight_library.library import Library
from safelight_local.cloud.cloud import tied_cloud
from safelight_local.cloud.deployment import deploy, library_on
from safelight_local.command import cli, connection
from safelight_local.demo.roll import SHOTS, develop_roll
from safelight_vision.weights.models import MODELS, ensure_models
from workflow.sameness import State, state_of

CLOUD = "rehearsal"
COPY = "safelight-at-a-point-in-time"


def safelight(*arguments: str) -> str:
    """Run the command as its user does, print it, and return what it prints."""
    print(f"$ safelight {' '.join(arguments)}", flush=True)
    ran = CliRunner().invoke(cli.main, list(arguments))
    print(ran.output.rstrip(), flush=True)
    return ran.output


def ids(library: Library) -> list[str]:
    """Return the ids of all records."""
    pages = library.dynamodb.get_paginator("scan").paginate(
        TableName=library.outputs["LibraryTable"], ConsistentRead=True
    )
    return [str(plain_record(item)["id"]) for page in pages for item in page["Items"]]


def kinds(library: Library) -> str:
    """Say how many records there are of each kind."""
    counted = Counter(each.partition("/")[0] for each in ids(library))
    return ", ".join(f"{number} {kind}" for kind, number in sorted(counted.items()))


def lose(library: Library) -> None:
    """Delete every record."""
    table = library.outputs["LibraryTable"]
    with ThreadPoolExecutor(16) as pool:
        list(
            pool.map(
                lambda each: library.dynamodb.delete_item(TableName=table, Key={"id": {"S": each}}),
                ids(library),
            )
        )
    assert not ids(library)


def compare(before: State, after: State, way: str) -> None:
    """Print what differs."""
    differences = after.differences(before)
    print(f"{way}: {len(differences)} differences")
    for each in differences:
        print(f"  {each[:160]}")


def main() -> None:
    ensure_models(home() / "models", *MODELS)
    connection.LAPTOP = CLOUD
    with tied_cloud(CLOUD) as cloud, tempfile.TemporaryDirectory() as folder:
        deploy(cloud, ReadText="never", SceneText="off")
        library = library_on(cloud)
        roll = develop_roll(Path(folder), home() / "packages", SHOTS)
        safelight("add", folder, "--album", "Restored")
        person = next(each for each in ids(library) if each.startswith("person/")).partition("/")[2]
        safelight("people", "name", person, "Ada")
        print(f"{len(roll)} files; records: {kinds(library)}")
        before, urls = state_of(library, []), {it["key"]: it.get("thumbnail_url") for it in library.photos()}

        arn = library.dynamodb.describe_table(TableName=library.outputs["LibraryTable"])["Table"]["TableArn"]
        library.dynamodb.restore_table_to_point_in_time(
            SourceTableArn=arn, TargetTableName=COPY, UseLatestRestorableTime=True
        )
        library.dynamodb.get_waiter("table_exists").wait(TableName=COPY)
        lose(library)
        started = time.monotonic()
        safelight("restore", COPY)
        print(f"{time.monotonic() - started:.1f} s; records: {kinds(library)}")
        compare(before, state_of(library, []), "From a point in time")

        lose(library)
        started = time.monotonic()
        safelight("backfill")
        print(f"{time.monotonic() - started:.1f} s; records: {kinds(library)}")
        safelight("doctor", "--older-than", "0", "--repair")
        compare(before, state_of(library, []), "From the originals alone")
        new = {it["key"]: it.get("thumbnail_url") for it in library.photos()}
        print(f"{sum(urls[key] != new.get(key) for key in urls)} of {len(urls)} photos have other URLs")


if __name__ == "__main__":
    main()
