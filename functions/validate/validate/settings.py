"""What the validate function is configured with."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """The preset by name, and the limits: 1 MB is 1,000,000 bytes, 1 megapixel is 1,000,000 pixels.

    `scanner_socket` is that of ClamAV's daemon, or off. With `malware_protection` on, GuardDuty scans.
    """

    preset: str
    max_file_megabytes: int
    max_megapixels: int
    max_film_minutes: int
    scanner_socket: str
    malware_protection: str

    @property
    def max_file_bytes(self) -> int:
        """The most bytes that an original may have."""
        return self.max_file_megabytes * 1_000_000

    @property
    def limits(self) -> tuple[int, int]:
        """The most pixels that an original may have, and the most seconds that a film may be long."""
        return self.max_megapixels * 1_000_000, self.max_film_minutes * 60
