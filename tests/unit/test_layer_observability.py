"""Whatever leaves a function has a name that the workflow knows."""

import traceback

import pytest

from safelight.errors import CorruptFile, Unforeseen
from safelight.observability import foreseen


def fill_the_disk() -> None:
    raise OSError(28, "No space left on device")


def test_what_has_no_name_gets_one_and_keeps_its_own_and_its_trace() -> None:
    with pytest.raises(Unforeseen, match=r"^OSError: \[Errno 28\] No space left on device$") as caught:
        foreseen(fill_the_disk)()
    assert "fill_the_disk" in [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]


def test_what_has_a_name_keeps_it() -> None:
    def refuse(text: str) -> None:
        raise CorruptFile(text)

    with pytest.raises(CorruptFile, match=r"^damaged$"):
        foreseen(refuse)("damaged")
    assert foreseen(len)("abc") == 3
