"""Where a list goes on: an opaque cursor in URLs."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

from aws_lambda_powertools.event_handler.exceptions import BadRequestError

from safelight.transactions import Record


def cursor_of(ended: Record | None) -> str | None:
    """Return the cursor of the page after the one that `ended` so; None after the last."""
    if ended is None:
        return None
    return urlsafe_b64encode(json.dumps(ended, separators=(",", ":")).encode()).decode().rstrip("=")


def after(cursor: str | None) -> Record | None:
    """Return where the page before `cursor` ended.

    Raises:
        BadRequestError: it is no cursor of this list.
    """
    if not cursor:
        return None
    try:
        ended = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not (isinstance(ended, dict) and all(isinstance(each, str) for each in ended.values())):
            raise ValueError
    except ValueError:
        raise BadRequestError("This is no cursor. Take it from the page before.") from None
    return ended
