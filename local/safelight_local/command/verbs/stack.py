"""Commands of the laptop's cloud, and of a stack as a whole."""

import os
import sys
from pathlib import Path

import click

from safelight_local.command import connection
from safelight_local.command.options import FOLDER, album_name, data_option, set_option
from safelight_local.command.terminal import say


@click.command()
@data_option
@set_option
def up(data: Path | None, parameters: dict[str, str]) -> None:
    """Start the laptop's cloud and deploy the stack to it; deploy again if it runs already.

    The library outlives the cloud: the next `up` has it again, with the parameters that were set.
    """
    from safelight_local.command import laptop

    laptop.up(connection.LAPTOP, data, parameters)


@click.command()
@click.option("--delete", is_flag=True, help="Delete the library, too, with all its photos.")
@data_option
@click.option("--yes", is_flag=True, help="Do not ask before deleting.")
def down(delete: bool, data: Path | None, yes: bool) -> None:
    """Stop the laptop's cloud. Its library stays."""
    from safelight_local.command import laptop

    folder = laptop.library_folder(connection.LAPTOP, data)
    if delete and not yes:
        click.confirm(f"Delete the library in {folder}, with all its originals?", abort=True)
    laptop.down(connection.LAPTOP)
    if delete:
        laptop.delete(folder)


@click.command("open")
@click.option("--print", "only_print", is_flag=True, help="Only print the link.")
@click.pass_obj
def open_(stack: str | None, only_print: bool) -> None:
    """Open the library in a browser, and print its link.

    On a laptop the link logs its owner in, for a day: give it to nobody. On AWS it is the library's address.
    """
    if stack is None:
        from safelight_local.command import laptop

        link = laptop.link(connection.LAPTOP)
    else:
        link = connection.library_of(stack).outputs["LibraryUrl"]
    say(link)
    if not only_print and _has_browser():
        click.launch(link)


@click.command()
@click.pass_obj
def publish(stack: str | None) -> None:
    """Publish the web app to the stack, as `up` does by itself; once more after an upgrade."""
    from safelight_local import web

    library = connection.library_of(stack)
    web.publish(library)
    say(f"The library is at {library.outputs['LibraryUrl']}")


@click.command()
@click.argument("photos", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--album", callback=album_name, help="The album's name; the folder's name unless given.")
@click.option("--gallery", type=FOLDER, default="gallery", help="The folder that the gallery page goes into.")
@set_option
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
