"""Commands of a Dropbox that photos come from."""

import click

from safelight_local.command import connection
from safelight_local.command.terminal import say


@click.group()
def dropbox() -> None:
    """Have photos come from a Dropbox by themselves."""


@dropbox.command("connect")
@click.option("--app-key", prompt="The key of your app at dropbox.com/developers/apps", metavar="KEY")
@click.pass_obj
def dropbox_connect(stack: str | None, app_key: str) -> None:
    """Let the stack read a Dropbox, by an app of yours at dropbox.com/developers/apps.

    Its key, its secret and the code of the login are asked for; they are kept in Secrets Manager alone. All
    that is in the Dropbox comes then, and what changes by the webhook that is printed at the end.
    """
    from safelight_library.dropbox import connect, webhook_of
    from safelight_local.command.connecting import asked_for

    library = connection.library_of(stack)
    webhook = webhook_of(library)
    secret = click.prompt("The secret of the app", hide_input=True)
    connect(library, asked_for(app_key.strip(), secret.strip()))
    say("The Dropbox is connected, and its photos are coming. Name this webhook in the app's settings:")
    say(webhook)
