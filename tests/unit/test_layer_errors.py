import inspect
from typing import Any

import pytest
from boto3.exceptions import RetriesExceededError
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    IncompleteReadError,
    ParamValidationError,
    ReadTimeoutError,
    ResponseStreamingError,
)

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
        ParamValidationError(report="r"),
        KeyError("k"),
    ],
)
def test_what_has_no_name_of_ours_stays_what_it_is(raised: Exception) -> None:
    with pytest.raises(type(raised)) as caught, named_errors("Reading"):
        raise raised
    assert caught.value is raised
