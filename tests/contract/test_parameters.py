"""Where every optional parameter is on, each is, but for those that are left out with a reason."""

from contract.definitions import template
from workflow.parameters import LEFT_OUT, PARAMETERS

OFF = {"off", "0", "", "none"}


def test_every_optional_parameter_is_on_where_every_one_is() -> None:
    optional = {name for name, it in template()["Parameters"].items() if str(it["Default"]) in OFF}
    on = {name for name, value in PARAMETERS["every-on"].items() if value not in OFF}
    assert optional - on == set(LEFT_OUT)


def test_every_optional_parameter_is_off_where_every_one_is() -> None:
    defaults = {name: str(it["Default"]) for name, it in template()["Parameters"].items()}
    off = defaults | PARAMETERS["every-off"]
    on = {name for name, value in PARAMETERS["every-on"].items() if value == "on"}
    assert {off[name] for name in on} == {"off"}
    assert off["ReadText"] == "never"
