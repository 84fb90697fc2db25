"""Builds the three networks of MTCNN; `seeing.mtcnn` says what they do."""

from safelight_vision.weights.graph import Graph
from safelight_vision.weights.torch_file import Tensors

NETWORKS = ("pnet", "rnet", "onet")
"""The three networks, in the order of the cascade."""


def build(network: str, tensors: Tensors) -> bytes:
    """Return one of NETWORKS as an ONNX model, from its trained tensors.

    Each takes `image` (N x 3 x H x W, RGB, (value - 127.5) / 128) and gives `face`, the probability of one,
    and `box`, by what shares of its sides the box is to be moved; the last gives `points` as well.

    Raises:
        KeyError: a tensor of the architecture is missing.
        onnx.checker.ValidationError: the tensors do not fit the architecture.
    """
    return {"pnet": _proposals, "rnet": _refinement, "onet": _output}[network](_Layers(tensors))


class _Layers(Graph):
    def __init__(self, tensors: Tensors) -> None:
        super().__init__()
        self.tensors = tensors

    def convolution(self, source: str, layer: str) -> str:
        return self.add("Conv", [source, *self._weights(layer)])

    def dense(self, source: str, layer: str) -> str:
        return self.add("Gemm", [source, *self._weights(layer)], transB=1)

    def prelu(self, source: str, layer: str, dimensions: int) -> str:
        slope = self.tensors[f"{layer}.weight"]
        return self.add("PRelu", [source, self.constant(layer, slope.reshape(-1, *[1] * (dimensions - 1)))])

    def pool(self, source: str, size: int) -> str:
        return self.add("MaxPool", [source], kernel_shape=[size, size], strides=[2, 2], ceil_mode=1)

    def stage(self, source: str, number: int, pool: int) -> str:
        flow = self.prelu(self.convolution(source, f"conv{number}"), f"prelu{number}", 3)
        return self.pool(flow, pool) if pool else flow

    def flat(self, source: str) -> str:
        """Flatten width first, as the dense layers were trained."""
        return self.add("Flatten", [self.add("Transpose", [source], perm=[0, 3, 2, 1])])

    def _weights(self, layer: str) -> list[str]:
        return [
            self.constant(f"{layer}.{part}", self.tensors[f"{layer}.{part}"]) for part in ("weight", "bias")
        ]


def _proposals(net: _Layers) -> bytes:
    flow = net.stage(net.stage(net.stage("image", 1, 2), 2, 0), 3, 0)
    face = net.add("Softmax", [net.convolution(flow, "conv4_1")], axis=1)
    box = net.convolution(flow, "conv4_2")
    return net.model(
        "mtcnn-pnet",
        {"image": ["n", 3, "height", "width"]},
        {"face": (face, ["n", 2, "rows", "columns"]), "box": (box, ["n", 4, "rows", "columns"])},
    )


def _refinement(net: _Layers) -> bytes:
    flow = net.flat(net.stage(net.stage(net.stage("image", 1, 3), 2, 3), 3, 0))
    flow = net.prelu(net.dense(flow, "dense4"), "prelu4", 1)
    face = net.add("Softmax", [net.dense(flow, "dense5_1")], axis=1)
    return net.model(
        "mtcnn-rnet",
        {"image": ["n", 3, 24, 24]},
        {"face": (face, ["n", 2]), "box": (net.dense(flow, "dense5_2"), ["n", 4])},
    )


def _output(net: _Layers) -> bytes:
    flow = net.stage(net.stage(net.stage(net.stage("image", 1, 3), 2, 3), 3, 2), 4, 0)
    flow = net.prelu(net.dense(net.flat(flow), "dense5"), "prelu5", 1)
    face = net.add("Softmax", [net.dense(flow, "dense6_1")], axis=1)
    return net.model(
        "mtcnn-onet",
        {"image": ["n", 3, 48, 48]},
        {
            "face": (face, ["n", 2]),
            "box": (net.dense(flow, "dense6_2"), ["n", 4]),
            "points": (net.dense(flow, "dense6_3"), ["n", 10]),
        },
    )
