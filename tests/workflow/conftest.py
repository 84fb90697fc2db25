"""The stack, deployed once to an embedded cloud of the tests' own, with IAM enforced."""

from collections.abc import Iterator

import pytest

from safelight_data.home import home
from safelight_local.cloud import cloud
from safelight_local.cloud import deployment as stack
from safelight_local.cloud.environments import environment
from safelight_vision.weights.models import MODELS, ensure_models
from workflow.lab import Lab

MAX_FILE_MEGABYTES = 2
MAX_MEGAPIXELS = 20


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """A deployed stack, with ears on both of its topics."""
    for name in ("cloud", "sam", "lambda"):
        environment(name)
    ensure_models(home() / "models", *MODELS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SFN_WAIT_SCALE", "0.1")  # the embedded AWS waits so much shorter before a Retry
        yield from _running_lab()


def _running_lab() -> Iterator[Lab]:
    with cloud.tied_cloud("tests") as running:
        stack.deploy(
            running,
            MaxFileMegabytes=str(MAX_FILE_MEGABYTES),
            MaxMegapixels=str(MAX_MEGAPIXELS),
            ReadText="always",
            Moderation="on",
            Dropbox="on",
            DropboxBatchSize="2",
            DigestMinutes="1440",
        )
        lab = Lab(stack.library_on(running), running)
        with lab.proxy.listening() as variables:
            lab.go_by_the_proxy(variables)
            with lab.function_setting("NotifyFunction", "DIGEST_QUEUE", "none"):  # but for one test
                yield lab
