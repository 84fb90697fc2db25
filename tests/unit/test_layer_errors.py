import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from boto3.exceptions import RetriesExceededError
from botocore import exceptions as boto
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)
from botocore.parsers import ResponseParserError
from urllib3.exceptions import ProtocolError

from safelight import errors
from safelight.aws_errors import named_errors

CLASSES = [
    value
    for _, value in inspect.getmembers(errors, inspect.isclass)
    if issubclass(value, errors.SafelightError)
]
THROTTLES = [
    "ProvisionedThroughputExceededException",  # DynamoDB, Rekognition, Textract
    "RequestLimitExceeded",  # DynamoDB
    "ThrottlingException",  # DynamoDB, Rekognition, Textract
    "TransactionConflictException",  # DynamoDB, of a single write
    "Throttling",  # SNS
    "ThrottledException",  # SNS
    "SlowDown",  # S3
    "LimitExceededException",  # Textract, Rekognition
    "TooManyRequestsException",  # Lambda
    "TransactionInProgressException",  # DynamoDB
]


def client_error(code: str, status: int = 400) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "Operation")


@pytest.mark.parametrize("error", CLASSES, ids=lambda error: error.__name__)
def test_every_error_says_in_its_own_words_what_it_means(error: type) -> None:
    assert error.__dict__.get("__doc__")


def test_leaves_are_the_errors_that_are_raised() -> None:
    assert errors.leaves(errors.TransientError) == (
        errors.ServiceThrottled,
        errors.ServiceUnavailable,
        errors.MemoriesChanged,
        errors.PeopleChanged,
    )
    leaves = set(errors.leaves(errors.SafelightError))
    assert leaves == {error for error in CLASSES if not error.__subclasses__()}


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        *((client_error(code), errors.ServiceThrottled) for code in THROTTLES),
        (client_error("Whatever", 429), errors.ServiceThrottled),
        (client_error("SlowDown", 503), errors.ServiceThrottled),
        (client_error("NoSuchKey", 404), errors.OriginalMissing),
        (client_error("NoSuchVersion", 404), errors.OriginalMissing),
        (client_error("404", 404), errors.OriginalMissing),
        (client_error("AccessDenied", 403), errors.AccessDenied),
        (client_error("AccessDeniedException"), errors.AccessDenied),
        (client_error("AuthorizationError", 403), errors.AccessDenied),
        (client_error("403", 403), errors.AccessDenied),
        (client_error("InternalServerError", 500), errors.ServiceUnavailable),
        (client_error("InternalError", 500), errors.ServiceUnavailable),
        (client_error("ServiceUnavailableException", 200), errors.ServiceUnavailable),
        (client_error("Whatever", 503), errors.ServiceUnavailable),
        (ConnectTimeoutError(endpoint_url="u"), errors.ServiceUnavailable),
        (ReadTimeoutError(endpoint_url="u"), errors.ServiceUnavailable),
        (EndpointConnectionError(endpoint_url="u"), errors.ServiceUnavailable),
        (ResponseStreamingError(error="cut"), errors.ServiceUnavailable),
        (IncompleteReadError(actual_bytes=1, expected_bytes=2), errors.ServiceUnavailable),
        (RetriesExceededError(OSError("cut")), errors.ServiceUnavailable),
        (client_error("InvalidRange", 416), errors.OriginalMissing),
        (client_error("405", 405), errors.OriginalMissing),
        (client_error("PreconditionFailed", 412), errors.OriginalMissing),
        (client_error("InvalidObjectState", 403), errors.OriginalArchived),
        (client_error("RequestTimeout"), errors.ServiceUnavailable),
        (client_error("BadDigest"), errors.ServiceUnavailable),
        (client_error("ExpiredTokenException"), errors.ServiceUnavailable),
        (ResponseParserError("cut"), errors.ServiceUnavailable),
        (ProtocolError("cut"), errors.ServiceUnavailable),
        (ConnectionResetError("cut"), errors.ServiceUnavailable),
        (TimeoutError("cut"), errors.ServiceUnavailable),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_aws_answers_gets_its_name(raised: Exception, expected: type[Exception]) -> None:
    with pytest.raises(expected, match="Reading a/b") as caught, named_errors("Reading a/b"):
        raise raised
    assert type(caught.value) is expected
    assert caught.value.__cause__ is raised


