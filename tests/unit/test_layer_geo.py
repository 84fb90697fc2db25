"""Distances, centres and boxes on the globe, over the poles and the antimeridian."""

import pytest

from safelight.geo import EARTH_KM, Box, Position, box_of, centre_of, distance_km, vector_of

ROME, FLORENCE = (41.9028, 12.4964), (43.7696, 11.2558)


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        ((48.8566, 2.3522), (51.5074, -0.1278), 343.6),
        (ROME, FLORENCE, 230.9),
        ((0.0, 0.0), (0.0, 180.0), 20015.1),
        ((90.0, 0.0), (-90.0, 0.0), 20015.1),
        ((0.0, 179.5), (0.0, -179.5), 111.2),
    ],
)
def test_distances_are_great_circles(one: Position, other: Position, km: float) -> None:
    assert distance_km(one, other) == pytest.approx(km, abs=0.1)
    assert distance_km(other, one) == distance_km(one, other)


def test_a_metre_is_still_measured() -> None:
    assert distance_km((45.0, 7.0), (45.0 + 360 / (2 * 3.14159265 * EARTH_KM * 1000), 7.0)) == pytest.approx(
        0.001, rel=1e-3
    )


def test_the_middle_of_places_on_both_sides_of_the_antimeridian_is_between_them() -> None:
    east, west = vector_of((-17.0, 179.5)), vector_of((-16.0, -179.5))
    middle = centre_of((east[0] + west[0], east[1] + west[1], east[2] + west[2]))
    assert distance_km(middle, (-16.5, 180.0)) < 1


def test_a_box_leaves_out_the_widest_gap() -> None:
    fiji = {"11": (179.5, 179.9), "0": (-179.5, -179.5)}
    assert box_of(-17.0, -16.0, fiji) == Box(south=-17.0, west=179.5, north=-16.0, east=-179.5)
    europe = {"6": (4.8, 12.5), "7": (30.5, 31.0)}
    assert box_of(41.9, 45.8, europe) == Box(south=41.9, west=4.8, north=45.8, east=31.0)
