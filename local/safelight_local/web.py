"""Publishes the web app: `web/` with the packages that it uses, into the bucket behind the address."""

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from safelight_data.home import REPOSITORY, home
from safelight_data.packages import fetch_npm_package
from safelight_library.library import Library

_FOREVER = "public, max-age=31536000, immutable"
_ASKED_AGAIN = "no-cache"
_INDEX = "index.html"


@dataclass(frozen=True)
class _Package:
    """A package of npm, and what the app takes of it into `vendor/<name>/`."""

    name: str
    version: str
    sha256: str
    files: tuple[str, ...]


_PACKAGES = (
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

_ON_DEMAND = ("map/", "vendor/leaflet/", "vendor/topojson-client/")
"""Modules that a page fetches by itself when it needs them."""


def publish(library: Library) -> None:
    """Put the web app into the stack's bucket, unless this very one is there.

    Its files lie below a name that is made of their contents, so that browsers keep them and never mix two
    versions; the page that names them is asked for again each time.

    Raises:
        FetchFailed: a package could not be fetched, or is not the one that is pinned.
    """
    files = _files()
    version = _version(files)
    bucket = library.outputs["WebBucket"]
    listed = library.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    there = {it["Key"] for page in listed for it in page.get("Contents", [])}
    page = _preloading(files.pop(_INDEX).decode(), files).replace('"/', f'"/{version}/').encode()
    wanted = {f"{version}/{name}": content for name, content in files.items()}
    for key, content in wanted.items():
        if key not in there:
            _put(library, key, content, _FOREVER)
    if not there.issuperset(wanted) or _INDEX not in there:
        _put(library, _INDEX, page, _ASKED_AGAIN)
    for key in there - set(wanted) - {_INDEX}:
        library.s3.delete_object(Bucket=bucket, Key=key)


def _put(library: Library, key: str, content: bytes, cached: str) -> None:
    library.s3.put_object(
        Bucket=library.outputs["WebBucket"],
        Key=key,
        Body=content,
        ContentType=mimetypes.guess_type(key)[0] or "text/plain",
        CacheControl=cached,
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


def _preloading(page: str, files: dict[str, bytes]) -> str:
    """Let the page fetch its modules at once, and not one after the other as they name each other."""
    modules = (name for name in sorted(files) if name.endswith(".js") and not name.startswith(_ON_DEMAND))
    links = (f'<link rel="modulepreload" href="/{name}">' for name in modules)
    return page.replace("</head>", f"{''.join(links)}</head>")


def _version(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]
