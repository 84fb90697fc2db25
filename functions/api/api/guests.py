"""Guests: who has opened the link of a share, and what that lets them see."""

import time
from datetime import UTC, datetime
from typing import cast

from api import library
from api.settings import settings
from safelight import shares
from safelight.clients import dynamodb
from safelight.shares import GUESTS_ID, ShareRecord, share_record_id
from safelight.table import secret


def now() -> datetime:
    """Return what time it is."""
    return datetime.fromtimestamp(time.time(), UTC)


def share(share_id: str) -> ShareRecord | None:
    """Return a share that is there and has not ended, as it is now."""
    id_ = share_record_id(share_id)
    found = cast(ShareRecord | None, library.records([id_]).get(id_))
    return found if found and shares.is_open(found, now()) else None


def share_of(cookie: str) -> ShareRecord | None:
    """Return the share that a guest's cookie opens; one that is revoked opens for nobody."""
    share_id = shares.share_of_cookie(cookie, signing_secret(), now())
    return share(share_id) if share_id else None


def signing_secret() -> bytes:
    """Return what the cookies of guests are signed with."""
    return secret(dynamodb(), settings().library_table, GUESTS_ID)
