"""Makes up photo libraries of which it is known what belongs together: one life, with all that disturbs.

Nothing here knows how memories are found. An occasion has a time, places and a number of photos; the photos
carry the number of their occasion as the truth.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import cos, radians

from memories.summary import Entry
from safelight.geo import Position

LYON, BERLIN = (45.7640, 4.8357), (52.5200, 13.4050)
SEA, ALPS, PARIS, LONDON = (43.2965, 5.3698), (45.9237, 6.8694), (48.8566, 2.3522), (51.5074, -0.1278)
JAPAN = ((35.6762, 139.6503), (35.0116, 135.7681), (34.6937, 135.5023), (34.3853, 132.4553))
WEST = ((37.7749, -122.4194), (37.8651, -119.5383), (36.1699, -115.1398), (36.1069, -112.1129))
ITALY = ((45.4642, 9.1900), (43.7696, 11.2558), (41.9028, 12.4964))
FIJI = ((-17.7134, 178.0650), (-16.7800, 179.3300), (-16.6900, -179.8800))
FAR = (JAPAN, WEST, ITALY, FIJI)


@dataclass(frozen=True)
class Shot:
    """A photo and the occasion that it truly belongs to."""

    key: str
    entry: Entry
    occasion: int


@dataclass(frozen=True)
class Habits:
    """What kind of library to make: shares of all photos, and what happens in it, `at_most` so many times."""

    years: int
    photos_a_day: float
    without_position: float = 0.0
    wrong_dates: float = 0.0
    moves: bool = False
    home: bool = True
    weekends: bool = True
    journeys: bool = True
    weddings: bool = False
    at_most: int = 1_000_000


class Life:
    """Occasions, one after another."""

    def __init__(self, habits: Habits, seed: int) -> None:
        """Begin a life; the same `seed` gives the same photos."""
        self.habits = habits
        self.chance = random.Random(seed)
        self.occasion = 0
        self.taken = 0

    def shots(self) -> Iterator[Shot]:
        """Yield the photos of the whole life, occasion by occasion."""
        day, end = datetime(2004, 1, 3), datetime(2004, 1, 3) + timedelta(days=365 * self.habits.years)
        while day < end and self.occasion < self.habits.at_most:
            home = BERLIN if self.habits.moves and day.year >= 2004 + self.habits.years / 2 else LYON
            kind = self.chance.random()
            if self.habits.journeys and kind < 0.012:
                days = self.chance.randint(6, 20)
                yield from self._journey(day, days, self.chance.choice(FAR))
                day += timedelta(days=days + self.chance.randint(2, 4))
            elif self.habits.weekends and day.weekday() == 5 and kind < 0.20:
                place = self.chance.choice([SEA, ALPS, PARIS, LONDON])
                yield from self._journey(day, 2, (place,))
                day += timedelta(days=self.chance.randint(3, 5))
            elif self.habits.weddings and day.weekday() == 5 and kind < 0.24:
                yield from self._wedding(day, near(home, 20, self.chance))
                day += timedelta(days=self.chance.randint(3, 5))
            elif self.habits.home and kind < 0.45:
                yield from self._at_home(day, home)
                day += timedelta(days=self.chance.choice([1, 2, 2, 3, 3, 4]))
            else:
                day += timedelta(days=1)

    def _at_home(self, day: datetime, home: Position) -> Iterator[Shot]:
        """An afternoon, a birthday, a walk: some hours at home or near it."""
        self.occasion += 1
        starts = day + timedelta(hours=self.chance.uniform(9, 17))
        where = near(home, self.chance.choice([1, 3, 8, 20]), self.chance)
        for _ in range(self._some(0.6)):
            at = starts + timedelta(hours=self.chance.uniform(0, 4))
            yield self._shot(at, near(where, 0.5, self.chance))

    def _journey(self, day: datetime, days: int, stops: tuple[Position, ...]) -> Iterator[Shot]:
        """Days away from home, from stop to stop; now and then a day without a photo."""
        self.occasion += 1
        for number in range(days):
            stop = stops[number * len(stops) // days]
            if 0 < number < days - 1 and self.chance.random() < 0.12:
                continue
            for _ in range(max(11, self._some(2.0))):
                at = day + timedelta(days=number, hours=self.chance.uniform(8, 22))
                yield self._shot(at, near(stop, 12, self.chance))

    def _wedding(self, day: datetime, place: Position) -> Iterator[Shot]:
        """One day by three cameras: one right, one an hour off, one in another time zone; two without GPS."""
        self.occasion += 1
        for skew, located in ((0.0, True), (-1.0, False), (7.0, False)):
            for _ in range(self._some(4.0)):
                at = day + timedelta(hours=self.chance.uniform(10, 23) + skew)
                shot = self._shot(at, near(place, 0.3, self.chance))
                yield shot if located else replace(shot, entry=replace(shot.entry, position=None))

    def _some(self, share: float) -> int:
        return 1 + int(self.chance.expovariate(1 / (self.habits.photos_a_day * share)))

    def _shot(self, at: datetime, position: Position) -> Shot:
        self.taken += 1
        lost = self.chance.random() < self.habits.without_position
        occasion = self.occasion
        if (
            self.chance.random() < self.habits.wrong_dates
        ):  # the camera forgot its date: nothing tells any more
            at = datetime(2000, 1, 1) + timedelta(
                days=self.chance.randint(0, 4000), minutes=self.chance.random()
            )
            occasion = -self.taken
        entry = Entry(
            at=at.replace(microsecond=0).isoformat(),
            position=None if lost else (round(position[0], 5), round(position[1], 5)),
            quality=round(self.chance.random(), 3),
            phash=f"{self.chance.getrandbits(64):016x}",
        )
        return Shot(f"life/IMG_{self.taken:06}.jpg", entry, occasion)


def near(place: Position, km: float, chance: random.Random) -> Position:
    """Return a place within about `km` of another."""
    degrees = km / 111.2
    latitude = place[0] + chance.uniform(-degrees, degrees) * 0.7
    longitude = place[1] + chance.uniform(-degrees, degrees) * 0.7 / max(0.1, cos(radians(place[0])))
    return latitude, (longitude + 180) % 360 - 180
