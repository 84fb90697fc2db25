"""Turns plain values into DynamoDB attribute values, for states that write the record directly."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

AttributeValue = dict[str, Any]


def attribute_value(value: Any) -> AttributeValue:
    """Return `value` as a DynamoDB AttributeValue in its JSON form.

    Mappings leave out members that are None; numbers that are not finite become NULL, since DynamoDB
    refuses them.

    Raises:
        TypeError: `value` holds something that JSON has no form for.
    """
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int() | float():
            return {"N": repr(value)} if isfinite(value) else {"NULL": True}
        case str():
            return {"S": value}
        case Mapping():
            return {"M": {str(k): attribute_value(v) for k, v in value.items() if v is not None}}
        case Sequence():
            return {"L": [attribute_value(member) for member in value]}
        case _:
            raise TypeError(f"A {type(value).__name__} has no DynamoDB form.")
