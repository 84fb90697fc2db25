"""Builds ONNX models layer by layer, for weights that come in another form."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

_OPSET = 17
_IR_VERSION = 8

Dimensions = Sequence[int | str]


class Graph:
    """Collects nodes and weights; each method adds a layer and returns the name of its output."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.nodes: list[onnx.NodeProto] = []
        self.weights: dict[str, onnx.TensorProto] = {}

    def add(self, operator: str, inputs: Sequence[str], **attributes: Any) -> str:
        """Add a node with one output."""
        return self.add_many(operator, inputs, 1, **attributes)[0]

    def add_many(self, operator: str, inputs: Sequence[str], outputs: int, **attributes: Any) -> list[str]:
        """Add a node with several outputs."""
        names = [f"{operator.lower()}_{len(self.nodes)}_{number}" for number in range(outputs)]
        self.nodes.append(helper.make_node(operator, list(inputs), names, **attributes))
        return names

    def constant(self, name: str, value: NDArray[Any]) -> str:
        """Add a constant; one of the same name is there once."""
        self.weights[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def model(
        self, name: str, inputs: Mapping[str, Dimensions], outputs: Mapping[str, tuple[str, Dimensions]]
    ) -> bytes:
        """Return the whole as a checked model, with all values in single precision.

        `inputs` maps names to their dimensions, `outputs` names to the result behind it and its dimensions.

        Raises:
            onnx.checker.ValidationError: the layers do not fit one another.
        """
        nodes = [helper.make_node("Identity", [source], [out]) for out, (source, _) in outputs.items()]
        model = helper.make_model(
            helper.make_graph(
                [*self.nodes, *nodes],
                name,
                [helper.make_tensor_value_info(n, TensorProto.FLOAT, d) for n, d in inputs.items()],
                [helper.make_tensor_value_info(n, TensorProto.FLOAT, d) for n, (_, d) in outputs.items()],
                list(self.weights.values()),
            ),
            opset_imports=[helper.make_opsetid("", _OPSET)],
            ir_version=_IR_VERSION,
            producer_name="safelight",
        )
        onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString())
