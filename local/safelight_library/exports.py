"""Photos of a stack as ZIP archives, made by the stack's own workflow, and fetched."""

import json
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from safelight_library.errors import ExportFailed
from safelight_library.library import GOING_ON, Library

_POLL_SECONDS = 0.5


@dataclass(frozen=True)
class Wish:
    """What is wanted, as the workflow takes it: the photos of an album, a person, a memory, or `keys`."""

    title: str
    album: str | None
    person: str | None
    memory: str | None
    renditions: bool
    sidecars: bool
    most_bytes: int
    mail: str | None
    keys: Sequence[str] | None = None


@dataclass(frozen=True)
class Archive:
    """An archive that can be downloaded; its size in bytes."""

    name: str
    url: str
    bytes: int


@dataclass(frozen=True)
class Exported:
    """The archives of `count` photos, which can be had until `expires_at`, in UTC."""

    count: int
    archives: list[Archive]
    expires_at: str


def export(library: Library, wish: Wish) -> Exported:
    """Have archives made, and return when they are ready.

    Raises:
        ExportFailed: they could not be made; nothing is left of them.
    """
    started = library.stepfunctions.start_execution(
        stateMachineArn=library.outputs["ExportWorkflowArn"],
        name=secrets.token_hex(16),  # it stands in the link, which nobody guesses
        input=json.dumps(asdict(wish)),
    )
    execution = started["executionArn"]
    while (about := library.stepfunctions.describe_execution(executionArn=execution))["status"] in GOING_ON:
        time.sleep(_POLL_SECONDS)
    if about["status"] != "SUCCEEDED":
        why = f"{about.get('error', '')} {_message_of(about.get('cause', ''))}".strip()
        raise ExportFailed(f"{execution} is {about['status']}. Mend the cause, and redrive it. {why}")
    output = json.loads(about["output"])
    if "refusal" in output:
        raise ExportFailed(f"{output['refusal']} Then export again.")
    return Exported(output["count"], [Archive(**each) for each in output["archives"]], output["expires_at"])


def _message_of(cause: str) -> str:
    """Return what a function said of its failure, without the trace that is for its log."""
    try:
        return str(json.loads(cause)["errorMessage"])
    except (ValueError, LookupError, TypeError):  # no function's
        return cause


def fetch(library: Library, archive: Archive, path: Path, told: Callable[[int], None]) -> None:
    """Write an archive to `path`, in parallel ranges; `told` hears of each number of bytes that has come."""
    bucket, key = library.outputs["RenditionsBucket"], unquote(urlsplit(archive.url).path).lstrip("/")
    library.s3.download_file(bucket, key, str(path), Callback=told)


def paths_of(archives: Sequence[Archive], path: Path) -> list[Path]:
    """Return where each archive goes: into a folder by its name, or to a file with a number."""
    if path.is_dir():
        return [path / each.name for each in archives]
    if len(archives) == 1:
        return [path]
    return [path.with_name(f"{path.stem} ({n}){path.suffix}") for n in range(1, len(archives) + 1)]
