"""Steps of many at once, each carried out on a table in memory among those of the others."""

import random
from collections.abc import Generator, Iterator, Mapping
from typing import Any

from safelight.transactions import Read, Record, Write

Process = Iterator[None]
"""What goes on by a step at each `next`."""


class Table:
    """Records by id; each answer is as the table is at that moment."""

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}

    def read(self, step: Read) -> Generator[None, None, dict[str, Record]]:
        """Read one record after the other: what is read together is not read in one moment."""
        found = {}
        for id_ in step.ids:
            if id_ in self.records:
                found[id_] = self.records[id_]
                yield
        return found

    def write(self, step: Write) -> bool:
        """Write all of a transaction in one moment, or nothing."""
        touched = [*(record["id"] for record in step.puts), *step.deletes, *step.absent, *step.seen]
        assert len(touched) == len(set(touched)), "a transaction holds a record once"
        if (
            any(self.records.get(id_, {}).get("version", 0) != it for id_, it in step.versions.items())
            or any(id_ in self.records for id_ in step.absent)
            or not all(self.has(id_, fields) for id_, fields in step.seen.items())
        ):
            return False
        self.records |= {record["id"]: record for record in step.puts}
        for id_ in step.deletes:
            self.records.pop(id_, None)
        return True

    def has(self, id_: str, fields: Mapping[str, Any]) -> bool:
        """Tell whether a record is there and has these fields; those that are None, empty or not at all."""
        record = self.records.get(id_)
        return record is not None and all(record.get(name) == value for name, value in fields.items())

    def update(self, id_: str, **changes: Any) -> None:
        """Change fields of a record, which is made if it is not there."""
        self.records[id_] = {**self.records.get(id_, {}), **changes}


def interleave(running: list[Process], chance: random.Random, most: int = 10) -> None:
    """Run all to their end, by turns of up to `most` steps; whoever runs may add others to `running`."""
    while running:
        process = chance.choice(running)
        for _ in range(chance.randint(1, most)):  # the others stall meanwhile
            try:
                next(process)
            except StopIteration:
                running.remove(process)
                break
