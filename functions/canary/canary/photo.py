"""The photo that is uploaded. Pure."""

from importlib.resources import files

ALBUM = "safelight-canary"
KEY = f"{ALBUM}/photo.jpg"


def photo_with(mark: str) -> bytes:
    """Return the canary's JPEG of 96 x 64 pixels, with `mark` in a comment: no two are the same file."""
    photo = files(__package__).joinpath("photo.jpg").read_bytes()
    comment = mark.encode()
    start, rest = photo[:2], photo[2:]
    return start + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + rest
