from dataclasses import dataclass
from math import inf, nan
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer
from hypothesis import given
from hypothesis import strategies as st

from safelight.attributes import attribute_value
from safelight.errors import Misconfigured
from safelight.settings import from_environment


@dataclass(frozen=True)
class Settings:
    table_name: str
    max_pixels: int
    confidence: float


GOOD = {"TABLE_NAME": "t", "MAX_PIXELS": "12", "CONFIDENCE": "55.5", "OTHER": "x"}


def test_settings_have_the_types_of_their_fields() -> None:
    settings = from_environment(Settings, GOOD)
    assert settings == Settings("t", 12, 55.5)
    assert isinstance(settings.max_pixels, int)


@pytest.mark.parametrize("variable", ["TABLE_NAME", "MAX_PIXELS", "CONFIDENCE"])
@pytest.mark.parametrize("missing", [True, False])
def test_a_missing_or_empty_variable_is_named(variable: str, missing: bool) -> None:
    environment = {name: value for name, value in GOOD.items() if name != variable}
    if not missing:
        environment[variable] = ""
    with pytest.raises(Misconfigured, match=rf"{variable} is missing.*template\.yaml"):
        from_environment(Settings, environment)


@pytest.mark.parametrize(
    ("variable", "value"), [("MAX_PIXELS", "many"), ("MAX_PIXELS", "1.5"), ("CONFIDENCE", "x")]
)
def test_a_variable_of_the_wrong_type_is_named(variable: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=f"{variable} is '{value}'"):
        from_environment(Settings, GOOD | {variable: value})


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (None, {"NULL": True}),
        (True, {"BOOL": True}),
        (0, {"N": "0"}),
        (1.5, {"N": "1.5"}),
        (nan, {"NULL": True}),
        (-inf, {"NULL": True}),
        ("", {"S": ""}),
        ([], {"L": []}),
        ({"a": None, "b": [1, None]}, {"M": {"b": {"L": [{"N": "1"}, {"NULL": True}]}}}),
    ],
)
def test_attribute_values(value: Any, form: dict[str, Any]) -> None:
    assert attribute_value(value) == form


@pytest.mark.parametrize("value", [object(), {1, 2}, [object()]])
def test_what_json_has_no_form_for_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        attribute_value(value)


JSON = st.recursive(
    st.booleans() | st.integers(-(10**15), 10**15) | st.text() | st.sampled_from([0.5, 43.4674483, -1e-7]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(JSON)
def test_what_dynamodb_reads_is_what_was_written(value: Any) -> None:
    def plain(read: Any) -> Any:
        if isinstance(read, dict):
            return {name: plain(member) for name, member in read.items()}
        if isinstance(read, list):
            return [plain(member) for member in read]
        return read if isinstance(read, bool | str) or read is None else float(read)

    assert plain(TypeDeserializer().deserialize(attribute_value(value))) == value
