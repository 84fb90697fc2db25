"""Every operation of the local vision service, held against botocore's models of the real services."""

import io
import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.model import ServiceModel, Shape, StructureShape
from botocore.validate import validate_parameters
from PIL import Image

from safelight_vision.requests import SERVICES
from safelight_vision.service import Vision
from vision.shelf import Bucket, reference

pytestmark = pytest.mark.enable_socket

FACE = "00000000-0000-0000-0000-000000000000"

IMAGE_OPERATIONS = {
    "rekognition.DetectFaces": {},
    "rekognition.DetectLabels": {"Features": ["GENERAL_LABELS", "IMAGE_PROPERTIES"]},
    "rekognition.DetectModerationLabels": {"MinConfidence": 0.0},
    "rekognition.DetectText": {},
    "rekognition.IndexFaces": {"CollectionId": "contract"},
    "rekognition.SearchFacesByImage": {"CollectionId": "contract", "FaceMatchThreshold": 0.0},
    "textract.AnalyzeDocument": {"FeatureTypes": ["FORMS", "TABLES"]},
    "textract.DetectDocumentText": {},
}

ANSWERED = {
    "rekognition.CreateCollection": {"StatusCode", "CollectionArn", "FaceModelVersion"},
    "rekognition.DeleteCollection": {"StatusCode"},
    "rekognition.DeleteFaces": {"DeletedFaces", "UnsuccessfulFaceDeletions"},
    "rekognition.DescribeCollection": {
        *("FaceCount", "FaceModelVersion", "CollectionARN", "CreationTimestamp", "UserCount"),
    },
    "rekognition.DetectFaces": {"FaceDetails"},
    "rekognition.DetectLabels": {"Labels", "LabelModelVersion", "ImageProperties"},
    "rekognition.DetectModerationLabels": {"ModerationLabels", "ModerationModelVersion", "ContentTypes"},
    "rekognition.DetectText": {"TextDetections", "TextModelVersion"},
    "rekognition.IndexFaces": {"FaceRecords", "FaceModelVersion", "UnindexedFaces"},
    "rekognition.ListCollections": {"CollectionIds", "FaceModelVersions"},
    "rekognition.ListFaces": {"Faces", "FaceModelVersion"},
    "rekognition.SearchFaces": {"SearchedFaceId", "FaceMatches", "FaceModelVersion"},
    "rekognition.SearchFacesByImage": {
        *("SearchedFaceBoundingBox", "SearchedFaceConfidence", "FaceMatches", "FaceModelVersion"),
    },
    "textract.AnalyzeDocument": {"DocumentMetadata", "Blocks", "AnalyzeDocumentModelVersion"},
    "textract.DetectDocumentText": {"DocumentMetadata", "Blocks", "DetectDocumentTextModelVersion"},
}
"""What each answer has beside what a client cannot do without: the models of AWS require nothing."""

Ask = Callable[..., dict[str, Any]]


