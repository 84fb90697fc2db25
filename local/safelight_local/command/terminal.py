"""The one way to the terminal: nothing that a name holds can move its cursor, or hide what it says."""

import json
import os
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import click
from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

_UNSEEN = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They turn the order of what is read (Unicode, UAX #9)."""

_READABLE, _BETWEEN = 16, 2
"""A column that folds is read well from so many characters on; so many are between two columns."""

_WITHOUT_A_TERMINAL = 2000
"""So many columns leave a table's rows whole, for grep and the like."""


def clean(text: str) -> str:
    """Return `text` without controls, but for line breaks and tabs, and what no terminal can encode."""
    return "".join(each for each in text if each in "\n\t" or not _is_control(each))


def _is_control(character: str) -> bool:
    return character in _UNSEEN or unicodedata.category(character) in {"Cc", "Cs"}


Row = Sequence[Text]
"""The cells of a table's row; without any, a line is drawn."""


@dataclass(frozen=True)
class Fitted:
    """A table that leaves columns out where there is no room to read them all.

    ranks: the headings, those first that are to stay longest. The first column always stays.
    """

    headings: Sequence[str]
    rows: Sequence[Row]
    ranks: Sequence[str]

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the table, as rich asks for it."""
        shown = self.shown(options.max_width)
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for place in shown:
            table.add_column(self.headings[place], overflow="fold")
        for row in self.rows:
            if row:
                table.add_row(*(row[place] for place in shown))
            else:
                table.add_section()
        yield table

    def shown(self, width: int) -> list[int]:
        """Return the places of the columns that can be read in `width` characters, in order."""
        shown: list[int] = []
        room = width + _BETWEEN
        for heading in self.ranks:
            place = self.headings.index(heading)
            longest = max((row[place].cell_len for row in self.rows if row), default=0)
            room -= max(cell_len(heading), min(longest, _READABLE)) + _BETWEEN
            if shown and room < 0:
                break
            shown.append(place)
        return sorted(shown)


class _CleanConsole(Console):
    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=clean(segment.text))


def console(stderr: bool = False) -> Console:
    """Return a console: as wide as the terminal, or as COLUMNS says, and else as wide as is needed."""
    probe = _CleanConsole(stderr=stderr)
    if probe.is_terminal or os.environ.get("COLUMNS"):
        return probe
    return _CleanConsole(stderr=stderr, width=_WITHOUT_A_TERMINAL)


def say(text: str, *, err: bool = False) -> None:
    """Print a line."""
    click.echo(clean(text), err=err)


def print_json(value: object) -> None:
    """Print plain values as JSON; controls are escaped, so that they come back where it is read."""
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)
    click.echo("".join(each if each == "\n" or not _is_control(each) else _escaped(each) for each in text))


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1] if ord(character) != 127 else "\\u007f"
