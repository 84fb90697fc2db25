"""Maps what botocore raises to Safelight's errors, so that the workflow's Retry sees their names."""

from collections.abc import Iterator
from contextlib import contextmanager

from boto3.exceptions import RetriesExceededError
from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError
from botocore.exceptions import ConnectionError as BotoConnectionError

from safelight.errors import AccessDenied, OriginalMissing, ServiceThrottled, ServiceUnavailable

_THROTTLED = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
_MISSING = frozenset({"NoSuchKey", "NoSuchVersion", "404", "InvalidRange"})
"""InvalidRange: where nothing is versioned, a smaller original has taken the place of this one."""
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "AuthorizationError", "403"})


@contextmanager
def named_errors(action: str) -> Iterator[None]:
    """Run the body, and raise what AWS answers as one of Safelight's errors.

    `action` says what was being done, as the start of a sentence: "Reading album/a.jpg".

    Raises:
        ServiceThrottled, ServiceUnavailable: worth trying again.
        OriginalMissing: the object or the version is gone.
        AccessDenied: the role lacks the permission.
    """
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if code in _THROTTLED or status == 429:
            raise ServiceThrottled(f"{action} was throttled: {error}") from error
        if code in _MISSING:
            raise OriginalMissing(
                f"{action} found nothing: it was deleted or replaced. Upload it again."
            ) from error
        if code in _DENIED:
            raise AccessDenied(
                f"{action} was denied: {error}. Grant the permission in template.yaml, deploy, and redrive."
            ) from error
        if status >= 500 or code in {"InternalServerError", "InternalError", "ServiceUnavailableException"}:
            raise ServiceUnavailable(f"{action} failed at the service: {error}") from error
        raise
    except (HTTPClientError, BotoConnectionError, IncompleteReadError, RetriesExceededError) as error:
        raise ServiceUnavailable(f"{action} could not reach the service: {error}") from error