def model_of(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


def method(operation: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()


def unknown_members(value: Any, shape: Shape, where: str = "") -> list[str]:
    """Return the members of an answer as it was sent that the model of the service does not have."""
    if isinstance(shape, StructureShape):
        found = [f"{where}.{name}" for name in value if name not in shape.members]
        for name, member in shape.members.items():
            if name in value:
                found += unknown_members(value[name], member, f"{where}.{name}")
        return found
    if shape.type_name == "list":
        return [name for item in value for name in unknown_members(item, shape.member, where)]
    return []


@pytest.fixture
def ask(service: str) -> Ask:
    """Send a request through boto3, as functions do, and check all of the answer against the model."""

    def send(operation: str, **request: Any) -> dict[str, Any]:
        name, _, call = operation.partition(".")
        client: Any = boto3.client(name, endpoint_url=service)  # type: ignore[call-overload]
        answer: dict[str, Any] = getattr(client, method(call))(**request)
        assert answer.pop("ResponseMetadata")["HTTPStatusCode"] == 200
        shape = model_of(name).operation_model(call).output_shape
        assert shape is not None
        validate_parameters(answer, shape)
        assert answer.keys() - {"NextToken"} == ANSWERED[operation]
        return answer

    return send


@pytest.fixture
def contract(ask: Ask) -> Any:
    """The collection `contract`, empty."""
    ask("rekognition.CreateCollection", CollectionId="contract")
    yield "contract"
    ask("rekognition.DeleteCollection", CollectionId="contract")


def with_image(operation: str, image: Mapping[str, Any]) -> dict[str, Any]:
    member = "Document" if operation.startswith("textract") else "Image"
    return {member: image, **IMAGE_OPERATIONS[operation]}


def test_the_operations_are_ones_of_the_services(models: Any, tmp_path: Any) -> None:
    known = {
        f"{model.metadata['targetPrefix']}.{operation}"
        for model in map(model_of, SERVICES)
        for operation in model.operation_names
    }
    operations = Vision(models, tmp_path).operations
    assert operations <= known
    prefixes = {"rekognition": "RekognitionService", "textract": "Textract"}
    assert operations == {
        f"{prefixes[service]}.{call}" for service, _, call in (n.partition(".") for n in ANSWERED)
    }


@pytest.mark.parametrize("operation", sorted(IMAGE_OPERATIONS))
def test_what_is_said_of_a_photo_follows_the_model(
    ask: Ask, contract: str, people: Callable[[int], bytes], bucket: Bucket, operation: str
) -> None:
    by_bytes = ask(operation, **with_image(operation, {"Bytes": people(3)}))
    by_object = ask(operation, **with_image(operation, reference(bucket.put("people.jpg", people(3)))))
    assert by_bytes.keys() == by_object.keys()


@pytest.mark.parametrize("operation", sorted(IMAGE_OPERATIONS))
def test_what_is_sent_has_no_member_that_the_service_does_not_have(
    service: str, contract: str, people: Callable[[int], bytes], bucket: Bucket, operation: str
) -> None:
    name, _, call = operation.partition(".")
    model = model_of(name)
    body = with_image(operation, reference(bucket.put("people.jpg", people(3))))
    headers = {"X-Amz-Target": f"{model.metadata['targetPrefix']}.{call}"}
    request = urllib.request.Request(service, data=json.dumps(body).encode(), headers=headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        sent = json.loads(answer.read())
    shape = model.operation_model(call).output_shape
    assert shape is not None
    assert sent.keys() == ANSWERED[operation]
    assert unknown_members(sent, shape) == []


def test_a_collection_lives_by_the_model(ask: Ask, people: Callable[[int], bytes]) -> None:
    created = ask("rekognition.CreateCollection", CollectionId="lives")
    assert created["StatusCode"] == 200
    assert created["CollectionArn"].endswith("collection/lives")
    indexed = ask("rekognition.IndexFaces", CollectionId="lives", Image={"Bytes": people(3)})
    faces = [record["Face"]["FaceId"] for record in indexed["FaceRecords"]]
    assert len(faces) == 3
    assert ask("rekognition.DescribeCollection", CollectionId="lives")["FaceCount"] == 3
    assert "lives" in ask("rekognition.ListCollections")["CollectionIds"]
    listed = ask("rekognition.ListFaces", CollectionId="lives")["Faces"]
    assert [face["FaceId"] for face in listed] == faces
    assert listed == [record["Face"] for record in indexed["FaceRecords"]]
    found = ask("rekognition.SearchFaces", CollectionId="lives", FaceId=faces[0], FaceMatchThreshold=0.0)
    assert {match["Face"]["FaceId"] for match in found["FaceMatches"]} == set(faces[1:])
    removed = ask("rekognition.DeleteFaces", CollectionId="lives", FaceIds=[faces[0], FACE])
    assert removed["DeletedFaces"] == [faces[0]]
    assert removed["UnsuccessfulFaceDeletions"] == [{"FaceId": FACE, "Reasons": ["FACE_NOT_FOUND"]}]
    assert ask("rekognition.DescribeCollection", CollectionId="lives")["FaceCount"] == 2
    ask("rekognition.DeleteCollection", CollectionId="lives")
    assert "lives" not in ask("rekognition.ListCollections")["CollectionIds"]


def refused(ask: Ask, operation: str, **request: Any) -> tuple[str, int]:
    """Return the code and the HTTP status of an error, which the model must list for the operation."""
    with pytest.raises(ClientError) as error:
        ask(operation, **request)
    code = error.value.response["Error"]["Code"]
    name, _, call = operation.partition(".")
    assert code in {shape.name for shape in model_of(name).operation_model(call).error_shapes}
    assert error.value.response["Error"]["Message"]
    return code, error.value.response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.parametrize("operation", sorted(IMAGE_OPERATIONS))
def test_bad_images_are_refused_with_the_services_own_errors(
    ask: Ask, contract: str, bucket: Bucket, operation: str
) -> None:
    textract = operation.startswith("textract")
    bad_format, too_large = (
        ("UnsupportedDocumentException", "DocumentTooLargeException")
        if textract
        else ("InvalidImageFormatException", "ImageTooLargeException")
    )
    gif = bucket.put("bad.gif", b"GIF89a" + bytes(100))
    huge = bucket.put("huge.jpg", b"\xff\xd8\xff" + bytes(16 * 2**20))
    for where, code in {
        gif: bad_format,
        huge: too_large,
        "no such key": "InvalidS3ObjectException",
    }.items():
        assert refused(ask, operation, **with_image(operation, reference(where))) == (code, 400)


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("DeleteCollection", {}),
        ("DeleteFaces", {"FaceIds": [FACE]}),
        ("DescribeCollection", {}),
        ("IndexFaces", {"Image": {"S3Object": {"Bucket": "library", "Name": "k"}}}),
        ("ListFaces", {}),
        ("SearchFaces", {"FaceId": FACE}),
        ("SearchFacesByImage", {"Image": {"S3Object": {"Bucket": "library", "Name": "k"}}}),
    ],
)
def test_a_collection_that_is_not_there_is_not_found(
    ask: Ask, operation: str, request_: dict[str, Any]
) -> None:
    code = refused(ask, f"rekognition.{operation}", CollectionId="nowhere", **request_)
    assert code == ("ResourceNotFoundException", 400)


def test_a_collection_is_made_once(ask: Ask, contract: str) -> None:
    code = refused(ask, "rekognition.CreateCollection", CollectionId=contract)
    assert code == ("ResourceAlreadyExistsException", 400)


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("rekognition.CreateCollection", {"CollectionId": "a b"}),
        ("rekognition.DeleteFaces", {"FaceIds": ["not-a-face"]}),
        ("rekognition.DetectFaces", {"Attributes": ["SHOE_SIZE"]}),
        ("rekognition.DetectLabels", {"Features": ["EVERYTHING"]}),
        ("rekognition.DetectLabels", {"MinConfidence": 100.5}),
        ("rekognition.DetectModerationLabels", {"MinConfidence": 101.0}),
        ("rekognition.DetectText", {"Filters": {"WordFilter": {"MinConfidence": 101.0}}}),
        ("rekognition.IndexFaces", {"QualityFilter": "BEST"}),
        ("rekognition.IndexFaces", {"ExternalImageId": "an id"}),
        ("rekognition.ListFaces", {"MaxResults": 5000}),
        ("rekognition.SearchFaces", {"FaceId": FACE}),
        ("rekognition.SearchFaces", {"FaceId": FACE, "FaceMatchThreshold": 101.0}),
        ("rekognition.SearchFacesByImage", {"MaxFaces": 5000}),
        ("textract.AnalyzeDocument", {"FeatureTypes": ["POETRY"]}),
        ("textract.AnalyzeDocument", {"FeatureTypes": ["QUERIES"]}),
    ],
)
def test_parameters_out_of_range_are_invalid(
    ask: Ask, contract: str, bucket: Bucket, operation: str, request_: dict[str, Any]
) -> None:
    name, _, call = operation.partition(".")
    shape = model_of(name).operation_model(call).input_shape
    assert shape is not None
    image = reference(bucket.put("p.jpg", b"\xff\xd8\xff"))
    fill = {"CollectionId": contract, "Image": image, "Document": image}
    request = {key: value for key, value in fill.items() if key in shape.members} | request_
    assert refused(ask, operation, **request) == ("InvalidParameterException", 400)


