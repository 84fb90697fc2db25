"""Answers the operations of Amazon Rekognition."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image

from safelight_vision.errors import ServiceError
from safelight_vision.face_collections import Collections, KeptFace, NewFace
from safelight_vision.images import REKOGNITION, ImageSource
from safelight_vision.seeing import faces, labels, moderation, properties, text
from safelight_vision.seeing.engines import Engines

DEFAULT_MATCHES = 80
"""How many faces a search returns where the request does not say."""

PAGE = 4096
"""How many faces or collections a list has at most."""

_ACCOUNT = "000000000000"


class Rekognition:
    """The operations, each under its name with a small letter in front; requests have been checked."""

    def __init__(self, engines: Engines, images: ImageSource, collections: Collections, region: str) -> None:
        """Answer with `engines` about `images`, and keep faces in `collections`, as if in `region`."""
        self._engines = engines
        self._images = images
        self._collections = collections
        self._region = region

    def detect_labels(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return what an image shows, and its colours and quality where IMAGE_PROPERTIES are asked for.

        Raises:
            ServiceError: the request or the image is not one that Rekognition takes.
        """
        features = request.get("Features") or ["GENERAL_LABELS"]
        settings = request.get("Settings") or {}
        least = request.get("MinConfidence", labels.DEFAULT_MIN_CONFIDENCE)
        image = self._image(request)
        answer: dict[str, Any] = {"Labels": [], "LabelModelVersion": labels.MODEL_VERSION}
        if "GENERAL_LABELS" in features:
            answer["Labels"] = labels.describe(
                self._engines.classes(image),
                self._engines.things(image),
                labels.taxonomy(),
                request.get("MaxLabels"),
                float(least),
                _wanted(settings.get("GeneralLabels") or {}),
            )
        if "IMAGE_PROPERTIES" in features:
            most = (settings.get("ImageProperties") or {}).get("MaxDominantColors")
            most = properties.DEFAULT_COLOURS if most is None else most
            answer["ImageProperties"] = {
                "Quality": properties.quality(image),
                "DominantColors": properties.dominant_colours(image, most) if most else [],
            }
        return answer

    def detect_faces(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the faces in an image; of the attributes, the DEFAULT ones alone.

        Raises:
            ServiceError: the image is not one that Rekognition takes.
        """
        image = self._image(request)
        return {"FaceDetails": [faces.detail(image, face) for face in self._engines.faces(image)]}

    def detect_moderation_labels(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return whether an image is explicit; other categories are not evaluated.

        Raises:
            ServiceError: the request or the image is not one that Rekognition takes.
        """
        if request.get("HumanLoopConfig") or request.get("ProjectVersion"):
            raise ServiceError(
                "InvalidParameterException", "The local service has neither human loops nor projects."
            )
        least = request.get("MinConfidence", moderation.DEFAULT_MIN_CONFIDENCE)
        score = self._engines.explicit(self._image(request))
        return {
            "ModerationLabels": moderation.describe(score, float(least)),
            "ModerationModelVersion": moderation.MODEL_VERSION,
            "ContentTypes": [],
        }

    def detect_text(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the lines and words in an image.

        Raises:
            ServiceError: the request or the image is not one that Rekognition takes.
        """
        filters = request.get("Filters") or {}
        if filters.get("RegionsOfInterest"):
            raise ServiceError("InvalidParameterException", "The local service has no RegionsOfInterest.")
        words = filters.get("WordFilter") or {}
        image = self._image(request)
        found = text.detections(self._engines.lines(image), *image.size)
        return {
            "TextDetections": [it for it in found if it["Type"] == "LINE" or _passes(it, words)],
            "TextModelVersion": text.MODEL_VERSION,
        }

    def create_collection(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Make an empty collection; tags are not kept.

        Raises:
            ServiceError: there is one of that name.
        """
        collection = request["CollectionId"]
        self._collections.create(collection, faces.MODEL_VERSION)
        return {
            "StatusCode": 200,
            "CollectionArn": self._arn(collection).removeprefix("arn:"),  # so Rekognition answers here
            "FaceModelVersion": faces.MODEL_VERSION,
        }

    def describe_collection(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return a collection.

        Raises:
            ServiceError: there is none of that name.
        """
        collection = self._collections.describe(request["CollectionId"])
        return {
            "FaceCount": collection.faces,
            "FaceModelVersion": collection.model,
            "CollectionARN": self._arn(collection.id),
            "CreationTimestamp": collection.created,
            "UserCount": 0,
        }

    def list_collections(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the names of the collections."""
        most = request.get("MaxResults") or PAGE
        found = self._collections.list(request.get("NextToken") or "", most + 1)
        answer: dict[str, Any] = {
            "CollectionIds": [collection.id for collection in found[:most]],
            "FaceModelVersions": [collection.model for collection in found[:most]],
        }
        return answer | ({"NextToken": found[most - 1].id} if len(found) > most else {})

    def delete_collection(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Remove a collection with all its faces.

        Raises:
            ServiceError: there is none of that name.
        """
        self._collections.delete(request["CollectionId"])
        return {"StatusCode": 200}

    def index_faces(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Keep the faces of an image in a collection; an image that is there keeps the faces that it has.

        Raises:
            ServiceError: the image is not one that Rekognition takes, or there is no such collection.
        """
        collection = request["CollectionId"]
        self._collections.describe(collection)  # before an image is read for nothing
        photo = self._images.read(request["Image"], REKOGNITION)
        bar = faces.BARS[request.get("QualityFilter") or "AUTO"]
        fit: list[tuple[NewFace, dict[str, Any]]] = []
        unindexed: list[dict[str, Any]] = []
        for face in self._engines.faces(photo.image):
            detail = faces.detail(photo.image, face)
            reasons = faces.shortcomings(face, detail, bar)
            if len(fit) >= request.get("MaxFaces", len(fit) + 1):
                reasons = ["EXCEEDS_MAX_FACES"]
            if reasons:
                unindexed.append({"Reasons": reasons, "FaceDetail": detail})
            else:
                vector = self._engines.vector(photo.image, face)
                fit.append((NewFace(detail["BoundingBox"], detail["Confidence"], vector), detail))
        kept = self._collections.add(
            collection,
            str(uuid.uuid5(uuid.NAMESPACE_OID, photo.sha256)),
            request.get("ExternalImageId"),
            [face for face, _ in fit],
        )
        details = {_place(face.box): detail for face, detail in fit}
        return {
            "FaceRecords": [
                {"Face": face.answer(), "FaceDetail": details[_place(face.box)]}
                for face in kept
                if _place(face.box) in details
            ],
            "FaceModelVersion": faces.MODEL_VERSION,
            "UnindexedFaces": unindexed,
        }

    def list_faces(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the faces of a collection, in the order in which they came.

        Raises:
            ServiceError: there is no such collection, or the token is not one that was given out.
        """
        if request.get("UserId"):
            raise ServiceError("InvalidParameterException", "The local service has no users.")
        token = request.get("NextToken") or "0"
        if not token.isascii() or not token.isdigit():
            raise ServiceError("InvalidPaginationTokenException", "Invalid pagination token")
        most = request.get("MaxResults") or PAGE
        found = self._collections.faces(
            request["CollectionId"], ids=request.get("FaceIds"), after=int(token), most=most + 1
        )
        answer: dict[str, Any] = {
            "Faces": [face.answer() for face in found[:most]],
            "FaceModelVersion": faces.MODEL_VERSION,
        }
        return answer | ({"NextToken": str(found[most - 1].number)} if len(found) > most else {})

    def delete_faces(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Remove faces from a collection.

        Raises:
            ServiceError: there is no such collection.
        """
        wanted = list(dict.fromkeys(request["FaceIds"]))
        removed = self._collections.remove(request["CollectionId"], wanted)
        return {
            "DeletedFaces": [face for face in wanted if face in removed],
            "UnsuccessfulFaceDeletions": [
                {"FaceId": face, "Reasons": ["FACE_NOT_FOUND"]} for face in wanted if face not in removed
            ],
        }

    def search_faces(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the faces of a collection that are like one of them, the likest first, without itself.

        Raises:
            ServiceError: there is no such collection or no such face.
        """
        wanted = request["FaceId"]
        found = self._collections.faces(request["CollectionId"])
        face = next((it for it in found if it.id == wanted), None)
        if face is None:
            raise ServiceError(
                "InvalidParameterException", f"faceId {wanted} was not found in the collection."
            )
        return {
            "SearchedFaceId": wanted,
            "FaceMatches": _matches(face.vector, [it for it in found if it.id != wanted], request),
            "FaceModelVersion": faces.MODEL_VERSION,
        }

    def search_faces_by_image(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the faces of a collection that are like the largest face in an image, the likest first.

        Raises:
            ServiceError: there is no such collection, or the image has no face.
        """
        kept = self._collections.faces(request["CollectionId"])
        image = self._image(request)
        bar = faces.BARS[request.get("QualityFilter") or "NONE"]
        found = ((face, faces.detail(image, face)) for face in self._engines.faces(image))
        fit = next((pair for pair in found if not faces.shortcomings(*pair, bar)), None)
        if fit is None:
            raise ServiceError(
                "InvalidParameterException", "There are no faces in the image. Should be at least 1."
            )
        face, detail = fit
        return {
            "SearchedFaceBoundingBox": detail["BoundingBox"],
            "SearchedFaceConfidence": detail["Confidence"],
            "FaceMatches": _matches(self._engines.vector(image, face), kept, request),
            "FaceModelVersion": faces.MODEL_VERSION,
        }

    def _image(self, request: Mapping[str, Any]) -> Image.Image:
        return self._images.read(request["Image"], REKOGNITION).image

    def _arn(self, collection: str) -> str:
        return f"arn:aws:rekognition:{self._region}:{_ACCOUNT}:collection/{collection}"


def _wanted(settings: Mapping[str, Any]) -> labels.Wanted:
    def names(setting: str) -> frozenset[str] | None:
        return frozenset(settings[setting]) if settings.get(setting) else None

    return labels.Wanted(
        names("LabelInclusionFilters"),
        names("LabelCategoryInclusionFilters"),
        names("LabelExclusionFilters") or frozenset(),
        names("LabelCategoryExclusionFilters") or frozenset(),
    )


def _passes(detection: Mapping[str, Any], words: Mapping[str, Any]) -> bool:
    """Tell whether a word has what Rekognition's WordFilter asks for."""
    box = detection["Geometry"]["BoundingBox"]
    return bool(
        detection["Confidence"] >= words.get("MinConfidence", 0)
        and box["Height"] >= words.get("MinBoundingBoxHeight", 0)
        and box["Width"] >= words.get("MinBoundingBoxWidth", 0)
    )


def _place(box: Mapping[str, float]) -> tuple[float, ...]:
    """Return where a box lies, to a thousandth of the image."""
    return tuple(round(box[key], 3) for key in ("Left", "Top", "Width", "Height"))


def _matches(
    vector: faces.Vector, kept: Sequence[KeptFace], request: Mapping[str, Any]
) -> list[dict[str, Any]]:
    least = request.get("FaceMatchThreshold", faces.DEFAULT_MATCH_THRESHOLD)
    alike = faces.similarities(vector, [face.vector for face in kept])
    found = sorted(zip(alike, kept, strict=True), key=lambda pair: (-pair[0], pair[1].number))
    return [
        {"Similarity": similarity, "Face": face.answer()}
        for similarity, face in found[: request.get("MaxFaces", DEFAULT_MATCHES)]
        if similarity >= least
    ]