@pytest.mark.parametrize(
    "raised",
    [
        client_error("ConditionalCheckFailedException"),
        client_error("ValidationException"),
        KeyError("k"),
        OSError(28, "No space left on device"),
    ],
)
def test_what_has_no_name_of_ours_stays_what_it_is(raised: Exception) -> None:
    with pytest.raises(type(raised)) as caught, named_errors("Reading"):
        raise raised
    assert caught.value is raised


NAMED = {
    errors.ServiceUnavailable: {
        *("HTTPClientError", "ConnectionClosedError", "ReadTimeoutError", "ResponseStreamingError"),
        *("ConnectionError", "EndpointConnectionError", "SSLError", "ConnectTimeoutError"),
        *("ProxyConnectionError", "IncompleteReadError", "ChecksumError", "FlexibleChecksumError"),
        *("AwsChunkedWrapperError", "CapacityNotAvailableError", "CredentialRetrievalError"),
        *("MetadataRetrievalError", "TokenRetrievalError"),
    },
    errors.Unforeseen: {
        *("ParamValidationError", "ValidationError", "UnknownKeyError", "RangeError"),
        *("UnknownParameterError", "InvalidRegionError", "AliasConflictParameterError"),
        *("MissingParametersError", "UnknownClientMethodError", "OperationNotPageableError"),
        *("PaginationError", "InvalidExpressionError", "InvalidDNSNameError", "InvalidHostLabelError"),
        *("UnseekableStreamError", "UnsupportedS3ArnError", "UnsupportedS3AccesspointConfigurationError"),
        *("UnsupportedS3ControlArnError", "UnsupportedS3ControlConfigurationError"),
        *("UnsupportedS3ConfigurationError", "UnsupportedOutpostResourceError", "WaiterError"),
        *("WaiterConfigError", "StubResponseError", "StubAssertionError", "UnStubbedResponseError"),
    },
    errors.Misconfigured: {
        *("BotoCoreError", "DataNotFoundError", "UnknownServiceError", "UnknownRegionError"),
        *("ApiVersionNotFoundError", "InvalidIMDSEndpointError", "InvalidIMDSEndpointModeError"),
        *("NoCredentialsError", "NoAuthTokenError", "UnknownTokenProviderError", "PartialCredentialsError"),
        *("UnknownSignatureVersionError", "ServiceNotInRegionError", "BaseEndpointResolverError"),
        *("NoRegionError", "EndpointVariantError", "UnknownEndpointError", "UnknownFIPSEndpointError"),
        *("ProfileNotFound", "ConfigParseError", "ConfigNotFound", "UnknownServiceStyle"),
        *("UnknownCredentialError", "UnsupportedSignatureVersionError", "InvalidS3AddressingStyleError"),
        *("InvalidEndpointDiscoveryConfigurationError", "InvalidRetryConfigurationError"),
        *("InvalidMaxRetryAttemptsError", "InvalidRetryModeError"),
        *("InvalidS3UsEast1RegionalEndpointConfigError", "InvalidSTSRegionalEndpointsConfigError"),
        *("InvalidConfigError", "InfiniteLoopConfigError", "RefreshWithMFAUnsupportedError"),
        *("MD5UnavailableError", "MissingDependencyException", "SSOError", "SSOTokenLoadError"),
        *("UnauthorizedSSOTokenError", "LoginError", "LoginRefreshRequired", "LoginInsufficientPermissions"),
        *("LoginTokenLoadError", "LoginAuthorizationCodeError", "InvalidProxiesConfigError"),
        *("InvalidDefaultsMode", "InvalidEndpointConfigurationError", "EndpointProviderError"),
        *("EndpointResolutionError", "UnknownEndpointResolutionBuiltInName", "InvalidChecksumConfigError"),
        *("UnsupportedServiceProtocolsError",),
    },
}
"""By our name, what botocore raises without an answer of AWS."""


def raised_by_botocore() -> Iterator[type[Exception]]:
    waiting = [boto.BotoCoreError]
    while waiting:
        error = waiting.pop()
        waiting += error.__subclasses__()
        if error.__module__ == boto.__name__:
            yield error


def test_every_error_of_botocore_has_a_name_of_ours() -> None:
    found: dict[type, set[str]] = {name: set() for name in NAMED}
    for error in raised_by_botocore():
        with pytest.raises(errors.SafelightError) as caught, named_errors("Reading a/b"):
            raise error.__new__(error)
        found[type(caught.value)].add(error.__name__)
    assert found == NAMED
