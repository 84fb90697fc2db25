"""The gallery page: one static file that shows a finished library, to be opened from a folder.

The page needs no server and asks the network for nothing but the renditions it shows. All that comes from
photos or from people (filenames, labels, read text, messages) is data to it: the template escapes it, URLs
are percent-encoded here, and only plain `data:` images are let into a style.
"""

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from safelight.outcomes import Outcome, outcome_of
from safelight.record import Status

_ALIKE = 0.03
"""How far the shape of a rendition may be from the photo's to be the same picture; else it was cropped."""

_ROOM = 1.7
"""How many times as wide as a face its picture among the people is."""

_SOURCES = ("image/avif", "image/webp")
"""What a browser is offered before the JPEG or PNG that every one knows: the smaller files first."""

_EVERYWHERE = ("image/jpeg", "image/png")
_COLOR = re.compile(r"#[0-9a-f]{6}")
_DATA_IMAGE = re.compile(r"data:image/(?:png|jpeg|webp|avif|gif);base64,[A-Za-z0-9+/]+={0,2}")


@dataclass(frozen=True)
class GalleryRendition:
    """One rendition: an http(s) URL or a path relative to the page as it is on disk, and its pixels."""

    href: str
    width: int
    height: int
    media_type: str = "image/jpeg"


@dataclass(frozen=True)
class GalleryPhoto:
    """One photo and what is known of it. `width` and `height` are those of the upright original.

    `color` is `#rrggbb`, to be seen until there is more. A photo that looks the same as another is drawn
    in the stack below it: `stacked_on` is that one's key, and `alike` says how they compare. `preview` is
    the silent loop of a film of so many `seconds`.
    """

    key: str
    filename: str
    status: Status
    renditions: dict[str, GalleryRendition]
    width: int
    height: int
    placeholder: str | None = None
    taken_at: str | None = None
    place: str | None = None
    camera: str | None = None
    exposure: str | None = None
    labels: tuple[str, ...] | list[str] = ()
    text: tuple[str, ...] | list[str] = ()
    memory_id: str | None = None
    reason: str | None = None
    message: str | None = None
    color: str | None = None
    stacked_on: str | None = None
    alike: str | None = None
    people: tuple[str, ...] | list[str] = ()
    preview: str | None = None
    seconds: float = 0


@dataclass(frozen=True)
class GalleryPerson:
    """One person: the photo with the best face, by its key, and the face in shares of the photo's sides."""

    person_id: str
    name: str | None
    key: str
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class GalleryMemory:
    """One event. `starts_at` and `ends_at` are ISO 8601, and `trip` the title of its trip."""

    memory_id: str
    title: str
    starts_at: str
    ends_at: str
    photo_count: int
    cover_key: str | None = None
    trip: str | None = None


@dataclass(frozen=True)
class _Face:
    """A person as the template draws it: a square cut of a tile's picture, in percent of the square."""

    person: GalleryPerson
    tile: "_Tile"
    width: float
    left: float
    top: float
    photos: int


@dataclass(frozen=True)
class _Source:
    """The sizes of a photo in a format that not every browser knows."""

    media_type: str
    srcset: str


@dataclass(frozen=True)
class _Tile:
    """A photo as the template draws it; `stack` is the number of photos in the stack that it tops."""

    photo: GalleryPhoto
    large: GalleryRendition
    src: GalleryRendition
    srcset: str
    sources: tuple[_Source, ...]
    ratio: float
    placeholder: str | None
    color: str | None
    alt: str
    taken: str | None
    taken_short: str | None
    search: str
    people: str = ""
    stack: int = 1
    spare: bool = False


@dataclass(frozen=True)
class _Section:
    """A heading with photos below it."""

    anchor: str
    title: str
    dates: str | None
    about: str | None
    tiles: list[_Tile]
    trip: str | None = None


@dataclass(frozen=True)
class _Outcast:
    """A photo that is not shown, and why."""

    photo: GalleryPhoto
    outcome: Outcome


