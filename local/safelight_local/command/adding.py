"""Adds what paths hold to a library, and says what became of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from click import ClickException
from rich.console import Console

from safelight_library.files import Made
from safelight_library.library import Library
from safelight_library.uploads import OnCollision, is_sidecar
from safelight_local.command import report
from safelight_local.command.progress import develop
from safelight_local.command.terminal import print_json
from safelight_local.command.uploads import Found, uploads_of


@dataclass(frozen=True)
class Adding:
    """How files are added, and where it is said."""

    library: Library
    screen: Console
    album: str
    on_collision: OnCollision
    as_json: bool

    def add(self, paths: Sequence[Path], only: Collection[Path] | None = None) -> None:
        """Add what `paths` hold, or of that `only` these files, and say what became of it.

        Raises:
            ClickException: a photo failed, or a file could not be read; all else was added.
        """
        with self.screen.status("Looking at what there is"):
            found = uploads_of(paths, self.album)
        if only is not None:
            found = _only(found, only)
        with self.screen.status("Comparing with what is there"):
            plan = self.library.plan(found.uploads, self.album, self.on_collision)
        problems = [*found.left_out, *plan.unreadable]
        photos, seconds = develop(self.screen, self.library, plan.uploads, problems)
        there = self.library.photos_at(each.key for each in plan.there if not is_sidecar(each.key))
        if self.as_json:
            print_json(report.added_as_json(photos, plan, problems, found))
        else:
            if photos:
                report.print_photos(self.screen, self.library, photos)
            self.screen.print(report.added(photos, seconds, plan, there, problems, found))
        failed = [photo for photo in (*photos, *there) if photo["status"] == "FAILED"]
        if failed or problems:
            raise ClickException(
                f"{len(failed)} photos failed, and {len(problems)} files could not be added; "
                "the reason of each is above."
            )


def _only(found: Found, files: Collection[Path]) -> Found:
    """Return of what was found these files, named by their real paths.

    What Google says is told again: it may have come after its photo, and is compared quickly.
    """

    def is_meant(file: object) -> bool:
        return isinstance(file, Made) or (isinstance(file, Path) and file.resolve() in files)

    return Found(
        [each for each in found.uploads if is_meant(each.path)],
        [each for each in found.left_out if is_meant(each.path)],
    )
