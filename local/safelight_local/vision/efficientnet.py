"""Builds EfficientNet-Lite0 as an ONNX graph from its trained tensors.

The architecture is that of the published model: a stem, sixteen inverted residual blocks with ReLU6
and no squeeze-and-excitation, a head and a classifier. Each batch normalization is folded into the
convolution before it. The padding is TensorFlow's SAME, which the weights were trained with.
"""

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from safelight_local.vision.torch_file import Tensors

SIZE = 224
"""The side of the square input, in pixels."""

CLASSES = 1000
"""How many classes of ImageNet-1k the model tells apart."""

_BLOCKS = 16
_HALVING_BLOCKS = frozenset({1, 3, 5, 11})
_EPSILON = 1e-3
_OPSET = 17
_IR_VERSION = 8


class _Graph:
    """Collects nodes and weights; each method adds a layer and returns the name of its output."""

    def __init__(self, tensors: Tensors) -> None:
        self.tensors = tensors
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = [
            numpy_helper.from_array(np.array(0, np.float32), "zero"),
            numpy_helper.from_array(np.array(6, np.float32), "six"),
        ]

    def add(self, operator: str, inputs: list[str], **attributes: Any) -> str:
        output = f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def constant(self, name: str, value: NDArray[Any]) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value, np.float32), name))
        return name

    def convolution(self, source: str, layer: str, norm: str, stride: int = 1, groups: int = 1) -> str:
        kernel = self.tensors[f"{layer}.weight"]
        scale = self.tensors[f"{norm}.weight"] / np.sqrt(self.tensors[f"{norm}.running_var"] + _EPSILON)
        bias = self.tensors[f"{norm}.bias"] - self.tensors[f"{norm}.running_mean"] * scale
        inputs = [
            source,
            self.constant(f"{layer}.weight", kernel * scale[:, None, None, None]),
            self.constant(f"{layer}.bias", bias),
        ]
        return self.add("Conv", inputs, strides=[stride, stride], group=groups, auto_pad="SAME_UPPER")

    def relu6(self, source: str) -> str:
        return self.add("Clip", [source, "zero", "six"])

    def block(self, source: str, number: int) -> str:
        prefix = f"_blocks.{number}"
        stride = 2 if number in _HALVING_BLOCKS else 1
        inner = source
        if f"{prefix}._expand_conv.weight" in self.tensors:
            inner = self.relu6(self.convolution(inner, f"{prefix}._expand_conv", f"{prefix}._bn0"))
        depthwise = f"{prefix}._depthwise_conv"
        channels = self.tensors[f"{depthwise}.weight"].shape[0]
        inner = self.relu6(self.convolution(inner, depthwise, f"{prefix}._bn1", stride, channels))
        result = self.convolution(inner, f"{prefix}._project_conv", f"{prefix}._bn2")
        return self.add("Add", [source, result]) if self.is_residual(number) else result

    def is_residual(self, number: int) -> bool:
        """Tell whether a block keeps the shape of its input, and so adds its input to its output."""
        if number == 0 or number in _HALVING_BLOCKS:
            return False
        before, after = (
            self.tensors[f"_blocks.{n}._project_conv.weight"].shape[0] for n in (number - 1, number)
        )
        return bool(before == after)


def build(tensors: Tensors) -> bytes:
    """Return the ONNX model, as bytes, that maps `image` (1 x 3 x 224 x 224, RGB) to `probabilities`.

    Pixels are (value - 127) / 128. The output is 1 x 1000 and sums to 1.

    Raises:
        KeyError: a tensor of the architecture is missing.
        onnx.checker.ValidationError: the tensors do not fit the architecture.
    """
    graph = _Graph(tensors)
    flow = graph.relu6(graph.convolution("image", "_conv_stem", "_bn0", stride=2))
    for number in range(_BLOCKS):
        flow = graph.block(flow, number)
    flow = graph.relu6(graph.convolution(flow, "_conv_head", "_bn1"))
    flow = graph.add("Flatten", [graph.add("GlobalAveragePool", [flow])])
    weight = graph.constant("_fc.weight", tensors["_fc.weight"])
    bias = graph.constant("_fc.bias", tensors["_fc.bias"])
    flow = graph.add("Gemm", [flow, weight, bias], transB=1)
    graph.nodes.append(helper.make_node("Softmax", [flow], ["probabilities"], axis=1))
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "efficientnet-lite0",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, SIZE, SIZE])],
            [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [1, CLASSES])],
            graph.weights,
        ),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR_VERSION,
        producer_name="safelight",
    )
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())