def write_gallery(
    directory: Path,
    album_title: str,
    photos: list[GalleryPhoto],
    memories: list[GalleryMemory],
    people: Sequence[GalleryPerson] = (),
) -> Path:
    """Write the page of an album to `directory`/index.html and return its path.

    Raises:
        ValueError: a rendition's `href` is neither an http(s) URL nor a relative path.
    """
    shown = [photo for photo in photos if photo.status in ("ACTIVE", "PROCESSING") and photo.renditions]
    tiles = {photo.key: _tile(photo) for photo in sorted(shown, key=_moment)}
    ordered = sorted(memories, key=lambda memory: (memory.starts_at, memory.memory_id))
    environment = Environment(
        loader=PackageLoader("safelight_local.gallery"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["url"] = url_of
    environment.filters["css_number"] = lambda number: f"{number:.4f}".rstrip("0").rstrip(".")
    template = environment.get_template("gallery.html.j2")
    script = environment.get_template("gallery.js").render()
    page = template.render(
        album_title=album_title,
        summary=_summary(list(tiles.values()), ordered),
        cover=_cover(tiles, ordered),
        faces=_faces(tiles, people),
        sections=_sections(list(tiles.values()), ordered),
        waiting=[
            photo for photo in photos if photo.status in ("ACTIVE", "PROCESSING") and not photo.renditions
        ],
        outcasts=[
            _Outcast(photo, outcome_of(photo.status, photo.reason))
            for photo in photos
            if photo.status in ("REJECTED", "HELD", "FAILED")
        ],
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "index.html"
    unfinished = directory / ".index.html.new"
    unfinished.write_text(page, encoding="utf-8", newline="\n")
    unfinished.replace(path)
    return path


def url_of(href: str) -> str:
    """Return the URL by which the page reaches `href`: percent-encoded unless it is an http(s) URL.

    Raises:
        ValueError: `href` is an absolute path.
    """
    if href.startswith(("https://", "http://")):
        return href.replace(" ", "%20").replace(",", "%2C")
    if href.startswith(("/", "\\")):
        raise ValueError(f"{href} is absolute. Give a path relative to the page, or an http(s) URL.")
    return quote(href, safe="/~")


def span_of(start: date, end: date) -> str:
    """Return two dates as people write them: `21-23 August 2025`, with an en dash."""
    if start == end:
        return _date(start)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}\N{EN DASH}{_date(end)}"
    if start.year == end.year:
        return f"{start.day} {start:%B} \N{EN DASH} {_date(end)}"
    return f"{_date(start)} \N{EN DASH} {_date(end)}"


def _date(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _parsed(moment: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(moment) if moment else None
    except ValueError:
        return None


def _moment(photo: GalleryPhoto) -> tuple[bool, float, str]:
    """Return what photos are sorted by: the undated last, then the instant, then the name."""
    taken = _parsed(photo.taken_at)
    if taken is None:
        return (True, 0.0, photo.filename)
    instant = taken if taken.tzinfo else taken.replace(tzinfo=UTC)
    return (False, instant.timestamp(), photo.filename)


def _tile(photo: GalleryPhoto) -> _Tile:
    sizes = sorted(photo.renditions.values(), key=lambda rendition: (rendition.width, rendition.height))
    ratio = _ratio(photo.width, photo.height) or _ratio(sizes[-1].width, sizes[-1].height) or 1.5
    whole = [size for size in sizes if abs(_ratio(size.width, size.height) / ratio - 1) < _ALIKE]
    if not whole:
        whole, ratio = sizes[-1:], _ratio(sizes[-1].width, sizes[-1].height) or 1.5
    plain = [size for size in whole if size.media_type in _EVERYWHERE] or whole
    taken = _parsed(photo.taken_at)
    return _Tile(
        photo=photo,
        large=plain[-1],
        src=next((size for size in plain if size.height >= 300), plain[-1]),
        srcset=_srcset(plain),
        sources=tuple(_sources(whole, plain[-1].width)),
        ratio=ratio,
        placeholder=_safe(_DATA_IMAGE, photo.placeholder),
        color=_safe(_COLOR, photo.color),
        alt=_alt(photo, taken),
        taken=f"{taken:%A}, {_date(taken)}, {taken:%H:%M}" if taken else None,
        taken_short=f"{taken.day} {taken:%b}, {taken:%H:%M}" if taken else None,
        search=" ".join([photo.filename, *photo.labels, *photo.text, photo.camera or ""]).casefold(),
        people=" ".join(photo.people),
    )


def _ratio(width: int, height: int) -> float:
    return width / height if width and height else 0.0


def _srcset(sizes: Sequence[GalleryRendition]) -> str:
    by_width = {size.width: size for size in sizes}
    return ", ".join(f"{url_of(size.href)} {width}w" for width, size in by_width.items())


def _sources(whole: Sequence[GalleryRendition], width: int) -> Iterator[_Source]:
    """Yield the formats to offer: those that come as large as what every browser knows, `width` pixels.

    Of another, a browser would show an enlargement, since it chooses the format before the size.
    """
    for media_type in _SOURCES:
        sizes = [size for size in whole if size.media_type == media_type]
        if sizes and sizes[-1].width >= width:
            yield _Source(media_type, _srcset(sizes))


def _safe(pattern: re.Pattern[str], value: str | None) -> str | None:
    """Return the value if it is all that the pattern says: it goes into a style."""
    return value if value and pattern.fullmatch(value) else None


def _alt(photo: GalleryPhoto, taken: datetime | None) -> str:
    """Return what a person who cannot see the photo is told."""
    if photo.labels:
        alt = "Photo: " + ", ".join(label.lower() for label in photo.labels[:5])
    elif taken:
        alt = f"Photo taken on {_date(taken)}"
    else:
        alt = f"Photo {photo.filename}"
    if photo.text:
        alt += ". It reads: " + ", ".join(photo.text[:5])
    return alt


def _sections(tiles: Sequence[_Tile], memories: Sequence[GalleryMemory]) -> list[_Section]:
    sections = []
    for number, memory in enumerate(memories, start=1):
        members = [tile for tile in tiles if tile.photo.memory_id == memory.memory_id]
        if members:
            start, end = _parsed(memory.starts_at), _parsed(memory.ends_at)
            dates = span_of(start.date(), end.date()) if start and end else None
            sections.append(
                _Section(
                    anchor=f"memory-{number}",
                    title=memory.title,
                    dates=None if dates == memory.title else dates,
                    about=_about(members),
                    tiles=_stacked(members),
                    trip=memory.trip,
                )
            )
    known = {memory.memory_id for memory in memories}
    others = [tile for tile in tiles if tile.photo.memory_id not in known]
    dated = [tile for tile in others if tile.taken]
    undated = [tile for tile in others if not tile.taken]
    if dated:
        title = "On other days" if sections else "Photos"
        sections.append(_Section("other-days", title, _dates_of(dated), None, _stacked(dated)))
    if undated:
        sections.append(_Section("not-dated", "Not dated", None, None, _stacked(undated)))
    return sections


def _stacked(tiles: Sequence[_Tile]) -> list[_Tile]:
    """Return the tiles of a section, those that look the same one after the other, the best on top.

    The search and the people find a stack by each photo that lies in it.
    """
    keys = {tile.photo.key for tile in tiles}
    below: dict[str, list[_Tile]] = {}
    for tile in tiles:
        if tile.photo.stacked_on in keys:
            below.setdefault(str(tile.photo.stacked_on), []).append(replace(tile, spare=True))
    ordered = []
    for tile in tiles:
        if tile.photo.stacked_on not in keys:
            spare = below.get(tile.photo.key, [])
            search = " ".join([tile.search, *(each.search for each in spare)])
            people = " ".join([tile.people, *(each.people for each in spare)])
            ordered += [replace(tile, stack=1 + len(spare), search=search, people=people), *spare]
    return ordered


def _dates_of(tiles: Iterable[_Tile]) -> str | None:
    days = [taken.date() for tile in tiles if (taken := _parsed(tile.photo.taken_at))]
    return span_of(min(days), max(days)) if days else None


def _about(tiles: Iterable[_Tile]) -> str | None:
    """Return what a memory shows: its commonest labels, if several photos share them."""
    counts = Counter(label for tile in tiles for label in dict.fromkeys(tile.photo.labels))
    shared = [label for label, count in counts.most_common(5) if count > 1]
    return ", ".join(shared) or None


def _summary(tiles: Sequence[_Tile], memories: Sequence[GalleryMemory]) -> str:
    parts = [f"{len(tiles)} photo{'' if len(tiles) == 1 else 's'}"]
    if len(memories) > 1:
        parts.append(f"{len(memories)} memories")
    if dates := _dates_of(tiles):
        parts.append(dates)
    return " \N{MIDDLE DOT} ".join(parts)


def _cover(tiles: dict[str, _Tile], memories: Sequence[GalleryMemory]) -> _Tile | None:
    """Return the cover of the largest memory that has one, or else the first photo."""
    for memory in sorted(memories, key=lambda memory: -memory.photo_count):
        if memory.cover_key in tiles:
            return tiles[memory.cover_key]
    return next(iter(tiles.values()), None)


def _faces(tiles: dict[str, _Tile], people: Sequence[GalleryPerson]) -> list[_Face]:
    """Return who is in the photos that are shown, those in most of them first."""
    counts = Counter(person for tile in tiles.values() for person in dict.fromkeys(tile.photo.people))
    faces = [
        _face(person, tiles[person.key], counts[person.person_id]) for person in people if person.key in tiles
    ]
    return sorted(faces, key=lambda face: (-face.photos, face.person.name or "~", face.person.person_id))


def _face(person: GalleryPerson, tile: _Tile, photos: int) -> _Face:
    """Return the square about a face, with some of the hair and the shoulders, inside of its photo."""
    across, down = person.width * tile.src.width, person.height * tile.src.height
    side = max(1.0, min(_ROOM * max(across, down), tile.src.width, tile.src.height))
    left = (person.left + person.width / 2) * tile.src.width - side / 2
    top = (person.top + person.height / 2) * tile.src.height - side / 2
    return _Face(
        person,
        tile,
        width=100 * tile.src.width / side,
        left=-100 * min(max(left, 0.0), tile.src.width - side) / side,
        top=-100 * min(max(top, 0.0), tile.src.height - side) / side,
        photos=photos,
    )
