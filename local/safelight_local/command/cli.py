"""The `safelight` command: the same against the laptop's embedded cloud and against AWS.

What takes long to load is imported where it is used, so that help and mistakes are told at once.
"""

import os
import sys
import traceback
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from safelight.errors import SafelightError, TransientError
from safelight.keys import MOST_ARCHIVE_GIGABYTES
from safelight_data.home import home
from safelight_data.packages import FetchFailed
from safelight_library.duplicates import groups_of
from safelight_library.errors import LibraryError, PhotoNotFound
from safelight_local.cloud.problems import CloudProblem
from safelight_local.command import report
from safelight_local.command.terminal import clean, console, print_json, say

if TYPE_CHECKING:
    from safelight.record import PhotoRecord
    from safelight_library.health import Finding
    from safelight_library.ledger import Work
    from safelight_library.library import Library
    from safelight_library.people import People
    from safelight_library.uploads import OnCollision

_LAPTOP = "laptop"


class _Told(click.Group):
    """Tells every error in words for people, and never by a traceback."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(context)
        except click.ClickException as error:
            words = error.format_message()
            if clean(words) == words:
                raise
            if isinstance(error, click.UsageError):
                raise click.UsageError(clean(words), error.ctx) from error
            raise click.ClickException(clean(words)) from error
        except (click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            raise click.ClickException(clean(_words_for(error))) from error


def _words_for(error: Exception) -> str:
    """Return what went wrong, and what to do, in sentences."""
    if isinstance(error, TransientError):
        return (
            f"{error}. Give the command again in a while; on a laptop, see that its cloud runs: safelight up"
        )
    if isinstance(error, LibraryError | CloudProblem | FetchFailed | SafelightError):
        return str(error)
    if isinstance(error, ModuleNotFoundError) and not (error.name or "safelight").startswith("safelight"):
        return (
            f"The module {error.name} is missing. Install what this command needs on a laptop with: "
            "pip install 'safelight[local]'"
        )
    if type(error).__module__.startswith(("boto3", "botocore")):
        from safelight_library.aws_words import told

        if words := told(error):
            return words
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}. Look at its permissions and at the free space there."
    log = home() / "logs" / "command.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("".join(traceback.format_exception(error)))
    return f"This is a fault of Safelight ({type(error).__name__}: {error}). Please report it, with {log}"


def _template_parameters(_: click.Context, __: click.Parameter, given: Sequence[str]) -> dict[str, str]:
    """Return parameters of the template by their names."""
    if not given:
        return {}
    from safelight_local.cloud.deployment import check_parameters

    if wrong := next((each for each in given if "=" not in each), None):
        raise click.BadParameter(f"{wrong!r} sets nothing. Give a name and a value, as in: Preset=web")
    parameters = dict(each.split("=", 1) for each in given)
    check_parameters(parameters)
    return parameters


def _album_name(_: click.Context, __: click.Parameter, given: str | None) -> str | None:
    """Return the name of an album as keys have it: parts between single slashes, and none of dots alone."""
    if given is None:
        return None
    parts = [part for part in given.split("/") if part]
    if not parts or {".", ".."} & set(parts):
        raise click.BadParameter(f"{given!r} names no album. Give a name as in: holidays/Lisbon")
    return "/".join(parts)


_FOLDER = click.Path(path_type=Path, file_okay=False)
_set_option = click.option(
    "--set",
    "parameters",
    metavar="NAME=VALUE",
    multiple=True,
    callback=_template_parameters,
    help="A parameter of template.yaml, as Preset=web; may be given several times.",
)
_data_option = click.option(
    "--data",
    metavar="FOLDER",
    type=_FOLDER,
    help="Where the library is kept; safelight/library in your data directory unless given.",
)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
_dry_run_option = click.option("--dry-run", is_flag=True, help="Only say what would be done.")
_keys_argument = click.argument("keys", nargs=-1, required=True, metavar="KEY...")
_person_argument = click.argument("person_id", metavar="ID")


@click.group(cls=_Told, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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
@_data_option
@_set_option
def up(data: Path | None, parameters: dict[str, str]) -> None:
    """Start the laptop's cloud and deploy the stack to it; deploy again if it runs already.

    The library outlives the cloud: the next `up` has it again, with the parameters that were set.
    """
    from safelight_local.command import laptop

    laptop.up(_LAPTOP, data, parameters)


@main.command()
@click.option("--delete", is_flag=True, help="Delete the library, too, with all its photos.")
@_data_option
@click.option("--yes", is_flag=True, help="Do not ask before deleting.")
def down(delete: bool, data: Path | None, yes: bool) -> None:
    """Stop the laptop's cloud. Its library stays."""
    from safelight_local.command import laptop

    folder = laptop.library_folder(_LAPTOP, data)
    if delete and not yes:
        click.confirm(f"Delete the library in {folder}, with all its originals?", abort=True)
    laptop.down(_LAPTOP)
    if delete:
        laptop.delete(folder)


