"""Builds EfficientNet-Lite0 as an ONNX graph from its trained tensors.

The architecture is that of the published model: a stem, sixteen inverted residual blocks with ReLU6
and no squeeze-and-excitation, a head and a classifier. Each batch normalization is folded into the
convolution before it. The padding is TensorFlow's SAME, which the weights were trained with.
"""

import numpy as np

from safelight_vision.weights.graph import Graph
from safelight_vision.weights.torch_file import Tensors

SIZE = 224
"""The side of the square input, in pixels."""

CLASSES = 1000
"""How many classes of ImageNet-1k the model tells apart."""

_BLOCKS = 16
_HALVING_BLOCKS = frozenset({1, 3, 5, 11})
_EPSILON = 1e-3


class _Layers(Graph):
    """The layers of this architecture."""

    def __init__(self, tensors: Tensors) -> None:
        super().__init__()
        self.tensors = tensors
        self.constant("zero", np.array(0, np.float32))
        self.constant("six", np.array(6, np.float32))

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
    layers = _Layers(tensors)
    flow = layers.relu6(layers.convolution("image", "_conv_stem", "_bn0", stride=2))
    for number in range(_BLOCKS):
        flow = layers.block(flow, number)
    flow = layers.relu6(layers.convolution(flow, "_conv_head", "_bn1"))
    flow = layers.add("Flatten", [layers.add("GlobalAveragePool", [flow])])
    weight = layers.constant("_fc.weight", tensors["_fc.weight"])
    bias = layers.constant("_fc.bias", tensors["_fc.bias"])
    flow = layers.add("Gemm", [flow, weight, bias], transB=1)
    flow = layers.add("Softmax", [flow], axis=1)
    return layers.model(
        "efficientnet-lite0",
        {"image": [1, 3, SIZE, SIZE]},
        {"probabilities": (flow, [1, CLASSES])},
    )
