"""Faces: found where they are, told apart, and kept across restarts; on photographs of people."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mypy_boto3_rekognition import RekognitionClient
from PIL import Image, ImageOps

from safelight_vision.errors import ServiceError
from safelight_vision.face_collections import Collections, NewFace
from safelight_vision.seeing import faces
from safelight_vision.seeing.boxes import kept

pytestmark = pytest.mark.enable_socket

People = Callable[[int], bytes]

MIDDLES = {
    1: [(1581, 321), (933, 540), (508, 481)],
    3: [(1169, 355), (1597, 428), (687, 461)],
    4: [(343, 323), (1070, 295), (740, 177), (1347, 265)],
    5: [(464, 1016), (1499, 524), (682, 541), (862, 220), (1195, 320)],
    6: [(1586, 410), (365, 632), (767, 483), (1267, 448)],
}
"""The middle of each face in the photographs, in pixels."""


def jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


@pytest.fixture
def collection(rekognition: RekognitionClient) -> Iterator[str]:
    rekognition.create_collection(CollectionId="family")
    yield "family"
    rekognition.delete_collection(CollectionId="family")


@pytest.mark.parametrize("number", sorted(MIDDLES))
def test_every_face_is_found_and_nothing_else(
    rekognition: RekognitionClient, people: People, number: int
) -> None:
    content = people(number)
    width, height = opened(content).size
    details = rekognition.detect_faces(Image={"Bytes": content})["FaceDetails"]
    assert len(details) == len(MIDDLES[number])
    areas = [detail["BoundingBox"]["Width"] * detail["BoundingBox"]["Height"] for detail in details]
    assert areas == sorted(areas, reverse=True)
    for x, y in MIDDLES[number]:
        inside = [
            detail
            for detail in details
            if 0 <= x / width - detail["BoundingBox"]["Left"] <= detail["BoundingBox"]["Width"]
            and 0 <= y / height - detail["BoundingBox"]["Top"] <= detail["BoundingBox"]["Height"]
        ]
        assert len(inside) == 1
        at = {mark["Type"]: (mark["X"], mark["Y"]) for mark in inside[0]["Landmarks"]}
        assert at["eyeLeft"][0] < at["eyeRight"][0]
        assert at["eyeLeft"][1] < at["nose"][1] < at["mouthLeft"][1]
        assert 95 < inside[0]["Confidence"] <= 100


def test_a_photo_that_is_turned_has_faces_that_roll(rekognition: RekognitionClient, people: People) -> None:
    image = opened(people(5))

    def rolls(degrees: float) -> list[float]:
        turned = jpeg(image.rotate(degrees, Image.Resampling.BICUBIC))
        return [it["Pose"]["Roll"] for it in rekognition.detect_faces(Image={"Bytes": turned})["FaceDetails"]]

    assert np.median(rolls(-15)) - np.median(rolls(0)) == pytest.approx(15, abs=5)


@pytest.mark.parametrize("name", ["sea_turtle", "mountain", "puppy", "rotary_phone", "jellyfish"])
def test_photos_of_other_things_have_no_faces(
    rekognition: RekognitionClient, photo: Callable[[str], bytes], name: str
) -> None:
    assert rekognition.detect_faces(Image={"Bytes": photo(name)})["FaceDetails"] == []


def test_one_person_is_found_again_and_strangers_are_not(
    rekognition: RekognitionClient, collection: str, people: People
) -> None:
    indexed = rekognition.index_faces(
        CollectionId=collection, Image={"Bytes": people(5)}, ExternalImageId="album:five.jpg"
    )["FaceRecords"]
    assert len(indexed) == 5
    for record in indexed:
        assert record["Face"]["ExternalImageId"] == "album:five.jpg"
        others = rekognition.search_faces(CollectionId=collection, FaceId=record["Face"]["FaceId"])
        assert others["FaceMatches"] == []
    other_light = ImageOps.mirror(opened(people(5))).resize((960, 699)).point(lambda value: value * 0.7)
    again = rekognition.index_faces(CollectionId=collection, Image={"Bytes": jpeg(other_light)})[
        "FaceRecords"
    ]
    assert len(again) == 5
    mine = {record["Face"]["FaceId"] for record in indexed}
    found = set()
    for record in again:
        matches = rekognition.search_faces(CollectionId=collection, FaceId=record["Face"]["FaceId"])
        (match,) = matches["FaceMatches"]
        assert match["Similarity"] >= 80
        found.add(match["Face"]["FaceId"])
    assert found == mine


def test_the_largest_face_is_searched_for(
    rekognition: RekognitionClient, collection: str, people: People
) -> None:
    indexed = rekognition.index_faces(CollectionId=collection, Image={"Bytes": people(1)})["FaceRecords"]
    answer = rekognition.search_faces_by_image(CollectionId=collection, Image={"Bytes": people(1)})
    (match,) = answer["FaceMatches"]
    assert match["Face"] == indexed[0]["Face"]
    assert match["Similarity"] > 99
    assert answer["SearchedFaceBoundingBox"] == indexed[0]["FaceDetail"]["BoundingBox"]
    everyone = rekognition.search_faces_by_image(
        CollectionId=collection, Image={"Bytes": people(1)}, FaceMatchThreshold=0, MaxFaces=2
    )["FaceMatches"]
    assert everyone[0]["Face"] == indexed[0]["Face"]
    assert len(everyone) == 2


def test_an_image_is_indexed_once_for_each_external_id(
    rekognition: RekognitionClient, collection: str, people: People
) -> None:
    def index(**more: Any) -> list[str]:
        answer = rekognition.index_faces(CollectionId=collection, Image={"Bytes": people(3)}, **more)
        return [record["Face"]["FaceId"] for record in answer["FaceRecords"]]

    first = index(ExternalImageId="a")
    assert index(ExternalImageId="a") == first
    assert rekognition.describe_collection(CollectionId=collection)["FaceCount"] == 3
    other = index(ExternalImageId="b")
    assert not set(other) & set(first)
    listed = rekognition.list_faces(CollectionId=collection)["Faces"]
    assert len({face["ImageId"] for face in listed}) == 1
    assert [face["FaceId"] for face in listed] == first + other


def test_faces_that_are_left_out_come_with_the_reason(
    rekognition: RekognitionClient, collection: str, people: People
) -> None:
    most = rekognition.index_faces(CollectionId=collection, Image={"Bytes": people(4)}, MaxFaces=1)
    assert len(most["FaceRecords"]) == 1
    assert [face["Reasons"] for face in most["UnindexedFaces"]] == [["EXCEEDS_MAX_FACES"]] * 3
    small = jpeg(opened(people(4)).resize((480, 362)))
    strict = rekognition.index_faces(CollectionId=collection, Image={"Bytes": small}, QualityFilter="HIGH")
    assert strict["FaceRecords"] == []
    assert strict["UnindexedFaces"]
    assert all("SMALL_BOUNDING_BOX" in face["Reasons"] for face in strict["UnindexedFaces"])
    lenient = rekognition.index_faces(CollectionId=collection, Image={"Bytes": small}, QualityFilter="NONE")
    assert len(lenient["FaceRecords"]) == len(strict["UnindexedFaces"])


def test_faces_are_listed_page_by_page_and_by_id(
    rekognition: RekognitionClient, collection: str, people: People
) -> None:
    rekognition.index_faces(CollectionId=collection, Image={"Bytes": people(5)})
    pages = rekognition.get_paginator("list_faces").paginate(
        CollectionId=collection, PaginationConfig={"PageSize": 2}
    )
    sizes = [len(page["Faces"]) for page in pages]
    assert sizes == [2, 2, 1]
    everyone = rekognition.list_faces(CollectionId=collection)["Faces"]
    wanted = [everyone[3]["FaceId"], everyone[1]["FaceId"]]
    listed = rekognition.list_faces(CollectionId=collection, FaceIds=wanted)["Faces"]
    assert listed == [everyone[1], everyone[3]]


def test_collections_are_listed_page_by_page(rekognition: RekognitionClient) -> None:
    made = [f"page-{number}" for number in range(5)]
    for name in made:
        rekognition.create_collection(CollectionId=name)
    pages = rekognition.get_paginator("list_collections").paginate(PaginationConfig={"PageSize": 2})
    names = [name for page in pages for name in page["CollectionIds"]]
    for name in made:
        rekognition.delete_collection(CollectionId=name)
    assert [name for name in names if name in made] == made
    assert len(names) == len(set(names))


def new_face(seed: int) -> NewFace:
    vector = np.random.default_rng(seed).normal(size=128).astype(np.float32)
    return NewFace({"Left": 0.1, "Top": 0.2, "Width": 0.3, "Height": 0.4}, 99.5, vector)


def test_collections_outlive_the_service(tmp_path: Path) -> None:
    before = Collections(tmp_path)
    before.create("family", "model/1")
    (face,) = before.add("family", "image", "external", [new_face(1)])
    (again,) = Collections(tmp_path).faces("family")
    assert (again.id, again.box, again.external) == (face.id, face.box, "external")
    assert np.array_equal(again.vector, new_face(1).vector)


def test_a_deleted_collection_takes_its_faces_along(tmp_path: Path) -> None:
    collections = Collections(tmp_path)
    for name in ("family", "work"):
        collections.create(name, "model/1")
        collections.add(name, "image", None, [new_face(1), new_face(2)])
    collections.delete("family")
    with pytest.raises(ServiceError, match="family does not exist"):
        collections.faces("family")
    collections.create("family", "model/1")
    assert collections.faces("family") == []
    assert collections.describe("work").faces == 2


def test_a_face_is_removed_from_its_own_collection_only(tmp_path: Path) -> None:
    collections = Collections(tmp_path)
    for name in ("family", "work"):
        collections.create(name, "model/1")
    (face,) = collections.add("family", "image", None, [new_face(1)])
    assert collections.remove("work", [face.id]) == set()
    assert collections.remove("family", [face.id, "unknown"]) == {face.id}
    assert collections.faces("family") == []


def test_similarity_falls_with_distance_through_80_percent() -> None:
    values = [faces.similarity(distance) for distance in np.linspace(0, 1.5, 50)]
    assert values == sorted(values, reverse=True)
    assert values[0] > 99.9
    assert values[-1] < 0.1
    assert faces.similarity(0.48) == pytest.approx(80)
    assert faces.similarity(0.44) > 90
    assert faces.similarity(0.6) < 20


def test_of_boxes_that_overlap_the_best_is_kept() -> None:
    boxes = np.array(
        [[0, 0, 10, 10, 0.8], [1, 1, 11, 11, 0.9], [20, 20, 30, 30, 0.5], [4, 4, 6, 6, 0.6]], np.float32
    )
    assert kept(boxes, 0.5) == [1, 3, 2]
    assert kept(boxes, 0.5, nested=True) == [1, 2]
