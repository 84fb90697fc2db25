"""Positions get the names that people would give them, without a service."""

import sqlite3

import pytest
import tzfpy
from hypothesis import given
from hypothesis import strategies as st

from metadata import places
from metadata.places import Place, place_of


def found(latitude: float, longitude: float) -> Place | None:
    return place_of(latitude, longitude, tzfpy.get_tz(longitude, latitude))


@pytest.mark.parametrize(
    ("position", "locality", "region_code", "country_code"),
    [
        ((48.8188, 2.2887), "Vanves", "FR-IDF", "FR"),
        ((48.8584, 2.2945), "Paris", "FR-IDF", "FR"),  # the middle of Neuilly is nearer
        ((48.8049, 2.1204), "Versailles", "FR-IDF", "FR"),
        ((40.7497, 14.4869), "Pompei", "IT-72", "IT"),
        ((49.9987, 8.2737), "Mainz", "DE-RP", "DE"),  # nearer lies Kastel, across the Rhine in Hesse
        ((40.7282, -74.0776), "Jersey City", "US-NJ", "US"),  # 6 km from 30 times as many people
        ((51.5007, -0.1246), "London", "GB-ENG", "GB"),
        ((-33.8568, 151.2153), "Sydney", "AU-NSW", "AU"),
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
    place = found(*position)
    assert place is not None
    assert place.get("locality") == locality
    assert place["country_code"] == country_code
    if region_code:
        assert place.get("region_code") == region_code


@pytest.mark.parametrize(
    ("position", "locality", "district", "city"),
    [
        ((52.4811, 13.4354), "Berlin", "Neukölln", None),
        ((-33.8908, 151.2743), "Sydney", "Bondi Beach", None),
        ((48.8867, 2.3431), "Paris", "Paris 18 Buttes-Montmartre", None),  # newer than the feature codes
        ((48.8188, 2.2887), "Vanves", None, "Paris"),
        ((40.7282, -74.0776), "Jersey City", None, "New York City"),  # in another state
        ((48.8049, 2.1204), "Versailles", None, None),  # 17 km from Paris
        ((49.9987, 8.2737), "Mainz", None, None),  # Wiesbaden is no larger, and Kastel is Wiesbaden's
        ((48.573, 7.811), "Kehl", None, None),  # Strasbourg is in another country
    ],
)
def test_a_district_or_the_city_around_is_told_beside_the_town(
    position: tuple[float, float], locality: str, district: str | None, city: str | None
) -> None:
    place = found(*position)
    assert place is not None
    assert (place.get("locality"), place.get("district"), place.get("city")) == (locality, district, city)


@pytest.mark.parametrize(
    ("position", "locality", "region_code", "country_code"),
    [
        ((32.546, -117.03), "Chula Vista", "US-CA", "US"),  # San Ysidro; the nearest town is Tijuana
        ((31.745, -106.485), "Ciudad Juárez", "MX-CHH", "MX"),  # the nearest town is El Paso
        ((31.7587, -106.4869), "El Paso", "US-TX", "US"),
        ((22.5145, 114.0655), None, None, "HK"),  # the nearest town is Shenzhen
        ((48.5733, 7.801), "Strasbourg", "FR-GES", "FR"),  # the nearest town is Kehl
        ((48.573, 7.811), "Kehl", "DE-BW", "DE"),
        ((42.66, 21.16), "Pristina", None, "XK"),  # in a zone of Serbia's
        ((44.8, 20.46), "Belgrade", None, "RS"),
        ((21.0285, 105.8542), "Hanoi", "VN-HN", "VN"),  # in a zone of Thailand's
        ((13.7563, 100.5018), "Bangkok", "TH-10", "TH"),
    ],
)
def test_borders_are_those_of_the_time_zones(
    position: tuple[float, float], locality: str | None, region_code: str | None, country_code: str
) -> None:
    place = found(*position)
    assert place is not None
    assert place["country_code"] == country_code
    if locality:
        assert place.get("locality") == locality
    if region_code:
        assert place.get("region_code") == region_code


@pytest.mark.parametrize(
    "position", [(30.0, -40.0), (0.0, -179.99), (0.0, 180.0), (90.0, 0.0), (-45.0, -120.0)]
)
def test_the_high_seas_are_no_place(position: tuple[float, float]) -> None:
    assert found(*position) is None


@pytest.mark.parametrize(
    ("position", "region", "country"),
    [
        ((-17.7, 178.0), "Western", "Fiji"),
        ((23.0, 5.0), "Tamanrasset", "Algeria"),
        ((-90.0, 12.0), None, "Antarctica"),
        ((75.0, -40.0), None, "Greenland"),  # more than 100 km from the next place
    ],
)
def test_far_from_any_town_the_country_is_known(
    position: tuple[float, float], region: str | None, country: str
) -> None:
    place = found(*position)
    assert place is not None
    assert (place["country"], place.get("region"), place.get("locality")) == (country, region, None)


def test_the_date_line_is_no_border() -> None:
    east, west = found(-16.8, 179.99), found(-16.8, -179.99)
    assert east == west
    assert east is not None and east["country"] == "Fiji"


def test_every_time_zone_with_land_has_a_country() -> None:
    with sqlite3.connect(f"file:{places._TABLE}?mode=ro", uri=True) as table:
        known = {name for (name,) in table.execute("SELECT name FROM zone WHERE main")}
    assert {zone for zone in tzfpy.timezonenames() if not zone.startswith("Etc/")} <= known


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_every_position_has_a_place_or_none(latitude: float, longitude: float) -> None:
    place = found(latitude, longitude)
    assert place is None or len(place["country_code"]) == 2
