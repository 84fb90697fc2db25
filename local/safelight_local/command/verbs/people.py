"""Commands of the people in the library."""

import click

from safelight_local.command import connection, report
from safelight_local.command.options import json_option, person_argument
from safelight_local.command.terminal import console, print_json, say


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def people(context: click.Context, as_json: bool) -> None:
    """Show who is in the library; give people names, merge, split and forget them."""
    if context.invoked_subcommand:
        return
    listed = connection.people_of(context.obj).all()
    if as_json:
        print_json(listed)
    elif listed:
        console().print(report.people_table(listed))
    else:
        say("There is nobody in the library.")


@people.command("show")
@person_argument
@json_option
@click.pass_obj
def people_show(stack: str | None, person_id: str, as_json: bool) -> None:
    """Show the faces of the person ID, each with its photo."""
    faces = connection.people_of(stack).faces(person_id)
    if as_json:
        print_json(faces)
    else:
        console().print(report.faces_table(faces))


@people.command("name")
@person_argument
@click.argument("name")
@click.pass_obj
def people_name(stack: str | None, person_id: str, name: str) -> None:
    """Give the person ID a NAME."""
    connection.people_of(stack).name(person_id, name)
    say(f"{person_id} is {name.strip()}.")


@people.command("merge")
@person_argument
@click.argument("into", metavar="INTO")
@click.pass_obj
def people_merge(stack: str | None, person_id: str, into: str) -> None:
    """Make the person ID one with the person INTO, who keeps id and name."""
    connection.people_of(stack).merge(person_id, into)
    say(f"{person_id} is one with {into} now.")


@people.command("split")
@person_argument
@click.argument("faces", metavar="FACE...", nargs=-1, required=True)
@click.pass_obj
def people_split(stack: str | None, person_id: str, faces: tuple[str, ...]) -> None:
    """Make a new person of some faces of the person ID; the two stay apart from then on."""
    say(f"The new person is {connection.people_of(stack).split(person_id, faces)}.")


@people.command("forget")
@person_argument
@click.pass_obj
def people_forget(stack: str | None, person_id: str) -> None:
    """Delete the vectors and the records of the person ID; the photos stay."""
    connection.people_of(stack).forget(person_id)
    say(f"{person_id} is forgotten.")
