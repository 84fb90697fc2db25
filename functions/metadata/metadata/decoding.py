"""Decodes text that does not say in which code it was written, as most of Exif and IPTC does not.

What is valid UTF-8 is UTF-8: hardly any text of another code is so by chance. Else it is Windows-1252, as
ExifTool takes it to be, or Mac OS Roman, in which Photoshop and iView wrote on a Macintosh of before 2002.
The two give each byte another letter, so that in the wrong one letters turn up where no word has them.
"""

from collections.abc import Iterable

_WINDOWS = {byte: bytes([byte]).decode("cp1252", "ignore") or "\ufffd" for byte in range(256)}
_MACINTOSH = {byte: bytes([byte]).decode("mac_roman") for byte in range(256)}
_OPENING = "\u2018\u201c\u201e\u2039\u00ab\u00bf\u00a1"
"""The signs that stand right before a word."""
_RARE = "\u0178\u0192\ufffd"
"""\u0178 and \u0192, which next to no word has, and what Windows-1252 leaves undefined."""


def decoded(text: bytes) -> str:
    """Return `text` as UTF-8, or in the likelier of the two codes of before Unicode."""
    return decoded_alike((text,))[0]


def decoded_alike(texts: Iterable[bytes]) -> list[str]:
    """Return `texts`, of which those that are not UTF-8 were all written in one code."""
    texts = list(texts)
    unicode = [_as_utf8(text) for text in texts]
    older = b"\n".join(text for text, found in zip(texts, unicode, strict=True) if found is None)
    code = min((_WINDOWS, _MACINTOSH), key=lambda code: _oddities(_as(older, code)))
    return [_as(text, code) if found is None else found for text, found in zip(texts, unicode, strict=True)]


def _as_utf8(text: bytes) -> str | None:
    """Return `text`, which may be cut within its last letter, or None if it is not UTF-8."""
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        whole = text[: error.start]
        cut = error.reason == "unexpected end of data" and not whole.isascii()
        return whole.decode() if cut else None


def _as(text: bytes, code: dict[int, str]) -> str:
    return "".join(code[byte] for byte in text)


def _oddities(text: str) -> int:
    """Return how often `text` has what words do not have: signs and capitals inside, letters in numbers."""
    odd = 0
    for before, sign, after in zip(f" {text}", text, f"{text} "[1:], strict=False):
        if sign.isascii():
            continue
        odd += 2 * (sign in _RARE)
        if sign.isalpha():
            odd += 2 * (before.isdigit() or after.isdigit())
            odd += 2 * (sign.isupper() and before.isalpha() and (before.islower() or after.islower()))
            odd += 2 * (sign.islower() and after.isupper())
        elif sign in "\u00bf\u00a1" and before.isalnum():
            odd += 2
        elif before.isalpha() and after.isalpha():
            odd += 0 if sign == "\u2019" else 1 if sign in "\u2013\u2014" else 2
        elif after.isalpha():
            odd += sign not in _OPENING
    return odd
