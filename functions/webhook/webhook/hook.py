"""Answers what Dropbox asks of a webhook, and lays down that something has changed."""

import json
import time
from base64 import b64decode
from functools import lru_cache
from typing import Any

from safelight.aws_errors import named_errors
from safelight.clients import secretsmanager, sqs
from webhook.settings import Settings
from webhook.signature import is_about, is_signed

CHANGED = {"detail-type": "Dropbox has changed", "detail": {}}
_REMEMBERED_SECONDS = 300


def answered(settings: Settings, request: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to a request, in the shapes of function URLs (AWS Lambda Developer Guide).

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    method = request["requestContext"]["http"]["method"]
    challenge = request.get("queryStringParameters", {}).get("challenge")
    if method == "GET" and challenge is not None:
        return _answer(200, challenge)
    if method != "POST":
        return _answer(405, "This is for Dropbox's webhooks.")
    body = request.get("body", "")
    sent = b64decode(body) if request.get("isBase64Encoded") else body.encode()
    keys = _keys(settings.dropbox_secret, int(time.monotonic() // _REMEMBERED_SECONDS))
    signature = request["headers"].get("x-dropbox-signature", "")
    if "app_secret" not in keys or not is_signed(sent, signature, keys["app_secret"]):
        return _answer(403, "The signature is not Dropbox's.")
    if is_about(sent, keys["account_id"]):
        with named_errors("Telling that Dropbox has changed"):
            sqs().send_message(QueueUrl=settings.changes_queue, MessageBody=json.dumps(CHANGED))
    return _answer(200, "")


@lru_cache(maxsize=1)
def _keys(secret: str, _: int) -> dict[str, str]:
    with named_errors("Reading the keys of Dropbox"):
        keys: dict[str, str] = json.loads(secretsmanager().get_secret_value(SecretId=secret)["SecretString"])
    return keys


def _answer(status: int, text: str) -> dict[str, Any]:
    headers = {"Content-Type": "text/plain", "X-Content-Type-Options": "nosniff"}
    return {"statusCode": status, "headers": headers, "body": text}
