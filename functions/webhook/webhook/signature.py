"""Whether a request is Dropbox's (Dropbox, Webhooks). Pure."""

import hashlib
import hmac
import json
from typing import Any


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Tell whether `signature` is the HMAC-SHA256 of `body` by the app's secret."""
    made = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(made.encode(), signature.encode())


def is_about(body: bytes, account: str) -> bool:
    """Tell whether a notification names this account; several may share one app."""
    try:
        told: Any = json.loads(body)
        return account in told["list_folder"]["accounts"]
    except (KeyError, TypeError, ValueError):
        return False
