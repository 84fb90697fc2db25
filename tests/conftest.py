"""Settings of the test tools that every test shares."""

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

settings.register_profile("unhurried", deadline=None)  # machines are shared: a test asserts no times
settings.load_profile("unhurried")


_ROOMS = ("tests/workflow/", "tests/cloud/")
"""What takes longest: the tests on the one deployed stack, and those with clouds of their own."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make test-parameters` choose the stack of the workflow tests, of workflow/parameters.py."""
    parser.addoption("--stack", choices=["usual", "every-on", "every-off"], default="usual")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark of tests that need a parameter to be on."""
    config.addinivalue_line("markers", "needs(*parameters): of a stack where these parameters are on")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Give each process whole files, or a whole room of those that take longest."""
    from xdist.scheduler import LoadFileScheduling

    class Rooms(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next(filter(nodeid.startswith, _ROOMS), super()._split_scope(nodeid))

    return Rooms(config, log)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let a process that only computes give way to the clouds, which take the longest."""
    alone = "PYTEST_XDIST_WORKER" not in os.environ
    if not (alone or item.nodeid.startswith(_ROOMS) or os.getpriority(os.PRIO_PROCESS, 0)):
        os.nice(10)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with what takes longest; the others run beside and after it."""
    items.sort(key=lambda item: not item.nodeid.startswith(_ROOMS))


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium, or another that the machine has."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("There is no Chromium on this machine.")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()
