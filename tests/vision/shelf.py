"""A bucket for tests, and how the services are told where an image lies."""

from dataclasses import dataclass, field
from typing import Any


def reference(key: str) -> Any:
    """Return what Rekognition and Textract take for the object at `key` in the bucket `library`."""
    return {"S3Object": {"Bucket": "library", "Name": key}}


@dataclass
class Bucket:
    """Objects by their path, served over HTTP as Amazon S3 serves them to GetObject."""

    objects: dict[str, bytes] = field(default_factory=dict)
    url: str = ""

    def put(self, key: str, body: bytes) -> str:
        """Store `body`, and return its key in the bucket `library`."""
        self.objects[f"/library/{key}"] = body
        return key
