"""Maps what botocore raises to Safelight's errors, so that the workflow's Retry sees their names."""

from collections.abc import Iterator
from contextlib import contextmanager

import boto3.exceptions
import botocore.exceptions as boto
import urllib3.exceptions
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from safelight.errors import (
    AccessDenied,
    Misconfigured,
    OriginalArchived,
    OriginalMissing,
    ServiceThrottled,
    ServiceUnavailable,
    Unforeseen,
)

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
        "TransactionConflictException",  # another writes the same item in a transaction
        "TransactionInProgressException",
    }
)
_MISSING = frozenset(
    {
        *("NoSuchKey", "NoSuchVersion", "404"),
        *("MethodNotAllowed", "405"),  # the version is a delete marker
        *("InvalidRange", "PreconditionFailed", "412"),  # another original has taken the place of this one
    }
)
_ARCHIVED = "InvalidObjectState"
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "AuthorizationError", "403"})
_FAULTS = frozenset(
    {
        *("InternalServerError", "InternalError", "ServiceUnavailableException", "RequestTimeout"),
        *("BadDigest", "XAmzContentChecksumMismatch"),  # the body was torn on its way there
        *("ExpiredToken", "ExpiredTokenException", "RequestTimeTooSkewed"),  # a new process has new ones
    }
)
_CUT_OFF = (
    boto.HTTPClientError,
    boto.ConnectionError,
    boto.IncompleteReadError,
    boto.ChecksumError,
    boto.FlexibleChecksumError,
    boto.AwsChunkedWrapperError,
    boto.CapacityNotAvailableError,
    boto.CredentialRetrievalError,
    boto.MetadataRetrievalError,
    boto.TokenRetrievalError,
    boto3.exceptions.RetriesExceededError,
    ResponseParserError,
    urllib3.exceptions.HTTPError,
    ConnectionError,
    TimeoutError,
)
"""No answer, or one that is torn."""
_WRONG_REQUESTS = (
    boto.ParamValidationError,
    boto.ValidationError,
    boto.MissingParametersError,
    boto.UnknownClientMethodError,
    boto.OperationNotPageableError,
    boto.PaginationError,
    boto.InvalidExpressionError,
    boto.InvalidDNSNameError,
    boto.InvalidHostLabelError,
    boto.UnseekableStreamError,
    boto.UnsupportedS3ArnError,
    boto.UnsupportedS3AccesspointConfigurationError,
    boto.UnsupportedS3ControlArnError,
    boto.UnsupportedS3ControlConfigurationError,
    boto.UnsupportedS3ConfigurationError,
    boto.UnsupportedOutpostResourceError,
    boto.WaiterError,
    boto.WaiterConfigError,
    boto.StubResponseError,
)
"""What no code here asks for."""


@contextmanager
def named_errors(action: str) -> Iterator[None]:
    """Run the body, and raise what AWS answers as one of Safelight's errors.

    `action` says what was being done, as the start of a sentence: "Reading album/a.jpg".

    Raises:
        ServiceThrottled, ServiceUnavailable: worth trying again.
        OriginalMissing: the object or the version is gone.
        OriginalArchived: the object lies in an archive.
        AccessDenied: the role lacks the permission.
        Misconfigured: botocore has no credentials, region or the like, and does not ask AWS.
        Unforeseen: botocore does not ask AWS what it was given.
        ClientError: AWS answers something else, which its caller may know.
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
        if code == _ARCHIVED:
            raise OriginalArchived(
                f"{action} found an archive. Restore the object in S3, for 14 days or more, then redrive."
            ) from error
        if code in _DENIED:
            raise AccessDenied(
                f"{action} was denied: {error}. Grant the permission in template.yaml, deploy, and redrive."
            ) from error
        if status >= 500 or code in _FAULTS:
            raise ServiceUnavailable(f"{action} failed at the service: {error}") from error
        raise
    except _CUT_OFF as error:
        raise ServiceUnavailable(f"{action} could not reach the service: {error}") from error
    except _WRONG_REQUESTS as error:
        raise Unforeseen(f"{action} is nothing that AWS can be asked: {error}") from error
    except boto.BotoCoreError as error:
        raise Misconfigured(
            f"{action} could not ask AWS: {error}. Mend the configuration, deploy, and redrive."
        ) from error
