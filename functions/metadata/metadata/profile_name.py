"""Reads the name of an ICC profile: its description tag (ICC.1:2022, 7.2, 7.3, 9.2.41 and 10.15)."""

import struct


def profile_name(profile: bytes) -> str | None:
    """Return what an ICC profile calls itself, or None where it does not say. Raises struct.error if cut."""
    if profile[36:40] != b"acsp":
        return None
    for number in range(min(struct.unpack(">I", profile[128:132])[0], 100)):
        name, at, length = struct.unpack(">4sII", profile[132 + 12 * number : 144 + 12 * number])
        if name == b"desc":
            return _text(profile[at : at + length])
    return None


def _text(element: bytes) -> str | None:
    if element[:4] == b"desc":  # version 2: a count, and ASCII closed with a zero
        count = struct.unpack(">I", element[8:12])[0]
        return element[12 : 12 + count].split(b"\x00")[0].decode("ascii", "replace")
    if element[:4] == b"mluc":  # version 4: the first of several languages, in UTF-16
        length, at = struct.unpack(">II", element[20:28])
        return element[at : at + length].decode("utf-16-be", "replace")
    return None
