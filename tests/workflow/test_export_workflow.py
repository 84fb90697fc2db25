"""An album leaves as an archive that is whole, or not at all."""

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from safelight.keys import EXPORTS
from safelight_library import exports
from safelight_library.errors import ExportFailed
from workflow.lab import Lab

ALBUM = "exported"
WISH = exports.Wish("A day, été", ALBUM, None, None, False, True, 40_000_000_000, None)


@pytest.fixture(scope="module")
def photos(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, bytes]]:
    folder = tmp_path_factory.mktemp("photos")
    given: dict[str, Path] = {}
    for number, name in enumerate(("a.jpg", "deep/ä.jpg")):
        path = folder / f"{number}.jpg"
        Image.radial_gradient("L").resize((500 + number, 300)).save(path)
        given[f"{ALBUM}/{name}"] = path
    lab.add(*given.items())
    lab.library.rebuild_index()
    yield {key.removeprefix(f"{ALBUM}/"): path.read_bytes() for key, path in given.items()}


def change(lab: Lab, key: str, expression: str, **values: Any) -> None:
    given: Any = {"ExpressionAttributeValues": values} if values else {}
    lab.library.dynamodb.update_item(
        TableName=lab.library.outputs["LibraryTable"],
        Key={"id": {"S": f"photo/{key}"}},
        UpdateExpression=expression,
        **given,
    )


def test_an_album_is_exported_and_downloaded_in_parts(
    lab: Lab, photos: dict[str, bytes], tmp_path: Path
) -> None:
    record = lab.record(f"{ALBUM}/a.jpg")
    assert record is not None
    assert len(record["photo"]["sha256"]) == 64
    change(lab, f"{ALBUM}/a.jpg", "REMOVE photo.crc32")  # as records of before have none
    made = exports.export(lab.library, WISH)
    (archive,) = made.archives
    assert (made.count, archive.name) == (2, "A day, été.zip")
    assert archive.url.startswith(f"{lab.library.outputs['LibraryUrl']}/{EXPORTS}")
    exports.fetch(lab.library, archive, path := tmp_path / "whole.zip", lambda _: None)
    with zipfile.ZipFile(path) as opened:
        assert opened.testzip() is None
        found = {name: opened.read(name) for name in opened.namelist()}
    sidecars = {name: found.pop(name) for name in list(found) if name.endswith(".xmp")}
    assert found == photos
    assert set(sidecars) == {f"{name}.xmp" for name in photos}
    whole = path.read_bytes()
    page = lab.get(archive.url)
    assert (page.status, page.body, page.headers["content-type"]) == (200, whole, "application/zip")
    some = lab.get(archive.url, Range=f"bytes=100-{len(whole) - 2}")
    assert (some.status, some.body) == (206, whole[100:-1])
    assert lab.heard("NotificationsTopic", archive.url)


@pytest.mark.needs("MailFrom")
def test_who_is_named_gets_a_letter(lab: Lab, photos: dict[str, bytes]) -> None:
    wish = replace(WISH, mail="ada@example.com")
    with pytest.raises(
        ExportFailed, match=r"no letter from library@example\.com.* Have SES verify the address"
    ):
        exports.export(lab.library, wish)
    lab.library.client("sesv2").create_email_identity(EmailIdentity="library@example.com")
    before = letters(lab)
    exports.export(lab.library, wish)
    assert letters(lab) == before + 1


def letters(lab: Lab) -> float:
    """Return how many letters were sent."""
    return float(lab.library.client("sesv2").get_account()["SendQuota"]["SentLast24Hours"])


def test_an_original_that_was_replaced_meanwhile_refuses_the_export_and_leaves_nothing(
    lab: Lab, photos: dict[str, bytes]
) -> None:
    key = f"{ALBUM}/a.jpg"
    record = lab.record(key)
    assert record is not None
    before = there(lab)
    change(lab, key, "SET original.etag = :other", **{":other": {"S": "another"}})
    with pytest.raises(ExportFailed, match=r"exported/a\.jpg found nothing: it was deleted or replaced"):
        exports.export(lab.library, WISH)
    change(lab, key, "SET original.etag = :same", **{":same": {"S": record["original"]["etag"]}})
    assert there(lab) == before


def there(lab: Lab) -> set[str]:
    """Return the archives that there are, and those that are begun."""
    s3, bucket = lab.library.client("s3"), lab.library.outputs["RenditionsBucket"]
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=EXPORTS).get("Contents", [])
    begun = s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
    return {each["Key"] for each in listed} | {each["UploadId"] for each in begun}
