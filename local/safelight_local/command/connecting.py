"""Asks Dropbox's user for the permission to read their files: OAuth 2 without a page to come back to."""

import click
import requests
from dropbox.oauth import DropboxOAuth2FlowNoRedirect

from safelight_library.dropbox import Keys
from safelight_local.command.terminal import say

_SCOPES = ["files.metadata.read", "files.content.read"]


def asked_for(app_key: str, app_secret: str) -> Keys:
    """Have the user open Dropbox and copy its code here; return the keys that it is worth.

    Raises:
        ClickException: Dropbox does not take the code.
    """
    kind = "offline"  # a token that lasts
    flow = DropboxOAuth2FlowNoRedirect(app_key, app_secret, token_access_type=kind, scope=_SCOPES)
    say(f"Open this address, allow the app to read your files, and copy the code:\n\n{flow.start()}\n")
    code = click.prompt("The code", hide_input=True)
    try:
        told = flow.finish(code.strip())
    except (requests.RequestException, ValueError) as error:
        raise click.ClickException(
            "Dropbox does not take this code. Look at the app's key and secret, and give the command again: "
            f"a code works once, and for a few minutes. ({type(error).__name__})"
        ) from error
    return Keys(app_key, app_secret, told.refresh_token, told.account_id)
