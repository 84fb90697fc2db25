"""Reads the tensors of a PyTorch file as NumPy arrays, without PyTorch and without running its pickle.

The file is in PyTorch's format of before 1.6: a magic number, a protocol version, a description of
the machine that wrote it, a pickled dictionary of tensors that name their storages, the list of
storage keys, and then each storage as a count (int64) and its values, little-endian.
"""

import pickle
from collections import OrderedDict
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

Tensors = dict[str, NDArray[Any]]

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_DTYPES: dict[str, np.dtype[Any]] = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class UnreadableTensors(Exception):
    """The file is not a PyTorch file of the known form, or it names something that is not a tensor."""


class _Tensor:
    """A view of a storage that is read later: offset and strides in elements."""

    def __init__(self, storage: str, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> None:
        self.storage, self.offset, self.shape, self.strides = storage, offset, shape, strides


class _Unpickler(pickle.Unpickler):
    """Builds dictionaries of tensor views and refuses to look up anything else."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        self.storages: dict[str, tuple[np.dtype[Any], int]] = {}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, strides, *_: _Tensor(storage, offset, shape, strides)
        if module == "torch" and name in _DTYPES:
            return name
        raise UnreadableTensors(f"The file names {module}.{name}, which no file of tensors needs.")

    def persistent_load(self, pid: Any) -> str:
        """Note the storage that `pid` describes, and return its key."""
        _kind, storage_type, key, _location, count, *_view = pid
        self.storages[str(key)] = (_DTYPES[storage_type], int(count))
        return str(key)


def read_tensors(path: Path) -> Tensors:
    """Return the tensors in the PyTorch file at `path`, by name.

    Raises:
        UnreadableTensors: the file is not of the known form, ends early, or names anything but tensors.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        try:
            if _Unpickler(file).load() != _MAGIC or _Unpickler(file).load() != _PROTOCOL:
                raise UnreadableTensors(f"{path.name} is not a PyTorch file of the old form.")
            if not _Unpickler(file).load()["little_endian"]:
                raise UnreadableTensors(f"{path.name} was written big-endian.")
            unpickler = _Unpickler(file)
            views: dict[str, _Tensor] = unpickler.load()
            values: dict[str, NDArray[Any]] = {}
            for key in _Unpickler(file).load():
                dtype, expected = unpickler.storages[key]
                count = int.from_bytes(file.read(8), "little")
                if count != expected:
                    raise UnreadableTensors(f"{path.name} holds {count} values where it promised {expected}.")
                values[key] = np.frombuffer(file.read(count * dtype.itemsize), dtype=dtype, count=count)
            return {name: _array(view, values[view.storage]) for name, view in views.items()}
        except (pickle.UnpicklingError, EOFError, KeyError, ValueError, TypeError, AttributeError) as error:
            raise UnreadableTensors(f"{path.name} cannot be read as a PyTorch file: {error}") from error


def _array(view: _Tensor, storage: NDArray[Any]) -> NDArray[Any]:
    last = view.offset + sum((n - 1) * s for n, s in zip(view.shape, view.strides, strict=True))
    if view.offset < 0 or any(n < 1 or s < 0 for n, s in zip(view.shape, view.strides, strict=True)):
        raise UnreadableTensors("A tensor has a shape that cannot be.")
    if last >= storage.size:
        raise UnreadableTensors("A tensor reaches past the end of its storage.")
    strides = tuple(step * storage.itemsize for step in view.strides)
    strided = np.lib.stride_tricks.as_strided(storage[view.offset :], view.shape, strides, writeable=False)
    return np.ascontiguousarray(strided)
