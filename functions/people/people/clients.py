"""The AWS clients of the people function, made at first use. Retrying is the workflow's task, not theirs."""

from functools import cache

import boto3
from botocore.config import Config

from people.settings import Settings
from safelight.people.carrier import Carrier


@cache
def carrier(settings: Settings) -> Carrier:
    """Return what carries the steps out as `settings` say."""
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=15)
    return Carrier(
        boto3.client("dynamodb", config=config),
        boto3.client("rekognition", config=config),
        settings.library_table,
        settings.face_collection,
        settings.face_match_threshold,
    )
