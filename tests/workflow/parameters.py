"""The parameters of the stacks that the workflow tests run on: the usual one, every one on, every one off."""

from typing import Any

import boto3

MAX_FILE_MEGABYTES = 2
MAX_MEGAPIXELS = 20
REPLICA, LOGS = "replica", "access-logs"
_OFF = {"off", "never", "0", ""}
_ALWAYS = {"MaxFileMegabytes": str(MAX_FILE_MEGABYTES), "MaxMegapixels": str(MAX_MEGAPIXELS)}
_VISION = ("Labels", "ImageProperties", "Faces", "SceneText", "Moderation")
_FEATURES = {
    "Dropbox": "on",
    "DropboxBatchSize": "2",
    "DigestMinutes": "1440",
    "MailFrom": "library@example.com",
    "Moderation": "on",
}

PARAMETERS: dict[str, dict[str, str]] = {
    "usual": {**_ALWAYS, **_FEATURES, "Labels": "on", "Faces": "on", "SceneText": "on", "ReadText": "always"},
    "every-on": {
        **_ALWAYS,
        **_FEATURES,
        **dict.fromkeys(_VISION, "on"),
        "ReadText": "always",
        "RenditionsTogether": "on",
        "MonthlyBudget": "1000",
        "TaggingAtOnce": "2",
        "GpsPrecision": "rounded",
        "VisionRegion": "eu-west-1",
        "CustomerKey": "on",
        "CanaryMinutes": "1440",
        "OriginalsStorage": "intelligent-tiering",
        "OldVersionsDays": "30",
        "ReplicaBucketArn": f"arn:aws:s3:::{REPLICA}",
        "ReplicaKeyArn": "arn:aws:kms:eu-west-1:000000000000:key/1",
        "AccessLogsBucket": LOGS,
        "DeletionProtection": "on",
        "AlertEmail": "on-call@example.com",
        "DomainName": "photos.example.com",
        "CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/1",
        "WebAclArn": "arn:aws:wafv2:us-east-1:000000000000:global/webacl/one/1",
        "LogLevel": "DEBUG",
    },
    "every-off": {**_ALWAYS, **dict.fromkeys(_VISION, "off"), "ReadText": "never"},
}


LEFT_OUT = {
    "MalwareProtection": "nobody answers in GuardDuty's place; a test of validation does",
    "ScannerSocket": "it is on where the machine has the daemon",
    "RenditionsBaseUrl": "the tests look at what the stack itself serves",
    "TokenIssuer": "the tests log in to the stack's own user pool",
    "TokenAudience": "it goes with TokenIssuer",
    "MediaConvertMinutes": "the embedded AWS has no MediaConvert",
    "LaptopPort": "it is as the machine is",
}
"""The optional parameters that are not on where every one is, and why."""


def gps_precision(stack: str) -> str:
    """Return how exactly a stack of `PARAMETERS` says where photos were taken."""
    return PARAMETERS[stack].get("GpsPrecision", "exact")


def is_on(stack: str, parameter: str) -> bool:
    """Tell whether an optional parameter of a stack of `PARAMETERS` is on."""
    return PARAMETERS[stack].get(parameter, "off") not in _OFF


def make_what_is_named(session: boto3.Session, endpoint: str) -> None:
    """Make the buckets that parameters name."""
    s3: Any = session.client("s3", endpoint_url=endpoint)
    for name in (REPLICA, LOGS):
        s3.create_bucket(Bucket=name)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
