"""Checks requests against botocore's models of the services, which are the services' own."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ServiceModel, Shape

from safelight_vision.errors import ServiceError

SERVICES = ("rekognition", "textract")


@cache
def service_models() -> dict[str, ServiceModel]:
    """Return botocore's model of each service by the prefix that X-Amz-Target has for it."""
    session = botocore.session.get_session()
    models = [session.get_service_model(name) for name in SERVICES]
    return {str(model.metadata["targetPrefix"]): model for model in models}


def check(target: str, request: Mapping[str, Any]) -> None:
    """Check `request` to the operation `target`, such as RekognitionService.DetectLabels.

    Members that the model does not know are let pass, as the services do; `Bytes` are not looked at.

    Raises:
        ServiceError: a member is missing, or has another type or range than the model says.
    """
    prefix, _, operation = target.partition(".")
    shape = service_models()[prefix].operation_model(operation).input_shape
    if shape is not None:
        _check(request, shape, "the request")


def _check(value: Any, shape: Shape, where: str) -> None:
    kinds: dict[str, Any] = {
        "structure": Mapping,
        "map": Mapping,
        "list": list,
        "string": str,
        "integer": int,
        "long": int,
        "float": (int, float),
        "double": (int, float),
        "boolean": bool,
    }
    kind = kinds.get(shape.type_name)
    if kind is None:  # a blob
        return
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise _bad(f"{where} must be a {shape.type_name}")
    if shape.type_name == "structure":
        missing = [name for name in shape.required_members if value.get(name) is None]
        if missing:
            raise _bad(f"{where} needs {' and '.join(missing)}")
        for name, member in shape.members.items():  # type: ignore[attr-defined]
            if value.get(name) is not None:
                _check(value[name], member, name)
    elif shape.type_name == "list":
        for item in value:
            _check(item, shape.member, where)  # type: ignore[attr-defined]
    _check_range(value, shape, where)


def _check_range(value: Any, shape: Shape, where: str) -> None:
    limits: Mapping[str, Any] = shape.metadata
    size = value if isinstance(value, int | float) else len(value)
    if size < limits.get("min", size) or size > limits.get("max", size):
        raise _bad(f"{where} must be from {limits.get('min', 0)} to {limits.get('max', 'any')}")
    if limits.get("enum") and value not in limits["enum"]:
        raise _bad(f"{where} must be one of {', '.join(limits['enum'])}")
    if limits.get("pattern") and not re.fullmatch(limits["pattern"], value, re.DOTALL):
        raise _bad(f"{where} must match {limits['pattern']}")


def _bad(sentence: str) -> ServiceError:
    return ServiceError("InvalidParameterException", f"Request has invalid parameters: {sentence}.")
