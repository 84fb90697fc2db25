"""The options and arguments that several commands have."""

from collections.abc import Sequence
from pathlib import Path

import click


def template_parameters(_: click.Context, __: click.Parameter, given: Sequence[str]) -> dict[str, str]:
    """Return parameters of the template by their names."""
    if not given:
        return {}
    from safelight_local.cloud.deployment import check_parameters

    if wrong := next((each for each in given if "=" not in each), None):
        raise click.BadParameter(f"{wrong!r} sets nothing. Give a name and a value, as in: Preset=web")
    parameters = dict(each.split("=", 1) for each in given)
    check_parameters(parameters)
    return parameters


def album_name(_: click.Context, __: click.Parameter, given: str | None) -> str | None:
    """Return the name of an album as keys have it: parts between single slashes, and none of dots alone."""
    if given is None:
        return None
    parts = [part for part in given.split("/") if part]
    if not parts or {".", ".."} & set(parts):
        raise click.BadParameter(f"{given!r} names no album. Give a name as in: holidays/Lisbon")
    return "/".join(parts)


FOLDER = click.Path(path_type=Path, file_okay=False)
set_option = click.option(
    "--set",
    "parameters",
    metavar="NAME=VALUE",
    multiple=True,
    callback=template_parameters,
    help="A parameter of template.yaml, as Preset=web; may be given several times.",
)
data_option = click.option(
    "--data",
    metavar="FOLDER",
    type=FOLDER,
    help="Where the library is kept; safelight/library in your data directory unless given.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
dry_run_option = click.option("--dry-run", is_flag=True, help="Only say what would be done.")
keys_argument = click.argument("keys", nargs=-1, required=True, metavar="KEY...")
person_argument = click.argument("person_id", metavar="ID")
