"""Which library a command works with: that of the laptop's cloud, or that of a stack on AWS."""

from typing import TYPE_CHECKING

from safelight_library.errors import PhotoNotFound
from safelight_local.command import report
from safelight_local.command.terminal import console, print_json

if TYPE_CHECKING:
    from safelight.record import PhotoRecord
    from safelight_library.library import Library
    from safelight_library.people import People

LAPTOP = "laptop"
"""The name of the laptop's cloud."""


def library_of(stack: str | None) -> "Library":
    """Return the library of a stack on AWS, or of the laptop's cloud.

    Raises:
        LibraryError, CloudProblem: there is none.
    """
    if stack is None:
        from safelight_local.command.laptop import running_library

        return running_library(LAPTOP)
    import boto3

    from safelight_library.library import Library

    return Library(boto3.Session(), stack)


def people_of(stack: str | None) -> "People":
    """Return the people of that library."""
    from safelight_library.people import People

    return People(library_of(stack))


def photos_of(library: "Library", album: str) -> "list[PhotoRecord]":
    """Return the photos of an album by time.

    Raises:
        PhotoNotFound: there is none.
    """
    photos = library.album(album)
    if not photos:
        raise PhotoNotFound(f"There is no photo in the album {album}. See the albums with: safelight status")
    return photos


def print_photos(library: "Library", photos: "list[PhotoRecord]", as_json: bool = False) -> None:
    """Print photos as a table, or as JSON."""
    if as_json:
        print_json(photos)
    else:
        report.print_photos(console(), library, photos)
