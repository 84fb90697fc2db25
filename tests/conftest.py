"""Settings of the test tools that every test shares."""

from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("unhurried", deadline=None)  # machines are shared: a test asserts no times
settings.load_profile("unhurried")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Give each process whole files, and all the tests that use the deployed stack to one."""
    from xdist.scheduler import LoadFileScheduling

    class Rooms(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "tests/workflow" if nodeid.startswith("tests/workflow/") else super()._split_scope(nodeid)

    return Rooms(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the tests that use the deployed stack: they take longest, and the others run beside them."""
    items.sort(key=lambda item: "workflow" not in item.path.parts)
