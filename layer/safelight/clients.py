"""The AWS clients of the functions, each made once and at first use.

They try once: retrying is the workflow's task. One call, and the patience of those that carry out many, end
before the shortest timeout of a function does, so that an outage leaves under its name.
"""

import json
import os
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import HTTPClientError

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_textract import TextractClient

_ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=25)


@cache
def cognito() -> "CognitoIdentityProviderClient":
    """Return the client of Cognito's user pools."""
    return boto3.client("cognito-idp", config=_ONCE)


@cache
def dynamodb() -> "DynamoDBClient":
    """Return the client of DynamoDB."""
    client = boto3.client("dynamodb", config=_ONCE)
    client.meta.events.register("before-parse", _check_whole)
    return client


@cache
def rekognition() -> "RekognitionClient":
    """Return the client of Rekognition in VISION_REGION, or the function's own."""
    client = boto3.client("rekognition", config=_ONCE, region_name=os.environ.get("VISION_REGION"))
    client.meta.events.register("before-parse", _check_whole)
    return client


@cache
def s3() -> "S3Client":
    """Return the client of S3."""
    return boto3.client("s3", config=_ONCE)


@cache
def presigning() -> "S3Client":
    """Return a client of S3 that makes URLs for others: those of a bucket's own region, signed anew by v4.

    Others are sent on by S3 for a bucket that is young, which browsers do not follow from another address.
    """
    return boto3.client("s3", config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"}))


@cache
def secretsmanager() -> "SecretsManagerClient":
    """Return the client of Secrets Manager."""
    return boto3.client("secretsmanager", config=_ONCE)


@cache
def ses() -> "SESV2Client":
    """Return the client of SES."""
    return boto3.client("sesv2", config=_ONCE)


@cache
def sns() -> "SNSClient":
    """Return the client of SNS."""
    return boto3.client("sns", config=_ONCE)


@cache
def sqs() -> "SQSClient":
    """Return the client of SQS."""
    return boto3.client("sqs", config=_ONCE)


@cache
def stepfunctions() -> "SFNClient":
    """Return the client of Step Functions."""
    return boto3.client("stepfunctions", config=_ONCE)


@cache
def textract() -> "TextractClient":
    """Return the client of Textract in VISION_REGION, or the function's own."""
    client = boto3.client("textract", config=_ONCE, region_name=os.environ.get("VISION_REGION"))
    client.meta.events.register("before-parse", _check_whole)
    return client


def _check_whole(response_dict: dict[str, Any], **_: object) -> None:
    """Refuse an answer that is no JSON: botocore takes a torn one for an empty one, in which no record is.

    Raises:
        HTTPClientError: the answer was torn on its way.
    """
    try:
        json.loads(response_dict["body"])
    except ValueError as error:
        if response_dict["status_code"] < 300:
            raise HTTPClientError(error="the answer is torn") from error


os.register_at_fork(
    after_in_child=s3.cache_clear
)  # two processes that share a connection read each other's answers
