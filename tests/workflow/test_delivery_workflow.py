"""What a browser gets at the library's address, and what it does not get."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from safelight.keys import url_of
from workflow.lab import Lab


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    path = tmp_path / "plain.jpg"
    Image.radial_gradient("L").resize((400, 300)).save(path)
    return path


def test_every_url_of_a_record_shows_its_rendition(lab: Lab, plain: Path) -> None:
    (record,) = lab.add(("delivered/ä b.jpg", plain))
    assert record["renditions"]
    for name, rendition in record["renditions"].items():
        assert record[f"{name}_url"] == rendition["url"]
        page = lab.get(rendition["url"])
        assert page.status == 200
        assert len(page.body) == rendition["bytes"]
        assert page.headers["content-type"] == rendition["media_type"]
        assert page.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert page.headers["x-content-type-options"] == "nosniff"
    some = lab.get(record["thumbnail_url"], Range="bytes=2-3")
    assert (some.status, some.body) == (206, lab.get(record["thumbnail_url"]).body[2:4])


HIDDEN = ("masters/hidden.tif", "index/hidden.sqlite", "renditions")


@pytest.fixture
def hidden(lab: Lab) -> Iterator[None]:
    """Objects beside the renditions, which other tests must not find."""
    s3, bucket = lab.library.client("s3"), lab.library.outputs["RenditionsBucket"]
    for key in HIDDEN:
        s3.put_object(Bucket=bucket, Key=key, Body=b"nobody sees this")
    yield
    for key in HIDDEN:
        s3.delete_object(Bucket=bucket, Key=key)


@pytest.mark.usefixtures("hidden")
def test_what_is_no_rendition_is_not_served(lab: Lab, plain: Path) -> None:
    (record,) = lab.add(("delivered/c.jpg", plain))
    library = lab.library.outputs["LibraryUrl"]
    renditions = lab.library.outputs["RenditionsBucket"]
    for path in (*HIDDEN, record["key"], "renditions/../masters/a.tif", "renditions/%2e%2e/masters/a.tif"):
        page = lab.get(f"{library}/{path}")
        assert page.status == 403 or "text/html" in page.headers["content-type"], path
        assert page.body not in (b"nobody sees this", plain.read_bytes()), path
    for bucket, key in (
        (renditions, record["renditions"]["thumbnail"]["key"]),
        (lab.library.outputs["OriginalsBucket"], record["key"]),
    ):
        assert lab.get(url_of(f"{lab.cloud.endpoint}/{bucket}", key)).status == 403, "past the distribution"


def test_a_place_in_the_app_is_the_app(lab: Lab) -> None:
    library, pages = lab.library.outputs["LibraryUrl"], lab.library.outputs["WebBucket"]
    app = lab.library.s3.get_object(Bucket=pages, Key="index.html")["Body"].read()
    for place in ("/", "/albums", "/s/qK3-_x"):
        page = lab.get(library + place)
        assert (page.status, page.body) == (200, app), place
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    (script,) = re.findall(rb'src="(/\w+/app.js)"', gzip.decompress(app))
    code = lab.get(library + script.decode())
    assert (code.status, code.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
    assert lab.get(f"{library}/none.css").status == 403
