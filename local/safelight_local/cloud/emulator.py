"""Runs the embedded AWS so that what it holds outlives it: `python -P emulator.py FOLDER`.

It runs in the environment of the embedded AWS, and imports nothing of this repository. The emulator writes
S3's objects to files at once and everything else when it stops orderly; a crash would lose the rest. Here

- each item that DynamoDB changes, and each start and end of an execution, is in a journal on the disk before
  the caller has its answer;
- what ran is begun again from its start, as the same execution (POST /_safelight/resume), and what has ended
  is not: each step of a workflow can be taken twice;
- everything else is in a checkpoint: after a deployment (POST /_safelight/checkpoint), at the end, and while
  there are requests, every `PAUSE_SECONDS`, or less often where a checkpoint takes long. It appears whole or
  not at all, and holds no half-made stack, so that a deployment that was killed never happened;
- files are on the disk before they have their names.

Its S3 serves ranges of objects that are named with their versions, too, and not the whole of them.

Its CloudFront answers at `http://<label>.cloudfront.localhost:<port>`, which browsers take for this machine,
runs functions in an engine of its own, and sees the tags of what it serves, so that a bucket's policy can
hold objects back by them. Its IAM learns the keys that a request to DynamoDB names, so that a role's
conditions on them hold here, too, and its patterns match keys with line breaks.

The histories of its executions say what each task was given.

Its Lambda answers 85 ms sooner: it waits less for what a function logs, and sends what belongs together at
once. It collects what a table's stream says for as long as the function's batching window is, beside the
queues, whose messages would wait; what a stream still had to say when the emulator stopped, it says again.

Who reaches the port is no administrator for that: signatures of the root's keys are checked as all others
are, and of the emulator's own endpoints, which could wipe it, only its health answers.
"""

import asyncio
import contextvars
import importlib
import json
import os
import re
import shutil
import sys
import threading
import time
import zlib
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from functools import cache, partial, partialmethod
from pathlib import Path
from typing import Any, BinaryIO

PAUSE_SECONDS = 3.0
"""The shortest time between two checkpoints."""

SHARE = 20
"""A checkpoint that took a second is followed by none for this many."""

JOURNAL_BYTES = 1 << 26
"""From this size on the journal is folded into a checkpoint; until then DynamoDB is left out of it."""

HISTORIES = 500
"""Of so many ended executions the history is kept. It is most of what an execution weighs."""

LOG_LINES = 2_000
"""Of each stream of a log so many lines are kept, the newest, and so many of all events of the buses."""

LAST_LINE_SECONDS = 0.005
"""How long an invocation waits for what the function may still have logged."""

_OF_A_MAP = ("ItemProcessor", "Next", "End")
"""What of a distributed Map the emulator heeds as it is."""

_UNSORTED = "__no_sort__"
"""What the emulator sorts items by in a table without a sort key."""

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


def put(path: Path, content: bytes) -> None:
    """Write a file that is whole, and on the disk, when it has its name."""
    part = path.with_name(f"{path.name}.tmp")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    _sync_names(path.parent)


def _module(name: str) -> Any:
    return importlib.import_module(f"ministack.{name}")


