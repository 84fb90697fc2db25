"""Fits sizes inside boxes."""


def fit(stored: tuple[int, int], box: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Return the size to shrink an image to, in pixels as stored, so that upright it fits inside `box`.

    `stored` is its size in pixels before it is turned by the Exif `orientation`. Never enlarges.
    """
    across, down = reversed(box) if orientation >= 5 else box
    scale = min(1.0, across / stored[0], down / stored[1])
    return max(1, round(stored[0] * scale)), max(1, round(stored[1] * scale))
