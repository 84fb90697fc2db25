"""The models of the service: each is loaded at its first use, once, and then kept for all requests."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from PIL import Image

from safelight_vision.seeing import labels, moderation, mtcnn, objects, text
from safelight_vision.seeing.faces import Recognizer, Vector
from safelight_vision.weights import models

_Engine = TypeVar("_Engine")


class Engines:
    """Runs the models on images; safe to use from several threads at once."""

    def __init__(self, directory: Path) -> None:
        """Remember where the models lie; nothing is loaded yet."""
        self._directory = directory
        self._loaded: dict[str, Any] = {}
        self._loading = threading.Lock()
        self._alone = threading.Lock()

    def classes(self, image: Image.Image) -> list[float]:
        """Return the probability of each class of the label model."""
        session = self._engine("labels", lambda: self._session(models.LABELS))
        return labels.probabilities(image, session).tolist()  # type: ignore[no-any-return]

    def things(self, image: Image.Image) -> list[objects.Thing]:
        """Return the people and things in `image`."""
        return objects.find(image, self._engine("things", lambda: self._session(models.OBJECTS)))

    def faces(self, image: Image.Image) -> list[mtcnn.Face]:
        """Return the faces in `image`, the largest first."""
        return self._engine("faces", self._detector).find(image)

    def vector(self, image: Image.Image, face: mtcnn.Face) -> Vector:
        """Return the vector of `face` in `image`."""
        shape_and_vectors = (models.FACE_SHAPE, models.FACE_VECTORS)
        recognizer = self._engine(
            "vectors",
            lambda: Recognizer(*models.ensure_models(self._directory, *shape_and_vectors)),
        )
        with self._alone:  # dlib's networks keep state while they run
            return recognizer.vector(image, face)

    def explicit(self, image: Image.Image) -> float:
        """Return how likely `image` is explicit, from 0 to 1."""
        return moderation.score(image, self._engine("moderation", lambda: self._session(models.MODERATION)))

    def lines(self, image: Image.Image) -> list[text.Line]:
        """Return the lines of text in `image`."""
        reader = self._engine("text", text.RapidReader)
        with self._alone:  # RapidOCR keeps state between its steps
            return reader.read(image)

    def _detector(self) -> mtcnn.Detector:
        paths = models.ensure_models(self._directory, *models.FACES)
        return mtcnn.Detector([models.open_model(path) for path in paths])

    def _session(self, model: models.Model) -> Any:
        return models.open_model(models.ensure_models(self._directory, model)[0])

    def _engine(self, name: str, load: Callable[[], _Engine]) -> _Engine:
        with self._loading:
            if name not in self._loaded:
                self._loaded[name] = load()
            return cast(_Engine, self._loaded[name])
