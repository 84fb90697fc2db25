"""Carries the steps of people out on the library's table and the collection of faces."""

import random
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError

from safelight import transactions
from safelight.attributes import attribute_value
from safelight.aws_errors import named_errors
from safelight.errors import PeopleChanged
from safelight.people.records import PEOPLE, Transfer
from safelight.people.steps import MATCHES, DeleteVectors, Faces, Search, Step
from safelight.people.wishes import UnknownPerson
from safelight.table import list_records, read_records, still, write_records
from safelight.transactions import Read, Record, Write

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_rekognition import RekognitionClient

T = TypeVar("T")

_VECTORS_AT_ONCE = 1000
_LONGEST_PAUSE = 2.0


@dataclass(frozen=True)
class Carrier:
    """Where people are kept: `table`, and the `collection` of faces; `threshold` in percent."""

    dynamodb: "DynamoDBClient"
    rekognition: "RekognitionClient"
    table: str
    collection: str
    threshold: float

    def carry_out(self, steps: Generator[Step, Any, T]) -> T:
        """Carry `steps` out, and return what they return.

        Raises:
            PeopleChanged: another changed the same records, or there was more to do than fits into one call.
            AccessDenied, ServiceThrottled, ServiceUnavailable
        """
        return transactions.carry_out(steps, self.perform, PeopleChanged)

    def perform(self, step: Step) -> Any:
        """Carry one step out, and return the answer to it."""
        match step:
            case Read():
                return read_records(self.dynamodb, self.table, step.ids, "Reading people")
            case Write():
                updates = _updates(step) if isinstance(step, Transfer) else ()
                return write_records(self.dynamodb, self.table, step, "Writing people", updates)
            case Search():
                return self.search(step)
            case Faces():
                return self.listed(f"{PEOPLE}/{step.person_id}", "face")
            case DeleteVectors():
                return self.delete_vectors(step)

    def search(self, step: Search) -> dict[str, float] | None:
        """Return the faces that are like one, with their similarity in percent; None where it is not there.

        Rekognition answers InvalidParameterException for a face that the collection does not have. Every
        other parameter is checked before the call, so that this is what the code means here.
        """
        try:
            with named_errors("Searching faces"):
                answer = self.rekognition.search_faces(
                    CollectionId=self.collection,
                    FaceId=step.face_id,
                    FaceMatchThreshold=self.threshold,
                    MaxFaces=MATCHES,
                )
        except ClientError as error:
            if _code(error) in {"InvalidParameterException", "ResourceNotFoundException"}:
                return None
            raise
        return {match["Face"]["FaceId"]: match["Similarity"] for match in answer["FaceMatches"]}

    def people(self) -> list[Record]:
        """Return every person that has a face, as the index lists them."""
        listed = self.listed(PEOPLE, "person")
        return [each for each in listed if each["face_count"] and not each.get("merged_into")]

    def listed(self, partition: str, kind: str) -> list[Record]:
        """Return the records of one `kind` in a partition of the index."""
        return list_records(self.dynamodb, self.table, partition, kind, "Listing people")

    def delete_vectors(self, step: DeleteVectors) -> None:
        """Delete faces from the collection; those that it does not have are none of its business."""
        for start in range(0, len(step.face_ids), _VECTORS_AT_ONCE):
            batch = list(step.face_ids[start : start + _VECTORS_AT_ONCE])
            try:
                with named_errors("Deleting faces"):
                    self.rekognition.delete_faces(CollectionId=self.collection, FaceIds=batch)
            except ClientError as error:
                if _code(error) != "ResourceNotFoundException":
                    raise


def insist(
    carrier: Carrier, begin: Callable[[], Generator[Step, Any, T]], attempts: int, done_when_gone: str | None
) -> T | None:
    """Carry a decision out, again and again while photos change the same people; return what it returns.

    done_when_gone: the person who ends by it; gone at a second attempt, he has ended as he was to.

    Raises:
        UnknownPerson: as the decision.
        PeopleChanged: photos keep changing these people.
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    for attempt in range(attempts):
        try:
            return carrier.carry_out(begin())
        except PeopleChanged:
            time.sleep(random.uniform(0, min(_LONGEST_PAUSE, 0.1 * 2**attempt)))  # noqa: S311
        except UnknownPerson as error:
            if attempt and done_when_gone and error.person_id == done_when_gone:
                return None
            raise
    raise PeopleChanged("Photos keep changing these people. Try again in a while.")


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")


def _updates(step: Transfer) -> list[dict[str, Any]]:
    """Return the updates of the records that people share with the rest of the workflow."""
    updates = []
    if step.photo:
        request, change, values = still(step.photo.seen), "SET people = :people", {}
        values[":people"] = attribute_value(step.photo.people)
        if step.photo.faces is not None:
            change += ", tags.faces = :faces"
            values[":faces"] = attribute_value(step.photo.faces)
        known = request.get("ExpressionAttributeValues", {})
        updates.append(
            {
                "Key": {"id": {"S": step.photo.id}},
                "UpdateExpression": change,
                **request,
                "ExpressionAttributeValues": known | values,
            }
        )
    if step.unlisted:
        id_, face_id = step.unlisted
        updates.append(
            {
                "Key": {"id": {"S": id_}},
                "UpdateExpression": "DELETE face_ids :face",
                "ConditionExpression": "attribute_exists(id)",
                "ExpressionAttributeValues": {":face": {"SS": [face_id]}},
            }
        )
    return updates
