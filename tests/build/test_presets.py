"""What `sam build` runs for the layer refuses wrong presets, and its words are all that is to be read."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from uv import find_uv_bin

from contract.definitions import REPOSITORY


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        (
            "size = 2000",
            "size = 0",
            'layer/safelight/presets.toml, preset "gallery": rendition "medium": size is 0; it must be ',
        ),
        ("\n[albums]", "\n[albums", "layer/safelight/presets.toml is not TOML: "),
    ],
)
def test_wrong_presets_end_the_build_of_the_layer_in_words(
    tmp_path: Path, right: str, wrong: str, words: str
) -> None:
    layer = tmp_path / "layer"
    shutil.copytree(REPOSITORY / "layer", layer)
    file = layer / "safelight" / "presets.toml"
    file.write_text(file.read_text().replace(right, wrong, 1))
    made = subprocess.run(
        ["make", "build-SharedLayer", f"ARTIFACTS_DIR={tmp_path / 'artifacts'}"],
        cwd=layer,
        env={**os.environ, "PATH": f"{Path(find_uv_bin()).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert made.returncode != 0
    assert made.stderr.startswith(words)
    assert "Traceback" not in made.stderr
    assert not (tmp_path / "artifacts").exists(), "nothing was built"
