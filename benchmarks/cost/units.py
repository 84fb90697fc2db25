"""Counts the units of DynamoDB that calls use, by the sizes of the records that they are about.

Of a write there is one unit for each KB that is begun, once more where the index has the record, and twice
as much in a transaction; of a read one for each 4 KB, half of it where it need not be consistent (DynamoDB
Developer Guide, read and write operations). Each record counts as large as those of its kind are in the end.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from math import ceil
from statistics import fmean
from typing import Any

_WRITES = {"PutItem", "UpdateItem", "DeleteItem"}
_IN_A_TRANSACTION = 2
_INDEXED_BY = ("album", "timeline")

Asked = tuple[str, str]
"""What is asked of DynamoDB: `write` or `read`, and the kind of the record, as in `photo`."""


def asked(operation: str, body: bytes) -> Iterator[tuple[Asked, float]]:
    """Yield the records that a call is about, with how much each counts for."""
    request = json.loads(body)
    if operation in _WRITES:
        yield ("write", _kind(request.get("Key") or request["Item"])), 1
    elif operation == "TransactWriteItems":
        for part in request["TransactItems"]:
            for action in part.values():
                yield ("write", _kind(action.get("Key") or action["Item"])), _IN_A_TRANSACTION
    elif operation == "BatchGetItem":
        for table in request["RequestItems"].values():
            for key in table["Keys"]:
                yield ("read", _kind(key)), 1 if table.get("ConsistentRead") else 0.5
    elif operation == "GetItem":
        yield ("read", _kind(request["Key"])), 1 if request.get("ConsistentRead") else 0.5
    else:
        raise ValueError(f"There is no count for {operation}.")


def units(counted: Mapping[Asked, float], records: Iterable[Mapping[str, Any]]) -> Counter[Asked]:
    """Return how many units were used, of the table's `records` in the end."""
    sizes, indexed = defaultdict[str, list[int]](list), set()
    for record in records:
        kind = _kind(record)
        sizes[kind].append(size_of(record))
        if all(name in record for name in _INDEXED_BY):
            indexed.add(kind)
    used: Counter[Asked] = Counter()
    for (what, kind), times in counted.items():
        size = fmean(sizes.get(kind, [1]))
        if what == "write":
            used[what, kind] = ceil(size / 1024) * times * (2 if kind in indexed else 1)  # type: ignore[assignment]
        else:
            used[what, kind] = ceil(size / 4096) * times  # type: ignore[assignment]
    return used


def size_of(record: Mapping[str, Any]) -> int:
    """Return the size of a record in bytes, as DynamoDB counts it (item sizes and formats)."""
    return sum(len(name.encode()) + _size(value) for name, value in record.items())


def _size(value: Any) -> int:
    match value:
        case str():
            return len(value.encode())
        case bool() | None:
            return 1
        case int() | float() | Decimal():
            return ceil(len(str(value).strip("-0.").replace(".", "")) / 2) + 1
        case bytes():
            return len(value)
        case set() | frozenset():
            return sum(map(_size, value))
        case Mapping():
            return 3 + len(value) + size_of(value)
        case _:
            return 3 + len(value) + sum(map(_size, value))


def _kind(record: Mapping[str, Any]) -> str:
    id_ = record["id"]
    return str(id_["S"] if isinstance(id_, dict) else id_).partition("/")[0]