@main.command("open")
@click.option("--print", "only_print", is_flag=True, help="Only print the link.")
@click.pass_obj
def open_(stack: str | None, only_print: bool) -> None:
    """Open the library in a browser, and print its link.

    On a laptop the link logs its owner in, for a day: give it to nobody. On AWS it is the library's address.
    """
    if stack is None:
        from safelight_local.command import laptop

        link = laptop.link(_LAPTOP)
    else:
        link = _library(stack).outputs["LibraryUrl"]
    say(link)
    if not only_print and _has_browser():
        click.launch(link)


@main.command()
@click.pass_obj
def publish(stack: str | None) -> None:
    """Publish the web app to the stack, as `up` does by itself; once more after an upgrade."""
    from safelight_local import web

    library = _library(stack)
    web.publish(library)
    say(f"The library is at {library.outputs['LibraryUrl']}")


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--album", required=True, callback=_album_name, help="The album that the photos go into.")
@click.option(
    "--on-collision",
    type=click.Choice(["keep-both", "replace", "skip"]),
    default="keep-both",
    show_default=True,
    help="What becomes of a photo whose name another photo in the album has: it is added as NAME-2, "
    "takes the other's place, or is left out.",
)
@click.option(
    "--watch",
    is_flag=True,
    help="Go on, and add what comes into the folders when nobody writes to it any more, until Ctrl-C.",
)
@_json_option
@click.pass_obj
def add(
    stack: str | None,
    paths: tuple[Path, ...],
    album: str,
    on_collision: "OnCollision",
    watch: bool,
    as_json: bool,
) -> None:
    """Upload photos, folders and ZIP archives of photos, and follow them until each is in the library.

    Name all parts of a Google Takeout together. What lies there already, byte for byte, is not uploaded
    again, and an upload that was interrupted goes on. The exit status is 1 where a photo FAILED, or a file
    could not be read.
    """
    from safelight_local.command.adding import Adding
    from safelight_local.command.watching import followed

    if watch and (other := next((path for path in paths if path.exists() and not path.is_dir()), None)):
        raise click.UsageError(f"Only folders can be watched, and {other} is none.")
    adding = Adding(_library(stack), console(stderr=as_json), album, on_collision, as_json)
    if watch:
        followed(paths, adding)
    else:
        adding.add(paths)


@main.command()
@click.argument("keys", nargs=-1, metavar="[KEY...]")
@click.option("--album", callback=_album_name, help="Remove all photos of this album and its sub-albums.")
@click.option("--yes", is_flag=True, help="Do not ask before an album is removed.")
@click.pass_obj
def remove(stack: str | None, keys: tuple[str, ...], album: str | None, yes: bool) -> None:
    """Delete the originals at KEY..., and follow them until they have left the library.

    A KEY is <album>/<filename>. The bucket keeps the older versions of what is deleted.
    """
    if bool(keys) == bool(album):
        raise click.UsageError("Name either photos, as <album>/<filename>, or an album with --album NAME.")
    screen = console()
    library = _library(stack)
    if album:
        keys = tuple(photo["key"] for photo in _photos_of(library, album))
        if not yes:
            click.confirm(f"Remove {len(keys)} photos of {album} and its sub-albums?", abort=True)
    with screen.status("Removing"):
        for key in library.remove(tuple(dict.fromkeys(library.keys_of(keys)))):
            screen.print(f"Removed {key}", markup=False, highlight=False, soft_wrap=True)


@main.command()
@_json_option
@click.pass_obj
def status(stack: str | None, as_json: bool) -> None:
    """Show how many photos each album has, in which state, and what is wrong with which."""
    photos = list(_library(stack).photos())
    if as_json:
        print_json(report.counts_by_album(photos))
    elif photos:
        console().print(report.library_table(photos), report.unhappy(photos), sep="\n")
    else:
        say("The library is empty. Add photos with: safelight add PATH --album NAME")


