"""The stack, deployed once to an embedded cloud of the tests' own, with IAM enforced."""

from collections.abc import Iterator

import pytest

from safelight_data.home import home
from safelight_local.cloud import cloud
from safelight_local.cloud import deployment as stack
from safelight_local.cloud.environments import environment
from safelight_vision.weights.models import MODELS, ensure_models
from workflow.lab import Lab
from workflow.parameters import PARAMETERS, is_on, make_what_is_named


@pytest.fixture(scope="session")
def lab(pytestconfig: pytest.Config) -> Iterator[Lab]:
    """A deployed stack, with ears on both of its topics."""
    for name in ("cloud", "sam", "lambda"):
        environment(name)
    ensure_models(home() / "models", *MODELS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SFN_WAIT_SCALE", "0.1")  # the embedded AWS waits so much shorter before a Retry
        yield from _running_lab(pytestconfig.getoption("--stack"))


def _running_lab(parameters: str) -> Iterator[Lab]:
    with cloud.tied_cloud("tests") as running:
        make_what_is_named(stack.session_on(running), running.endpoint)
        stack.deploy(running, **PARAMETERS[parameters])
        lab = Lab(stack.library_on(running), running)
        with lab.proxy.listening() as variables:
            lab.go_by_the_proxy(variables)
            with lab.function_setting("NotifyFunction", "DIGEST_QUEUE", "none"):  # but for one test
                yield lab


@pytest.fixture(autouse=True)
def _has_what_it_needs(request: pytest.FixtureRequest) -> None:
    """Skip a test of what the stack has not, as its mark `needs` says by the names of parameters."""
    parameters = request.config.getoption("--stack")
    for marker in request.node.iter_markers("needs"):
        for name in marker.args:
            if not is_on(parameters, name):
                pytest.skip(f"{name} is off")
