"""Connects a stack with a Dropbox, which its own functions follow from then on."""

import json
from dataclasses import asdict, dataclass

from safelight.keys import DROPBOX_CURSOR_ID
from safelight_library.errors import DropboxRefused
from safelight_library.library import Library

_CHANGED = {"detail-type": "Dropbox was connected", "detail": {}}


@dataclass(frozen=True)
class Keys:
    """The keys of an app of Dropbox's, and of who has connected it: the token lasts until it is revoked."""

    app_key: str
    app_secret: str
    refresh_token: str
    account_id: str


def webhook_of(library: Library) -> str:
    """Return the address at which the stack hears from Dropbox.

    Raises:
        DropboxRefused: the stack follows none.
    """
    if url := library.outputs.get("DropboxWebhookUrl"):
        return url
    raise DropboxRefused("The stack follows no Dropbox. Deploy it with the parameter Dropbox=on first.")


def connect(library: Library, keys: Keys) -> None:
    """Keep the keys in Secrets Manager, and have all of the Dropbox looked at; what is known stays.

    Raises:
        DropboxRefused: the stack follows none.
    """
    webhook_of(library)
    library.client("secretsmanager").put_secret_value(
        SecretId=library.outputs["DropboxSecretArn"], SecretString=json.dumps(asdict(keys))
    )
    library.dynamodb.delete_item(
        TableName=library.outputs["LibraryTable"], Key={"id": {"S": DROPBOX_CURSOR_ID}}
    )
    library.sqs.send_message(
        QueueUrl=library.outputs["DropboxChangesQueue"], MessageBody=json.dumps(_CHANGED)
    )
