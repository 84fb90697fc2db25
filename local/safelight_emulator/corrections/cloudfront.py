"""CloudFront."""

import json
import re
from importlib import import_module
from typing import Any

from safelight_emulator.emulated import module


def correct() -> None:
    """Put right what the emulator does otherwise than AWS."""
    _serve_distributions(module("app"))


def _serve_distributions(app: Any) -> None:
    """Let CloudFront be reached in a browser, run its functions, and heed the tags of S3's objects."""
    app._CLOUDFRONT_HOST_RE = re.compile(r"([a-z0-9]+)\.cloudfront\.(?:net|localhost)$")
    module("core.cloudfront_js").evaluate = _run_function
    evaluator, tags_of = module("core.iam_evaluator"), module("services.s3").object_tags_for_condition
    evaluate = evaluator.evaluate_resource_policy

    def with_tags(policy: Any, context: Any, service: str | None = None, **options: Any) -> Any:
        if service == "cloudfront.amazonaws.com":
            bucket, _, key = context.resource_arn.removeprefix("arn:aws:s3:::").partition("/")
            tags = {
                f"s3:existingobjecttag/{name.lower()}": it for name, it in tags_of(bucket, key, {}).items()
            }
            context.service_context.update(tags)
        return evaluate(policy, context, service, **options)

    evaluator.evaluate_resource_policy = with_tags


def _run_function(code: bytes, event: dict[str, Any]) -> Any:
    """Return what a function of CloudFront's makes of `event`."""
    quickjs = import_module("quickjs")
    context = quickjs.Context()
    try:
        context.eval(code.decode())
        return json.loads(context.eval(f"JSON.stringify(handler({json.dumps(event)}))"))
    except quickjs.JSException as error:
        raise module("core.cloudfront_js").CloudFrontFunctionError(str(error)) from error
