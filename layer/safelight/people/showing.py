"""Who is in photos, for whoever looks at them. Pure: reading is the caller's."""

from collections.abc import Callable, Iterable, Sequence

from safelight.keys import face_record_id, person_record_id, sheet_record_id
from safelight.people.records import name_of
from safelight.record import PhotoRecord
from safelight.transactions import Record


def people_in(
    photos: Sequence[PhotoRecord], read: Callable[[Iterable[str]], Sequence[Record]]
) -> list[Record]:
    """Return each person in `photos`: `person_id`, `name`, and `key` and `box` of the best face there.

    `read` returns the records with these ids, those that exist.
    """
    sheets = read(sheet_record_id(photo["key"]) for photo in photos if photo.get("people"))
    faces = read(face_record_id(each) for sheet in sheets for each in sheet["faces"])
    best: dict[str, Record] = {}
    for face in sorted(faces, key=lambda face: (face["quality"], face["face_id"])):
        best[face["person_id"]] = face
    people = read(person_record_id(each) for each in best)
    return [
        {
            "person_id": person["person_id"],
            "name": name_of(person),
            "key": best[person["person_id"]]["key"],
            "box": best[person["person_id"]]["box"],
        }
        for person in people
    ]
