"""What the function is told by its environment."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """The queue of what Dropbox says, the workflow's ARN, the table, and the secret with the keys."""

    changes_queue: str
    dropbox_workflow: str
    library_table: str
    dropbox_secret: str
