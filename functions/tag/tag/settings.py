"""The settings of the tag function."""

from dataclasses import dataclass

from safelight.errors import Misconfigured

READ_TEXT = ("documents", "always", "never")
"""When text is read: from photos of documents, from every photo, or from none."""


@dataclass(frozen=True)
class Settings:
    """`min_label_confidence` in percent; `max_labels` per photo; `read_text` one of READ_TEXT.

    Raises:
        Misconfigured: a value is outside its range.
    """

    min_label_confidence: float
    max_labels: int
    read_text: str

    def __post_init__(self) -> None:
        """Refuse what the services would refuse, or what would tag nothing without saying so."""
        if not 0 <= self.min_label_confidence <= 100:
            raise Misconfigured("MIN_LABEL_CONFIDENCE must be from 0 to 100, in percent.")
        if self.max_labels < 1:
            raise Misconfigured("MAX_LABELS must be 1 or more.")
        if self.read_text not in READ_TEXT:
            raise Misconfigured(f"READ_TEXT is {self.read_text!r}; it must be one of {', '.join(READ_TEXT)}.")
