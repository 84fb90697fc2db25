"""Compares what Safelight shows and says of a folder of images with what other tools show and say.

`make conformance IMAGES=folder` runs it, and prints Markdown: docs/conformance.md holds such a run. Pictures
are compared with Chromium's where it is installed and shows the format, else with ImageMagick's; facts with
exiftool's. What is not installed is left out, and said.
"""

import platform
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from math import isinf
from pathlib import Path
from statistics import mean
from typing import NamedTuple

from chromium import chromium, shown_by_chromium, shows
from facts import Fact, exiftool, facts_of, said_by_exiftool, said_by_us
from pictures import RIGHT, damaged, difference, imagemagick, made, shown_by_imagemagick, shown_by_pillow

FORMATS = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".webp": "WebP",
    ".avif": "AVIF",
    ".heic": "HEIC",
    ".heif": "HEIC",
    ".gif": "GIF",
    ".jxl": "JPEG XL",
    ".jp2": "JPEG 2000",
    ".bmp": "BMP",
    ".psd": "PSD",
    **dict.fromkeys((".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf", ".pef", ".srw"), "RAW"),
}
"""What is looked at, by the ends of names, and what the tables call it."""

FILMS = (".mp4", ".mov", ".m4v", ".3gp", ".webm", ".mkv", ".avi", ".mts", ".m2ts")
"""Of films the facts alone are compared."""


class Outcome(NamedTuple):
    """What became of a picture: `verdict` is one of `VERDICTS`; `told` says more.

    off: the mean CIEDE2000 from the reference that is nearest; None where nothing, or another shape, was
    compared. damaged: see `pictures.damaged`.
    """

    format: str
    name: str
    verdict: str
    told: str
    off: float | None = None
    damaged: bool = False


VERDICTS = RIGHT_, DISPUTED, WRONG, REFUSED, OURS_ALONE, NOBODYS = (
    *("right", "disputed", "wrong"),
    *("refused", "ours alone", "nobody's"),
)


def pictures(paths: Sequence[Path], root: Path) -> Iterator[Outcome]:
    """Yield what became of each picture."""
    by_chromium = shown_by_chromium([path for path in paths if shows(path)])
    for path in paths:
        name = str(path.relative_to(root))
        yield outcome_of(path, name, by_chromium.get(path))._replace(damaged=damaged(path, name))


def outcome_of(path: Path, name: str, in_browser: bytes | None) -> Outcome:
    """Return what became of a picture; `in_browser` is what Chromium shows of it.

    What Chromium does not show of its own formats, nobody shows. Where a reference shows another picture than
    ours, the next one is asked.
    """
    ours, kind = made(path), FORMATS[path.suffix.lower()]
    browsers = chromium() is not None and shows(path)
    if ours.png is None:
        shown = in_browser if browsers else shown_by_imagemagick(path)
        verdict = REFUSED if shown or ours.refusal.startswith("FAILED") else NOBODYS
        return Outcome(kind, name, verdict, f"{ours.refusal}: {ours.words}")
    offs: dict[str, float] = {}
    if in_browser:
        offs["Chromium"] = difference(ours.png, in_browser)
    if not browsers or offs.get("Chromium", 0) >= RIGHT:
        second = shown_by_imagemagick(path)
        if second:
            offs["ImageMagick"] = difference(ours.png, second)
    if offs and min(offs.values()) >= RIGHT and (third := shown_by_pillow(path)):
        offs["Pillow"] = difference(ours.png, third)
    if not offs:
        return Outcome(kind, name, OURS_ALONE, "")
    told = ", ".join(
        f"of another shape than {who}'s" if isinf(off) else f"ΔE {off:.1f} beside {who}"
        for who, off in offs.items()
    )
    best = min(offs.values())
    verdict = WRONG if best >= RIGHT else DISPUTED if len(offs) > 1 else RIGHT_
    return Outcome(kind, name, verdict, told, None if isinf(best) else best)


