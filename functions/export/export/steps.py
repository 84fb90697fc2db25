"""What each step of the workflow does: it reads what the step before has kept, and keeps what is next."""

import json
import zipfile
import zlib
from base64 import b64encode
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from struct import unpack_from
from typing import IO, Any, Literal, TypedDict, cast
from urllib.parse import quote

from export import store
from export.archive import Layout, layout, split
from export.choice import Chosen, Source, Wish, batches_of, chosen, cover_of, entries_of
from export.letter import Ready, letter
from export.names import Names
from export.parts import MOST_BYTES, Part, parts_of
from safelight.clients import dynamodb
from safelight.contracts import Original
from safelight.errors import Unforeseen
from safelight.index import lists
from safelight.keys import EXPORTS, PLANNED_EXPORTS, photo_id, url_of
from safelight.record import PhotoRecord
from safelight.scope import Scope
from safelight.storage import RangedFile
from safelight.table import read_records

_FIELDS = ("id", "key", "album", "filename", "status", "original", "photo", "renditions", "taken_at")
_KNOWN = ("metadata", "tags")
"""What of a record is wanted besides where there are sidecars; of `metadata` each needs the instant."""

_PARTS_OF_A_WORK = 4
_MOST_WORKS = 1000
"""A state carries 256 KiB, and so many works take a quarter of it."""

_AT_ONCE = 4
_SAMPLES = 3
_SAMPLE_BYTES = 16 << 20
_LONGEST_HEADER = 30 + 2 * 1024


@dataclass(frozen=True)
class Settings:
    """Where things are, and who is told: `mail_from` is an address of SES's, or `none`."""

    library_table: str
    renditions_bucket: str
    renditions_base_url: str
    notifications_topic: str
    mail_from: str
    export_days: int


class Choose(TypedDict):
    """Choose the photos; `export` is the id of the export in all steps."""

    step: Literal["choose"]
    export: str
    wish: Wish


class Checksum(TypedDict):
    """Read the chosen files of a batch whose checksums nobody knows."""

    step: Literal["checksum"]
    export: str
    batch: dict[str, int]


class Plan(TypedDict):
    """Lay the archives out."""

    step: Literal["plan"]
    export: str
    wish: Wish
    batches: list[dict[str, int]]


class Write(TypedDict):
    """Write some parts: those whose plans lie between two bytes."""

    step: Literal["write"]
    export: str
    work: dict[str, int]


class Begun(TypedDict):
    """An archive that is begun; `crc32` of all its bytes in base64."""

    key: str
    upload_id: str
    bytes: int
    crc32: str
    entries: int


class Complete(TypedDict):
    """Complete the archives."""

    step: Literal["complete"]
    export: str
    archives: list[Begun]


class Deliver(TypedDict):
    """Tell that the archives are ready."""

    step: Literal["deliver"]
    export: str
    wish: Wish
    count: int
    cover: str | None
    archives: list[Begun]
    at: str


class Abandon(TypedDict):
    """Leave nothing behind."""

    step: Literal["abandon"]
    export: str


Event = Choose | Checksum | Plan | Write | Complete | Deliver | Abandon


def choose(settings: Settings, event: Choose) -> dict[str, Any]:
    """Keep which files the archives are of; return how many photos, and the batches to be read first.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    wish = event["wish"]
    which = lists.Filter(album=wish["album"], person=wish["person"], memory=wish["memory"])
    scope = None if wish["keys"] is None else Scope(keys=frozenset(wish["keys"]))
    with store.index(settings.renditions_bucket) as connection:
        keys = lists.keys(connection, which, scope)
        whole = keys if wish["renditions"] else lists.with_halves(connection, keys)
    ids = [photo_id(key) for key in whole]
    fields = [*_FIELDS, *_KNOWN] if wish["sidecars"] else [*_FIELDS, "metadata"]
    found = read_records(dynamodb(), settings.library_table, ids, "Reading the photos", fields)
    records = [cast(PhotoRecord, found[id_]) for id_ in ids if id_ in found]
    files = chosen(records, wish, settings.renditions_bucket)
    store.keep_json(settings.renditions_bucket, _planned(event["export"], "files"), files)
    count = sum(each["source"] is not None for each in files)
    return {"count": count, "cover": cover_of(records), "batches": batches_of(files)}


def checksum(settings: Settings, event: Checksum) -> None:
    """Keep the checksums of the files of a batch.

    Raises:
        OriginalMissing, AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    start, end = event["batch"]["start"], event["batch"]["end"]
    files = _files(settings, event["export"])[start:end]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        known = list(pool.map(_crc32_of, files))
    store.keep_json(settings.renditions_bucket, _planned(event["export"], f"crc32/{start}"), known)


