"""Positions get the names that people would give them, without a service."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metadata.places import place_of


@pytest.mark.parametrize(
    ("position", "locality", "region_code", "country_code"),
    [
        ((48.8188, 2.2887), "Paris", "FR-IDF", "FR"),  # Vanves: population decides
        ((51.5007, -0.1246), "London", "GB-ENG", "GB"),
        ((-33.8568, 151.2153), "Sydney", "AU-NSW", "AU"),
        ((48.573, 7.811), "Kehl", "DE-BW", "DE"),  # across the Rhine lies Strasbourg, 12 times as large
        ((41.9022, 12.4533), "Vatican City", None, "VA"),  # and Rome around it
        ((37.7456, -119.5936), "Yosemite Valley", "US-CA", "US"),
        ((64.1466, -21.9426), "Reykjavík", None, "IS"),
        ((-45.0312, 168.6626), "Queenstown", "NZ-OTA", "NZ"),
        ((78.2232, 15.6267), "Longyearbyen", None, "SJ"),
    ],
)
def test_a_photo_gets_the_name_of_its_town(
    position: tuple[float, float], locality: str, region_code: str | None, country_code: str
) -> None:
    place = place_of(*position)
    assert place is not None
    assert place.get("locality") == locality
    assert place["country_code"] == country_code
    if region_code:
        assert place.get("region_code") == region_code


@pytest.mark.parametrize(
    "position", [(30.0, -40.0), (0.0, -179.99), (0.0, 180.0), (90.0, 0.0), (-90.0, 12.0), (-45.0, -120.0)]
)
def test_mid_ocean_and_the_poles_are_no_town(position: tuple[float, float]) -> None:
    assert place_of(*position) is None


def test_far_from_any_town_the_country_is_known() -> None:
    place = place_of(-17.7, 178.0)  # Fiji's interior
    assert place is not None
    assert (place["country"], place.get("locality")) == ("Fiji", None)


def test_the_date_line_is_no_border() -> None:
    east, west = place_of(-16.8, 179.99), place_of(-16.8, -179.99)
    assert east == west
    assert east is not None and east["country"] == "Fiji"


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_every_position_has_a_place_or_none(latitude: float, longitude: float) -> None:
    place = place_of(latitude, longitude)
    assert place is None or len(place["country_code"]) == 2
