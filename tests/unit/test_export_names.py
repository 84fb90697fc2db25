"""Names in an archive are ones that every system can write, and no two of them are alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from export.names import Names
from safelight.keys import composed


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["a.jpg", "A.JPG", "a.jpg"], ["a.jpg", "A (2).JPG", "a (3).jpg"]),
        (["e\u0301.jpg", "\u00e9.jpg"], ["\u00e9.jpg", "\u00e9 (2).jpg"]),
        (["a (2).jpg", "a.jpg", "a.jpg"], ["a (2).jpg", "a.jpg", "a (3).jpg"]),
        (["day/a.jpg", "day"], ["day/a.jpg", "day (2)"]),
        (["day", "day/a.jpg"], ["day", "day (folder)/a.jpg"]),
        (["../../etc/passwd", "/a.jpg", "."], ["_/_/etc/passwd", "_/a.jpg", "_ (2)"]),
        (['a:b?"<>|*\\c.jpg', "nul.txt", "x. "], ["a_b_______c.jpg", "_nul.txt", "x"]),
        ([".hidden", ".hidden"], [".hidden", ".hidden (2)"]),
    ],
)
def test_names_are_given_once(paths: list[str], names: list[str]) -> None:
    given_out = Names()
    assert [given_out.given(path) for path in paths] == names


def test_a_long_name_keeps_its_extension() -> None:
    name = Names().given("ä" * 400 + ".jpeg")
    assert len(name.encode()) <= 240
    assert name.endswith("ä.jpeg")


@given(st.lists(st.text(alphabet="aA/.é \x00", max_size=6), max_size=12))
def test_no_two_are_one_on_any_system(paths: list[str]) -> None:
    given_out = Names()
    names = [given_out.given(path) for path in paths]
    same = [composed(name.casefold()) for name in names]
    assert len(set(same)) == len(names)
    folders = {name[:at] for name in same for at in range(len(name)) if name[at] == "/"}
    assert not folders & set(same)
    for name in names:
        assert all(part and part not in {".", ".."} and part.isprintable() for part in name.split("/"))