@main.command()
@click.argument("album", callback=_album_name)
@click.option(
    "--gallery", type=_FOLDER, help="Write the album's gallery page, with its renditions, into this folder."
)
@_json_option
@click.pass_obj
def show(stack: str | None, album: str, gallery: Path | None, as_json: bool) -> None:
    """Show what is known of each photo of ALBUM and its sub-albums."""
    library = _library(stack)
    photos = _photos_of(library, album)
    _print_photos(library, photos, as_json)
    if gallery:
        from safelight_local.command.progress import step
        from safelight_local.gallery.shown import write_album

        with step(console(stderr=True), "Writing the gallery page"):
            page = write_album(library, album, photos, gallery)
        say(f"The gallery page: {page}", err=as_json)


@main.command()
@click.argument("album", required=False, callback=_album_name)
@click.option("--person", metavar="ID", help="The photos of a person, in place of an album.")
@click.option("--memory", metavar="ID", help="The photos of a memory, in place of an album.")
@click.option(
    "--to", type=click.Path(path_type=Path), help="Fetch the archive to this file, or into this folder."
)
@click.option("--mail", metavar="ADDRESS", help="Send a letter with the link, from the stack's MailFrom.")
@click.option("--renditions", is_flag=True, help="The largest rendition of each photo, not its original.")
@click.option("--sidecars", is_flag=True, help="Beside each photo what the library knows of it, as XMP.")
@click.option(
    "--gigabytes",
    type=click.IntRange(1, MOST_ARCHIVE_GIGABYTES),
    default=MOST_ARCHIVE_GIGABYTES,
    show_default=True,
    help="How large an archive is at most; what is more is in several.",
)
@click.pass_obj
def export(
    stack: str | None,
    album: str | None,
    person: str | None,
    memory: str | None,
    to: Path | None,
    mail: str | None,
    renditions: bool,
    sidecars: bool,
    gigabytes: int,
) -> None:
    """Make a ZIP archive of ALBUM and its sub-albums, and print its link, or fetch it.

    Whoever has the link can download the archive, until the day that is told.
    """
    from safelight_library import exports
    from safelight_local.command.progress import bytes_of

    if sum(it is not None for it in (album, person, memory)) != 1:
        raise click.UsageError("Name an ALBUM, or give --person ID or --memory ID.")
    library, screen = _library(stack), console(stderr=True)
    if mail and library.parameters().get("MailFrom") == "none":
        raise click.UsageError("The stack sends no letters: deploy it with an address as MailFrom.")
    title = (album or "Photos").rpartition("/")[2]
    most = gigabytes * 1_000_000_000
    wish = exports.Wish(title, album, person, memory, renditions, sidecars, most, mail)
    with screen.status("Making the archive"):
        made = exports.export(library, wish)
    if not made.count:
        raise PhotoNotFound("There are no photos to export.")
    if to:
        for archive, path in zip(made.archives, exports.paths_of(made.archives, to), strict=True):
            with bytes_of(screen, f"Fetching {archive.name}", archive.bytes) as told:
                exports.fetch(library, archive, path, told)
            say(f"{path}: {archive.bytes / 1e6:,.1f} MB")
        return
    for archive in made.archives:
        say(f"{archive.name}: {archive.bytes / 1e6:,.1f} MB, {archive.url}")
    say(f"{made.count:,} photos. Whoever has the link can download them until {made.expires_at[:10]}.")


@main.command()
@click.argument("album", required=False, callback=_album_name)
@_json_option
@click.pass_obj
def duplicates(stack: str | None, album: str | None, as_json: bool) -> None:
    """Show which photos of ALBUM with its sub-albums, or of the whole library, look the same.

    It says which of them to keep, and why. Nothing is deleted.
    """
    library = _library(stack)
    groups = groups_of(_photos_of(library, album) if album else library.photos())
    if as_json:
        print_json(report.duplicates_as_json(groups))
    elif groups:
        console().print(report.duplicates_table(groups))
    else:
        say("No two photos look the same.")


@main.group()
def dropbox() -> None:
    """Have photos come from a Dropbox by themselves."""


