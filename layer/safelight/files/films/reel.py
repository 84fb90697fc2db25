"""What is known of a film from its structure, and how a film can be no film."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Transfer = Literal["sdr", "hlg", "pq"]

_TRANSFERS: dict[int, Transfer] = {16: "pq", 18: "hlg"}
"""By transfer characteristics (ITU-T H.273, table 3)."""

_MAX_ASPECT = 16
"""No lens squeezes more: what is above is damage."""


class CutShort(Exception):
    """The film ends before what its structure says; `needed` bytes would hold it, where that is known."""

    def __init__(self, needed: int | None = None) -> None:
        super().__init__(needed)
        self.needed = needed


class Unfinished(Exception):
    """The recording ends before its index, which is written last."""


class Damaged(Exception):
    """The structure contradicts itself; says how, as the end of a sentence."""


class Protected(Exception):
    """The pictures are encrypted."""


@dataclass(frozen=True)
class Pictures:
    """The moving pictures of a film, as they are stored.

    `codec` is named as in RFC 6381, without what follows its first dot. `width` and `height` are in pixels of
    which each is `aspect` times as wide as it is high; `coded` is what a decoder makes, which may be more.
    `rotation` is in degrees clockwise, to display them. `seconds` is how long they are; an edit list may show
    less.
    """

    codec: str
    width: int
    height: int
    coded: tuple[int, int]
    aspect: Fraction = Fraction(1)
    rotation: Literal[0, 90, 180, 270] = 0
    frame_rate: float | None = None
    transfer: Transfer = "sdr"
    seconds: float = 0

    @property
    def displayed(self) -> tuple[int, int]:
        """Width and height in square pixels as displayed: of others the shorter side is stretched."""
        aspect = self.aspect if Fraction(1, _MAX_ASPECT) <= self.aspect <= _MAX_ASPECT else Fraction(1)
        width = round(self.width * max(aspect, Fraction(1)))
        height = round(self.height / min(aspect, Fraction(1)))
        return (height, width) if self.rotation in (90, 270) else (width, height)


@dataclass(frozen=True)
class Reel:
    """A film: its pictures and the codec of its sound, where it has them, and its seconds as it is played."""

    pictures: Pictures | None
    sound: str | None
    duration: float


def transfer_of(characteristics: int) -> Transfer:
    """Return what `characteristics` say by the numbers of H.273."""
    return _TRANSFERS.get(characteristics, "sdr")


def rate_of(frames: int, seconds: float) -> float | None:
    """Return how many frames a second has on average; None where that is not known."""
    return round(frames / seconds, 3) if frames > 0 and seconds > 0 else None
