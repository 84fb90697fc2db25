"""What decodes may starve, crash or never end; the function goes on and says what was wrong."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import pyvips
from PIL import Image

from safelight import confined as under_test
from safelight.confined import confined
from safelight.errors import CorruptFile, ServiceUnavailable, TooCostly, TruncatedFile
from safelight.imaging.read import decode, naming


class Lambda:
    """Lambda's context of a function that may have 128 MB more data than this process has."""

    def __init__(self, seconds: float = 60) -> None:
        self.seconds = seconds
        (data,) = re.findall(r"VmData:\s+(\d+) kB", Path("/proc/self/status").read_text())
        self.memory_limit_in_mb = str(int(data) // 1024 + 256)

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


@pytest.fixture(autouse=True)
def _fresh() -> None:
    while under_test._idle:
        process = under_test._idle.pop()
        process.orders.close()
        process.answers.close()
        os.waitpid(process.pid, 0)


def run(work: Any, *args: Any, seconds: float = 60) -> Any:
    return confined(Lambda(seconds), "a.jpg", work, *args)


def allocate(megabytes: int) -> int:
    return len(bytes(megabytes << 20))


def end_by(number: int) -> None:
    os.kill(os.getpid(), number)


def never_end() -> None:
    while True:
        pass


def refuse(error: Exception) -> None:
    raise error


def crash_unless_fresh(mark: Path) -> int:
    if not mark.exists():
        mark.touch()
        os.abort()
    return os.getpid()


class Odd(Exception):
    """An error that cannot be made from its arguments."""

    def __init__(self, first: int, second: int) -> None:
        super().__init__(f"{first} of {second}")


def test_it_returns_what_the_work_returns_from_another_process_that_goes_on() -> None:
    first, second = run(os.getpid), run(os.getpid)
    assert first == second != os.getpid()


def test_a_test_stays_in_its_process() -> None:
    assert confined(None, "a.jpg", os.getpid) == os.getpid()


def test_a_large_answer_crosses() -> None:
    assert run(bytes, 30 << 20) == bytes(30 << 20)


def test_more_memory_than_there_is_is_a_rejection_in_words() -> None:
    assert run(allocate, 20) == 20 << 20
    with pytest.raises(TooCostly, match=r"^a\.jpg cannot be decoded in the [\d,]+ MB of memory"):
        run(allocate, 200)
    assert allocate(200) == 200 << 20, "the function itself has no such ceiling"
    assert run(allocate, 20) == 20 << 20


def test_work_without_an_end_is_a_rejection_in_words() -> None:
    with pytest.raises(TooCostly, match=r"^a\.jpg cannot be decoded in the 1 seconds"):
        run(never_end, seconds=1.25)
    assert run(allocate, 1) == 1 << 20


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGTRAP])
def test_a_crash_is_a_rejection_in_words(number: int) -> None:
    with pytest.raises(CorruptFile, match=rf"^a\.jpg .* crash \({signal.Signals(number).name}\)"):
        run(end_by, number)


def test_a_process_that_is_killed_from_outside_is_no_fault_of_the_photo() -> None:
    with pytest.raises(ServiceUnavailable):
        run(end_by, signal.SIGKILL)


def test_what_ends_a_used_process_is_tried_in_a_fresh_one(tmp_path: Path) -> None:
    used = run(os.getpid)
    assert run(crash_unless_fresh, tmp_path / "mark") not in (used, os.getpid())


@pytest.mark.parametrize(
    "error", [TruncatedFile("a.jpg ends early."), OSError(28, "No space left on device"), ValueError("x")]
)
def test_errors_cross_with_their_names(error: Exception) -> None:
    with pytest.raises(type(error), match=str(error).replace("[", r"\[")) as raised:
        run(refuse, error)
    assert raised.value.args == error.args


def raise_odd() -> None:
    raise Odd(1, 2)


def test_an_error_that_cannot_cross_does_so_in_words() -> None:
    with pytest.raises(RuntimeError, match=r"^Odd: 1 of 2$"):
        run(raise_odd)


BOMBS = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from unit.test_layer_confined import Lambda, decoded
from safelight.confined import confined

try:
    print(confined(Lambda(), "a.jpg", decoded, Path(sys.argv[1])))
except Exception as error:
    print(type(error).__name__)
"""


def decoded(path: Path) -> float:
    with naming(path.name):
        return float(decode(path, path.name, (400, 400)).image.avg())


def decoded_apart(path: Path) -> str:
    """Decode in a process that has not decoded before, as a function has not."""
    ran = subprocess.run(
        [sys.executable, "-c", BOMBS, str(path), *sys.path], stdout=subprocess.PIPE, text=True, check=True
    )
    return ran.stdout.strip()


@pytest.mark.parametrize(
    ("form", "options"), [("JPEG", {"progressive": True}), ("WEBP", {"lossless": True, "method": 0})]
)
def test_a_picture_that_needs_more_memory_than_there_is_is_a_rejection(
    form: str, options: dict[str, Any], tmp_path: Path
) -> None:
    """Decoders of both keep the whole of it."""
    path = tmp_path / "a"
    Image.new("RGB", (7000, 7000)).save(path, form, **options)
    assert decoded_apart(path) == "TooCostly"


def test_a_large_file_is_no_large_picture(tmp_path: Path) -> None:
    """The map that a TIFF is changed in counts as data, and takes no memory."""
    path = tmp_path / "a.tif"
    Image.new("RGB", (64, 64), (9, 9, 9)).save(path)
    os.truncate(path, 300 << 20)
    assert decoded_apart(path) == "9.0"


@pytest.mark.parametrize(
    "words",
    [
        "VipsJpeg: Insufficient memory (case 4)",
        "heif: Invalid input: Unspecified: Memory allocation error (2.0)",
        "out of memory when reading image file",
        "unable to mmap: Cannot allocate memory",
    ],
)
def test_what_decoders_say_of_memory_is_understood(words: str) -> None:
    """Words of libjpeg-turbo, libheif, Pillow and the system."""
    with pytest.raises(MemoryError), naming("a.jpg"):
        raise pyvips.Error(words)


def test_what_a_decoder_quotes_of_a_file_is_no_error_and_no_command_to_a_terminal() -> None:
    """libvips tells of boxes by their names, whatever bytes they are; pyvips takes them for UTF-8."""
    with (
        pytest.raises(CorruptFile, match=r"^a\.jpg cannot be decoded \(box \ufffd\ufffd\[2J\)"),
        naming("a.jpg"),
    ):
        b"box \xf1\x1b[2J".decode()


def test_a_limit_that_libheif_sets_is_not_that_of_memory() -> None:
    """It says so of boxes that claim too much."""
    words = (
        "heif: Memory allocation error: Security limit exceeded: Box size 795432062 exceeds security limit"
    )
    with pytest.raises(CorruptFile, match="damaged"), naming("a.jpg"):
        raise pyvips.Error(words)


def test_what_a_decoder_quotes_of_one_photo_does_not_reach_the_next() -> None:
    """pyvips cannot decode the words, leaves them where they are, and meets them again at the next copy."""
    image = pyvips.Image.black(1, 1)
    with pytest.raises(CorruptFile, match=r"\ufffd"), naming("a.jpg"):
        pyvips.Image.jpegload(b"/nowhere/\xf1")
    assert image.copy(interpretation="srgb").interpretation == "srgb"
