"""Publishes the web app: `web/` with the packages that it uses, into the bucket behind the address.

The modules that a page needs at once are made one file by Rollup, and what it needs later, one each; style
sheets are one, too. Text is compressed here: CloudFront does that where it is asked to, the embedded one does
not, and what has a Content-Encoding goes through both as it is.
"""

import gzip
import hashlib
import mimetypes
import re
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Any

from safelight_data.home import REPOSITORY, home
from safelight_data.packages import FetchFailed, fetch_npm_package, of_node
from safelight_library.library import Library

_FOREVER = "public, max-age=31536000, immutable"
_ASKED_AGAIN = "no-cache"
_INDEX = "index.html"
_APP = "app.js"
_LOOK = "look/library.css"
_TEXT = frozenset({".css", ".html", ".js", ".json", ".svg"})
_IMPORT = re.compile(r'@import url\("([^"]+)"\);\n')


@dataclass(frozen=True)
class _Package:
    """A package of npm, and what the app takes of it into `vendor/<name>/`."""

    name: str
    version: str
    sha256: str
    files: tuple[str, ...]


_PACKAGES = (
    _Package(
        "hls.js",
        "1.7.4",
        "e4ab3d5d13f7cca9ef241d098f39686e19fd451831ba07dc9943482fd5ff75c7",
        ("dist/hls.min.mjs", "LICENSE"),
    ),
    _Package(
        "leaflet",
        "1.9.4",
        "84c65a256e50657896f54c33bd857b6849ebe94c817803be818bf32a3dde0b77",
        ("dist/leaflet-src.esm.js", "dist/leaflet.css", "LICENSE"),
    ),
    _Package(
        "lit-html",
        "3.3.3",
        "ae004138a6327c362fee8e48db2a8ee9619a6ca3014c802857395e6ac447a0eb",
        ("lit-html.js", "LICENSE"),
    ),
    _Package(
        "photoswipe",
        "5.4.4",
        "4615d56b1f4f8e40f70c9f433a97803e5131d7166285b467ff63d26e42ef397b",
        ("dist/photoswipe.esm.min.js", "dist/photoswipe.css", "LICENSE"),
    ),
    _Package(
        "thumbhash",
        "0.1.1",
        "fef5bbfb6abf184ccf4330c0d5d49ded95594561c77e536528ea540b0d74187e",
        ("thumbhash.js", "README.md"),
    ),
    _Package(
        "topojson-client",
        "3.1.0",
        "889fadb422f6236d0f8337a236ce6499f258b75e44b81733b13bd971067322bf",
        ("dist/topojson-client.min.js", "LICENSE"),
    ),
    _Package(
        "world-atlas",
        "2.0.2",
        "032e7765f2ce00edaeafec23ff22bc3b77e42987c257da944cc585b452c05b97",
        ("land-110m.json", "LICENSE"),
    ),
)

_ROLLUP = ("@rollup/wasm-node", "4.68.4", "f0246909574f3e6ff8d40f18771c3bec01be0d86c9f220c9b8fdefe6aa10d79f")
"""What makes one module of many: its name, version and SHA-256 at npm."""


def publish(library: Library) -> None:
    """Put the web app into the stack's bucket, unless this very one is there.

    Its files lie below a name that is another for each version, so that browsers keep them and never mix two
    versions; the page that names them is asked for again each time.

    Raises:
        FetchFailed: a package could not be fetched, or is not the one that is pinned.
    """
    version = _version(_files())
    bucket = library.outputs["WebBucket"]
    listed = library.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    there = {it["Key"] for page in listed for it in page.get("Contents", [])}
    is_shown = _INDEX in there and f'"/{version}/{_APP}"' in _shown(library)
    if not is_shown:
        files = built()
        page = files[_INDEX].replace(b'"/', f'"/{version}/'.encode())
        for name in files.keys() - {_INDEX}:
            _put(library, f"{version}/{name}", files[name], _FOREVER)
        _put(library, _INDEX, page, _ASKED_AGAIN)
    for key in there - {_INDEX}:
        if not key.startswith(f"{version}/"):
            library.s3.delete_object(Bucket=bucket, Key=key)


def _shown(library: Library) -> str:
    """Return the page that is there."""
    stored = library.s3.get_object(Bucket=library.outputs["WebBucket"], Key=_INDEX)
    content = stored["Body"].read()
    return (gzip.decompress(content) if stored.get("ContentEncoding") == "gzip" else content).decode()


def _put(library: Library, key: str, content: bytes, cached: str) -> None:
    is_text = PurePosixPath(key).suffix in _TEXT
    encoding: Any = {"ContentEncoding": "gzip"} if is_text else {}
    library.s3.put_object(
        Bucket=library.outputs["WebBucket"],
        Key=key,
        Body=gzip.compress(content, mtime=0) if is_text else content,
        ContentType=mimetypes.guess_type(key)[0] or "text/plain",
        CacheControl=cached,
        **encoding,
    )


def _files() -> dict[str, bytes]:
    """Return the files of the app by their names, those of its packages among them."""
    app = REPOSITORY / "web"
    found = {
        str(path.relative_to(app)): path.read_bytes() for path in sorted(app.rglob("*")) if path.is_file()
    }
    for package in _PACKAGES:
        folder = fetch_npm_package(package.name, package.version, home() / "packages", sha256=package.sha256)
        for file in package.files:
            found[f"vendor/{package.name}/{Path(file).name}"] = (folder / file).read_bytes()
    return found


@cache
def built() -> dict[str, bytes]:
    """Return what is published, by name: modules and style sheets in few files, and all others as they are.

    Raises:
        FetchFailed: a package could not be fetched, is not the one that is pinned, or could not do its work.
    """
    files = _files()
    with tempfile.TemporaryDirectory() as directory:
        source, made = Path(directory, "web"), Path(directory, "made")
        for name, content in files.items():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes(content)
        _run_rollup(source / _APP, made)
        modules = {str(path.relative_to(made)): path.read_bytes() for path in sorted(made.rglob("*.js"))}
    others = {name: it for name, it in files.items() if not name.endswith((".js", ".mjs"))}
    return {**others, **modules, _LOOK: _flat(_LOOK, files)}


def _run_rollup(entry: Path, made: Path) -> None:
    """Write `entry` with all that it imports into `made`, and what is imported later below `later/`."""
    name, version, sha256 = _ROLLUP
    rollup = fetch_npm_package(name, version, home() / "packages", sha256=sha256)
    chunks = ["--chunkFileNames", "later/[name].js", "--preserveEntrySignatures", "allow-extension"]
    done = subprocess.run(  # noqa: S603 - a fixed command with a pinned package
        [*of_node("node"), rollup / "dist/bin/rollup", entry, "--dir", made, "--format", "es", *chunks],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise FetchFailed(f"Rollup could not put the modules of the web app together:\n{done.stderr[-2000:]}")


def _flat(name: str, files: dict[str, bytes]) -> bytes:
    """Return a style sheet with those that it imports in their places."""

    def imported(found: re.Match[str]) -> str:
        return _flat(normpath(PurePosixPath(name).parent / found[1]), files).decode()

    return _IMPORT.sub(imported, files[name].decode()).encode()


def _version(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]
