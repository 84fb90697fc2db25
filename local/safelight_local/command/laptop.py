"""What the command does with the laptop's cloud: starts it, deploys to it, and runs the demo on it."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from safelight.record import PhotoRecord
from safelight_data.home import home
from safelight_library.library import Library
from safelight_library.uploads import LeftOut, Upload
from safelight_local.cloud import cloud as clouds
from safelight_local.cloud.deployment import STACK_NAME, build, deploy, library_on
from safelight_local.cloud.environments import environment
from safelight_local.cloud.problems import CloudProblem
from safelight_local.command import report, terminal
from safelight_local.command.progress import develop, step
from safelight_local.command.uploads import uploads_of
from safelight_local.demo.roll import develop_roll
from safelight_local.gallery.shown import write_album
from safelight_vision.weights.models import FEATURES, ensure_models


def running_library(name: str) -> Library:
    """Return the library on the running cloud `name`.

    Raises:
        CloudProblem: no such cloud runs.
        StackNotFound: nothing is deployed there.
    """
    running = clouds.running(name)
    if running is None:
        raise CloudProblem(
            "No cloud runs on this laptop. Start one with: safelight up. "
            "Or name a stack on AWS: safelight --stack NAME ..."
        )
    return library_on(running)


def up(name: str, parameters: Mapping[str, str]) -> None:
    """Start the cloud `name`, unless it runs, and deploy the stack with template `parameters` to it."""
    console = terminal.console()
    _prepare(console)
    running = clouds.running(name)
    if running is None:
        with console.status("Starting the embedded AWS"):
            running, _ = clouds.start(name, tied=False)
    with console.status("Deploying with sam deploy"):
        deploy(running, **parameters)
    console.print(f"The stack {STACK_NAME} is up at {running.endpoint}. Stop it with: safelight down\n")
    for output, value in sorted(library_on(running).outputs.items()):
        console.print(f"  {output:24}{value}", highlight=False, soft_wrap=True)
    console.print("\nFor the AWS command line and other tools:")
    for variable in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        value = running.environment()[variable]
        console.print(f"  export {variable}={value}", highlight=False, soft_wrap=True)


def down(name: str) -> None:
    """Stop the cloud `name`."""
    console = terminal.console()
    with console.status("Stopping the embedded AWS"):
        stopped = clouds.stop(name)
    console.print("Stopped." if stopped else "Nothing is running.")


def demo(
    photos: Path | None, album: str, gallery: Path, parameters: Mapping[str, str]
) -> Sequence[PhotoRecord]:
    """Run everything once on a cloud of its own, and return the photos' records."""
    console = terminal.console()
    _prepare(console)
    left_out: list[LeftOut] = []
    if photos is None:
        with console.status("Developing the demo's roll"):
            files = develop_roll(home() / "roll", home() / "packages")
        uploads = [Upload(file, f"{album}/{file.name}") for file in files]
    else:
        uploads, left_out = uploads_of([photos], album)
    with clouds.tied_cloud("demo") as cloud:
        with step(
            console, f"Deploying template.yaml with sam deploy to the embedded AWS at {cloud.endpoint}"
        ):
            deploy(cloud, **parameters)
        library = library_on(cloud)
        records, seconds = develop(console, library, uploads, os.cpu_count() or 1, left_out)
        stages = [library.seconds_per_state(record["execution_arn"]) for record in records]
        report.print_photos(console, library, records)
        console.print(report.left_out_lines(left_out))
        console.print(report.figures(records, seconds, stages))
        with step(console, "Writing the gallery page"):
            page = write_album(library, album, records, gallery)
    console.print(f"The gallery page: {page}", highlight=False, soft_wrap=True)
    return records


def _prepare(console: Console) -> None:
    """Make everything that a deployment on this laptop needs; what is there already is left as it is."""
    with step(console, "Making the environments of the embedded AWS, SAM and the Lambda runtime"):
        for name in ("cloud", "sam", "lambda"):
            environment(name)
    with step(console, "Fetching and converting the vision models"):
        ensure_models(home() / "models", *FEATURES)
    with step(console, "Building the functions with sam build"):
        build()
