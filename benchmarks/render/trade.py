"""Shows what jpegli's quality trades: bytes for SSIMULACRA2, beside sharp at 85: `make bench-trade`."""

import json
import subprocess
from pathlib import Path
from unittest.mock import patch

import numpy as np

from engines import ENGINES, install_sharp_engine, plans
from photos import SCRATCH, originals
from render.rendition import render
from report import provenance, table, write_section
from scoring import pixels, reference, score

_QUALITIES = (82, 84, 85, 86, 87, 88, 89, 90)
_FILE = SCRATCH / "trade"


def _measured(photo: Path) -> tuple[list[list[tuple[int, float]]], list[tuple[int, float]]]:
    """Return bytes and SSIMULACRA2: Safelight's per rendition and quality, and sharp's per rendition."""
    own: list[list[tuple[int, float]]] = []
    sharps: list[tuple[int, float]] = []
    for plan in plans("gallery"):
        program, _ = ENGINES["sharp"]
        command = [*program, photo, _FILE, json.dumps(plan)]
        subprocess.run([str(part) for part in command], check=True)
        sharps.append(_scored(photo, _FILE.read_bytes()))
        own.append([])
        for quality in _QUALITIES:
            with patch("render.encode.jpegli_quality", lambda *_, same=quality: same):
                own[-1].append(_scored(photo, render(photo, photo.name, plan).body))
        reference.cache_clear()
    return own, sharps


def _scored(photo: Path, body: bytes) -> tuple[int, float]:
    made = pixels(body)
    return len(body), score(reference(photo, "inside", made.shape[1::-1]), made)[1]


def main() -> None:
    """Measure, and write the table."""
    install_sharp_engine()
    names = [plan["name"] for plan in plans("gallery")]
    measured = [_measured(photo) for photo in originals()]
    own = np.array([each for each, _ in measured])  # photos x renditions x qualities x (bytes, score)
    sharps = np.array([each for _, each in measured])[:, :, np.newaxis]
    together = own[..., 0].sum(1) / sharps[..., 0].sum(1)
    apart = own[..., 0] / sharps[..., 0]
    differences = own[..., 1] - sharps[..., 1]
    rows = [
        [
            str(quality),
            f"{np.exp(np.log(together[:, at]).mean()):.2f}",
            *(f"{np.exp(np.log(apart[:, each, at]).mean()):.2f}" for each in range(len(names))),
            f"{differences[..., at].mean():+.1f}",
            *(f"{differences[:, each, at].min():+.1f}" for each in range(len(names))),
        ]
        for at, quality in enumerate(_QUALITIES)
    ]
    head = [
        "jpegli's quality",
        "Bytes, all",
        *names,
        "SSIMULACRA2, mean",
        *(f"worst {name}" for name in names),
    ]
    write_section("trade", provenance("make bench-trade") + table(head, rows))


if __name__ == "__main__":
    main()
