"""What the command does with the laptop's cloud: starts it, deploys to it, and runs the demo on it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from safelight.record import PhotoRecord
from safelight_data.home import home
from safelight_library.library import Library
from safelight_library.uploads import LeftOut, Upload
from safelight_local.cloud import cloud as clouds
from safelight_local.cloud.deployment import STACK_NAME, build, chosen_parameters, deploy, library_on
from safelight_local.cloud.environments import environment
from safelight_local.cloud.folder import default_folder
from safelight_local.cloud.folder import delete as delete_library
from safelight_local.cloud.owner import ensure_owner, login_link
from safelight_local.cloud.problems import CloudProblem
from safelight_local.cloud.resumption import resume
from safelight_local.command import report, terminal
from safelight_local.command.progress import develop, step
from safelight_local.command.uploads import uploads_of
from safelight_local.demo.roll import develop_roll
from safelight_local.gallery.shown import write_album
from safelight_vision.weights.models import FEATURES, ensure_models

_LIVE = "Have such a library to browse, with: safelight up, safelight add FOLDER --album NAME, safelight open"
"""What the demo, whose cloud is gone with it, ends with."""


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


def up(name: str, folder: Path | None, parameters: Mapping[str, str]) -> None:
    """Start the cloud `name`, unless it runs, and deploy the stack with template `parameters` to it.

    The library is the one in `folder`; without one, that of the running cloud, or the user's.

    Raises:
        CloudProblem: the cloud runs with another library, or did not start.
    """
    console = terminal.console()
    with clouds.turn(name, lambda: console.print("Another safelight up is at work. This one waits for it.")):
        _prepare(console)
        running = clouds.running(name)
        if running is None:
            chosen = (folder or default_folder()).resolve()
            with step(console, f"Starting the embedded AWS with the library in {chosen}"):
                running, _ = clouds.start(name, chosen, tied=False)
        elif folder and folder.resolve() != Path(running.folder):
            raise CloudProblem(f"The library in {running.folder} is up. Stop it first, with: safelight down")
        with step(console, "Deploying with sam deploy"):
            deploy(running, **parameters)
        library = library_on(running)
        ensure_owner(library, Path(running.folder))
        with step(console, "Looking for what a crash or a stop cut short"):
            resumed = resume(library, running)
        if resumed:
            console.print(f"What had been cut short was begun again: {resumed}.")
        if not library.has_index() and next(library.photos(), None):
            library.rebuild_index()
    _print_stack(console, running, library)


def _print_stack(console: Console, cloud: clouds.Cloud, library: Library) -> None:
    def lines(title: str, values: Mapping[str, str], form: str) -> None:
        console.print(f"\n{title}")
        for key, value in values.items():
            console.print(form.format(key, value), markup=False, highlight=False, soft_wrap=True)

    console.print(f"The stack {STACK_NAME} is up at {cloud.endpoint}, with the library in {cloud.folder}.")
    console.print("Stop it with: safelight down. The library stays.")
    console.print("Look at it as its owner, in the next hour by this link, then by that of safelight open:")
    console.print(
        f"  {login_link(library, Path(cloud.folder))}", markup=False, highlight=False, soft_wrap=True
    )
    lines("What it is made of:", dict(sorted(library.outputs.items())), "  {:24}{}")
    lines("Parameters that are not the template's defaults:", chosen_parameters(library), "  {:24}{}")
    variables = cloud.environment()
    lines("For the AWS command line and other tools:", variables, "  export {}={}")


def link(name: str) -> str:
    """Return a link by which a browser has the library of the running cloud `name` as its owner.

    Raises:
        CloudProblem: no such cloud runs.
        StackNotFound: nothing is deployed there.
    """
    library = running_library(name)
    running = clouds.running(name)
    return login_link(library, Path(running.folder)) if running else library.outputs["LibraryUrl"]


def down(name: str) -> None:
    """Stop the cloud `name`; its library stays."""
    console = terminal.console()
    running = clouds.running(name)
    with console.status("Stopping the embedded AWS"):
        stopped = clouds.stop(name)
    where = f" The library stays in {running.folder}." if running else ""
    console.print(f"Stopped.{where}" if stopped else "Nothing is running.", soft_wrap=True)


def library_folder(name: str, folder: Path | None) -> Path:
    """Return where the library is that is meant: `folder`, the running cloud's, or the user's."""
    running = clouds.running(name)
    return folder.resolve() if folder else Path(running.folder) if running else default_folder()


def delete(folder: Path) -> None:
    """Delete the library in `folder`, with all its photos.

    Raises:
        CloudProblem: there is none, or a cloud has it.
    """
    delete_library(folder)
    terminal.console().print(f"Deleted {folder}.", soft_wrap=True)


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
        found = uploads_of([photos], album)
        uploads, left_out = found.uploads, found.left_out
    with clouds.tied_cloud("demo") as cloud:
        with step(
            console, f"Deploying template.yaml with sam deploy to the embedded AWS at {cloud.endpoint}"
        ):
            deploy(cloud, **parameters)
        library = library_on(cloud)
        records, seconds = develop(console, library, uploads, left_out)
        stages = [library.seconds_per_state(record["execution_arn"]) for record in records]
        report.print_photos(console, library, records)
        console.print(report.left_out_lines(left_out))
        console.print(report.figures(records, seconds, stages))
        with step(console, "Writing the gallery page"):
            page = write_album(library, album, records, gallery)
    console.print(f"The gallery page: {page}", highlight=False, soft_wrap=True)
    console.print(_LIVE, highlight=False, soft_wrap=True)
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