def test_a_token_that_was_not_given_out_is_invalid(ask: Ask, contract: str) -> None:
    code = refused(ask, "rekognition.ListFaces", CollectionId=contract, NextToken="nonsense")
    assert code == ("InvalidPaginationTokenException", 400)


def test_a_photo_without_faces_cannot_be_searched_by(
    ask: Ask, contract: str, photo: Callable[[str], bytes]
) -> None:
    request = {"CollectionId": contract, "Image": {"Bytes": photo("jellyfish")}}
    assert refused(ask, "rekognition.SearchFacesByImage", **request) == ("InvalidParameterException", 400)


@pytest.mark.parametrize("operation", sorted(IMAGE_OPERATIONS))
@pytest.mark.parametrize("size", [(80, 80), (10_000, 80), (80, 3_000)], ids=str)
def test_images_of_any_shape_are_taken(
    ask: Ask, contract: str, operation: str, size: tuple[int, int]
) -> None:
    noise = Image.effect_noise(size, 80).convert("RGB")
    buffer = io.BytesIO()
    noise.save(buffer, "JPEG")
    request = with_image(operation, {"Bytes": buffer.getvalue()})
    if operation == "rekognition.SearchFacesByImage":
        assert refused(ask, operation, **request) == ("InvalidParameterException", 400)
    else:
        ask(operation, **request)
