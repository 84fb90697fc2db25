"""The settings of the metadata function."""

import os
from dataclasses import dataclass

from metadata.record import EXACT, ROUNDED, WITHHELD
from safelight.errors import Misconfigured
from safelight.settings import from_environment


@dataclass(frozen=True)
class Settings:
    """`gps_precision`: how exactly records say where a photo was taken: exact, rounded or none."""

    gps_precision: str

    def __post_init__(self) -> None:
        """Check the value.

        Raises:
            Misconfigured: it is none of the three.
        """
        if self.gps_precision not in (EXACT, ROUNDED, WITHHELD):
            raise Misconfigured(
                f"GPS_PRECISION is {self.gps_precision!r}, not exact, rounded or none. "
                "Mend GpsPrecision and deploy again."
            )


def settings() -> Settings:
    """Return the settings that the environment holds.

    Raises:
        Misconfigured
    """
    return from_environment(Settings, os.environ)
