"""The calls to Rekognition and Textract, by reference to the stored image."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError
from textractcaller.t_call import Textract_Call_Mode, call_textract  # type: ignore[import-untyped]

from safelight.aws_errors import named_errors
from safelight.clients import rekognition, textract
from safelight.contracts import StoredImage
from safelight.errors import RequestRefused


def detect_labels(image: StoredImage, features: Sequence[str], most: int, least: float) -> Any:
    """Return DetectLabels' response: GENERAL_LABELS, `most` of at least `least` percent, IMAGE_PROPERTIES.

    Raises:
        AccessDenied, RequestRefused, ServiceThrottled, ServiceUnavailable
    """
    bounds: Any = {"MaxLabels": most, "MinConfidence": least} if "GENERAL_LABELS" in features else {}
    with _named(f"Labelling {image['key']}"):
        wanted: Any = list(features)
        return rekognition().detect_labels(Image=_reference(image), Features=wanted, **bounds)


def detect_moderation_labels(image: StoredImage, least: float) -> Any:
    """Return DetectModerationLabels' response, with the labels of at least `least` percent.

    Raises:
        AccessDenied, RequestRefused, ServiceThrottled, ServiceUnavailable
    """
    with _named(f"Moderating {image['key']}"):
        return rekognition().detect_moderation_labels(Image=_reference(image), MinConfidence=least)


def detect_text(image: StoredImage) -> Any:
    """Return DetectText's response.

    Raises:
        AccessDenied, RequestRefused, ServiceThrottled, ServiceUnavailable
    """
    with _named(f"Reading the scene of {image['key']}"):
        return rekognition().detect_text(Image=_reference(image))


def detect_document_text(image: StoredImage) -> Any:
    """Return DetectDocumentText's response.

    Raises:
        AccessDenied, RequestRefused, ServiceThrottled, ServiceUnavailable
    """
    with _named(f"Reading the text of {image['key']}"):
        return call_textract(
            f"s3://{image['bucket']}/{image['key']}",
            call_mode=Textract_Call_Mode.FORCE_SYNC,  # whatever the key ends with
            boto3_textract_client=textract(),
        )


def index_faces(image: StoredImage, collection: str, external_image_id: str) -> Any:
    """Return IndexFaces' response; `collection` is made if it is not there.

    The same image with the same id keeps the faces that it has in the collection, under their ids.

    Raises:
        AccessDenied, RequestRefused, ServiceThrottled, ServiceUnavailable
    """

    def index() -> Any:
        return rekognition().index_faces(
            CollectionId=collection,
            Image=_reference(image),
            ExternalImageId=external_image_id,
            DetectionAttributes=["DEFAULT"],
            QualityFilter="AUTO",
        )

    with _named(f"Indexing the faces of {image['key']}"):
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


def _reference(image: StoredImage) -> Any:
    return {"S3Object": {"Bucket": image["bucket"], "Name": image["key"]}}


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
