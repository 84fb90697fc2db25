"""Words as people type them: folded, cut into tokens, and compared with typing mistakes. Pure."""

import re
import unicodedata

_LETTERS = str.maketrans(
    {
        **{"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h"},
        **{"\N{LATIN SMALL LETTER DOTLESS I}": "i"},
    }
)
"""Letters that Unicode does not decompose, and how people type them who do not have them."""

_UNSPACED = (
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff"
)
"""Kana, Han, Thai, Lao, Myanmar and Khmer, which are written without spaces between the words."""

_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")

_SURE = 3
"""Words of so many letters or fewer are not taken for another one that was mistyped."""


def folded(text: str) -> str:
    """Return `text` without capitals and accents: "Łódź" as "lodz", "Straße" as "strasse"."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in apart if not unicodedata.combining(each)).translate(_LETTERS)


def tokens(text: str) -> list[str]:
    """Return the words of `text`, folded; each character is one in scripts that put no spaces."""
    return _TOKEN.findall(folded(text))


def is_unspaced(token: str) -> bool:
    """Tell whether a token is a character of a script that puts no spaces."""
    return re.fullmatch(rf"[{_UNSPACED}]", token) is not None


def mistakes_allowed(word: str) -> int:
    """Return how many typing mistakes a word may have: none in a short one or a number, else one or two."""
    if len(word) <= _SURE or not word.isalpha():
        return 0
    return 1 if len(word) < 8 else 2


def distance(one: str, other: str, most: int) -> int:
    """Return how many letters are to be changed, added, left out or swapped with their neighbour.

    It is the optimal string alignment distance; above `most` it is only known to be more.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before, row = list[int](), list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        earlier, before, row = before, row, [place]
        for index, it in enumerate(other, 1):
            cost = min(before[index] + 1, row[-1] + 1, before[index - 1] + (letter != it))
            if place > 1 and index > 1 and letter == other[index - 2] and it == one[place - 2]:
                cost = min(cost, earlier[index - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
