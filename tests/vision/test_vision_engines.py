"""Models are loaded late, once, and for all requests."""

import concurrent.futures
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from safelight_vision.seeing.engines import Engines
from safelight_vision.service import Vision
from safelight_vision.weights import models as vision_models

pytestmark = pytest.mark.enable_socket


def test_a_model_is_loaded_at_its_first_use_and_once(
    models: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened: list[str] = []
    open_model = vision_models.open_model

    def count(path: Path) -> Any:
        opened.append(path.name)
        return open_model(path)

    monkeypatch.setattr(vision_models, "open_model", count)
    Vision(models, tmp_path)
    engines = Engines(models)
    assert opened == []
    image = Image.new("RGB", (640, 480), (200, 180, 90))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: engines.things(image), range(8)))
    assert opened == [vision_models.OBJECTS.file]
    engines.explicit(image)
    assert opened == [vision_models.OBJECTS.file, vision_models.MODERATION.file]
