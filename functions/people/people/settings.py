"""The settings of the people function."""

from dataclasses import dataclass

from safelight.errors import Misconfigured


@dataclass(frozen=True)
class Settings:
    """The table of records, the collection of faces, and how alike two faces of one person are, in percent.

    Raises:
        Misconfigured: the threshold is no percentage.
    """

    library_table: str
    face_collection: str
    face_match_threshold: float

    def __post_init__(self) -> None:
        """Refuse what Rekognition would refuse with a code that means something else here."""
        if not 0 <= self.face_match_threshold <= 100:
            raise Misconfigured("FACE_MATCH_THRESHOLD must be from 0 to 100, in percent.")
