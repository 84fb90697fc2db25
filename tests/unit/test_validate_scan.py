"""What ClamAV's daemon says of a file, and what becomes of it."""

from pathlib import Path

import pytest

from clamd import daemon
from safelight.errors import MalwareFound, Misconfigured, ServiceUnavailable
from validate.scan import OFF, check_clean


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "a.jpg"
    made.write_bytes(bytes(range(256)) * 10_000)
    return made


def test_every_byte_is_looked_at_once(path: Path, tmp_path: Path) -> None:
    seen: list[bytes] = []

    def judge(data: bytes) -> bytes:
        seen.append(data)
        return b"stream: OK\0"

    with daemon(tmp_path, judge) as clamd:
        check_clean(path, "a.jpg", clamd)
    assert seen == [path.read_bytes()]


def test_malware_is_named(path: Path, tmp_path: Path) -> None:
    with (
        daemon(tmp_path, lambda data: b"stream: Win.Test.EICAR_HDB-1\x1b[2J FOUND\0") as clamd,
        pytest.raises(MalwareFound, match=r"^a\.jpg holds malware, Win\.Test\.EICAR_HDB-1\[2J, and"),
    ):
        check_clean(path, "a.jpg", clamd)


@pytest.mark.parametrize("answer", [b"stream: Can't allocate memory ERROR\0", b""])
def test_without_a_verdict_nothing_passes(path: Path, tmp_path: Path, answer: bytes) -> None:
    with daemon(tmp_path, lambda data: answer) as clamd, pytest.raises(Misconfigured, match="does not scan"):
        check_clean(path, "a.jpg", clamd)


def test_a_file_that_is_too_large_for_the_daemon_does_not_pass(path: Path, tmp_path: Path) -> None:
    with (
        daemon(tmp_path, lambda data: b"stream: OK\0", most=1_000_000) as clamd,
        pytest.raises(Misconfigured, match="size limit exceeded"),
    ):
        check_clean(path, "a.jpg", clamd)


def test_a_daemon_that_is_not_there_is_waited_for(path: Path, tmp_path: Path) -> None:
    with pytest.raises(ServiceUnavailable, match="Start clamd"):
        check_clean(path, "a.jpg", str(tmp_path / "nobody"))


def test_off_asks_nobody(path: Path) -> None:
    check_clean(path, "a.jpg", OFF)
