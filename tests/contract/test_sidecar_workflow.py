"""The workflow of sidecars and the layout of keys agree on which sidecar belongs to which photo."""

from typing import Any

import jsonata
import pytest

from contract.definitions import REPOSITORY, workflow
from safelight.keys import SIDECAR_SUFFIX, sidecar_keys

FIND = workflow(REPOSITORY / "statemachine" / "sidecar.asl.json")["States"]["FindPhotos"]
KEYS = [
    *("a/x.jpg", "a/x.HEIC", "a/x.b.jpg", "a/x1.jpg", "a/x-1.jpg", "a/X.jpg", "a/x", "a/x.d/y.jpg", "x.jpg"),
    *("a/x.xmp", "a/x.jpg.xmp", "ünï (1)/日本.jpg", "ünï (1)/日本.xmp", "a/100% + $1.jpg", "a/100% + $1.xmp"),
]


def evaluated(expression: str, sidecar: str, result: Any = None) -> Any:
    states = {"input": {"detail": {"object": {"key": sidecar}}}, "result": result}
    return jsonata.Jsonata(expression[2:-2]).evaluate(None, {"states": states})


@pytest.mark.parametrize("sidecar", [sidecar for key in KEYS for sidecar in sidecar_keys(key)])
def test_a_sidecar_finds_the_photos_that_read_it(sidecar: str) -> None:
    prefix = evaluated(FIND["Arguments"]["Prefix"], sidecar)
    listed = {"Contents": [{"Key": key} for key in sorted(KEYS) if key.startswith(prefix)]}
    found = evaluated(FIND["Output"]["keys"], sidecar, listed)
    photos = [key for key in sorted(KEYS) if not key.endswith(SIDECAR_SUFFIX)]
    assert sorted(found) == [key for key in photos if sidecar in sidecar_keys(key)]


def test_a_sidecar_alone_finds_nothing() -> None:
    assert evaluated(FIND["Output"]["keys"], "a/x.xmp", {"Contents": [{"Key": "a/x.xmp"}]}) == []
