"""The AWS clients of the functions, each made once and at first use.

They try once: retrying is the workflow's task. One call, and the patience of those that carry out many, end
before the shortest timeout of a function does, so that an outage leaves under its name.
"""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_textract import TextractClient

_ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=25)


@cache
def dynamodb() -> "DynamoDBClient":
    """Return the client of DynamoDB."""
    return boto3.client("dynamodb", config=_ONCE)


@cache
def rekognition() -> "RekognitionClient":
    """Return the client of Rekognition."""
    return boto3.client("rekognition", config=_ONCE)


@cache
def s3() -> "S3Client":
    """Return the client of S3."""
    return boto3.client("s3", config=_ONCE)


@cache
def sns() -> "SNSClient":
    """Return the client of SNS."""
    return boto3.client("sns", config=_ONCE)


@cache
def textract() -> "TextractClient":
    """Return the client of Textract."""
    return boto3.client("textract", config=_ONCE)