def _crc32_of(file: Chosen) -> int | None:
    source = file["source"]
    return store.crc32_of(source) if source and file["crc32"] is None else file["crc32"]


def plan(settings: Settings, event: Plan) -> dict[str, Any]:
    """Begin the archives, and keep the plan of each part; return them, and where the plans lie.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    bucket, export = settings.renditions_bucket, event["export"]
    files = _files(settings, export)
    for batch in event["batches"]:
        known = store.kept_json(bucket, _planned(export, f"crc32/{batch['start']}"))
        for file, crc32 in zip(files[batch["start"] : batch["end"]], known, strict=True):
            file["crc32"] = crc32
    store.abandon(bucket, _served(export, ""))
    archives: list[Begun] = []
    literals, lines = bytearray(), list[bytes]()
    groups = list(split(entries_of(files), min(event["wish"]["most_bytes"], MOST_BYTES)))
    done = 0
    for number, entries in enumerate(groups, 1):
        laid_out, sources = layout(entries), [file["source"] for file in files[done : done + len(entries)]]
        done += len(entries)
        begun = _begin(settings, event, laid_out, len(entries), (number, len(groups)))
        for part_number, part in enumerate(parts_of(laid_out.pieces), 1):
            planned = _planned_part(part, sources, len(literals))
            upload = {"key": begun["key"], "upload_id": begun["upload_id"], "number": part_number}
            lines.append(json.dumps({**upload, **planned}).encode() + b"\n")
        literals += laid_out.literals
        archives.append(begun)
    store.keep(bucket, _planned(export, "literals"), bytes(literals))
    store.keep(bucket, _planned(export, "parts"), b"".join(lines))
    return {"archives": archives, "works": _works([len(line) for line in lines])}


def _begin(settings: Settings, event: Plan, laid_out: Layout, entries: int, which: tuple[int, int]) -> Begun:
    number, of = which
    title = event["wish"]["title"].replace("/", " - ")
    name = Names().given(f"{title}.zip" if of == 1 else f"{title} ({number} of {of}).zip")
    key = _served(event["export"], name)
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    crc32 = b64encode(laid_out.crc32.to_bytes(4, "big")).decode()
    upload_id = store.begin(settings.renditions_bucket, key, disposition)
    return {"key": key, "upload_id": upload_id, "bytes": laid_out.size, "crc32": crc32, "entries": entries}


def _planned_part(part: Part, sources: Sequence[Source | None], before: int) -> dict[str, Any]:
    """Return the plan of a part: where its pieces lie, literals after the `before` bytes of others."""
    pieces = [
        (None, each.start + before, each.size)
        if each.source is None
        else (each.source, each.start, each.size)
        for each in part.pieces
    ]
    named = {str(each.source): sources[each.source] for each in part.pieces if each.source is not None}
    return {"is_copy": part.is_copy, "pieces": pieces, "sources": named}


def _works(sizes: Sequence[int]) -> list[dict[str, int]]:
    """Return where the plans of some parts each begin and end, by the `sizes` of all plans in bytes."""
    step = max(_PARTS_OF_A_WORK, -(-len(sizes) // _MOST_WORKS))
    works, start = [], 0
    for first in range(0, len(sizes), step):
        end = start + sum(sizes[first : first + step])
        works.append({"start": start, "end": end})
        start = end
    return works


def write(settings: Settings, event: Write) -> None:
    """Write some parts.

    Raises:
        OriginalMissing: an original was deleted or replaced.
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    bucket, work = settings.renditions_bucket, event["work"]
    plans = store.kept(bucket, _planned(event["export"], "parts"), work["start"], work["end"])
    for line in plans.splitlines():
        part = json.loads(line)
        where = (bucket, part["key"], part["upload_id"], part["number"])
        if part["is_copy"]:
            ((source, start, size),) = part["pieces"]
            store.copy_part(*where, part["sources"][str(source)], start, size)
        else:
            store.write_part(*where, _assembled(bucket, event["export"], part))


