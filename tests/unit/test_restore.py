"""Records that are lost come back from the table as it was, and what is there stays."""

import boto3
import pytest
from click.testing import CliRunner

from safelight_local.command import cli, connection
from unit.stack import library_of_moto


def test_what_is_lost_comes_back_and_what_is_there_stays(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    library, dynamodb = library_of_moto(), boto3.client("dynamodb")
    dynamodb.create_table(
        TableName="before",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for number in range(3):
        item = {"id": {"S": f"person/{number}"}, "name": {"S": "Ada"}}
        dynamodb.put_item(TableName="before", Item=item)
    there = {"id": {"S": "person/1"}, "name": {"S": "Grace"}}
    dynamodb.put_item(TableName="library", Item=there)
    monkeypatch.setattr(connection, "library_of", lambda _: library)

    told = CliRunner().invoke(cli.main, ["restore", "before"])
    assert told.output == "2 of 3 records were put back; the others are there.\n"
    assert [it["name"] for it in library.records(["person/0", "person/1", "person/2"])] == [
        "Ada",
        "Grace",
        "Ada",
    ]
