"""The index on the deployed stack: it follows the table by its stream, and can be made anew."""

from pathlib import Path

import images
from safelight.index import lists
from safelight.index.lists import Filter
from safelight.keys import INDEX_KEY
from workflow.lab import Lab

KEY = "indexed/lighthouse.jpg"


def found(lab: Lab, path: Path, q: str) -> list[str]:
    """Return the names of the photos that a search finds by the index as it is now."""
    index = lab.index(path)
    try:
        return [each.filename for each in lists.photos(index, Filter(q=q), None, None, 10).photos]
    finally:
        index.close()


def test_the_index_follows_what_becomes_of_photos(lab: Lab, tmp_path: Path) -> None:
    photo, index = tmp_path / "photo.jpg", tmp_path / "index.sqlite"
    photo.write_bytes(images.saved(images.picture(320, 240), "JPEG"))
    lab.add((KEY, photo))
    lab.until(lambda: found(lab, index, "lighthouse") == ["lighthouse.jpg"], "the photo is found")
    lab.library.s3.delete_object(Bucket=lab.library.outputs["OriginalsBucket"], Key=KEY)
    lab.until(lambda: found(lab, index, "lighthouse") == [], "the photo is found no more")


def test_the_index_is_made_anew(lab: Lab, tmp_path: Path) -> None:
    where = {"Bucket": lab.library.outputs["RenditionsBucket"], "Key": INDEX_KEY}
    lab.library.s3.delete_object(**where)  # type: ignore[arg-type]
    assert not lab.library.has_index()
    count, unreadable = lab.library.rebuild_index()
    assert unreadable == []
    assert lab.library.has_index()
    assert count > 0
    assert found(lab, tmp_path / "index.sqlite", "no such word") == []