def _assembled(bucket: str, export: str, part: dict[str, Any]) -> bytes:
    def piece(found: tuple[int | None, int, int]) -> bytes:
        source, start, size = found
        if source is None:
            return literals[start - first : start - first + size]
        return store.some_of(part["sources"][str(source)], start, size)

    places = [(start, start + size) for source, start, size in part["pieces"] if source is None]
    first = places[0][0] if places else 0
    literals = store.kept(bucket, _planned(export, "literals"), first, places[-1][1]) if places else b""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return b"".join(pool.map(piece, part["pieces"]))


def complete(settings: Settings, event: Complete) -> None:
    """Make each archive of its parts, and look whether it is what was planned.

    Raises:
        Unforeseen: it is not.
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    bucket = settings.renditions_bucket
    for archive in event["archives"]:
        key, size = archive["key"], archive["bytes"]
        store.complete(bucket, key, archive["upload_id"], size, archive["crc32"])
        found = store.size_of(bucket, key)
        if found != size:
            raise Unforeseen(f"{key} has {found} bytes, and should have {size}.")
        _check_samples(bucket, archive)


def _check_samples(bucket: str, archive: Begun) -> None:
    """Read the directory of an archive as others do, and some of its entries."""
    whole: Source = {
        "bucket": bucket,
        "key": archive["key"],
        "version_id": None,
        "etag": "",
        "size": archive["bytes"],
    }
    with zipfile.ZipFile(cast(IO[bytes], RangedFile(cast(Original, whole)))) as opened:
        infos = opened.infolist()
    if len(infos) != archive["entries"]:
        raise Unforeseen(f"{archive['key']} lists {len(infos)} entries of {archive['entries']}.")
    small = [info for info in infos if info.file_size <= _SAMPLE_BYTES]
    for info in small[:: max(1, len(small) // _SAMPLES)][:_SAMPLES]:
        end = min(archive["bytes"], info.header_offset + _LONGEST_HEADER + info.file_size)
        raw = store.some_of(whole, info.header_offset, end - info.header_offset)
        begin = 30 + sum(unpack_from("<2H", raw, 26))
        if zlib.crc32(raw[begin : begin + info.file_size]) != info.CRC:
            raise Unforeseen(f"{info.filename} in {archive['key']} is not what it was.")


def deliver(settings: Settings, event: Deliver) -> dict[str, Any]:
    """Tell that the archives are ready, if there are any, and return what the export has become.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    ready: list[Ready] = [
        {
            "name": each["key"].rpartition("/")[2],
            "url": url_of(settings.renditions_base_url, each["key"]),
            "bytes": each["bytes"],
        }
        for each in event["archives"]
    ]
    expires_at = datetime.fromisoformat(event["at"]) + timedelta(days=settings.export_days)
    until = expires_at.isoformat(timespec="seconds").replace("+00:00", "Z")
    wish = event["wish"]
    words = letter(wish["title"], event["count"], ready, until, event["cover"])
    if wish["mail"] and settings.mail_from != "none" and ready:
        store.send(settings.mail_from, wish["mail"], words)
    elif ready:
        store.announce(settings.notifications_topic, words)
    return {"count": event["count"], "archives": ready, "expires_at": until}


def abandon(settings: Settings, event: Abandon) -> None:
    """Leave nothing of an export behind.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    store.abandon(settings.renditions_bucket, _served(event["export"], ""))


def _files(settings: Settings, export: str) -> list[Chosen]:
    files: list[Chosen] = store.kept_json(settings.renditions_bucket, _planned(export, "files"))
    return files


def _planned(export: str, name: str) -> str:
    return f"{PLANNED_EXPORTS}{export}/{name}"


def _served(export: str, name: str) -> str:
    return f"{EXPORTS}{export}/{name}"
