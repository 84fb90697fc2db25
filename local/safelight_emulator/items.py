"""The items of DynamoDB's tables."""

from collections.abc import Iterable
from typing import Any

from safelight_emulator.emulated import module
from safelight_emulator.journal import Journal

_UNSORTED = "__no_sort__"
"""What the emulator sorts items by in a table without a sort key."""


class Items:
    """The items of DynamoDB's tables, in a journal."""

    def __init__(self, journal: Journal) -> None:
        """Have DynamoDB tell each change of an item to `journal`."""
        dynamodb = module("services.dynamodb")
        self._journal, self._tables = journal, dynamodb._tables
        self._put, self._remove = dynamodb._set_item, dynamodb._remove_item
        dynamodb._set_item, dynamodb._remove_item = self.put, self.remove

    def put(self, table: dict[str, Any], key: str, sort_key: str, item: Any) -> Any:
        """Store an item, as DynamoDB would."""
        with self._journal.lock:
            before = self._put(table, key, sort_key, item)
            self._journal.append([table["TableArn"], key, sort_key, item])
            return before

    def remove(self, table: dict[str, Any], key: str, sort_key: str) -> Any:
        """Remove an item, as DynamoDB would."""
        with self._journal.lock:
            before = self._remove(table, key, sort_key)
            self._journal.append([table["TableArn"], key, sort_key, None])
            return before

    def note(self, items: Iterable[tuple[dict[str, Any], str]]) -> None:
        """Write down these items of tables, by their keys, as if they had just become what they are."""
        for table, key in items:
            for sort_key, item in table["items"].get(key, {_UNSORTED: None}).items():
                self._journal.append([table["TableArn"], key, sort_key, item])

    def replay(self) -> list[tuple[dict[str, Any], str]]:
        """Make every change again; return the table and the key of each item that changed."""
        tables = {table["TableArn"]: table for table in self._tables.all_values()}
        changed = {}
        for arn, key, sort_key, item in self._journal.changes():
            if arn not in tables:
                continue
            changed[arn, key] = tables[arn], key
            if item is None:
                self._remove(tables[arn], key, sort_key)
            else:
                self._put(tables[arn], key, sort_key, item)
        return list(changed.values())