@dropbox.command("connect")
@click.option("--app-key", prompt="The key of your app at dropbox.com/developers/apps", metavar="KEY")
@click.pass_obj
def dropbox_connect(stack: str | None, app_key: str) -> None:
    """Let the stack read a Dropbox, by an app of yours at dropbox.com/developers/apps.

    Its key, its secret and the code of the login are asked for; they are kept in Secrets Manager alone. All
    that is in the Dropbox comes then, and what changes by the webhook that is printed at the end.
    """
    from safelight_library.dropbox import connect, webhook_of
    from safelight_local.command.connecting import asked_for

    library = _library(stack)
    webhook = webhook_of(library)
    secret = click.prompt("The secret of the app", hide_input=True)
    connect(library, asked_for(app_key.strip(), secret.strip()))
    say("The Dropbox is connected, and its photos are coming. Name this webhook in the app's settings:")
    say(webhook)


@main.group(invoke_without_command=True)
@_json_option
@click.pass_context
def people(context: click.Context, as_json: bool) -> None:
    """Show who is in the library; give people names, merge, split and forget them."""
    if context.invoked_subcommand:
        return
    listed = _people(context.obj).all()
    if as_json:
        print_json(listed)
    elif listed:
        console().print(report.people_table(listed))
    else:
        say("There is nobody in the library.")


@people.command("show")
@_person_argument
@_json_option
@click.pass_obj
def people_show(stack: str | None, person_id: str, as_json: bool) -> None:
    """Show the faces of the person ID, each with its photo."""
    faces = _people(stack).faces(person_id)
    if as_json:
        print_json(faces)
    else:
        console().print(report.faces_table(faces))


@people.command("name")
@_person_argument
@click.argument("name")
@click.pass_obj
def people_name(stack: str | None, person_id: str, name: str) -> None:
    """Give the person ID a NAME."""
    _people(stack).name(person_id, name)
    say(f"{person_id} is {name.strip()}.")


@people.command("merge")
@_person_argument
@click.argument("into", metavar="INTO")
@click.pass_obj
def people_merge(stack: str | None, person_id: str, into: str) -> None:
    """Make the person ID one with the person INTO, who keeps id and name."""
    _people(stack).merge(person_id, into)
    say(f"{person_id} is one with {into} now.")


@people.command("split")
@_person_argument
@click.argument("faces", metavar="FACE...", nargs=-1, required=True)
@click.pass_obj
def people_split(stack: str | None, person_id: str, faces: tuple[str, ...]) -> None:
    """Make a new person of some faces of the person ID; the two stay apart from then on."""
    say(f"The new person is {_people(stack).split(person_id, faces)}.")


@people.command("forget")
@_person_argument
@click.pass_obj
def people_forget(stack: str | None, person_id: str) -> None:
    """Delete the vectors and the records of the person ID; the photos stay."""
    _people(stack).forget(person_id)
    say(f"{person_id} is forgotten.")


@main.command()
@_keys_argument
@click.pass_obj
def release(stack: str | None, keys: tuple[str, ...]) -> None:
    """Publish photos that moderation holds, each named as ALBUM/FILENAME, after you have looked at them.

    A release counts for the file that was uploaded; another file at the same key is looked at anew.
    """
    library = _library(stack)
    keys = tuple(library.keys_of(keys))
    photos = {photo["key"]: photo for photo in library.photos_at(keys)}
    for key in keys:
        if key not in photos or photos[key]["status"] != "HELD":
            raise PhotoNotFound(f"There is no photo at {key} that is held. See those with: safelight status")
    released = library.follow(list(photos), lambda key: library.process_again(photos[key], release=True))
    _print_photos(library, list(released))


@main.command()
@_json_option
@click.pass_obj
def failures(stack: str | None, as_json: bool) -> None:
    """Show the photos that FAILED by their errors, what each error means, and what to do."""
    from safelight_library.health import failures as failures_of

    found = failures_of(_library(stack).photos())
    if as_json:
        print_json(report.failures_as_json(found))
    elif found:
        console().print(report.failures(found))
    else:
        say("No photo failed.")