def _sync_names(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Journal:
    """What changed since a checkpoint, a line of JSON each, in numbered files."""

    def __init__(
        self, directory: Path, encode: Callable[[Any], bytes], decode: Callable[[bytes], Any]
    ) -> None:
        """Keep it in `directory`; `encode` gives JSON without line breaks."""
        directory.mkdir(exist_ok=True)
        self.lock = threading.RLock()
        self._directory, self._encode, self._decode = directory, encode, decode
        self._file: BinaryIO | None = None

    def append(self, change: Any) -> None:
        """Have a change on the disk; what is changed before the first `turn` is not kept."""
        with self.lock:
            if self._file:
                self._file.write(self._encode(change) + b"\n")
                self._file.flush()
                os.fsync(self._file.fileno())

    def changes(self) -> Iterator[Any]:
        """Yield all changes, the oldest first; the last line of a file may be cut short, and is none."""
        for number in self._numbers():
            for line in self._path(number).read_bytes().split(b"\n")[:-1]:
                yield self._decode(line)

    def turn(self) -> int:
        """Write to the next file from now on, and return its number."""
        with self.lock:
            number = max(self._numbers(), default=0) + 1
            if self._file:
                self._file.close()
            self._file = self._path(number).open("ab")
            return number

    def size(self) -> int:
        """Return how many bytes there are."""
        return sum(self._path(number).stat().st_size for number in self._numbers())

    def forget(self, before: int) -> None:
        """Delete the files of smaller numbers."""
        for number in self._numbers():
            if number < before:
                self._path(number).unlink()

    def _numbers(self) -> list[int]:
        return sorted(int(path.stem) for path in self._directory.glob("*.jsonl"))

    def _path(self, number: int) -> Path:
        return self._directory / f"{number}.jsonl"


class Items:
    """The items of DynamoDB's tables, in a journal."""

    def __init__(self, journal: Journal) -> None:
        """Have DynamoDB tell each change of an item to `journal`."""
        dynamodb = _module("services.dynamodb")
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


class Executions:
    """The executions of Step Functions, whose starts and ends are in a journal."""

    def __init__(self, journal: Journal) -> None:
        """Have Step Functions tell each start and end to `journal`, without the history."""
        self._journal, self._service = journal, _module("services.stepfunctions")
        self._told = self._service._emit_execution_status_event
        self._service._emit_execution_status_event = self.tell
        self._cut: list[dict[str, Any]] = []

    def tell(self, execution: dict[str, Any]) -> None:
        """Say that an execution has started or ended; the history is kept of one that failed."""
        failed = execution["status"] not in {"RUNNING", "SUCCEEDED"}
        self._journal.append({**execution, "events": execution["events"] if failed else []})
        self._told(execution)

    def replay(self) -> None:
        """Start and end what has, by the journal; what has not ended is RUNNING, and goes on by `resume`."""
        known = self._service._executions
        for execution in self._journal.changes():
            before = known.get_scoped(*_place(execution))
            if before is None or _is_open(before):
                known.set_scoped(*_place(execution), execution)
        self._cut = [it for it in known.all_values() if _is_open(it) and "mapRunArn" not in it]
        for execution in self._cut:
            execution.update(status="RUNNING", stopDate=None, output=None, events=[])
            execution.pop("error", None)
            execution.pop("cause", None)

    def resume(self) -> list[str]:
        """Begin again, from its start, what had not ended; return the ARNs, a second time none.

        The workflows of a Map belong to the execution that began them, and begins others.
        """
        cut, self._cut = self._cut, []
        scope = _module("core.responses")
        for execution in cut:
            account, region, arn = _place(execution)
            context = contextvars.copy_context()
            context.run(scope.set_request_account_id, account)
            context.run(scope.set_request_region, region)
            run = partial(context.run, self._service._run_execution, arn)
            threading.Thread(target=run, daemon=True).start()
        return [execution["executionArn"] for execution in cut]

    def forget_histories(self) -> None:
        """Forget what happened in executions that have ended, but for the newest."""
        ended = [it for it in self._service._executions.all_values() if it.get("stopDate") and it["events"]]
        for execution in sorted(ended, key=lambda it: str(it["stopDate"]))[:-HISTORIES]:
            execution["events"] = []


def _is_open(execution: Mapping[str, Any]) -> bool:
    """Tell whether an execution has not ended, or only as the emulator ends what runs when it starts."""
    return execution["status"] == "RUNNING" or execution.get("error") == "States.ServiceRestart"


def _place(execution: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return where the emulator keeps an execution: account, region and ARN."""
    arn: str = execution["executionArn"]
    region, account = arn.split(":")[3:5]
    return account, region, arn


class Streams:
    """What tables say of their changes, to the functions that follow them.

    The emulator forgets it when it stops, but not how much of it was read.
    """

    def __init__(self) -> None:
        """Take the reading of streams out of the loop that reads queues."""
        self._functions, self._dynamodb = _module("services.lambda_svc"), _module("services.dynamodb")
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


class Library:
    """What the emulator holds, in a folder."""

    def __init__(self, folder: Path) -> None:
        """Put the emulator's own ways of saving and loading out of work, and these in their place."""
        self._app = _module("app")
        self._formats = _module("core.persistence")
        self._stacks = _module("services.cloudformation")._stacks
        self._queues = _module("services.sqs")._queues
        self._checkpoints = folder / "checkpoints"
        self._checkpoints.mkdir(exist_ok=True)
        self._lock = threading.Lock()
        self._requests = self._takings = self._written = 0
        functions = _module("services.lambda_svc")
        self._prune, self._code_in_use = functions._prune_orphan_code_blobs, set[str]()
        functions._prune_orphan_code_blobs = self._note_code
        self._items_journal = Journal(folder / "journal", self._encode, self._decode)
        self._items = Items(self._items_journal)
        self._executions_journal = Journal(folder / "executions", self._encode, self._decode)
        self._executions = Executions(self._executions_journal)
        _module("services.s3")._atomic_write = _put_object
        _module("core.iam_evaluator")._is_root_key = lambda _: False
        _module("core.iam_evaluator")._fnmatch_compile = _wildcards
        _name_batches()
        _serve_parts_of_versions()
        _invoke_sooner()
        _map_by_expressions()
        _tell_what_tasks_are_given()
        _sum_whole_objects()
        _serve_distributions(self._app)
        _tell_leading_keys(_module("services.dynamodb")._tables)
        self._streams = Streams()
        self._answer = self._app.app
        self._app.app = self.answer
        self._app._load_persisted_state = self.load
        self._app.save_all = lambda _: self._write(self._take(everything=True))

    def run(self) -> None:
        """Serve until the end."""
        self._app.main()

    def _note_code(self, in_use: set[str]) -> None:
        self._code_in_use = in_use  # the last checkpoint needs what it names until the next one is there

    def _encode(self, value: Any) -> bytes:
        return json.dumps(value, default=self._formats._json_default).encode()

    def _decode(self, text: bytes) -> Any:
        return json.loads(text, object_hook=self._formats._json_object_hook)

    def load(self) -> None:
        """Bring the last checkpoint back, and the journals after it.

        Who held a message of a queue is no more, so that it is to be had at once.

        Raises:
            RuntimeError: a newer version wrote it.
        """
        for number in self._numbers()[-1:]:
            for service, module in self._app._state_map.items():
                file = self._checkpoints / str(number) / f"{service}.json"
                if file.exists():
                    saved = self._decode(file.read_bytes())
                    if saved["__ministack_format__"] > self._formats._state_format_version(service):
                        raise RuntimeError(
                            f"{file} was written by a newer version of Safelight. Use that one."
                        )
                    self._app._get_module(module).load_persisted_state(saved["payload"])
        self._streams.begin_again(self._items.replay())
        self._executions.replay()
        self._items_journal.turn()
        self._executions_journal.turn()
        for queue in self._queues.all_values():
            for message in queue["messages"]:
                message["visible_at"] = 0.0
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._keep, daemon=True, name="safelight-checkpoints").start()

    def _keep(self) -> None:
        pause, seen, quiet = PAUSE_SECONDS, 0, True
        while True:
            time.sleep(pause)
            before, seen = seen, self._requests
            if quiet and before == seen:
                continue
            quiet = before == seen  # what the last requests had begun has ended by the next round
            started = time.monotonic()
            try:
                self.checkpoint(everything=self._items_journal.size() > JOURNAL_BYTES)
            except Exception as error:
                print(f"A checkpoint failed: {error!r}. The last one stays.", file=sys.stderr)  # noqa: T201
            pause = max(PAUSE_SECONDS, SHARE * (time.monotonic() - started))

    def checkpoint(self, *, everything: bool) -> None:
        """Save what changed; called on any thread but the loop's."""

        async def take() -> dict[str, Any] | None:
            return self._take(everything=everything)

        self._write(asyncio.run_coroutine_threadsafe(take(), self._loop).result())

    def _take(self, *, everything: bool) -> dict[str, Any] | None:
        """Return the state of each service, or None while a stack is half-made."""
        statuses = {stack["StackStatus"] for stack in self._stacks.all_values()} - {"REVIEW_IN_PROGRESS"}
        if any(status.endswith("_IN_PROGRESS") for status in statuses):
            return None
        self._executions.forget_histories()
        _forget_lines()
        self._takings += 1
        journals = {self._executions_journal: self._executions_journal.turn()}
        taken: dict[str, Any] = {"taking": self._takings, "journals": journals}
        for service, state in self._app._build_persistence_save_dict().items():
            if service == "dynamodb":
                if everything or not self._numbers():
                    with self._items_journal.lock:
                        journals[self._items_journal] = self._items_journal.turn()
                        taken[service] = state()
                        self._items.note(self._streams.unread())
            else:
                taken[service] = _patiently(state)
        return taken

    def _write(self, taken: dict[str, Any] | None) -> None:
        if taken is None:
            return
        with self._lock:
            taking, journals = taken.pop("taking"), taken.pop("journals")
            if taking < self._written:
                return  # a later one was faster
            self._written = taking
            last = max(self._numbers(), default=0)
            directory = self._checkpoints / f"{last + 1}.tmp"
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir()
            for service, state in taken.items():
                if state is not None:
                    version = self._formats._state_format_version(service)
                    content = {"__ministack_format__": version, "payload": state}
                    put(directory / f"{service}.json", self._encode(content))
            if last:
                for file in (self._checkpoints / str(last)).iterdir():
                    if not (directory / file.name).exists():
                        os.link(file, directory / file.name)
            _sync_names(directory)
            directory.rename(directory.with_suffix(""))
            _sync_names(self._checkpoints)
            for number in self._numbers()[:-1]:
                shutil.rmtree(self._checkpoints / str(number))
            for journal, number in journals.items():
                journal.forget(number)
            self._prune(self._code_in_use)

    def _numbers(self) -> list[int]:
        return sorted(int(path.name) for path in self._checkpoints.iterdir() if path.name.isdigit())

    async def answer(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer a request: the emulator's, but for what would give it away."""
        if scope["type"] == "http":
            path = scope["path"]
            self._requests += path != "/_ministack/health" and scope["method"] not in {"GET", "HEAD"}
            if path == "/_safelight/checkpoint":
                await asyncio.to_thread(self.checkpoint, everything=True)
                await _say(send, 200)
                return
            if path == "/_safelight/resume":
                await _say(send, 200, json.dumps(self._executions.resume()).encode())
                return
            if path.startswith(("/_ministack/", "/_localstack/")) and path != "/_ministack/health":
                await _say(send, 404)
                return
        await self._answer(scope, receive, send)


def _forget_lines() -> None:
    """Forget the oldest of what the functions have logged and of what was sent over the buses.

    The emulator keeps all of it, and writes all of it down at each checkpoint.
    """
    logs, buses = _module("services.cloudwatch_logs"), _module("services.eventbridge")
    with logs._log_events_lock:
        for group in logs._log_groups.all_values():
            for stream in group["streams"].values():
                del stream["events"][:-LOG_LINES]
    for events in buses._events_log.all_values():
        del events[:-LOG_LINES]


def _name_batches() -> None:
    """Let IAM call many messages at once as it calls one: SQS has no actions of their own for them."""
    actions = _module("core.iam_actions")
    named = actions._action_from_target

    def as_one(headers: dict[str, Any]) -> Any:
        action = named(headers)
        batches = {"SendMessageBatch": "SendMessage", "DeleteMessageBatch": "DeleteMessage"}
        return batches.get(action, action)

    actions._action_from_target = as_one


def _invoke_sooner() -> None:
    """Let functions be called, and answer, without the waits that the emulator has and AWS has not.

    A quiet function was waited for, as if it might still log; and its event was sent as a header and then a
    body, the second of which waits for the first to be acknowledged (Nagle's algorithm, RFC 896).
    """
    runtime = _module("core.lambda_runtime")
    drained, handler_class = runtime.Worker._drain_stderr_bounded, runtime.ProvidedWorker._build_handler_class
    runtime.Worker._drain_stderr_bounded = partialmethod(drained, first_line_wait=LAST_LINE_SECONDS)

    def undelayed(worker: Any, *arguments: Any) -> Any:
        made = handler_class(worker, *arguments)
        made.disable_nagle_algorithm = True
        return made

    runtime.ProvidedWorker._build_handler_class = undelayed


def _map_by_expressions() -> None:
    """Let a distributed Map heed its expressions, as one that is inline does: all ours are in JSONata."""
    engine = _module("services.stepfunctions")
    distributed = engine._run_distributed_map

    def by_expressions(
        state: dict[str, Any], given: Any, _: Any, iterator: Any, execution: Any, context: dict[str, Any]
    ) -> Any:
        items = engine._jsonata_state_field(state, "Items", "array", given, context)
        if selector := state.get("ItemSelector"):
            places = [
                {**context, "Map": {"Item": {"Index": index, "Value": item}}}
                for index, item in enumerate(items)
            ]
            items = [engine._apply_jsonata_template(selector, given, place) for place in places]
        at_once = engine._jsonata_state_field(state, "MaxConcurrency", "number", given, context)
        plain: dict[str, Any] = {name: state[name] for name in _OF_A_MAP if name in state}
        plain["MaxConcurrency"] = at_once
        result, following = distributed(plain, items, items, iterator, execution, context)
        output = engine._apply_jsonata_output(state, given, context, result=result, default=result)
        engine._apply_state_assign(state, given, context, result=result)
        return output, following

    engine._run_distributed_map = by_expressions


def _tell_what_tasks_are_given() -> None:
    """Let the history of an execution say what each task was given, as AWS's does."""
    engine = _module("services.stepfunctions")
    evaluate, add = engine._apply_jsonata_arguments, engine._add_event
    given = threading.local()  # a task is evaluated and scheduled on one thread

    def evaluated(*state: Any) -> Any:
        given.parameters = evaluate(*state)
        return given.parameters

    def told(execution: dict[str, Any], kind: str, details: Any = None) -> Any:
        if kind == "TaskScheduled":
            details["taskScheduledEventDetails"]["parameters"] = json.dumps(given.parameters)
        return add(execution, kind, details)

    engine._apply_jsonata_arguments, engine._add_event = evaluated, told


def _sum_whole_objects() -> None:
    """Let S3 compare the CRC-32 of a whole object with its bytes, where parts become one."""
    s3 = _module("services.s3")
    complete = s3._complete_multipart_upload

    def compared(bucket: str, key: str, body: bytes, query: dict[str, Any], headers: dict[str, str]) -> Any:
        upload = s3._multipart_uploads.get(s3._qp(query, "uploadId"))
        if headers.get("x-amz-checksum-type") != "FULL_OBJECT" or upload is None:
            return complete(bucket, key, body, query, headers)
        crc32 = 0
        for _, part in sorted(upload["parts"].items()):
            crc32 = zlib.crc32(part["body"], crc32)
        if headers["x-amz-checksum-crc32"] != b64encode(crc32.to_bytes(4, "big")).decode():
            return s3._error("BadDigest", "The CRC32 is not that of the object.", 400, f"/{bucket}/{key}")
        rest = {name: it for name, it in headers.items() if name != "x-amz-checksum-crc32"}
        return complete(bucket, key, body, query, rest)

    s3._complete_multipart_upload = compared


def _serve_parts_of_versions() -> None:
    """Let S3 heed which range and which headers are asked for of an object that is named with its version."""
    s3 = _module("services.s3")
    whole = s3._get_object

    def part(bucket: str, key: str, headers: dict[str, str], query: dict[str, Any] | None = None) -> Any:
        status, told, body = whole(bucket, key, headers, query)
        if status != 200 or not (query or {}).get("versionId"):
            return status, told, body
        s3._apply_response_overrides(told, query)
        if not (asked := headers.get("range", "")):
            return status, told, body
        if (found := s3._parse_range(asked, len(body))) is None:
            return s3._error(
                "InvalidRange", "The requested range is not satisfiable", 416, f"/{bucket}/{key}"
            )
        first, last = found
        told = {name: it for name, it in told.items() if not name.lower().startswith("x-amz-checksum")}
        told |= {
            "Content-Length": str(last - first + 1),
            "Content-Range": f"bytes {first}-{last}/{len(body)}",
        }
        return 206, told, body[first : last + 1]

    s3._get_object = part


@cache
def _wildcards(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    """Return what a pattern of IAM's matches: `*` any characters, line breaks among them, and `?` one.

    The emulator's own leaves line breaks out, so that what is allowed on all keys was denied on some.
    """
    parts = {"*": ".*", "?": "."}
    regex = "".join(parts.get(character) or re.escape(character) for character in pattern)
    return re.compile(rf"{regex}\Z", re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def _serve_distributions(app: Any) -> None:
    """Let CloudFront be reached in a browser, run its functions, and heed the tags of S3's objects."""
    app._CLOUDFRONT_HOST_RE = re.compile(r"([a-z0-9]+)\.cloudfront\.(?:net|localhost)$")
    _module("core.cloudfront_js").evaluate = _run_function
    evaluator, tags_of = _module("core.iam_evaluator"), _module("services.s3").object_tags_for_condition
    evaluate = evaluator.evaluate_resource_policy

    def with_tags(policy: Any, context: Any, service: str | None = None, **options: Any) -> Any:
        if service == "cloudfront.amazonaws.com":
            bucket, _, key = context.resource_arn.removeprefix("arn:aws:s3:::").partition("/")
            tags = {
                f"s3:existingobjecttag/{name.lower()}": it for name, it in tags_of(bucket, key, {}).items()
            }
            context.service_context.update(tags)
        return evaluate(policy, context, service, **options)

    evaluator.evaluate_resource_policy = with_tags


def _tell_leading_keys(tables: Any) -> None:
    """Let IAM see the partition keys of what a request to DynamoDB reads and writes."""
    actions = _module("core.iam_actions")
    context_of = actions.dynamodb_service_context

    def with_keys(body: bytes) -> dict[str, Any]:
        request = json.loads(body or b"{}")
        keys = [next(iter(value.values())) for value in _leading_keys(tables, request)]
        context: dict[str, Any] = context_of(body)
        return context | ({"dynamodb:LeadingKeys": keys} if keys else {})

    actions.dynamodb_service_context = with_keys


def _leading_keys(tables: Any, request: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    for part in request.get("TransactItems", []):
        for action in part.values():
            yield from _leading_keys(tables, action)
    for name, batch in request.get("RequestItems", {}).items():
        for key in batch["Keys"] if isinstance(batch, dict) else []:
            yield from _leading_keys(tables, {"TableName": name, "Key": key})
        for write in batch if isinstance(batch, list) else []:
            for action in write.values():
                yield from _leading_keys(tables, {"TableName": name, **action})
    if item := request.get("Key") or request.get("Item"):
        schema = tables[request["TableName"].rpartition("/")[2]]["KeySchema"]
        yield item[next(each["AttributeName"] for each in schema if each["KeyType"] == "HASH")]
    if condition := re.match(r"\s*\S+\s*=\s*(:\w+)", request.get("KeyConditionExpression", "")):
        yield request["ExpressionAttributeValues"][condition[1]]


def _run_function(code: bytes, event: dict[str, Any]) -> Any:
    """Return what a function of CloudFront's makes of `event`."""
    quickjs = importlib.import_module("quickjs")
    context = quickjs.Context()
    try:
        context.eval(code.decode())
        return json.loads(context.eval(f"JSON.stringify(handler({json.dumps(event)}))"))
    except quickjs.JSException as error:
        raise _module("core.cloudfront_js").CloudFrontFunctionError(str(error)) from error


def _patiently(state: Callable[[], Any]) -> Any:
    """Return a service's state; where a workflow's thread changes it meanwhile, try again."""
    for _ in range(20):
        try:
            return state()
        except RuntimeError:  # "dictionary changed size during iteration"
            time.sleep(0.01)
    return state()


def _put_object(path: str, data: Any, *, text: bool = False) -> None:
    put(Path(path), data.encode() if text else data)


async def _say(send: Send, status: int, body: bytes = b"") -> None:
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    Library(Path(sys.argv.pop(1))).run()
