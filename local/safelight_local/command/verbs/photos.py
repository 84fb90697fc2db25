"""Commands that put photos into the library, look at them and take them out."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from safelight.keys import MOST_ARCHIVE_GIGABYTES
from safelight_library.duplicates import groups_of
from safelight_library.errors import PhotoNotFound
from safelight_local.command import connection, report
from safelight_local.command.connection import photos_of, print_photos
from safelight_local.command.options import FOLDER, album_name, json_option
from safelight_local.command.terminal import console, print_json, say

if TYPE_CHECKING:
    from safelight_library.uploads import OnCollision


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--album", required=True, callback=album_name, help="The album that the photos go into.")
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
@json_option
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
    adding = Adding(connection.library_of(stack), console(stderr=as_json), album, on_collision, as_json)
    if watch:
        followed(paths, adding)
    else:
        adding.add(paths)


@click.command()
@click.argument("keys", nargs=-1, metavar="[KEY...]")
@click.option("--album", callback=album_name, help="Remove all photos of this album and its sub-albums.")
@click.option("--yes", is_flag=True, help="Do not ask before an album is removed.")
@click.pass_obj
def remove(stack: str | None, keys: tuple[str, ...], album: str | None, yes: bool) -> None:
    """Delete the originals at KEY..., and follow them until they have left the library.

    A KEY is <album>/<filename>. The bucket keeps the older versions of what is deleted.
    """
    if bool(keys) == bool(album):
        raise click.UsageError("Name either photos, as <album>/<filename>, or an album with --album NAME.")
    screen = console()
    library = connection.library_of(stack)
    if album:
        keys = tuple(photo["key"] for photo in photos_of(library, album))
        if not yes:
            click.confirm(f"Remove {len(keys)} photos of {album} and its sub-albums?", abort=True)
    with screen.status("Removing"):
        for key in library.remove(tuple(dict.fromkeys(library.keys_of(keys)))):
            screen.print(f"Removed {key}", markup=False, highlight=False, soft_wrap=True)


@click.command()
@json_option
@click.pass_obj
def status(stack: str | None, as_json: bool) -> None:
    """Show how many photos each album has, in which state, and what is wrong with which."""
    photos = list(connection.library_of(stack).photos())
    if as_json:
        print_json(report.counts_by_album(photos))
    elif photos:
        console().print(report.library_table(photos), report.unhappy(photos), sep="\n")
    else:
        say("The library is empty. Add photos with: safelight add PATH --album NAME")


@click.command()
@click.argument("album", callback=album_name)
@click.option(
    "--gallery", type=FOLDER, help="Write the album's gallery page, with its renditions, into this folder."
)
@json_option
@click.pass_obj
def show(stack: str | None, album: str, gallery: Path | None, as_json: bool) -> None:
    """Show what is known of each photo of ALBUM and its sub-albums."""
    library = connection.library_of(stack)
    photos = photos_of(library, album)
    print_photos(library, photos, as_json)
    if gallery:
        from safelight_local.command.progress import step
        from safelight_local.gallery.shown import write_album

        with step(console(stderr=True), "Writing the gallery page"):
            page = write_album(library, album, photos, gallery)
        say(f"The gallery page: {page}", err=as_json)


@click.command()
@click.argument("album", required=False, callback=album_name)
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
    library, screen = connection.library_of(stack), console(stderr=True)
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


@click.command()
@click.argument("album", required=False, callback=album_name)
@json_option
@click.pass_obj
def duplicates(stack: str | None, album: str | None, as_json: bool) -> None:
    """Show which photos of ALBUM with its sub-albums, or of the whole library, look the same.

    It says which of them to keep, and why. Nothing is deleted.
    """
    library = connection.library_of(stack)
    groups = groups_of(photos_of(library, album) if album else library.photos())
    if as_json:
        print_json(report.duplicates_as_json(groups))
    elif groups:
        console().print(report.duplicates_table(groups))
    else:
        say("No two photos look the same.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--gps",
    type=click.Choice(["exact", "rounded", "none"]),
    default="exact",
    help="How exactly to say where, as the stack's parameter GpsPrecision.",
)
@json_option
def inspect(file: Path, gps: str, as_json: bool) -> None:
    """Show the metadata that the pipeline would store of a local FILE, with the source of each value."""
    from safelight_local.command import inspection

    record, rejected = inspection.inspect(file, gps)
    if as_json:
        print_json(record)
    elif record:
        console().print(inspection.record_table(record))
    else:
        say("The file says nothing of itself.")
    if rejected:
        say(f"The pipeline would reject this file. {rejected}", err=True)
