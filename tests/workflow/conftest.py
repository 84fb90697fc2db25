"""The stack, deployed once to an embedded cloud of the tests' own, with IAM enforced."""

from collections.abc import Iterator

import pytest

from safelight_local import cloud, stack
from safelight_local.environments import environment
from safelight_local.home import home
from safelight_local.library import Library
from safelight_local.vision.models import MODELS, ensure_models
from workflow.lab import Lab

MAX_FILE_MEGABYTES = 2
MAX_MEGAPIXELS = 20


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """A deployed stack, with ears on both of its topics."""
    for name in ("cloud", "sam", "lambda"):
        environment(name)
    ensure_models(home() / "models", *MODELS)
    with cloud.tied_cloud("tests") as running:
        stack.deploy(
            running,
            MaxFileMegabytes=str(MAX_FILE_MEGABYTES),
            MaxMegapixels=str(MAX_MEGAPIXELS),
            ReadText="always",
            Moderation="on",
        )
        yield Lab(Library.on_laptop(running), running)
