"""The `safelight` command: the same against the laptop's embedded cloud and against AWS."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import click
import psutil
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from safelight.keys import photo_id
from safelight_data.home import REPOSITORY, home
from safelight_library import words
from safelight_library.duplicates import Lookalikes, groups_of
from safelight_library.library import Library, Record, Upload, uploads_of
from safelight_library.people import People
from safelight_local.cloud import cloud as clouds
from safelight_local.cloud.deployment import STACK_NAME, build, check_preset, deploy
from safelight_local.cloud.environments import environment
from safelight_local.command import report
from safelight_local.command.problems import CloudProblem, PhotoProblem
from safelight_local.demo.roll import develop_roll
from safelight_local.gallery.page import (
    GalleryMemory,
    GalleryPerson,
    GalleryPhoto,
    GalleryRendition,
    write_gallery,
)
from safelight_vision.weights.models import FEATURES, ensure_models

_LAPTOP = "laptop"
_AT_ONCE_ON_AWS = 200


def _preset_parameter(_: click.Context, __: click.Parameter, name: str | None) -> dict[str, str]:
    """Return the template parameter for a preset of choice; none leaves it to the template's default."""
    if name is None:
        return {}
    check_preset(name)
    return {"Preset": name}


_preset_option = click.option(
    "--preset",
    metavar="NAME",
    callback=_preset_parameter,
    help="The renditions that photos get: a preset of layer/safelight/presets.toml.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="safelight")
@click.option(
    "--stack",
    metavar="NAME",
    help="Work with this stack on AWS, with your usual AWS credentials, instead of the laptop's cloud.",
)
@click.pass_context
def main(context: click.Context, stack: str | None) -> None:
    """Turn photos into a finished library, on this laptop or on AWS."""
    context.obj = stack


@main.command()
@_preset_option
def up(preset: dict[str, str]) -> None:
    """Start the laptop's cloud and deploy the stack to it; deploy again if it runs already."""
    console = report.console()
    _prepare(console)
    running = clouds.running(_LAPTOP)
    if running is None:
        with console.status("Starting the embedded AWS"):
            running, _ = clouds.start(_LAPTOP, tied=False)
    with console.status("Deploying with sam deploy"):
        deploy(running, **preset)
    library = Library.on_laptop(running)
    console.print(f"The stack {STACK_NAME} is up at {running.endpoint}. Stop it with: safelight down\n")
    for name, value in sorted(library.outputs.items()):
        console.print(f"  {name:24}{value}", highlight=False, soft_wrap=True)
    console.print("\nFor the AWS command line and other tools:")
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        console.print(f"  export {name}={running.environment()[name]}", highlight=False, soft_wrap=True)


@main.command()
def down() -> None:
    """Stop the laptop's cloud. Everything that it holds is gone with it."""
    console = report.console()
    with console.status("Stopping the embedded AWS"):
        stopped = clouds.stop(_LAPTOP)
    console.print("Stopped." if stopped else "Nothing is running.")


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--album", required=True, help="The album that the photos go into.")
@click.option("--json", "as_json", is_flag=True, help="Print the photos' records as JSON.")
@click.pass_obj
def add(stack: str | None, paths: tuple[Path, ...], album: str, as_json: bool) -> None:
    """Upload photos and folders of photos, and follow them until each is in the library."""
    console = Console(stderr=True) if as_json else report.console()
    library = _library(stack)
    uploads = uploads_of(paths, album.strip("/"))
    photos, _ = _develop(console, library, uploads, at_once=_at_once(stack))
    _print_photos(report.console(), library, photos, as_json)


@main.command()
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@click.pass_obj
def remove(stack: str | None, keys: tuple[str, ...]) -> None:
    """Delete the originals at KEY..., and follow them until they have left the library.

    A KEY is <album>/<filename>. The bucket keeps the older versions of what is deleted.
    """
    console = report.console()
    library = _library(stack)
    with console.status("Removing"):
        for key in library.remove(tuple(dict.fromkeys(keys))):
            console.print(f"Removed {key}", markup=False, highlight=False, soft_wrap=True)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@click.pass_obj
def status(stack: str | None, as_json: bool) -> None:
    """Show how many photos each album has, in which state, and what is wrong with which."""
    photos = list(_library(stack).photos())
    if as_json:
        click.echo(json.dumps(report.counts_by_album(photos), indent=2, sort_keys=True))
        return
    console = report.console()
    if not photos:
        console.print("The library is empty. Add photos with: safelight add PATH --album NAME")
        return
    console.print(report.library_table(photos))
    console.print(report.unhappy(photos))


@main.command()
@click.argument("album")
@click.option(
    "--gallery",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the album's gallery page, with its renditions, into this folder.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the photos' records as JSON.")
@click.pass_obj
def show(stack: str | None, album: str, gallery: Path | None, as_json: bool) -> None:
    """Show what is known of each photo of ALBUM."""
    library = _library(stack)
    photos = library.timeline(album.strip("/"), "photo")
    if not photos:
        raise PhotoProblem(f"There is no photo in the album {album}. See the albums with: safelight status")
    _print_photos(report.console(), library, photos, as_json)
    if gallery:
        page = _gallery(Console(stderr=True), library, album, photos, gallery)
        click.echo(f"The gallery page: {page}", err=as_json)


@main.command()
@click.argument("album", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the groups as JSON.")
@click.pass_obj
def duplicates(stack: str | None, album: str | None, as_json: bool) -> None:
    """Show which photos of ALBUM, or of the whole library, look the same, and which of them to keep.

    Nothing is deleted.
    """
    library = _library(stack)
    photos = library.timeline(album.strip("/"), "photo") if album else list(library.photos())
    if album and not photos:
        raise PhotoProblem(f"There is no photo in the album {album}. See the albums with: safelight status")
    groups = _alike(photos)
    if as_json:
        click.echo(json.dumps(report.duplicates_as_json(groups), indent=2, ensure_ascii=False))
    elif groups:
        report.console().print(report.duplicates_table(groups))
    else:
        report.console().print("No two photos look the same.")


@main.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print the people as JSON.")
@click.pass_context
def people(context: click.Context, as_json: bool) -> None:
    """Show who is in the library; give people names, merge, split and forget them."""
    if context.invoked_subcommand:
        return
    listed = People(_library(context.obj)).all()
    if as_json:
        click.echo(json.dumps(listed, indent=2, ensure_ascii=False))
    elif listed:
        report.console().print(report.people_table(listed))
    else:
        report.console().print("There is nobody in the library.")


@people.command("show")
@click.argument("person_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print the faces as JSON.")
@click.pass_obj
def people_show(stack: str | None, person_id: str, as_json: bool) -> None:
    """Show the faces of the person ID, each with its photo."""
    faces = People(_library(stack)).faces(person_id)
    if as_json:
        click.echo(json.dumps(faces, indent=2, ensure_ascii=False))
    else:
        report.console().print(report.faces_table(faces))


@people.command("name")
@click.argument("person_id", metavar="ID")
@click.argument("name")
@click.pass_obj
def people_name(stack: str | None, person_id: str, name: str) -> None:
    """Give the person ID a NAME."""
    People(_library(stack)).name(person_id, name)
    click.echo(f"{person_id} is {name.strip()}.")


@people.command("merge")
@click.argument("person_id", metavar="ID")
@click.argument("into", metavar="INTO")
@click.pass_obj
def people_merge(stack: str | None, person_id: str, into: str) -> None:
    """Make the person ID one with the person INTO, who keeps id and name."""
    People(_library(stack)).merge(person_id, into)
    click.echo(f"{person_id} is one with {into} now.")


@people.command("split")
@click.argument("person_id", metavar="ID")
@click.argument("faces", metavar="FACE...", nargs=-1, required=True)
@click.pass_obj
def people_split(stack: str | None, person_id: str, faces: tuple[str, ...]) -> None:
    """Make a new person of some faces of the person ID; the two stay apart from then on."""
    click.echo(f"The new person is {People(_library(stack)).split(person_id, faces)}.")


@people.command("forget")
@click.argument("person_id", metavar="ID")
@click.pass_obj
def people_forget(stack: str | None, person_id: str) -> None:
    """Delete the vectors and the records of the person ID; the photos stay."""
    People(_library(stack)).forget(person_id)
    click.echo(f"{person_id} is forgotten.")


@main.command()
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@click.pass_obj
def release(stack: str | None, keys: tuple[str, ...]) -> None:
    """Publish photos that moderation holds, each named as ALBUM/FILENAME, after you have looked at them.

    A release counts for the file that was uploaded; another file at the same key is looked at anew.
    """
    library = _library(stack)
    photos = {photo["key"]: photo for photo in library.records(photo_id(key) for key in keys)}
    for key in keys:
        if photos.get(key, {}).get("status") != "HELD":
            raise PhotoProblem(f"There is no photo at {key} that is held. See those with: safelight status")
    done = list(library.follow(list(photos.values()), _at_once(stack), release=True))
    _print_photos(report.console(), library, done, as_json=False)


@main.command("catch-up")
@click.pass_obj
def catch_up(stack: str | None) -> None:
    """Tag the photos that the month's budget has left without tags.

    Each is processed again. What the budget of this month does not cover either stays owed.
    """
    library, console = _library(stack), report.console()
    owed = [photo for photo in library.photos() if photo.get("tags", {}).get("owed")]
    paid = 0
    for photo in library.follow(owed, _at_once(stack)):
        paid += not photo.get("tags", {}).get("owed")
    console.print(f"{len(owed)} photos were owed their tags; {paid} of them have them now.")
    if paid < len(owed):
        raise PhotoProblem(
            "The month's budget does not cover the others. Raise MonthlyBudget, or catch up next month. "
            "Where it would, they have failed: see safelight status."
        )


@main.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--gps",
    type=click.Choice(["exact", "rounded", "none"]),
    default="exact",
    help="How exactly to say where, as the stack's parameter GpsPrecision.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the record as JSON.")
def inspect(file: Path, gps: str, as_json: bool) -> None:
    """Show the metadata that the pipeline would store of a local FILE, with the source of each value."""
    from safelight_local.command import inspection  # what reads images takes longer to load than all the rest

    record, rejected = inspection.inspect(file, gps)
    if as_json:
        click.echo(json.dumps(record, indent=2, sort_keys=True, ensure_ascii=False))
    else:
        report.console().print(inspection.record_table(record))
    if rejected:
        click.echo(f"The pipeline would reject this file. {rejected}", err=True)


@main.command()
@click.argument("photos", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--album", help="The album's name; the folder's name unless given.")
@click.option(
    "--gallery",
    type=click.Path(path_type=Path, file_okay=False),
    default=REPOSITORY / "gallery",
    help="The folder that the gallery page goes into.",
)
@_preset_option
def demo(photos: Path | None, album: str | None, gallery: Path, preset: dict[str, str]) -> None:
    """Run everything once: a cloud of its own, the deployed stack, photos in, a gallery page out.

    PHOTOS is a folder of yours; without it, a roll is developed from photographs in a package.
    """
    console = report.console()
    _prepare(console)
    if photos is None:
        with console.status("Developing the demo's roll"):
            files = develop_roll(home() / "roll", home() / "packages")
        album = album or "Mountains and lagoons"
        uploads = [Upload(file, f"{album}/{file.name}") for file in files]
    else:
        album = album or photos.resolve().name
        uploads = uploads_of([photos], album)
    with clouds.tied_cloud("demo") as cloud:
        with _step(
            console, f"Deploying template.yaml with sam deploy to the embedded AWS at {cloud.endpoint}"
        ):
            deploy(cloud, **preset)
        library = Library.on_laptop(cloud)
        records, seconds = _develop(console, library, uploads, at_once=_at_once(None))
        stages = [library.seconds_per_state(record["execution_arn"]) for record in records]
        _print_photos(console, library, records, as_json=False)
        console.print(report.figures(records, seconds, stages))
        page = _gallery(console, library, album, records, gallery)
    console.print(f"The gallery page: {page}", highlight=False, soft_wrap=True)
    if any(record["status"] == "FAILED" for record in records):
        raise PhotoProblem("Photos failed; the reason of each is above.")


def _prepare(console: Console) -> None:
    """Make everything that a deployment on this laptop needs; what is there already is left as it is."""
    with _step(console, "Making the environments of the embedded AWS, SAM and the Lambda runtime"):
        for name in ("cloud", "sam", "lambda"):
            environment(name)
    with _step(console, "Fetching and converting the vision models"):
        ensure_models(home() / "models", *FEATURES)
    with _step(console, "Building the functions with sam build"):
        build()


@contextmanager
def _step(console: Console, what: str) -> Iterator[None]:
    """Show `what` with a spinner while the body runs, and how long it took when it is done."""
    started = time.monotonic()
    with console.status(what):
        yield
    console.print(f"[green]✓[/green] {what}  [dim]{time.monotonic() - started:.1f} s[/dim]", highlight=False)


def _library(stack: str | None) -> Library:
    if stack is not None:
        return Library(boto3.Session(), stack)
    running = clouds.running(_LAPTOP)
    if running is None:
        raise CloudProblem(
            "No cloud runs on this laptop. Start one with: safelight up. "
            "Or name a stack on AWS: safelight --stack NAME ..."
        )
    return Library.on_laptop(running)


def _at_once(stack: str | None) -> int:
    """Return how many photos may be in the workflow at a time: on a laptop, as many as it has cores."""
    return _AT_ONCE_ON_AWS if stack else max(1, psutil.cpu_count() or 1)


def _develop(
    console: Console, library: Library, uploads: Sequence[Upload], at_once: int
) -> tuple[list[Record], float]:
    """Add photos with a progress bar; return their records in the order of `uploads`, and the seconds."""
    started = time.monotonic()
    columns = (
        SpinnerColumn(),
        TextColumn("Developing"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[last]}", style="dim", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=len(uploads), last="")
        for record in library.add(uploads, at_once):
            progress.update(task, advance=1, last=f"{record['filename']} {record['status']}")
    seconds = time.monotonic() - started
    order = {photo_id(upload.key): place for place, upload in enumerate(uploads)}
    records = library.records(iter(order))
    return sorted(records, key=lambda record: order[record["id"]]), seconds


def _print_photos(console: Console, library: Library, photos: Sequence[Record], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(photos, indent=2, sort_keys=True, ensure_ascii=False))
        return
    console.print(report.photo_table(photos, library.memories_of(photos)))
    console.print(report.unhappy(photos))


def _alike(photos: Sequence[Record]) -> list[Lookalikes]:
    return groups_of([photo for photo in photos if photo["status"] == "ACTIVE"])


def _gallery(
    console: Console, library: Library, album: str, photos: Sequence[Record], directory: Path
) -> Path:
    """Write the gallery page of `photos` with its renditions into a folder of the album's name."""
    directory = directory / album.replace("/", ", ")
    memories = library.memories_of(photos)
    with _step(console, "Writing the gallery page"):
        below = {
            spare.photo["key"]: (group.keep.photo, spare.why)
            for group in _alike(photos)
            for spare in group.spare
        }
        return write_gallery(
            directory,
            album,
            [_gallery_photo(library, photo, directory, below.get(photo["key"])) for photo in photos],
            [
                GalleryMemory(
                    memory_id=memory["memory_id"],
                    title=memory["title"],
                    starts_at=memory["starts_at"],
                    ends_at=memory["ends_at"],
                    photo_count=memory["photo_count"],
                    cover_key=memory["cover_key"],
                    trip=memories.get(memory.get("trip_id", ""), {}).get("title"),
                )
                for memory in memories.values()
                if memory["kind"] == "event"
            ],
            [
                GalleryPerson(each["person_id"], each["name"], each["key"], **each["box"])
                for each in library.people_of(photos)
            ],
        )


def _gallery_photo(
    library: Library, photo: Record, directory: Path, below: tuple[Mapping[str, Any], str] | None
) -> GalleryPhoto:
    """Return a photo as the page shows it; `below` is the photo that it lies below, and why."""
    shown: dict[str, Any] = photo if photo["status"] == "ACTIVE" else {**photo, "renditions": {}}
    paths = library.download_renditions(shown, directory)
    name, message = words.reason(photo)
    return GalleryPhoto(
        key=photo["key"],
        filename=photo["filename"],
        status=photo["status"],
        placeholder=shown.get("placeholder"),
        renditions={
            each: GalleryRendition(
                href=path.relative_to(directory).as_posix(),
                width=shown["renditions"][each]["width"],
                height=shown["renditions"][each]["height"],
                media_type=shown["renditions"][each]["media_type"],
            )
            for each, path in paths.items()
        },
        width=photo.get("photo", {}).get("width", 0),
        height=photo.get("photo", {}).get("height", 0),
        taken_at=photo.get("taken_at"),
        place=words.place(photo),
        camera=words.camera(photo),
        exposure=words.exposure(photo),
        labels=words.labels(photo),
        text=words.text(photo),
        memory_id=photo.get("memory_id"),
        people=photo.get("people", []),
        reason=name,
        message=message,
        color=photo.get("facts", {}).get("dominant_color"),
        stacked_on=below[0]["key"] if below else None,
        alike=words.alike(*below) if below else None,
    )
