"""Commands for whoever is on call: what failed, what is owed, and what does not fit together."""

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from safelight_library.errors import PhotoNotFound
from safelight_local.command import connection, report
from safelight_local.command.connection import photos_of, print_photos
from safelight_local.command.options import album_name, dry_run_option, json_option, keys_argument
from safelight_local.command.terminal import console, print_json, say

if TYPE_CHECKING:
    from safelight.record import PhotoRecord
    from safelight_library.health import Finding
    from safelight_library.ledger import Work


@click.command()
@keys_argument
@click.pass_obj
def release(stack: str | None, keys: tuple[str, ...]) -> None:
    """Publish photos that moderation holds, each named as ALBUM/FILENAME, after you have looked at them.

    A release counts for the file that was uploaded; another file at the same key is looked at anew.
    """
    library = connection.library_of(stack)
    keys = tuple(library.keys_of(keys))
    photos = {photo["key"]: photo for photo in library.photos_at(keys)}
    for key in keys:
        if key not in photos or photos[key]["status"] != "HELD":
            raise PhotoNotFound(f"There is no photo at {key} that is held. See those with: safelight status")
    released = library.follow(list(photos), lambda key: library.process_again(photos[key], release=True))
    print_photos(library, list(released))


@click.command()
@json_option
@click.pass_obj
def failures(stack: str | None, as_json: bool) -> None:
    """Show the photos that FAILED by their errors, what each error means, and what to do."""
    from safelight_library.health import failures as failures_of

    found = failures_of(connection.library_of(stack).photos())
    if as_json:
        print_json(report.failures_as_json(found))
    elif found:
        console().print(report.failures(found))
    else:
        say("No photo failed.")


@click.command()
@click.argument("function", metavar="FUNCTION")
@click.argument("key", metavar="KEY")
@click.option("--all", "every", is_flag=True, help="All that it got, as a list.")
@click.pass_obj
def event(stack: str | None, function: str, key: str, every: bool) -> None:
    """Print the event that FUNCTION got for the photo at KEY, for `sam local invoke` or `aws lambda invoke`.

    FUNCTION is its name in the template, as RenderFunction. Of several events it is the first.
    """
    library = connection.library_of(stack)
    if not (photos := library.photos_at(library.keys_of((key,)))):
        raise PhotoNotFound(f"There is no photo {key}.")
    events = library.events_given(function, photos[0])
    print_json(events if every else events[0])
    if not every and len(events) > 1:
        say(f"{function} got {len(events)} events; this is the first. See all with --all", err=True)


@click.command()
@click.argument("keys", nargs=-1, metavar="[KEY...]")
@click.option("--failed", is_flag=True, help="Every photo that FAILED.")
@click.option("--class", "classes", multiple=True, metavar="ERROR", help="Those that FAILED with this error.")
@dry_run_option
@json_option
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
    library = connection.library_of(stack)
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


@click.command()
@click.option("--send-again", is_flag=True, help="Hand each to the workflow that it was for.")
@dry_run_option
@json_option
@click.pass_obj
def dlq(stack: str | None, send_again: bool, dry_run: bool, as_json: bool) -> None:
    """Show the events that could not be delivered, and why; with --send-again deliver them."""
    from safelight_library.recovery import Recovery

    recovery = Recovery(connection.library_of(stack))
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


@click.command()
@click.option("--repair", is_flag=True, help="Mend what is found.")
@click.option(
    "--older-than",
    "minutes",
    type=click.IntRange(min=0),
    default=15,
    show_default=True,
    help="Leave alone what is younger, in minutes: its events may be on their way.",
)
@dry_run_option
@json_option
@click.pass_obj
def doctor(stack: str | None, repair: bool, minutes: int, dry_run: bool, as_json: bool) -> None:
    """Look for what is not as it should be, in records, originals, renditions and executions.

    The exit status is 1 where something is found that was not mended.
    """
    from safelight_library.health import findings
    from safelight_library.recovery import Recovery
    from safelight_local.command.progress import watch

    recovery = Recovery(connection.library_of(stack))
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


@click.command()
@click.argument("table", metavar="TABLE")
@click.pass_obj
def restore(stack: str | None, table: str) -> None:
    """Put back the records that the library's table lacks and TABLE has, as it was at a point in time.

    What is there stays as it is. Then let the doctor look: safelight doctor
    """
    from safelight_library.recovery import Recovery

    with console(stderr=True).status("Putting records back"):
        back, total = Recovery(connection.library_of(stack)).put_back(table)
    say(f"{back:,} of {total:,} records were put back; the others are there.")


@click.command()
@click.argument("albums", nargs=-1, metavar="[ALBUM...]")
@click.option("--stale", is_flag=True, help="What another version of Safelight has made.")
@click.option(
    "--stage",
    type=click.Choice(["all", "metadata"]),
    default="all",
    help="Do all again, or read the metadata alone.",
)
@dry_run_option
@click.pass_obj
def reprocess(stack: str | None, albums: tuple[str, ...], stale: bool, stage: "Work", dry_run: bool) -> None:
    """Process finished photos again, those of ALBUM... or all: after an upgrade, or with another preset.

    Renditions get new URLs only where another preset makes them. What a photo says is read again by itself
    where nothing else of it is stale.
    """
    from safelight_library.ledger import work_of
    from safelight_local.command.progress import watch

    library = connection.library_of(stack)
    photos = [it for album in albums for it in photos_of(library, album)] if albums else library.photos()
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


@click.command()
@click.argument("album", required=False, callback=album_name)
@dry_run_option
@click.pass_obj
def backfill(stack: str | None, album: str | None, dry_run: bool) -> None:
    """Process every original of ALBUM with its sub-albums, or of the bucket, that nobody has decided on.

    That is what lies there without its version being ACTIVE, HELD or REJECTED: photos that were in the bucket
    before the stack was, lost events, and FAILED ones. It goes on without the command; given again, it skips
    what is done by then.
    """
    from safelight_library.backfill import Backfill
    from safelight_local.command.prices import dollars_of

    library = connection.library_of(stack)
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


@click.command("catch-up")
@click.pass_obj
def catch_up(stack: str | None) -> None:
    """Tag the photos that the month's budget has left without tags.

    Each is processed again. What the budget of this month does not cover either stays owed.
    """
    library = connection.library_of(stack)
    owed = {photo["key"]: photo for photo in library.photos() if photo.get("tags", {}).get("owed")}
    followed = library.follow(list(owed), lambda key: library.process_again(owed[key]))
    paid = sum(not photo.get("tags", {}).get("owed") for photo in followed)
    say(f"{len(owed)} photos were owed their tags; {paid} of them have them now.")
    if paid < len(owed):
        raise click.ClickException(
            "The month's budget does not cover the others. Raise MonthlyBudget, or catch up next month. "
            "Where it would, they have failed: see safelight status."
        )


@click.command()
@click.option("--rebuild", is_flag=True, help="Make it anew of the table's records.")
@json_option
@click.pass_obj
def index(stack: str | None, rebuild: bool, as_json: bool) -> None:
    """The index, by which the library is listed and searched: whether there is one; or make it anew."""
    library = connection.library_of(stack)
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
