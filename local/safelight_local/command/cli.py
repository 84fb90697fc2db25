"""The `safelight` command: the same against the laptop's embedded cloud and against AWS.

What takes long to load is imported where it is used, so that help and mistakes are told at once.
"""

import click

from safelight_local.command.group import Told
from safelight_local.command.verbs import dropbox, operations, people, photos, stack


@click.group(cls=Told, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="safelight")
@click.option(
    "--stack",
    metavar="NAME",
    help="Work with this stack on AWS, with your usual AWS credentials, instead of the laptop's cloud.",
)
@click.pass_context
def main(context: click.Context, stack: str | None) -> None:
    """Turn photos into a finished library, on this laptop or on AWS."""
    context.obj = stack


for each in (
    stack.up,
    stack.down,
    stack.open_,
    stack.publish,
    photos.add,
    photos.remove,
    photos.status,
    photos.show,
    photos.export,
    photos.duplicates,
    dropbox.dropbox,
    people.people,
    operations.release,
    operations.failures,
    operations.event,
    operations.retry,
    operations.dlq,
    operations.doctor,
    operations.restore,
    operations.reprocess,
    operations.backfill,
    operations.catch_up,
    operations.index,
    photos.inspect,
    stack.demo,
):
    main.add_command(each)
