"""What is shared by a link: an album, or photos, until it ends or is revoked. Pure.

The link holds a token that nobody guesses; the library keeps its SHA-256 alone, so that who reads the table
cannot open a share. A guest who has opened it, with its password where it has one, gets a cookie that is
signed with a secret of the stack.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NotRequired, TypedDict

from safelight.scope import Scope

SHARES = "shares"
"""The partition of the index in which every share is listed."""

GUESTS_ID = "secret/guests"
"""The id of the record that holds what the cookies of guests are signed with."""

GUEST_SECONDS = 30 * 24 * 3600
"""How long a guest need not give the password again."""

_TOKEN_BYTES = 24
_SALT_BYTES = 16
_SCRYPT = {"n": 1 << 14, "r": 8, "p": 5}
"""16 MiB and some 0.2 s of a processor for each guess (RFC 7914; OWASP, Password Storage Cheat Sheet)."""

_FREE_ATTEMPTS = 5
_LONGEST_WAIT_SECONDS = 900


class ShareRecord(TypedDict):
    """The record of a share, by `share/` and the SHA-256 of its token.

    `album` is the partition of the index that lists shares; `of_album` what is shared, or else `keys`.
    `expires_at` and `created_at` are UTC in ISO 8601. `failures` counts wrong passwords in a row, and before
    `next_attempt_at`, in seconds since 1970, no other is looked at.
    """

    id: str
    album: str
    timeline: str
    share_id: str
    title: str
    of_album: NotRequired[str]
    keys: NotRequired[list[str]]
    download: bool
    upload: bool
    expires_at: NotRequired[str]
    created_at: str
    salt: NotRequired[str]
    hashed: NotRequired[str]
    failures: int
    next_attempt_at: int
    version: int


@dataclass(frozen=True)
class Terms:
    """What a share opens, and to whom: `album` or `keys`, until `expires_at`, to who has `password`."""

    title: str
    album: str | None
    keys: Sequence[str]
    expires_at: datetime | None
    password: str | None
    download: bool
    upload: bool


def share_id_of(token: str) -> str:
    """Return the id of the share that a link with `token` opens."""
    return hashlib.sha256(token.encode()).hexdigest()


def share_record_id(share_id: str) -> str:
    """Return the id of the record of a share."""
    return f"share/{share_id}"


def new_share(terms: Terms, now: datetime) -> tuple[str, ShareRecord]:
    """Return the token of a new share, which is in its link and nowhere else, and its record."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    share_id, created_at = share_id_of(token), now.astimezone(UTC).isoformat(timespec="seconds")
    record: ShareRecord = {
        "id": share_record_id(share_id),
        "album": SHARES,
        "timeline": f"share#{created_at}#{share_id[:8]}",
        "share_id": share_id,
        "title": terms.title,
        "download": terms.download,
        "upload": terms.upload,
        "created_at": created_at,
        "failures": 0,
        "next_attempt_at": 0,
        "version": 1,
    }
    if terms.album is not None:
        record["of_album"] = terms.album
    else:
        record["keys"] = list(terms.keys)
    if terms.expires_at:
        record["expires_at"] = terms.expires_at.astimezone(UTC).isoformat(timespec="seconds")
    if terms.password:
        salt = secrets.token_bytes(_SALT_BYTES)
        record["salt"], record["hashed"] = salt.hex(), _hashed(terms.password, salt)
    return token, record


def _hashed(password: str, salt: bytes) -> str:
    return hashlib.scrypt(password.encode(), salt=salt, **_SCRYPT).hex()


def is_open(share: ShareRecord, now: datetime) -> bool:
    """Tell whether a share has not ended yet."""
    return "expires_at" not in share or now < datetime.fromisoformat(share["expires_at"])


def scope_of(share: ShareRecord) -> Scope:
    """Return what the guests of a share may see."""
    return Scope(album=share["of_album"]) if "of_album" in share else Scope(keys=frozenset(share["keys"]))


def wait_seconds(share: ShareRecord, now: datetime) -> int:
    """Return how long no password is looked at."""
    return max(0, share["next_attempt_at"] - int(now.timestamp()))


def attempted(share: ShareRecord, now: datetime) -> ShareRecord:
    """Return the record after one more password, as if it were wrong.

    It is written before the password is looked at, so that guesses at once do not get around the count. After
    five each wait is twice the last, up to a quarter of an hour.
    """
    failures = share["failures"] + 1
    wait = (
        min(1 << max(0, failures - _FREE_ATTEMPTS), _LONGEST_WAIT_SECONDS) if failures > _FREE_ATTEMPTS else 0
    )
    return {
        **share,
        "failures": failures,
        "next_attempt_at": int(now.timestamp()) + wait,
        "version": share["version"] + 1,
    }


def forgiven(share: ShareRecord) -> ShareRecord:
    """Return the record after the right password."""
    return {**share, "failures": 0, "next_attempt_at": 0, "version": share["version"] + 1}


def is_password(share: ShareRecord, password: str) -> bool:
    """Tell whether this is the password of a share that has one."""
    hashed = _hashed(password, bytes.fromhex(share["salt"]))
    return hmac.compare_digest(hashed, share["hashed"])


def guest_cookie(share: ShareRecord, secret: bytes, now: datetime) -> tuple[str, int]:
    """Return what the cookie of a guest says, and how many seconds it is good for."""
    ends = now + timedelta(seconds=GUEST_SECONDS)
    if "expires_at" in share:
        ends = min(ends, datetime.fromisoformat(share["expires_at"]))
    said = f"{share['share_id']}.{int(ends.timestamp())}"
    return f"{said}.{_signature(said, secret)}", int((ends - now).total_seconds())


def share_of_cookie(cookie: str, secret: bytes, now: datetime) -> str | None:
    """Return the id of the share that a cookie's guest has opened; None where it is forged or has ended."""
    said, _, signature = cookie.rpartition(".")
    share_id, _, ends = said.partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(said, secret).encode()):
        return None
    return share_id if int(ends) > now.timestamp() else None


def _signature(said: str, secret: bytes) -> str:
    return urlsafe_b64encode(hmac.digest(secret, said.encode(), "sha256")).decode().rstrip("=")
