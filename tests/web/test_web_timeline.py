"""The timeline of the web app in a real browser, over a library that is larger than a page of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safelight.index import schema
from safelight.index.changes import apply
from served import served
from unit.index_records import photo

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

OF_A_MONTH = 700
"""More than three pages of the API's."""


@pytest.fixture
def page(tmp_path: Path, browser: "Browser") -> Iterator["Page"]:
    """The timeline of a library whose photos are all of one month."""
    index = schema.created(tmp_path / "index.sqlite")
    taken = [f"2024-06-{1 + number * 30 // OF_A_MONTH:02}T10:00:00" for number in range(OF_A_MONTH)]
    records = [photo(f"Sea/{number:04}.jpg", at) for number, at in enumerate(taken)]
    apply(index, {record["id"]: record for record in records})
    index.close()
    with served(tmp_path / "index.sqlite") as (address, stack):
        context = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True)
        context.add_cookies([{"name": "session", "value": stack.token("ada"), "url": f"{address}/api"}])
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector(".tile img")
        yield page
        context.close()


def test_a_leap_into_the_depth_of_a_month_ends_at_its_photos(page: "Page") -> None:
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight * 0.8)")
    page.wait_for_function(
        """[...document.querySelectorAll(".tile")].some((tile) => {
            const { top, bottom } = tile.getBoundingClientRect();
            return bottom > 0 && top < innerHeight;
        })"""
    )
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.wait_for_selector(".tile[aria-label^='0000.jpg']")
