"""Sizes in pixels, before and after an image is turned upright."""

FIRST_TURNED = 5
"""The Exif orientations from this one on lie on their side: width and height change places."""


def fit(stored: tuple[int, int], box: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Return the size to shrink an image to, in pixels as stored, so that upright it fits inside `box`.

    `stored` is its size in pixels before it is turned by the Exif `orientation`. Never enlarges.
    """
    across, down = as_stored(box, orientation)
    scale = min(1.0, across / stored[0], down / stored[1])
    return max(1, round(stored[0] * scale)), max(1, round(stored[1] * scale))


def cover(stored: tuple[int, int], box: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Return the size to shrink an image to, in pixels as stored, so that upright it covers `cut` of `box`.

    Arguments are those of `fit`. Never enlarges.
    """
    across, down = as_stored(cut(as_stored(stored, orientation), box), orientation)
    scale = max(across / stored[0], down / stored[1])
    return max(across, round(stored[0] * scale)), max(down, round(stored[1] * scale))


def cut(upright: tuple[int, int], box: tuple[int, int]) -> tuple[int, int]:
    """Return `box`, or the largest size of its shape that an image of the size `upright` holds."""
    scale = min(1.0, upright[0] / box[0], upright[1] / box[1])
    return max(1, round(box[0] * scale)), max(1, round(box[1] * scale))


def as_stored(upright: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Return the size `upright` of an image as it is before it is turned by `orientation`, and vice versa."""
    width, height = upright
    return (height, width) if orientation >= FIRST_TURNED else (width, height)