@main.command()
@click.argument("function", metavar="FUNCTION")
@click.argument("key", metavar="KEY")
@click.option("--all", "every", is_flag=True, help="All that it got, as a list.")
@click.pass_obj
def event(stack: str | None, function: str, key: str, every: bool) -> None:
    """Print the event that FUNCTION got for the photo at KEY, for `sam local invoke` or `aws lambda invoke`.

    FUNCTION is its name in the template, as RenderFunction. Of several events it is the first.
    """
    library = _library(stack)
    if not (photos := library.photos_at(library.keys_of((key,)))):
        raise PhotoNotFound(f"There is no photo {key}.")
    events = library.events_given(function, photos[0])
    print_json(events if every else events[0])
    if not every and len(events) > 1:
        say(f"{function} got {len(events)} events; this is the first. See all with --all", err=True)


@main.command()
@click.argument("keys", nargs=-1, metavar="[KEY...]")
@click.option("--failed", is_flag=True, help="Every photo that FAILED.")
@click.option("--class", "classes", multiple=True, metavar="ERROR", help="Those that FAILED with this error.")
@_dry_run_option
@_json_option
@click.pass_obj
def retry(
    stack: str | None,
    keys: tuple[str, ...],
    failed: bool,
    classes: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
) -> None:
    """Bring back photos that FAILED, those of an error, or those at KEY..., once the cause is mended.

    An execution resumes at the step that failed, where the cloud can do that and the photo is still the same
    file; else the photo is processed from the start. Any photo of the library may be named.
    """
    from safelight_library.health import error_of
    from safelight_library.recovery import Recovery
    from safelight_local.command.progress import watch

    if sum(map(bool, (keys, failed, classes))) != 1:
        raise click.UsageError("Name photos, or give --failed for all that FAILED, or --class ERROR.")
    library = _library(stack)
    if keys:
        keys = tuple(library.keys_of(keys))
        photos = [photo for photo in library.photos_at(keys) if photo["status"] != "REMOVED"]
        if missing := set(keys) - {photo["key"] for photo in photos}:
            raise PhotoNotFound(f"There is no photo {', '.join(sorted(missing))}. Nothing was started.")
    else:
        photos = [photo for photo in library.photos() if photo["status"] == "FAILED"]
        photos = [photo for photo in photos if failed or error_of(photo) in classes]
    recovery = Recovery(library)
    ways = recovery.ways_back(photos)
    done: list[PhotoRecord] = []
    if not dry_run:
        startable = [key for key, way in ways.items() if way != "gone"]
        followed = recovery.bring_back(startable)
        done, _ = watch(console(stderr=True), "Bringing back", followed, len(startable))
    if as_json:
        print_json(report.retried_as_json(ways, done))
    else:
        console().print(report.retried(ways, done, dry_run))
    left = [photo["key"] for photo in done if photo["status"] == "FAILED"]
    if left:
        raise click.ClickException(f"{len(left)} photos FAILED again. See why with: safelight failures")
    if not dry_run and "gone" in ways.values():
        raise click.ClickException(
            "The originals of some are gone. Upload them again, or take the photos out of the library with: "
            "safelight doctor --repair"
        )


@main.command()
@click.option("--send-again", is_flag=True, help="Hand each to the workflow that it was for.")
@_dry_run_option
@_json_option
@click.pass_obj
def dlq(stack: str | None, send_again: bool, dry_run: bool, as_json: bool) -> None:
    """Show the events that could not be delivered, and why; with --send-again deliver them."""
    from safelight_library.recovery import Recovery

    recovery = Recovery(_library(stack))
    messages = recovery.undelivered()
    sent = {it.message_id for it in messages if send_again and not dry_run and recovery.send_again(it)}
    if as_json:
        print_json(report.undelivered_as_json(messages, sent))
    elif messages:
        console().print(report.undelivered(messages, sent))
    else:
        say("Every event was delivered.")
    if send_again and not dry_run and len(sent) < len(messages):
        raise click.ClickException(
            "Some messages do not say whom they were for, and stay in the queue. "
            "Their photos are found with: safelight doctor"
        )


