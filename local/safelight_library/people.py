"""The people in the library of one stack: who there is, and what a person decides about them.

The steps are those of the people function; here they are carried out with the credentials of the user.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from safelight.errors import SafelightError
from safelight.people import wishes
from safelight.people.carrier import Carrier, insist
from safelight.people.records import PEOPLE, name_of
from safelight.people.steps import Steps
from safelight.people.wishes import LONGEST_NAME, UnknownPerson
from safelight.transactions import Record
from safelight_library.errors import PeopleRefused
from safelight_library.library import Library

ATTEMPTS = 30
"""How often a decision is tried while photos change the same people: half a minute, or a little more."""


class People:
    """The people in a library."""

    def __init__(self, library: Library) -> None:
        """Work on the table and the collection of `library`."""
        self._library = library
        outputs = library.outputs
        if "FaceCollection" not in outputs:
            raise PeopleRefused(
                "The stack has no collection of faces. Deploy this version of Safelight first."
            )
        self._carrier = Carrier(
            library.dynamodb,
            library.client("rekognition"),
            outputs["LibraryTable"],
            outputs["FaceCollection"],
            threshold=100,  # nothing is searched for here
        )

    def all(self) -> list[Record]:
        """Return everybody, those in most photos first, with `photo_count` as the photos say."""
        counts = Counter(person for photo in self._library.photos() for person in photo.get("people", []))
        people = [
            {
                "person_id": person["person_id"],
                "name": name_of(person),
                "photo_count": counts[person["person_id"]],
                "cover": person.get("cover"),
            }
            for person in self._carrier.people()
            if "forgetting" not in person
        ]
        return sorted(people, key=lambda person: (-person["photo_count"], person["person_id"]))

    def faces(self, person_id: str) -> list[Record]:
        """Return a person's faces, by the keys of their photos.

        Raises:
            PeopleRefused: there is no such person.
        """
        faces = self._carrier.listed(f"{PEOPLE}/{person_id}", "face")
        if not faces:
            raise PeopleRefused(f"There is no person {person_id}. See who there is with: safelight people")
        return [{name: face[name] for name in ("face_id", "key", "box", "quality")} for face in faces]

    def name(self, person_id: str, name: str) -> None:
        """Give a person a name.

        Raises:
            PeopleRefused: the name is empty or too long, or there is no such person.
        """
        called = name.strip()
        if not called or len(called) > LONGEST_NAME:
            raise PeopleRefused(f"A name has 1 to {LONGEST_NAME} characters. Give another one.")
        self._decide(lambda: wishes.name(person_id, called))

    def merge(self, person_id: str, into: str) -> None:
        """Make two people one.

        Raises:
            PeopleRefused: there is no such person.
        """
        self._decide(lambda: wishes.merge(person_id, into), done_when_gone=person_id)

    def split(self, person_id: str, faces: Sequence[str]) -> str:
        """Make a new person of some faces of another, and return the new id.

        Raises:
            PeopleRefused: there is no such person or face, or no face would be left.
        """
        new: str = self._decide(lambda: wishes.split(person_id, faces))
        return new

    def forget(self, person_id: str) -> None:
        """Delete all that is kept of a person.

        Raises:
            PeopleRefused: there is no such person.
        """
        self._decide(lambda: wishes.forget(person_id), done_when_gone=person_id)

    def _decide(self, begin: Callable[[], Steps], done_when_gone: str | None = None) -> Any:
        """Carry a decision out; `done_when_gone` as in `insist`."""
        try:
            return insist(self._carrier, begin, ATTEMPTS, done_when_gone)
        except (SafelightError, UnknownPerson) as error:
            raise PeopleRefused(str(error)) from error
