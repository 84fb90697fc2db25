"""Builds the documentation as a site, with reference pages that are made from the code.

`python site/build.py FOLDER`: FOLDER gets the pages; open its index.html.
"""

import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from safelight import errors
from safelight_data.home import REPOSITORY
from safelight_local.cloud.deployment import template_parameters
from safelight_local.cloud.environments import environment
from safelight_local.command.cli import main

DOCS = REPOSITORY / "docs"
SITE = Path(__file__).parent


def parameters() -> str:
    """Return the page of the template's parameters."""
    rows = [
        f"| `{name}` | {_code(it['Default'])} | {_taken(it)} | {it['Description']} |"
        for name, it in template_parameters().items()
    ]
    return _page(
        "Parameters",
        "`sam deploy --parameter-overrides NAME=VALUE`; on a laptop `safelight up --set NAME=VALUE`.",
        "| Parameter | Default | Takes | What it does |\n|---|---|---|---|\n" + "\n".join(rows),
    )


def _code(value: object) -> str:
    return "" if value == "" else f"`{value}`"


def _taken(parameter: dict[str, Any]) -> str:
    if allowed := parameter.get("AllowedValues"):
        return ", ".join(map(_code, filter(None, map(str, allowed))))
    if "MinValue" in parameter:
        return f"{parameter['MinValue']} to {parameter['MaxValue']}"
    return "text" if parameter["Type"] == "String" else str(parameter["Type"])


def command() -> str:
    """Return the page of the command: what each of its commands says of itself."""
    return _page("The command", "What `safelight COMMAND --help` says.", "\n".join(_helps(main, "safelight")))


def _helps(of: click.Command, path: str) -> Iterator[str]:
    context = click.Context(of, info_name=path, terminal_width=76)
    yield f"## {path}\n\n```\n{of.get_help(context)}\n```\n"
    if isinstance(of, click.Group):
        for name in of.list_commands(context):
            below = of.get_command(context, name)
            if below is not None:
                yield from _helps(below, f"{path} {name}")


def errors_() -> str:
    """Return the page of the errors that leave functions, below what the workflow does about each."""
    sections = [
        f"## {base.__name__}\n\n{inspect.getdoc(base)}\n\n| Error | What it means |\n|---|---|\n"
        + "\n".join(f"| `{each.__name__}` | {_sentence(each)} |" for each in errors.leaves(base))
        for base in errors.SafelightError.__subclasses__()
    ]
    return _page("Errors", "The same in the code, in the workflows and in records.", "\n\n".join(sections))


def _sentence(error: type[Exception]) -> str:
    return " ".join((inspect.getdoc(error) or "").split())


def routes() -> str:
    """Return the page of the API's routes."""
    paths: dict[str, Any] = json.loads((DOCS / "openapi.json").read_text())["paths"]
    rows = [
        f"| {method.upper()} | `{path}` | {it['summary']} | {', '.join(it['x-roles'])} |"
        for path, methods in paths.items()
        for method, it in methods.items()
    ]
    return _page(
        "Routes of the API",
        "[The API](../api.md) explains them; `GET /api/openapi.json` has every field.",
        "| | Route | What it does | For |\n|---|---|---|---|\n" + "\n".join(rows),
    )


def events() -> str:
    """Return the page of the events that functions take, by which one is run alone."""
    files = sorted((REPOSITORY / "events").glob("*.json"))
    shown = [f"## {each.stem}\n\n```json\n{each.read_text().strip()}\n```" for each in files]
    return _page(
        "Events of the functions",
        "What each function is given, as it looks. `safelight event FUNCTION KEY` prints the very event of a "
        "photo of yours, for `sam local invoke FUNCTION --event FILE` and `aws lambda invoke`.",
        "\n\n".join(shown),
    )


def decisions() -> str:
    """Return the page that leads to the decisions."""
    titles = {
        each.name: each.read_text().partition("\n")[0].lstrip("# ") for each in DOCS.glob("decisions/0*.md")
    }
    listed = [f"- [{title}]({name})" for name, title in sorted(titles.items())]
    return _page("Decisions", "What was decided, against what, and why.", "\n".join(listed))


def _page(title: str, lead: str, body: str) -> str:
    return f"# {title}\n\n{lead}\n\n{body}\n"


REFERENCE = {
    "parameters": parameters,
    "command": command,
    "errors": errors_,
    "routes": routes,
    "events": events,
}


def assemble(pages: Path) -> None:
    """Write all pages into the empty folder `pages`: README as the first, docs/, and the reference."""
    shutil.copytree(DOCS, pages, dirs_exist_ok=True)
    for page in pages.rglob("*.md"):  # what is outside of docs/ is named, since there is no page of it
        page.write_text(re.sub(r"\[([^\]]+)\]\(\.\./(?!\w+\.md)[^)]+\)", r"\1", page.read_text()))
    shutil.copy(SITE / "site.css", pages)
    (pages / "index.md").write_text((REPOSITORY / "README.md").read_text().replace("](docs/", "]("))
    (pages / "decisions" / "index.md").write_text(decisions())
    (pages / "reference").mkdir()
    for name, made in REFERENCE.items():
        (pages / "reference" / f"{name}.md").write_text(made())


def build(folder: Path) -> None:
    """Build the site into `folder`; a page that nothing leads to, or a link that leads nowhere, fails."""
    with tempfile.TemporaryDirectory() as scratch:
        assemble(Path(scratch) / "pages")
        ran = subprocess.run(
            [
                environment("site") / "mkdocs",
                "build",
                "--strict",
                "--quiet",
                "--config-file",
                SITE / "mkdocs.yml",
            ],
            env={
                **os.environ,
                "NO_MKDOCS_2_WARNING": "1",
                "SITE_PAGES": str(Path(scratch) / "pages"),
                "SITE_FOLDER": str(folder.resolve()),
            },
            check=False,
        )
    if ran.returncode:
        sys.exit("The site has faults; they are above.")


if __name__ == "__main__":
    build(Path(sys.argv[1]))
    print(f"The site is at {Path(sys.argv[1]) / 'index.html'}")