@main.command()
@click.option("--repair", is_flag=True, help="Mend what is found.")
@click.option(
    "--older-than",
    "minutes",
    type=click.IntRange(min=0),
    default=15,
    show_default=True,
    help="Leave alone what is younger, in minutes: its events may be on their way.",
)
@_dry_run_option
@_json_option
@click.pass_obj
def doctor(stack: str | None, repair: bool, minutes: int, dry_run: bool, as_json: bool) -> None:
    """Look for what is not as it should be, in records, originals, renditions and executions.

    The exit status is 1 where something is found that was not mended.
    """
    from safelight_library.health import findings
    from safelight_library.recovery import Recovery
    from safelight_local.command.progress import watch

    recovery = Recovery(_library(stack))
    screen = console(stderr=True)
    with screen.status("Looking"):
        seen = recovery.look(timedelta(minutes=minutes))
        found = findings(seen)
    mended: list[Finding] = []
    if repair and not dry_run:
        mending = recovery.repair(found, seen.before)
        mended, _ = watch(screen, "Mending", mending, len(found))
    if as_json:
        print_json(report.findings_as_json(found, mended))
    elif found:
        console().print(report.findings(found, mended))
    else:
        say("All is well.")
    if failing := sum(photo["status"] == "FAILED" for photo in seen.records):
        say(f"{failing} photos were FAILED. See those with: safelight failures", err=as_json)
    if len(mended) < len(found):
        raise click.ClickException(
            f"{len(found) - len(mended)} of {len(found)} findings are not mended."
            + ("" if repair and not dry_run else " Mend them with: safelight doctor --repair")
        )


@main.command()
@click.argument("table", metavar="TABLE")
@click.pass_obj
def restore(stack: str | None, table: str) -> None:
    """Put back the records that the library's table lacks and TABLE has, as it was at a point in time.

    What is there stays as it is. Then let the doctor look: safelight doctor
    """
    from safelight_library.recovery import Recovery

    with console(stderr=True).status("Putting records back"):
        back, total = Recovery(_library(stack)).put_back(table)
    say(f"{back:,} of {total:,} records were put back; the others are there.")


@main.command()
@click.argument("albums", nargs=-1, metavar="[ALBUM...]")
@click.option("--stale", is_flag=True, help="What another version of Safelight has made.")
@click.option(
    "--stage",
    type=click.Choice(["all", "metadata"]),
    default="all",
    help="Do all again, or read the metadata alone.",
)
@_dry_run_option
@click.pass_obj
def reprocess(stack: str | None, albums: tuple[str, ...], stale: bool, stage: "Work", dry_run: bool) -> None:
    """Process finished photos again, those of ALBUM... or all: after an upgrade, or with another preset.

    Renditions get new URLs only where another preset makes them. What a photo says is read again by itself
    where nothing else of it is stale.
    """
    from safelight_library.ledger import work_of
    from safelight_local.command.progress import watch

    library = _library(stack)
    photos = [it for album in albums for it in _photos_of(library, album)] if albums else library.photos()
    works = {photo["key"]: (photo, work) for photo in photos if (work := work_of(photo, stage, stale))}
    alone = sum(work == "metadata" for _, work in works.values())
    what = f"{len(works) - alone} photos as a whole, {alone} by their metadata alone"
    if dry_run:
        say(f"To process again: {what}.")
        return

    def start(key: str) -> str:
        photo, work = works[key]
        return library.read_again(photo) if work == "metadata" else library.process_again(photo)

    done, _ = watch(console(stderr=True), "Processing again", library.follow(list(works), start), len(works))
    say(f"Processed again: {what}.")
    if failed := sum(photo["status"] == "FAILED" for photo in done):
        raise click.ClickException(f"{failed} photos FAILED. See why with: safelight failures")


@main.command()
@click.argument("album", required=False, callback=_album_name)
@_dry_run_option
@click.pass_obj
def backfill(stack: str | None, album: str | None, dry_run: bool) -> None:
    """Process every original of ALBUM with its sub-albums, or of the bucket, that nobody has decided on.

    That is what lies there without its version being ACTIVE, HELD or REJECTED: photos that were in the bucket
    before the stack was, lost events, and FAILED ones. It goes on without the command; given again, it skips
    what is done by then.
    """
    from safelight_library.backfill import Backfill
    from safelight_local.command.prices import dollars_of

    library = _library(stack)
    screen = console(stderr=True)
    with screen.status("Counting"):
        counts = Backfill(library, album, dry_run=True).counts()
    price = dollars_of(counts.sent, library.parameters())
    say(
        f"Of {counts.seen:,} photos {counts.sent:,} are to be processed, {counts.sent_bytes / 1e9:,.1f} GB, "
        f"for {price:,.2f} US dollars at most, by list prices."
    )
    if dry_run or not counts.sent:
        return
    run = Backfill(library, album, dry_run=False)
    with screen.status("Sending events") as shown:
        for number in run.waiting():
            shown.update(f"{number:,} uploads wait for their place. You may leave; it goes on")
    say(f"{run.counts().sent:,} photos were sent, and none waits any more. See them with: safelight status")


