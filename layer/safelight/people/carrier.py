"""Carries the steps of people out on the library's table and the collection of faces."""

import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from botocore.exceptions import ClientError

from safelight.attributes import attribute_value
from safelight.aws_errors import named_errors
from safelight.errors import PeopleChanged
from safelight.people.records import PEOPLE, PhotoChange, Record, Write
from safelight.people.steps import MATCHES, DeleteVectors, Faces, Read, Search, Step
from safelight.table import TIMELINE_INDEX, plain_record, read_records, write_together

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_rekognition import RekognitionClient

T = TypeVar("T")

PATIENCE_SECONDS = 40.0
"""How long one call works: less than the function's timeout. What is left goes on when it is called again."""

_VECTORS_AT_ONCE = 1000


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
        deadline = time.monotonic() + PATIENCE_SECONDS
        answer: Any = None
        while True:
            try:
                step: Step = steps.send(answer)
            except StopIteration as done:
                return cast(T, done.value)
            if time.monotonic() > deadline:
                raise PeopleChanged("There was too much to write in one go. Start again.")
            match step:
                case Read():
                    answer = self.read(step)
                case Write():
                    answer = self.write(step)
                case Search():
                    answer = self.search(step)
                case Faces():
                    answer = self.faces(step)
                case DeleteVectors():
                    self.delete_vectors(step)
                    answer = None

    def read(self, step: Read) -> dict[str, Record]:
        """Return the records that exist, as they are now, by their ids."""
        return read_records(self.dynamodb, self.table, step.ids, "Reading people")

    def write(self, step: Write) -> bool:
        """Write all of `step` in one transaction, or nothing; tell whether it was written."""
        table = self.table
        items: list[Any] = [
            {
                "Put": {
                    "TableName": table,
                    "Item": {name: attribute_value(value) for name, value in record.items()},
                    **_version_condition(record["id"], step),
                }
            }
            for record in step.puts
        ]
        items += [
            {"Delete": {"TableName": table, "Key": {"id": {"S": id_}}, **_version_condition(id_, step)}}
            for id_ in step.deletes
        ]
        none = {"ConditionExpression": "attribute_not_exists(id)"}
        items += [
            {"ConditionCheck": {"TableName": table, "Key": {"id": {"S": id_}}, **none}} for id_ in step.absent
        ]
        if step.photo:
            items.append({"Update": {"TableName": table, **_photo_update(step.photo)}})
        if step.unlisted:
            id_, face_id = step.unlisted
            unlist = {
                "Key": {"id": {"S": id_}},
                "UpdateExpression": "DELETE face_ids :face",
                "ConditionExpression": "attribute_exists(id)",
                "ExpressionAttributeValues": {":face": {"SS": [face_id]}},
            }
            items.append({"Update": {"TableName": table, **unlist}})
        return write_together(self.dynamodb, items, "Writing people")

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

    def faces(self, step: Faces) -> list[Record]:
        """Return a person's faces, as the index lists them."""
        return self.listed(f"{PEOPLE}/{step.person_id}", "face#")

    def people(self) -> list[Record]:
        """Return every person that has a face, as the index lists them."""
        listed = self.listed(PEOPLE, "person#")
        return [each for each in listed if each["face_count"] and not each.get("merged_into")]

    def listed(self, partition: str, kind: str) -> list[Record]:
        """Return the records of one `kind` in a partition of the index."""
        with named_errors("Listing people"):
            pages = self.dynamodb.get_paginator("query").paginate(
                TableName=self.table,
                IndexName=TIMELINE_INDEX,
                KeyConditionExpression="album = :partition AND begins_with(timeline, :kind)",
                ExpressionAttributeValues={":partition": {"S": partition}, ":kind": {"S": kind}},
            )
            return [plain_record(item) for page in pages for item in page["Items"]]

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


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")


def _version_condition(id_: str, step: Write) -> dict[str, Any]:
    """Return the condition on the version of a record of `step`; none where it may have any."""
    if id_ not in step.versions:
        return {}
    if step.versions[id_] == 0:
        return {"ConditionExpression": "attribute_not_exists(id)"}
    return {
        "ConditionExpression": "#version = :version",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": {":version": {"N": str(step.versions[id_])}},
    }


def _photo_update(change: PhotoChange) -> dict[str, Any]:
    """Return the update of a photo's record, on the condition that it has the fields that were seen."""
    conditions, update = ["attribute_exists(id)"], "SET people = :people"
    values = {":people": attribute_value(change.people)}
    for name, value in change.seen.items():
        if value is None:
            conditions.append(f"attribute_not_exists({name})")
        else:
            conditions.append(f"{name} = :{name}")
            values[f":{name}"] = attribute_value(value)
    if change.faces is not None:
        update += ", tags.faces = :faces"
        values[":faces"] = attribute_value(change.faces)
    return {
        "Key": {"id": {"S": change.id}},
        "UpdateExpression": update,
        "ConditionExpression": " AND ".join(conditions),
        "ExpressionAttributeValues": values,
    }
