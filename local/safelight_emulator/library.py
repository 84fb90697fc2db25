"""What the emulator holds, in a folder: checkpoints, and the journals after them."""

import asyncio
import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from safelight_emulator.corrections import cloudfront, functions, iam, s3, ses, workflows
from safelight_emulator.disk import put, sync_names
from safelight_emulator.emulated import module
from safelight_emulator.executions import Executions
from safelight_emulator.items import Items
from safelight_emulator.journal import Journal
from safelight_emulator.logs import forget_lines
from safelight_emulator.streams import Streams

PAUSE_SECONDS = 3.0
"""The shortest time between two checkpoints."""

SHARE = 20
"""A checkpoint that took a second is followed by none for this many."""

JOURNAL_BYTES = 1 << 26
"""From this size on the journal is folded into a checkpoint; until then DynamoDB is left out of it."""

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Library:
    """What the emulator holds, in a folder."""

    def __init__(self, folder: Path) -> None:
        """Put the emulator's own ways of saving and loading out of work, and these in their place."""
        self._app = module("app")
        self._formats = module("core.persistence")
        self._stacks = module("services.cloudformation")._stacks
        self._queues = module("services.sqs")._queues
        self._checkpoints = folder / "checkpoints"
        self._checkpoints.mkdir(exist_ok=True)
        self._lock = threading.Lock()
        self._requests = self._takings = self._written = 0
        lambdas = module("services.lambda_svc")
        self._prune, self._code_in_use = lambdas._prune_orphan_code_blobs, set[str]()
        lambdas._prune_orphan_code_blobs = self._note_code
        self._items_journal = Journal(folder / "journal", self._encode, self._decode)
        self._items = Items(self._items_journal)
        self._executions_journal = Journal(folder / "executions", self._encode, self._decode)
        self._executions = Executions(self._executions_journal)
        for service in (s3, ses, iam, functions, workflows, cloudfront):
            service.correct()
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
            for service, name in self._app._state_map.items():
                file = self._checkpoints / str(number) / f"{service}.json"
                if file.exists():
                    saved = self._decode(file.read_bytes())
                    if saved["__ministack_format__"] > self._formats._state_format_version(service):
                        raise RuntimeError(
                            f"{file} was written by a newer version of Safelight. Use that one."
                        )
                    self._app._get_module(name).load_persisted_state(saved["payload"])
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
        forget_lines()
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
            sync_names(directory)
            directory.rename(directory.with_suffix(""))
            sync_names(self._checkpoints)
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


def _patiently(state: Callable[[], Any]) -> Any:
    """Return a service's state; where a workflow's thread changes it meanwhile, try again."""
    for _ in range(20):
        try:
            return state()
        except RuntimeError:  # "dictionary changed size during iteration"
            time.sleep(0.01)
    return state()


async def _say(send: Send, status: int, body: bytes = b"") -> None:
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