@main.command("catch-up")
@click.pass_obj
def catch_up(stack: str | None) -> None:
    """Tag the photos that the month's budget has left without tags.

    Each is processed again. What the budget of this month does not cover either stays owed.
    """
    library = _library(stack)
    owed = {photo["key"]: photo for photo in library.photos() if photo.get("tags", {}).get("owed")}
    followed = library.follow(list(owed), lambda key: library.process_again(owed[key]))
    paid = sum(not photo.get("tags", {}).get("owed") for photo in followed)
    say(f"{len(owed)} photos were owed their tags; {paid} of them have them now.")
    if paid < len(owed):
        raise click.ClickException(
            "The month's budget does not cover the others. Raise MonthlyBudget, or catch up next month. "
            "Where it would, they have failed: see safelight status."
        )


@main.command()
@click.option("--rebuild", is_flag=True, help="Make it anew of the table's records.")
@_json_option
@click.pass_obj
def index(stack: str | None, rebuild: bool, as_json: bool) -> None:
    """The index, by which the library is listed and searched: whether there is one; or make it anew."""
    library = _library(stack)
    if not rebuild:
        is_there = library.has_index()
        if as_json:
            print_json({"is_there": is_there})
        elif is_there:
            say("There is an index.")
        else:
            raise click.ClickException("There is no index yet. Make it with: safelight index --rebuild")
        return
    with console(stderr=True).status("Making the index"):
        count, unreadable = library.rebuild_index()
    if as_json:
        print_json({"records": count, "unreadable": unreadable})
    else:
        say(f"The index was made of {count} records.")
        for id_ in unreadable:
            say(f"This one cannot be read: {id_}. The function's log says why.")


@main.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--gps",
    type=click.Choice(["exact", "rounded", "none"]),
    default="exact",
    help="How exactly to say where, as the stack's parameter GpsPrecision.",
)
@_json_option
def inspect(file: Path, gps: str, as_json: bool) -> None:
    """Show the metadata that the pipeline would store of a local FILE, with the source of each value."""
    from safelight_local.command import inspection

    record, rejected = inspection.inspect(file, gps)
    if as_json:
        print_json(record)
    else:
        console().print(inspection.record_table(record))
    if rejected:
        say(f"The pipeline would reject this file. {rejected}", err=True)


@main.command()
@click.argument("photos", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--album", callback=_album_name, help="The album's name; the folder's name unless given.")
@click.option(
    "--gallery", type=_FOLDER, default="gallery", help="The folder that the gallery page goes into."
)
@_set_option
def demo(photos: Path | None, album: str | None, gallery: Path, parameters: dict[str, str]) -> None:
    """Run everything once: a cloud of its own, the deployed stack, photos in, a gallery page out.

    PHOTOS is a folder of yours; without it, a roll is developed from photographs in a package.
    """
    from safelight_local.command import laptop

    named = album or (photos.resolve().name if photos else "Mountains and lagoons")
    records = laptop.demo(photos, named, gallery.resolve(), parameters)
    if any(record["status"] == "FAILED" for record in records):
        raise click.ClickException("Photos failed; the reason of each is above.")


def _has_browser() -> bool:
    """Tell whether there is a screen; without one a browser of text would take the terminal."""
    return sys.platform != "linux" or bool({"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ))


def _library(stack: str | None) -> "Library":
    if stack is None:
        from safelight_local.command.laptop import running_library

        return running_library(_LAPTOP)
    import boto3

    from safelight_library.library import Library

    return Library(boto3.Session(), stack)


def _people(stack: str | None) -> "People":
    from safelight_library.people import People

    return People(_library(stack))


def _photos_of(library: "Library", album: str) -> "list[PhotoRecord]":
    """Return the photos of an album by time.

    Raises:
        PhotoNotFound: there is none.
    """
    photos = library.album(album)
    if not photos:
        raise PhotoNotFound(f"There is no photo in the album {album}. See the albums with: safelight status")
    return photos


def _print_photos(library: "Library", photos: "list[PhotoRecord]", as_json: bool = False) -> None:
    if as_json:
        print_json(photos)
    else:
        report.print_photos(console(), library, photos)
