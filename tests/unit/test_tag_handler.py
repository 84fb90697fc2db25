"""The tag function against botocore's own stubs: requests and answers follow the service models."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from safelight.errors import AccessDenied, Misconfigured, ServiceThrottled, ServiceUnavailable
from tag import tagging
from tag.handler import Event, handler

KEY = "renditions/été 2024/50% #1 & more.jpg/medium"
EVENT: Event = {"image": {"bucket": "library", "key": KEY}}
LABELS_REQUEST = {
    "Image": {"S3Object": {"Bucket": "library", "Name": KEY}},
    "MaxLabels": 20,
    "MinConfidence": 60.0,
}
TEXT_REQUEST = {"Document": {"S3Object": {"Bucket": "library", "Name": KEY}}}
TEXT_ANSWER = {"Blocks": [{"BlockType": "LINE", "Text": "Soup 4.50"}]}


def labels_answer(*names: str) -> dict[str, Any]:
    labels = [{"Name": name, "Confidence": 93.25, "Parents": [{"Name": "Thing"}]} for name in names]
    return {"Labels": labels, "LabelModelVersion": "3.0"}


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("MIN_LABEL_CONFIDENCE", "60")
    monkeypatch.setenv("MAX_LABELS", "20")
    monkeypatch.setenv("READ_TEXT", "documents")


@pytest.fixture
def rekognition(monkeypatch: pytest.MonkeyPatch, _settings: None) -> Iterator[Stubber]:
    client = boto3.client("rekognition")
    monkeypatch.setattr(tagging, "_rekognition", lambda: client)
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.fixture
def textract(monkeypatch: pytest.MonkeyPatch, _settings: None) -> Iterator[Stubber]:
    client = boto3.client("textract")
    monkeypatch.setattr(tagging, "_textract", lambda: client)
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


def test_a_photo_is_labelled_by_reference_and_not_read(rekognition: Stubber, textract: Stubber) -> None:
    rekognition.add_response("detect_labels", labels_answer("Dog"), LABELS_REQUEST)
    label = {"name": "Dog", "confidence": 93.2, "parents": ["Thing"]}
    attributes = {
        "labels": {
            "L": [
                {
                    "M": {
                        "name": {"S": "Dog"},
                        "confidence": {"N": "93.2"},
                        "parents": {"L": [{"S": "Thing"}]},
                    }
                }
            ]
        },
        "text": {"L": []},
        "model": {"S": "Rekognition 3.0"},
    }
    assert handler(EVENT, None) == {
        "labels": [label],
        "text": [],
        "calls": ["rekognition:DetectLabels"],
        "attributes": {"M": attributes},
        "version": "safelight 0.1.0, Rekognition 3.0",
    }


def test_a_document_is_read_too_whatever_its_key(rekognition: Stubber, textract: Stubber) -> None:
    rekognition.add_response("detect_labels", labels_answer("Menu"), LABELS_REQUEST)
    textract.add_response("detect_document_text", TEXT_ANSWER, TEXT_REQUEST)
    tags = handler(EVENT, None)
    assert tags["text"] == ["Soup 4.50"]
    assert tags["calls"] == ["rekognition:DetectLabels", "textract:DetectDocumentText"]
    assert tags["attributes"]["M"]["text"] == {"L": [{"S": "Soup 4.50"}]}


@pytest.mark.parametrize(("read_text", "reads"), [("never", False), ("always", True)])
def test_the_setting_decides_over_the_labels(
    monkeypatch: pytest.MonkeyPatch, rekognition: Stubber, textract: Stubber, read_text: str, reads: bool
) -> None:
    monkeypatch.setenv("READ_TEXT", read_text)
    rekognition.add_response("detect_labels", labels_answer("Dog" if reads else "Menu"), LABELS_REQUEST)
    if reads:
        textract.add_response("detect_document_text", TEXT_ANSWER, TEXT_REQUEST)
    assert handler(EVENT, None)["text"] == (["Soup 4.50"] if reads else [])


def test_an_image_under_80_pixels_has_no_labels_and_costs_nothing(rekognition: Stubber) -> None:
    rekognition.add_client_error(
        "detect_labels", "InvalidParameterException", "Request has Invalid Parameters", 400
    )
    tags = handler(EVENT, None)
    assert (tags["labels"], tags["text"], tags["calls"]) == ([], [], [])


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("ProvisionedThroughputExceededException", 400, ServiceThrottled),
        ("ThrottlingException", 400, ServiceThrottled),
        ("InternalServerError", 500, ServiceUnavailable),
        ("AccessDeniedException", 400, AccessDenied),
        ("InvalidImageFormatException", 400, ClientError),
        ("InvalidS3ObjectException", 400, ClientError),
    ],
)
def test_what_rekognition_answers_reaches_the_workflow_by_name(
    rekognition: Stubber, code: str, status: int, error: type[Exception]
) -> None:
    rekognition.add_client_error("detect_labels", code, "no", status)
    with pytest.raises(error):
        handler(EVENT, None)


def test_a_throttle_of_textract_is_retried_by_the_workflow(rekognition: Stubber, textract: Stubber) -> None:
    rekognition.add_response("detect_labels", labels_answer("Menu"), LABELS_REQUEST)
    textract.add_client_error("detect_document_text", "ProvisionedThroughputExceededException", "no", 400)
    with pytest.raises(ServiceThrottled, match="Reading the text of"):
        handler(EVENT, None)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("READ_TEXT", "sometimes"),
        ("MAX_LABELS", "0"),
        ("MAX_LABELS", "many"),
        ("MIN_LABEL_CONFIDENCE", "101"),
        ("MIN_LABEL_CONFIDENCE", "nan"),
        ("MIN_LABEL_CONFIDENCE", ""),
    ],
)
def test_a_setting_out_of_range_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(Misconfigured, match=variable):
        handler(EVENT, None)


def test_clients_never_retry_by_themselves() -> None:
    for make in (tagging._rekognition, tagging._textract):
        retries = getattr(make.__wrapped__().meta.config, "retries")  # noqa: B009 - the stubs lack it
        assert retries["total_max_attempts"] == 1
