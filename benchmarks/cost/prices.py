"""What AWS bills for: US dollars in us-east-1, in the first tier of volume, without the free tier. Pure.

Those of state transitions, of GB-seconds and of DynamoDB's units are list prices as public pages quoted them
on 2026-11-27; the others are from memory. Check them before you rely on them.
"""

from collections.abc import Mapping

UNITS: Mapping[str, float] = {
    "state transitions": 0.025 / 1e3,
    "GB-seconds of Lambda, arm64": 0.0000133334,
    "GB-seconds of its storage above 512 MB": 0.0000000309,
    "invocations of Lambda": 0.20 / 1e6,
    "write units of DynamoDB": 0.625 / 1e6,
    "read units of DynamoDB": 0.125 / 1e6,
    "writing requests of S3": 0.005 / 1e3,
    "reading requests of S3": 0.0004 / 1e3,
    "requests of SQS": 0.40 / 1e6,
    "messages of SNS": 0.50 / 1e6,
}
"""Of one, by the name of the unit."""

STORAGE: Mapping[str, float] = {"S3": 0.023, "DynamoDB": 0.25}
"""Of a GB (10^9 bytes) that is kept for a month."""
