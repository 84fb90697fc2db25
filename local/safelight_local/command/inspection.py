"""Reads the metadata of a local file with the functions' own code: what the pipeline would store of it."""

import sys
from pathlib import Path

from click import ClickException
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from safelight.attributes import attribute_value
from safelight.errors import BadInput
from safelight.keys import sidecar_keys
from safelight.table import plain_record
from safelight.transactions import Record
from safelight_data.home import REPOSITORY

sys.path += [str(REPOSITORY / "functions" / name) for name in ("metadata", "validate")]
from metadata.bounded import Header
from metadata.record import Asked, read_record
from validate.photo import describe

_ANY_SIZE = 2**62
"""The pipeline's limits are those of a stack; here is none."""


def inspect(path: Path, gps_precision: str) -> tuple[Record, str | None]:
    """Return the record of the metadata of the file at `path`, and why the pipeline would reject the file.

    The sidecar is that beside the file, if there is one. A file that would be rejected has no size.

    Raises:
        ClickException: the file cannot be read.
    """
    size: tuple[int | None, int | None] = (None, None)
    rejected = None
    try:
        photo = describe(path, path.name, _ANY_SIZE)
        size = photo["width"], photo["height"]
    except BadInput as error:
        rejected = f"{type(error).__name__}: {error}"
    except OSError as error:
        raise ClickException(f"{path} cannot be read: {error.strerror}.") from error
    beside = (path.with_name(name) for name in sidecar_keys(path.name))
    sidecar = next((each.read_bytes() for each in beside if each.is_file()), b"")
    with path.open("rb") as file:
        record = read_record(Header(file), Asked(path.name, *size, sidecar, gps_precision))
    # The way through DynamoDB and back, so that a number is written as `safelight show` writes it.
    return plain_record({"metadata": attribute_value(record)})["metadata"], rejected


def record_table(record: Record) -> Table:
    """Return a table with a row for each field of a metadata record: its value and its source."""
    sources = record.get("sources", {})
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("Field", "Value", "Source"):
        table.add_column(heading)
    for field, value in _rows(record):
        table.add_row(field, Text(value), Text(sources.get(field, ""), style="dim"))
    return table


def _rows(record: Record, prefix: str = "") -> list[tuple[str, str]]:
    rows = []
    for name, value in record.items():
        if name == "sources":
            continue
        if isinstance(value, dict):
            rows += _rows(value, f"{prefix}{name}.")
        elif isinstance(value, list):
            rows += [(f"{prefix}{name}", str(each)) for each in value]
        else:
            rows.append((f"{prefix}{name}", str(value)))
    return rows
