"""Tokens of an issuer of OpenID Connect: whose they are, if they are real."""

import json
import time
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

from api.settings import settings
from safelight.clients import cognito
from safelight.errors import ServiceUnavailable

if TYPE_CHECKING:
    from jwt import PyJWK

_KEPT_SECONDS = 3600.0
"""How long the keys of the issuer are kept."""

_PATIENCE_SECONDS = 60.0
"""How long nobody can make this function fetch them anew, by tokens of keys that there are not."""

_LEEWAY_SECONDS = 60
_TIMEOUT_SECONDS = 5
_LONGEST_NAME = 200


class _Keys:
    """The issuer's public keys by their ids, fetched when they are needed (RFC 7517)."""

    def __init__(self) -> None:
        self._keys: dict[str, PyJWK] = {}
        self._fetched_at = -_KEPT_SECONDS

    def named(self, kid: str) -> "PyJWK | None":
        age = time.monotonic() - self._fetched_at
        if age > _KEPT_SECONDS or (kid not in self._keys and age > _PATIENCE_SECONDS):
            self._keys, self._fetched_at = _fetched(), time.monotonic()
        return self._keys.get(kid)


@cache
def _keys() -> _Keys:
    return _Keys()


def claims_of(token: str) -> dict[str, Any] | None:
    """Return what a token says, or None where it is not the issuer's, not for this library, or expired.

    Raises:
        ServiceUnavailable: the keys of the issuer cannot be fetched.
    """
    import jwt  # it takes long to load, and who has no token does not need it

    try:
        key = _keys().named(str(jwt.get_unverified_header(token).get("kid", "")))
        if key is None:
            return None
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            audience=settings().token_audience,
            issuer=settings().token_issuer,
            leeway=_LEEWAY_SECONDS,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
    except jwt.InvalidTokenError:
        return None
    return claims


def name_of(claims: dict[str, Any]) -> str:
    """Return what to call somebody."""
    names = (claims.get(each) for each in ("name", "email", "cognito:username", "sub"))
    return str(next(filter(None, names)))[:_LONGEST_NAME]


def _fetched() -> "dict[str, PyJWK]":
    from jwt import PyJWKSet, PyJWTError

    try:
        keys = PyJWKSet.from_dict(_read(_keys_url())).keys
    except (OSError, ValueError, KeyError, PyJWTError) as error:
        raise ServiceUnavailable(f"The issuer's keys cannot be fetched: {error}") from error
    return {key.key_id: key for key in keys if key.key_id}


def _keys_url() -> str:
    """Return where the issuer's keys are: Cognito's beside its pool, another's as its discovery says."""
    issuer, pool = settings().token_issuer, settings().user_pool
    if issuer.endswith(f"/{pool}"):
        return f"{cognito().meta.endpoint_url}/{pool}/.well-known/jwks.json"
    url: str = _read(f"{issuer.rstrip('/')}/.well-known/openid-configuration")["jwks_uri"]
    return url


def _read(url: str) -> dict[str, Any]:
    with urlopen(url, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 (the stack's own setting)
        found: dict[str, Any] = json.load(answer)
        return found
