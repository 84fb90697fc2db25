"""The function that keeps the index, on a table and a bucket of moto's."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from index import keeper as keeper_module
from index.handler import handler
from index.keeper import Keeper
from index.settings import Settings
from safelight import index_store
from safelight.attributes import attribute_value
from safelight.clients import s3
from safelight.errors import ServiceUnavailable
from safelight.index import lists, schema
from safelight.index.lists import Filter
from unit.index_records import labels, person, photo


@pytest.fixture(autouse=True)
def stack(library_table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where: Any = {"LocationConstraint": "eu-central-1"}
    boto3.client("s3").create_bucket(Bucket="renditions", CreateBucketConfiguration=where)
    monkeypatch.setenv("RENDITIONS_BUCKET", "renditions")
    keeper_module.keeper.cache_clear()


def put(*records: dict[str, Any]) -> None:
    for record in records:
        item = {name: attribute_value(value) for name, value in record.items()}
        boto3.client("dynamodb").put_item(TableName="library", Item=item)


def delete(id_: str) -> None:
    boto3.client("dynamodb").delete_item(TableName="library", Key={"id": {"S": id_}})


def said(*ids: str) -> Any:
    """Return the event of a stream that says that the records with these ids have changed."""
    return {
        "Records": [
            {
                "eventName": "MODIFY",
                "dynamodb": {
                    "Keys": {"id": {"S": id_}},
                    "SequenceNumber": "1",
                    "StreamViewType": "KEYS_ONLY",
                },
            }
            for id_ in ids
        ]
    }


def stored(tmp_path: Path) -> sqlite3.Connection:
    path = tmp_path / "read.sqlite"
    assert index_store.fetch("renditions", path, None)
    return schema.readable(path)


def names(tmp_path: Path, q: str | None = None) -> list[str]:
    return [each.filename for each in lists.photos(stored(tmp_path), Filter(q=q), None, None, 200).photos]


def test_the_first_change_makes_the_index_of_all_records(tmp_path: Path) -> None:
    put(
        photo("a/1.jpg", people=["p1"]),
        photo("a/2.jpg", tags=labels("Beach")),
        person("p1", "Anna", "a/1.jpg"),
        {"id": "secret/versions", "secret": "x"},
        {"id": "day/2024-06-01/a"},
    )
    assert handler(said("photo/a/2.jpg"), None) == {"records": 3, "unreadable": []}
    assert names(tmp_path) == ["2.jpg", "1.jpg"]
    assert names(tmp_path, "anna") == ["1.jpg"]


def test_changes_are_applied_as_the_records_are_by_now(tmp_path: Path) -> None:
    put(photo("a/1.jpg"), photo("a/2.jpg"))
    handler(said("photo/a/1.jpg"), None)
    put(photo("a/1.jpg", metadata={"title": "First"}), photo("a/3.jpg"))
    put(photo("a/1.jpg", metadata={"title": "Second"}))
    delete("photo/a/2.jpg")
    changed = said(*["photo/a/1.jpg"] * 3, "photo/a/2.jpg", "photo/a/3.jpg", "day/2024-06-01/a")
    for _ in range(2):
        assert handler(changed, None) == {"records": 3, "unreadable": []}
        assert names(tmp_path) == ["3.jpg", "1.jpg"]
        assert names(tmp_path, "second") == ["1.jpg"]
        assert names(tmp_path, "first") == []


def test_nothing_to_do_writes_nothing() -> None:
    assert handler(said("day/2024-06-01/a"), None) == {"records": 0, "unreadable": []}
    assert "Contents" not in boto3.client("s3").list_objects_v2(Bucket="renditions")


def test_a_record_that_cannot_be_read_is_set_aside(tmp_path: Path) -> None:
    broken = {name: it for name, it in photo("a/1.jpg").items() if name != "album"}
    put(broken, photo("a/2.jpg"))
    assert handler(said("photo/a/2.jpg"), None) == {"records": 2, "unreadable": ["photo/a/1.jpg"]}
    assert handler(said("photo/a/1.jpg", "photo/a/2.jpg"), None)["unreadable"] == ["photo/a/1.jpg"]
    assert names(tmp_path) == ["2.jpg"]


def test_who_is_slower_applies_to_what_the_faster_has_put(tmp_path: Path) -> None:
    put(photo("a/1.jpg"))
    handler(said("photo/a/1.jpg"), None)
    other = Keeper(Settings("library", "renditions"), tmp_path)
    other.follow(["photo/a/1.jpg"])
    put(photo("a/2.jpg"))
    handler(said("photo/a/2.jpg"), None)
    put(photo("a/3.jpg"))
    other.follow(["photo/a/3.jpg"])
    assert names(tmp_path) == ["3.jpg", "2.jpg", "1.jpg"]


def test_who_is_overtaken_reads_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(photo("a/1.jpg", metadata={"title": "old"}))
    handler(said("photo/a/1.jpg"), None)
    slow, fast = (Keeper(Settings("library", "renditions"), tmp_path / name) for name in ("slow", "fast"))
    for name in ("slow", "fast"):
        (tmp_path / name).mkdir()

    def overtaken() -> None:
        put(photo("a/1.jpg", metadata={"title": "new"}), photo("a/2.jpg"))
        fast.follow(["photo/a/1.jpg", "photo/a/2.jpg"])

    _once_before_storing(monkeypatch, overtaken)
    slow.follow(["photo/a/1.jpg"])
    assert names(tmp_path, "new") == ["1.jpg"]
    assert names(tmp_path, "old") == []
    assert names(tmp_path) == ["2.jpg", "1.jpg"]


def test_what_changes_while_the_index_is_made_anew_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(photo("a/1.jpg"), photo("a/2.jpg"), photo("a/3.jpg", metadata={"title": "old"}))
    handler(said("photo/a/1.jpg"), None)
    (tmp_path / "other").mkdir()
    other = Keeper(Settings("library", "renditions"), tmp_path / "other")

    def changed() -> None:
        put(photo("a/3.jpg", metadata={"title": "new"}), photo("a/4.jpg"))
        delete("photo/a/2.jpg")
        other.follow([f"photo/a/{number}.jpg" for number in (2, 3, 4)])

    _once_before_storing(monkeypatch, changed)
    assert handler({"rebuild": True}, None)["records"] == 3
    assert names(tmp_path) == ["4.jpg", "3.jpg", "1.jpg"]
    assert names(tmp_path, "new") == ["3.jpg"]
    put(photo("a/5.jpg"))
    other.follow(["photo/a/5.jpg"])
    handler(said("photo/a/5.jpg"), None)
    assert names(tmp_path) == ["5.jpg", "4.jpg", "3.jpg", "1.jpg"]


def test_making_it_anew_mends_what_is_wrong(tmp_path: Path) -> None:
    put(photo("a/1.jpg"))
    handler(said("photo/a/1.jpg"), None)
    delete("photo/a/1.jpg")
    put(photo("a/2.jpg"))
    assert names(tmp_path) == ["1.jpg"]
    assert handler({"rebuild": True}, None) == {"records": 1, "unreadable": []}
    assert names(tmp_path) == ["2.jpg"]


def test_who_is_always_overtaken_is_tried_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    put(photo("a/1.jpg"))
    handler(said("photo/a/1.jpg"), None)
    monkeypatch.setattr(keeper_module, "store", lambda *_: None)
    with pytest.raises(ServiceUnavailable):
        handler(said("photo/a/1.jpg"), None)
    with pytest.raises(ServiceUnavailable):
        handler({"rebuild": True}, None)


def test_the_index_is_fetched_when_it_is_another_alone(tmp_path: Path) -> None:
    put(photo("a/1.jpg"))
    path = tmp_path / "copy.sqlite"
    assert index_store.fetch("renditions", path, None) is None
    handler(said("photo/a/1.jpg"), None)
    etag = index_store.fetch("renditions", path, None)
    path.unlink()
    assert index_store.fetch("renditions", path, etag) == etag
    assert not path.exists()
    put(photo("a/2.jpg"))
    handler(said("photo/a/2.jpg"), None)
    assert index_store.fetch("renditions", path, etag) not in {None, etag}
    assert path.exists()
    assert index_store.store("renditions", path, etag) is None
    assert index_store.store("renditions", path, None) is None


def _once_before_storing(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], None]) -> None:
    """Let something happen when the next index is about to be stored."""
    store = s3().put_object
    waiting = [happens]

    def later(**request: Any) -> Any:
        if waiting:
            waiting.pop()()
        return store(**request)

    monkeypatch.setattr(s3(), "put_object", later)
