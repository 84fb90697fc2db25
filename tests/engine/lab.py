"""Sets up the second engine: LocalStack's states, and JSONata as its reference implementation has it."""

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonata
from jsonata.utils import Utils

from safelight_data.home import having, home
from safelight_data.packages import of_node
from safelight_local.cloud.environments import environment

HERE = Path(__file__).parent
NOW = "2026-11-22T10:00:00.000Z"
"""When every state is entered."""

Answer = Callable[[str, str, dict[str, Any]], dict[str, Any]]
"""What a service answers, by the state that asks, the operation, and its parameters."""


def deployed(path: Path, moderation: str = "off", together: str = "off", tagging: str = "on") -> str:
    """Return the definition of a workflow as it is deployed, with each resource called as in the template."""
    first = "ModeratePhoto" if moderation == "on" else "PublishPhoto"
    settings = {
        "Partition": "aws",
        "RenditionsAtOnce": "10",
        "PartsAtOnce": "10",
        "FilmPartsAtOnce": "10",
        "MediaConvertMinutes": "10",
        "DropboxBatchesAtOnce": "10",
        "AfterRendering": first,
        "AfterPublishing": "TagPhoto" if tagging == "on" else "FinishPhoto",
    }
    settings["RenditionsTogether"] = together
    return re.sub(r"\$\{(\w+)\}", lambda found: settings.get(found[1], found[1]), path.read_text())


def node_packages() -> Path:
    """Return the folder with the packages of package-lock.json, installed first if need be."""
    lock_file = HERE / "package-lock.json"
    identity = hashlib.sha256(lock_file.read_bytes()).hexdigest()
    directory = home() / "environments" / "node"
    stamp = directory / "made-from"
    with having(directory):
        if not stamp.exists() or stamp.read_text() != identity:
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir(parents=True)
            for file in (HERE / "package.json", lock_file):
                shutil.copy(file, directory)
            quietly = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"]
            subprocess.run([*of_node("npm"), "ci", *quietly], cwd=directory, check=True)
            stamp.write_text(identity)
    return directory / "node_modules"


class Lines:
    """A program that is talked to in lines of JSON."""

    def __init__(self, *command: str, **environ: str) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, **environ}, text=True
        )

    def ask(self, question: Any) -> Any:
        """Return the line that answers `question`."""
        assert self._process.stdin and self._process.stdout
        print(json.dumps(question), file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End the program."""
        self._process.communicate()


class ReferenceJsonata:
    """The reference implementation of JSONata, of the version that Step Functions implements."""

    def __init__(self) -> None:
        environ = {"NODE_PATH": str(node_packages())}
        self._lines = Lines(*of_node("node"), str(HERE / "evaluate.js"), **environ)
        self.close = self._lines.close

    def evaluated(self, expression: str, bindings: dict[str, Any]) -> dict[str, Any]:
        """Return the "value" of `expression`, or the "error" that there is none for."""
        found: dict[str, Any] = self._lines.ask({"expression": expression, "bindings": bindings})
        return found


def evaluated_on_the_laptop(expression: str, bindings: dict[str, Any]) -> dict[str, Any]:
    """Return the value of an expression, or its error, by the implementation of the embedded cloud."""
    bound = {name: Utils.NULL_VALUE if value is None else value for name, value in bindings.items()}

    def value_of(text: str) -> Any:
        parsed = jsonata.Jsonata(text)
        parsed.register_lambda("parse", json.loads)
        return parsed.evaluate(None, bound)

    try:
        value = value_of(expression)
        if value is None and not value_of(f"$exists(({expression}))"):
            return {"error": "it returned nothing"}
    except Exception as error:  # it raises what it likes
        return {"error": str(error)}
    return {"value": value}


@dataclass
class Execution:
    """What became of an execution: its states in order, what the services were asked, and its end."""

    status: str = ""
    output: Any = None
    error: str | None = None
    cause: str | None = None
    entered: list[str] = field(default_factory=list)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    expressions: set[str] = field(default_factory=set)
    differences: list[tuple[str, Any, Any]] = field(default_factory=list)
    """Expressions whose value differs between the two implementations of JSONata, with the two values."""


class Engine:
    """Runs workflows, with answers for the services."""

    def __init__(self) -> None:
        self._jsonata = ReferenceJsonata()
        self._lines = Lines(str(environment("engine") / "python"), str(HERE / "interpreter.py"))

    def close(self) -> None:
        """End its programs."""
        self._lines.close()
        self._jsonata.close()

    def run(self, definition: str, given: Any, arn: str, answer: Answer) -> Execution:
        """Return what becomes of `definition` with the input `given`, as the execution `arn`."""
        execution = Execution()
        said = self._lines.ask({"definition": definition, "given": given, "execution": arn})
        while "ended" not in said:
            if "expression" in said:
                reply = self._evaluated(execution, **said)
            else:
                execution.asked.append((said["state"], said["parameters"]))
                reply = answer(**said)
            said = self._lines.ask(reply)
        for name, value in said["ended"].items():
            setattr(execution, name, value)
        return execution

    def _evaluated(self, execution: Execution, expression: str, bindings: dict[str, Any]) -> dict[str, Any]:
        bindings["states"]["context"].get("State", {})["EnteredTime"] = NOW
        execution.expressions.add(expression.strip())
        value = self._jsonata.evaluated(expression, bindings)
        other = evaluated_on_the_laptop(expression, bindings)
        if value.get("value") != other.get("value") or value.keys() != other.keys():
            execution.differences.append((expression, value, other))
        return value
