"""Reads a graph of TensorFlow.js, and turns it into ONNX.

A model is a JSON file with the nodes of a TensorFlow graph and a list of weights, and a binary file with the
weights one after the other, little-endian; those "quantized" to float16 are two bytes each. Images run
through TensorFlow height, width and channels in that order, through ONNX channels first: the runtime joins
the transpositions between the two again.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight_vision.weights.graph import Dimensions, Graph

_TYPES: dict[str, np.dtype[Any]] = {
    "float32": np.dtype("<f4"),
    "int32": np.dtype("<i4"),
    "float16": np.dtype("<f2"),
}
_CHANNELS_FIRST, _CHANNELS_LAST = [0, 3, 1, 2], [0, 2, 3, 1]

Node = dict[str, Any]
Array = NDArray[Any]


class UnreadableGraph(Exception):
    """The files are not of the known form, or hold an operation that is not converted."""


def convert(model: Path, weights: Path, name: str) -> bytes:
    """Return the ONNX model for the graph in `model` with its `weights`; inputs and outputs keep their names.

    Raises:
        UnreadableGraph: the files are not of the known form, or hold an operation that is not converted.
        OSError: a file cannot be read.
    """
    try:
        content = json.loads(model.read_text(encoding="utf-8"))
        arrays = _weights(content["weightsManifest"], weights.read_bytes())
        converter = _Converter(content["modelTopology"]["node"], arrays)
        signature = content["signature"]
        inputs = {_plain(key): _dimensions(it) for key, it in signature["inputs"].items()}
        outputs = {
            _plain(key): (converter.result(_plain(key)), _dimensions(it))
            for key, it in signature["outputs"].items()
        }
    except (KeyError, ValueError, TypeError) as error:
        raise UnreadableGraph(f"{model.name} cannot be read as a TensorFlow.js graph: {error!r}") from error
    return converter.graph.model(name, inputs, outputs)


def _weights(manifest: Sequence[dict[str, Any]], content: bytes) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    start = 0
    for entry in (entry for group in manifest for entry in group["weights"]):
        stored = _TYPES[entry.get("quantization", entry)["dtype"]]
        count = int(np.prod(entry["shape"], dtype=np.int64))
        flat = np.frombuffer(content, stored, count, start)
        arrays[entry["name"]] = flat.reshape(entry["shape"]).astype(_TYPES[entry["dtype"]])
        start += count * stored.itemsize
    if start != len(content):
        raise ValueError(f"the weights have {len(content)} bytes, where {start} were promised")
    return arrays


def _plain(name: str) -> str:
    return name.removesuffix(":0")


def _dimensions(entry: dict[str, Any]) -> Dimensions:
    return [int(dimension["size"]) for dimension in entry["tensorShape"]["dim"]]


class _Converter:
    """Converts the nodes that a result needs, each once; what is known beforehand is worked out here."""

    def __init__(self, nodes: Sequence[Node], weights: dict[str, Array]) -> None:
        self.graph = Graph()
        self._nodes = {node["name"]: node for node in nodes}
        self._weights = weights
        self._known: dict[str, Array] = {}
        self._results: dict[str, list[str]] = {}
        self._converters: dict[str, Callable[[Node], list[str]]] = {
            "Placeholder": lambda node: [node["name"]],
            "Identity": lambda node: [self.result(node["input"][0])],
            "Add": self._binary,
            "AddV2": self._binary,
            "Sigmoid": lambda node: [self.graph.add("Sigmoid", [self.result(node["input"][0])])],
            "LeakyRelu": self._leaky_relu,
            "Transpose": self._transpose,
            "Reshape": self._reshape,
            "ConcatV2": self._concat,
            "SplitV": self._split,
            "Pad": self._pad,
            "PadV2": self._pad,
            "Conv2D": self._convolution,
            "MaxPool": self._max_pool,
            "ResizeBilinear": self._resize,
        }

    def result(self, reference: str) -> str:
        """Return the ONNX name of a result, such as `node` or `node:1`."""
        name, _, number = reference.partition(":")
        if name not in self._results:
            known = self._value(name)
            if known is not None:
                self._results[name] = [self.graph.constant(name, known)]
            else:
                node = self._nodes[name]
                if node["op"] not in self._converters:
                    raise UnreadableGraph(f"{node['op']} is an operation that is not converted.")
                self._results[name] = self._converters[node["op"]](node)
        return self._results[name][int(number or 0)]

    def _value(self, name: str) -> Array | None:
        """Return what is known of a node before the graph runs, or None."""
        if name in self._weights:
            return self._weights[name]
        if name not in self._known:
            node = self._nodes[name]
            inputs = [self._value(it.partition(":")[0]) for it in node.get("input", [])]
            arrays = [it for it in inputs if it is not None]
            if not inputs or len(arrays) < len(inputs) or node["op"] not in {"AddV2", "SparseToDense"}:
                return None
            self._known[name] = arrays[0] + arrays[1] if node["op"] == "AddV2" else _dense(*arrays)
        return self._known[name]

    def _constant(self, name: str) -> Array:
        value = self._value(name)
        if value is None:
            raise UnreadableGraph(f"{name} is not a constant.")
        return value

    def _numbers(self, node: Node, name: str) -> str:
        """Add a constant of whole numbers as ONNX has them, in 64 bits."""
        return self.graph.constant(f"{node['name']}/{name}", self._constant(name).astype(np.int64))

    def _binary(self, node: Node) -> list[str]:
        return [self.graph.add("Add", [self.result(it) for it in node["input"]])]

    def _leaky_relu(self, node: Node) -> list[str]:
        alpha = float(node["attr"]["alpha"]["f"])
        return [self.graph.add("LeakyRelu", [self.result(node["input"][0])], alpha=alpha)]

    def _transpose(self, node: Node) -> list[str]:
        source, order = node["input"]
        return [self.graph.add("Transpose", [self.result(source)], perm=self._constant(order).tolist())]

    def _reshape(self, node: Node) -> list[str]:
        source, shape = node["input"]
        return [self.graph.add("Reshape", [self.result(source), self._numbers(node, shape)])]

    def _concat(self, node: Node) -> list[str]:
        *sources, axis = node["input"]
        inputs = [self.result(it) for it in sources]
        return [self.graph.add("Concat", inputs, axis=int(self._constant(axis)))]

    def _split(self, node: Node) -> list[str]:
        source, sizes, axis = node["input"]
        inputs = [self.result(source), self._numbers(node, sizes)]
        count = self._constant(sizes).size
        return self.graph.add_many("Split", inputs, count, axis=int(self._constant(axis)))

    def _pad(self, node: Node) -> list[str]:
        source, widths, *value = node["input"]
        pads = self._constant(widths).T.reshape(-1).astype(np.int64)
        inputs = [self.result(source), self.graph.constant(f"{node['name']}/pads", pads)]
        return [self.graph.add("Pad", [*inputs, *map(self.result, value)])]

    def _convolution(self, node: Node) -> list[str]:
        source, kernel = node["input"]
        weights = self._constant(kernel).transpose(3, 2, 0, 1)
        inputs = [self.graph.constant(kernel, weights)]
        return [self._channels_first("Conv", source, inputs, strides=_steps(node, "strides"))]

    def _max_pool(self, node: Node) -> list[str]:
        steps = {"kernel_shape": _steps(node, "ksize"), "strides": _steps(node, "strides")}
        return [self._channels_first("MaxPool", node["input"][0], [], **steps)]

    def _resize(self, node: Node) -> list[str]:
        source, size = node["input"]
        if not node["attr"]["half_pixel_centers"]["b"]:
            raise UnreadableGraph("ResizeBilinear without half pixels is not converted.")
        height, width = self._constant(size).tolist()
        transposed = self.graph.add("Transpose", [self.result(source)], perm=_CHANNELS_FIRST)
        channels = self.graph.add("Slice", [self.graph.add("Shape", [transposed]), *self._first_two()])
        sides = self.graph.constant(f"{node['name']}/size", np.array([height, width], np.int64))
        sizes = self.graph.add("Concat", [channels, sides], axis=0)
        resized = self.graph.add(
            "Resize",
            [transposed, "", "", sizes],
            mode="linear",
            coordinate_transformation_mode="half_pixel",
        )
        return [self.graph.add("Transpose", [resized], perm=_CHANNELS_LAST)]

    def _first_two(self) -> list[str]:
        return [
            self.graph.constant("slice/start", np.array([0], np.int64)),
            self.graph.constant("slice/end", np.array([2], np.int64)),
        ]

    def _channels_first(self, operator: str, source: str, inputs: list[str], **attributes: Any) -> str:
        transposed = self.graph.add("Transpose", [self.result(source)], perm=_CHANNELS_FIRST)
        flow = self.graph.add(operator, [transposed, *inputs], **attributes)
        return self.graph.add("Transpose", [flow], perm=_CHANNELS_LAST)


def _steps(node: Node, attribute: str) -> list[int]:
    """Return an attribute's values for height and width; the padding is done by nodes of its own."""
    if node["attr"]["padding"]["s"] != "VkFMSUQ=":  # VALID, in base64
        raise UnreadableGraph(f"{node['op']} with another padding than VALID is not converted.")
    return [int(step) for step in node["attr"][attribute]["list"]["i"][1:3]]


def _dense(indices: Array, shape: Array, values: Array, default: Array) -> Array:
    dense = np.full(shape.tolist(), default, dtype=default.dtype)
    dense[tuple(indices.T)] = values
    return dense
