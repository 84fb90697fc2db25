"""Takes mutants of every format through the whole of what reads photos, and tells what nobody has a name for.

Each ends as a photo or as a rejection; anything else is a finding, and so is a decoder that crashes, or needs
more memory or time than so small a file may: the functions survive that, but it should be known.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from develop.master import develop
from film.steps import planned
from fuzz.mutations import mutant
from fuzz.named import HARM, NAMED
from fuzz.seeds import SEEDS
from metadata.bounded import Header
from metadata.record import read_record
from render.rendition import render
from safelight.confined import confined
from safelight.contracts import MasterPlan, Photo
from safelight.errors import BadInput, TooCostly
from validate.photo import describe
from validate.plan import master_of, plan_of

MOST_PIXELS = 20_000_000
MOST_RECORD_BYTES = 200_000
"""A state's payload has 262,144 bytes at most (AWS Step Functions, quotas)."""


class Bounds:
    """Lambda's context, of a function with 640 MB and 8 seconds."""

    memory_limit_in_mb = "640"

    def get_remaining_time_in_millis(self) -> int:
        """Return the same for each mutant."""
        return 8_000


def through(path: Path, filename: str) -> str:
    """Return what becomes of the file at `path`: ACTIVE, or the name of the rejection."""
    try:
        photo = describe(path, filename, MOST_PIXELS)
        with path.open("rb") as file:
            record = read_record(Header(file))
        if len(json.dumps(record, ensure_ascii=False, allow_nan=False).encode()) > MOST_RECORD_BYTES:
            raise AssertionError("the metadata are too large")
        if any("metadata was dropped" in warning for warning in record.get("warnings", [])):
            raise AssertionError(record["warnings"])
        plan = plan_of("gallery", f"album/{filename}", "v")[0]
        source = path
        if master := master_of(photo, plan, "execution"):
            source = path.with_name("master")
            source.write_bytes(_master(path, filename, photo, master))
        assert HARM not in render(source, filename, plan[0]).body, (
            "what the original holds is in the rendition"
        )
    except BadInput as rejection:
        assert str(rejection).startswith(filename), rejection
        return type(rejection).__name__
    return "ACTIVE"


def _master(path: Path, filename: str, photo: Photo, master: MasterPlan) -> bytes:
    if "film" not in photo:
        return develop(path, filename, photo["format"], master).body
    with path.open("rb") as file:
        return planned(file, filename, photo, master, path.parent).poster


def judged(data: bytes, folder: Path) -> tuple[str, str]:
    """Return what becomes of `data`, and what is wrong with that, if anything is."""
    path = folder / "mutant"
    path.write_bytes(data)
    try:
        return confined(Bounds(), path.name, through, path, path.name), ""
    except TooCostly as error:
        return "TooCostly", str(error)
    except BadInput as error:
        return "crash", str(error)
    except Exception as error:
        return type(error).__name__, f"{type(error).__name__}: {error}"


def main() -> int:
    """Run by count or by time; return how many findings there are, 1 at most."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=sys.maxsize)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="seeds whose name starts so")
    parser.add_argument("--keep", type=Path, help="a folder for the mutants that are findings")
    parser.add_argument("--named", action="store_true", help="tell what becomes of the files that have names")
    asked = parser.parse_args()
    if asked.named:
        with tempfile.TemporaryDirectory() as folder:
            ends = {name: judged(each.data(), Path(folder))[0] for name, each in NAMED.items()}
        print(json.dumps(ends))
        return 0
    seeds = {name: make() for name, make in SEEDS.items() if name.startswith(asked.only)}
    outcomes: dict[str, Counter[str]] = {name: Counter() for name in seeds}
    findings, until = 0, time.monotonic() + asked.seconds
    with tempfile.TemporaryDirectory() as folder:
        for number in range(asked.count):
            if time.monotonic() > until:
                break
            name = list(seeds)[number % len(seeds)]
            data = mutant(seeds[name], random.Random(f"{asked.seed}:{number}"))
            outcome, wrong = judged(data, Path(folder))
            outcomes[name][outcome] += 1
            if wrong:
                findings += 1
                print(f"{name} {asked.seed}:{number} {wrong}", flush=True)
                if asked.keep:
                    asked.keep.mkdir(parents=True, exist_ok=True)
                    (asked.keep / f"{name}-{asked.seed}-{number}").write_bytes(data)
    for name, counts in outcomes.items():
        print(f"{name:18}", ", ".join(f"{outcome} {count}" for outcome, count in counts.most_common()))
    print(f"{sum(sum(counts.values()) for counts in outcomes.values()):,} mutants, {findings:,} findings")
    return min(findings, 1)


if __name__ == "__main__":
    sys.exit(main())