def print_pictures(outcomes: Sequence[Outcome]) -> None:
    """Print how many pictures of each format are right, and each that is not."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    sound: defaultdict[str, Counter[str]] = defaultdict(Counter)
    offs: defaultdict[str, list[float]] = defaultdict(list)
    for outcome in outcomes:
        counts[outcome.format][outcome.verdict] += 1
        sound[outcome.format][outcome.verdict] += not outcome.damaged
        if outcome.off is not None:
            offs[outcome.format].append(outcome.off)
    print(
        "| Format | Shown by a reference | Right | Right of the undamaged | Disputed | Wrong | Refused "
        "| Mean ΔE2000 | Shown by us alone | By nobody |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for kind, by in sorted(counts.items()):
        (shown, share), (sound_ones, sound_share) = _share(by), _share(sound[kind])
        off = f"{mean(offs[kind]):.2f}" if offs[kind] else ""
        shares = (shown, share, f"{sound_share} of {sound_ones}")
        cells = (*shares, by[DISPUTED], by[WRONG], by[REFUSED], off, by[OURS_ALONE], by[NOBODYS])
        print(f"| {kind} |", " | ".join(map(str, cells)), "|")
    print()
    for outcome in outcomes:
        if outcome.verdict in (DISPUTED, WRONG, REFUSED):
            note = " (damaged)" if outcome.damaged else ""
            print(f"- {outcome.name}{note}: {outcome.verdict}, {outcome.told[:200]}")
    print()


def _share(by: Counter[str]) -> tuple[int, str]:
    """Return how many of these pictures a reference shows, and how many and what share of those are right."""
    right = by[RIGHT_] + by[DISPUTED]
    shown = right + by[WRONG] + by[REFUSED]
    return shown, f"{right} ({right / shown:.1%})" if shown else "0"


def print_facts(facts: Sequence[tuple[str, Fact]]) -> None:
    """Print how many facts of each field agree, of those that exiftool has, and each that does not."""
    agreed, asked, ruled, alone = (Counter[str]() for _ in range(4))
    for _, fact in facts:
        asked[fact.field] += bool(fact.theirs)
        ruled[fact.field] += bool(fact.rule)
        alone[fact.field] += not fact.theirs
        agreed[fact.field] += fact.agrees
    print("| Field | Said by exiftool | None by a rule | Agree | Said by us alone |")
    print("|---|---|---|---|---|")

    def row(title: str, said: int, none: int, agree: int, ours: int) -> None:
        share = f" ({agree / (said - none):.1%})" if said > none else ""
        print(f"| {title} | {said} | {none} | {agree}{share} | {ours} |")

    for field in asked:
        row(f"`{field}`", asked[field], ruled[field], agreed[field], alone[field])
    row("all", asked.total(), ruled.total(), agreed.total(), alone.total())
    print()
    for rule, count in Counter(fact.rule for _, fact in facts if fact.rule).most_common():
        print(f"- {count} of exiftool's are none by the rule: {rule}.")
    for name, fact in facts:
        if not fact.agrees and not fact.rule:
            print(f"- {name}: `{fact.field}` {str(fact.ours)[:80]!r}, exiftool {str(fact.theirs)[:120]}")


def main() -> None:
    """Compare the folder that the command line names.

    Raises:
        SystemExit: there is no such folder, or it has no images.
    """
    root = Path(sys.argv[1] if len(sys.argv) > 1 else "").resolve()
    files = sorted(path for path in root.rglob("*") if path.is_file())
    paths = [path for path in files if path.suffix.lower() in FORMATS]
    films = [path for path in files if path.suffix.lower() in FILMS]
    if len(sys.argv) != 2 or not (paths or films):
        sys.exit("Name a folder that has images: make conformance IMAGES=folder")
    missing = {"Chromium": chromium(), "ImageMagick": imagemagick(), "exiftool": exiftool()}
    absent = [name for name, program in missing.items() if program is None]
    counted = f"{len(paths)} images, {len(films)} films"
    print(f"{counted}, {date.today().isoformat()}, {platform.machine()}, {platform.system()}.")
    print(f"Not installed: {', '.join(absent) or 'nothing'}.\n\n## Pictures\n")
    print_pictures(list(pictures(paths, root)))
    print("## Facts\n")
    theirs = said_by_exiftool([*paths, *films])
    print_facts(
        [
            (str(path.relative_to(root)), fact)
            for path in (*paths, *films)
            if path in theirs
            for fact in facts_of(said_by_us(path), theirs[path])
        ]
    )


if __name__ == "__main__":
    main()
