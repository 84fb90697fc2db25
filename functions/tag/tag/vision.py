"""The calls to Rekognition and Textract, by reference to the stored image or with an image in the request."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from botocore.exceptions import ClientError
from textractcaller.t_call import Textract_Call_Mode, call_textract  # type: ignore[import-untyped]

from safelight.aws_errors import named_errors
from safelight.clients import rekognition, s3, textract
from safelight.contracts import StoredImage
from safelight.errors import RequestRefused


class Sight(NamedTuple):
    """What the services look at: the object at `key` in `bucket`, or in its place the file `body`."""

    bucket: str
    key: str
    body: bytes | None = None


def stored(image: StoredImage) -> bytes:
    """Return the file of `image`.

    Raises:
        OriginalMissing, AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    with named_errors(f"Reading {image['key']}"):
        return s3().get_object(Bucket=image["bucket"], Key=image["key"])["Body"].read()


def detect_labels(sight: Sight, features: Sequence[str], most: int, least: float) -> Any:
    """Return DetectLabels' response: GENERAL_LABELS, `most` of at least `least` percent, IMAGE_PROPERTIES.

    Raises:
        AccessDenied, RequestRefused, ServiceThrottled, ServiceUnavailable
    """
    bounds: Any = {"MaxLabels": most, "MinConfidence": least} if "GENERAL_LABELS" in features else {}
    with _named(f"Labelling {sight.key}"):
        wanted: Any = list(features)
        return rekognition().detect_labels(Image=_given(sight), Features=wanted, **bounds)


def detect_moderation_labels(sight: Sight, least: float) -> Any:
    """Return DetectModerationLabels' response, with the labels of at least `least` percent.

    Raises:
        AccessDenied, RequestRefused, ServiceThrottled, ServiceUnavailable
    """
    with _named(f"Moderating {sight.key}"):
        return rekognition().detect_moderation_labels(Image=_given(sight), MinConfidence=least)


def detect_text(sight: Sight) -> Any:
    """Return DetectText's response.

    Raises:
        AccessDenied, RequestRefused, ServiceThrottled, ServiceUnavailable
    """
    with _named(f"Reading the scene of {sight.key}"):
        return rekognition().detect_text(Image=_given(sight))


def detect_document_text(sight: Sight) -> Any:
    """Return DetectDocumentText's response.

    Raises:
        AccessDenied, RequestRefused, ServiceThrottled, ServiceUnavailable
    """
    with _named(f"Reading the text of {sight.key}"):
        return call_textract(
            sight.body or f"s3://{sight.bucket}/{sight.key}",
            call_mode=Textract_Call_Mode.FORCE_SYNC,  # whatever the key ends with
            boto3_textract_client=textract(),
        )


def index_faces(sight: Sight, collection: str, external_image_id: str) -> Any:
    """Return IndexFaces' response; `collection` is made if it is not there.

    The same image with the same id keeps the faces that it has in the collection, under their ids.

    Raises:
        AccessDenied, RequestRefused, ServiceThrottled, ServiceUnavailable
    """

    def index() -> Any:
        return rekognition().index_faces(
            CollectionId=collection,
            Image=_given(sight),
            ExternalImageId=external_image_id,
            DetectionAttributes=["DEFAULT"],
            QualityFilter="AUTO",
        )

    with _named(f"Indexing the faces of {sight.key}"):
        try:
            return index()
        except rekognition().exceptions.ResourceNotFoundException:
            _create(collection)
            return index()


def delete_faces(collection: str, face_ids: Sequence[str]) -> None:
    """Take faces out of `collection`; those that are not there, and a collection that is not, do not matter.

    Raises:
        AccessDenied, RequestRefused, ServiceThrottled, ServiceUnavailable
    """
    with _named(f"Deleting {len(face_ids)} faces"):
        try:
            rekognition().delete_faces(CollectionId=collection, FaceIds=list(face_ids))
        except rekognition().exceptions.ResourceNotFoundException:
            return


def _create(collection: str) -> None:
    try:
        rekognition().create_collection(CollectionId=collection)
    except rekognition().exceptions.ResourceAlreadyExistsException:
        return  # another photo was faster


def _given(sight: Sight) -> Any:
    if sight.body is not None:
        return {"Bytes": sight.body}
    return {"S3Object": {"Bucket": sight.bucket, "Name": sight.key}}


@contextmanager
def _named(action: str) -> Iterator[None]:
    """Run the body, and raise what the services answer as one of Safelight's errors."""
    try:
        with named_errors(action):
            yield
    except ClientError as error:
        raise RequestRefused(
            f"{action} was refused: {error}. The rendition must be a JPEG or PNG in the same region, within "
            "the service's limits; where the collection is full, ask for a higher quota. Then redrive."
        ) from error
