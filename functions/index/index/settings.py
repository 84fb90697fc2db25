"""The settings of the function."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """The table of records, and the bucket of renditions, in which the index lies."""

    library_table: str
    renditions_bucket: str
