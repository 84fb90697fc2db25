"""What tables say of their changes."""

import sys
import threading
import time
from collections.abc import Iterable
from typing import Any

from safelight_emulator.emulated import module


class Streams:
    """What tables say of their changes, to the functions that follow them.

    The emulator forgets it when it stops, but not how much of it was read.
    """

    def __init__(self) -> None:
        """Take the reading of streams out of the loop that reads queues."""
        self._functions, self._dynamodb = module("services.lambda_svc"), module("services.dynamodb")
        self._poll = self._functions._poll_dynamodb_streams
        self._functions._poll_dynamodb_streams = lambda: False

    def begin_again(self, changed: Iterable[tuple[dict[str, Any], str]]) -> None:
        """Say first that these items of tables have changed, and let functions follow from there."""
        records: dict[str, tuple[dict[str, Any], list[Any]]] = {}
        for table, key in changed:
            if (table.get("StreamSpecification") or {}).get("StreamEnabled"):
                keys = {table["pk_name"]: {"S": key}}
                record = self._dynamodb._build_change_record(table, "MODIFY", None, keys, "KEYS_ONLY")
                records.setdefault(table["TableArn"], (table, []))[1].append(record)
        for arn, (table, said) in records.items():
            region, account = arn.split(":")[3:5]
            self._dynamodb._stream_records.set_scoped(account, region, table["TableName"], said)
        self._functions._dynamodb_stream_positions._data.clear()
        threading.Thread(target=self._follow, daemon=True, name="safelight-streams").start()

    def unread(self) -> list[tuple[dict[str, Any], str]]:
        """Return the tables and keys of the items of whose changes not every function has heard."""
        unread = {}
        for (account, region, _), mapping in list(self._functions._esms._data.items()):
            table_arn, _, stream = mapping["EventSourceArn"].partition("/stream/")
            name, scope = table_arn.rpartition("/")[2], {"account_id": account, "region": region}
            table = self._dynamodb._tables.get_scoped(account, region, name) if stream else None
            if table:
                position = self._functions._dynamodb_stream_positions.get_scoped(
                    account, region, mapping["UUID"], 0
                )
                for record in self._dynamodb.stream_records_since(name, position, sys.maxsize, **scope):
                    (key,) = record["dynamodb"]["Keys"][table["pk_name"]].values()
                    unread[table_arn, key] = table, key
        return list(unread.values())

    def _follow(self) -> None:
        while True:
            mappings = list(self._functions._esms._data.values())
            windows = [it["MaximumBatchingWindowInSeconds"] for it in mappings if "StartingPosition" in it]
            time.sleep(max([1, *windows]))
            try:
                self._poll()
            except Exception as error:
                print(f"Following a table failed: {error!r}. It is tried again.", file=sys.stderr)  # noqa: T201
