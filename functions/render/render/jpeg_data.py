"""Reads a JPEG file in a way that lets its decoder notice that image data are missing."""

from pathlib import Path

from safelight.jpeg import read_layout

_SIGNATURE = b"\xff\xd8\xff"
_PADDING_BYTES = 64


def jpeg_data(path: Path, filename: str) -> bytes | None:
    """Return what to decode of the JPEG file at `path`, or None if it is none; `filename` is for messages.

    Where an end marker comes before the data that the header promised, libjpeg paints the rest grey and
    only warns. Without the marker it runs out of data, which it reports. A few bytes stay in its place,
    since the decoder looks ahead.

    Raises:
        TruncatedFile: the file ends before the image's EOI marker.
        CorruptFile: image data are missing or damaged in the middle.
    """
    with path.open("rb") as file:
        if file.read(len(_SIGNATURE)) != _SIGNATURE:
            return None
        data = _SIGNATURE + file.read()
    layout = read_layout(data, filename)
    return data[: layout.scan_end] + bytes(_PADDING_BYTES) if layout.one_pass else data
