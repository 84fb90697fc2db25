"""The library in a real browser: somebody logs in, adds photos, looks, names, shares, and revokes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin

import pytest
from PIL import Image

import reels
from safelight_local.cloud.owner import ensure_owner, login_link
from vision.shelf import photo_of_people
from workflow.lab import PATIENCE_SECONDS, Lab

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ALBUM = "Wedding no. 1"
PASSWORD = "for our guests"

_NAMED = """rows => rows.map((row) => [row.querySelector(".file").textContent.trim().split(" ")[0],
    row.querySelector(".how").textContent.trim()])"""
"""Finds the path of each file in the list of uploads, and what is said of it."""

_PLAYING = """async (video) => {
    video.muted = true; // so that no gesture is needed
    await video.play();
    while (video.currentTime < 0.2) await new Promise((then) => setTimeout(then, 50));
}"""
"""Waits until a film moves."""


def visitor(browser: "Browser") -> "Page":
    """Return a page of somebody who was never here."""
    page = browser.new_context().new_page()
    page.set_default_timeout(PATIENCE_SECONDS * 1000)
    return page


@pytest.fixture
def owner(lab: Lab, browser: "Browser", tmp_path: Path) -> Iterator["Page"]:
    """The library's owner, whom the link has logged in.

    The API signs URLs of the cloud itself, which the content security policy allows, and not of the proxy.
    """
    ensure_owner(lab.library, tmp_path)
    with lab.function_setting("ApiFunction", "AWS_ENDPOINT_URL_S3", lab.cloud.endpoint):
        page = visitor(browser)
        page.goto(login_link(lab.library, tmp_path))
        page.get_by_role("link", name="Add photos").wait_for()
        assert "token" not in page.url
        yield page


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as people have it: photos, a broken one, a film, and what a computer leaves beside them."""
    folder = tmp_path / "Church"
    folder.mkdir()
    Image.open(photo_of_people(5)).convert("RGB").save(folder / "bride.jpg", quality=90)
    Image.radial_gradient("L").resize((400, 300)).save(folder / "moonrise.jpg")
    (folder / "broken.jpg").write_bytes((folder / "moonrise.jpg").read_bytes()[:2000])
    (folder / "waves.webm").write_bytes(reels.reel(2, container="webm", codec="libvpx-vp9"))
    (folder / "Thumbs.db").write_bytes(b"previews")
    return folder


@pytest.mark.needs("Labels", "Faces")
def test_a_library_is_lived_in(lab: Lab, browser: "Browser", owner: "Page", folder: Path) -> None:
    add_a_folder(owner, folder)
    look_at_a_photo(owner)
    watch_the_film(owner)
    lab.until(lambda: is_found(owner, "moonrse"), "a search with a typing mistake finds the photo")
    lab.until(lambda: has_people(owner), "there are people")
    name_a_person(owner)
    link = share(owner)

    guest = visitor(browser)
    guest.goto(link)
    for password in ("another", PASSWORD):
        guest.get_by_label("Password").fill(password)
        guest.get_by_role("button", name="Look at the photos").click()
        wrong = guest.get_by_text("This is not the password.")
        wrong.or_(guest.locator(".tile").first).wait_for()
        assert wrong.is_visible() == (password != PASSWORD)
    assert guest.locator(".tile").count() == 3
    watch_the_film(guest)
    assert guest.get_by_role("link", name="People").count() == 0
    assert downloaded(guest, "moonrise.jpg") == (folder / "moonrise.jpg").read_bytes()

    owner.goto(f"{lab.library.outputs['LibraryUrl']}/shares")
    owner.get_by_role("listitem").filter(has_text=ALBUM).get_by_role("button", name="Revoke").click()
    owner.get_by_text("opens nothing any more").wait_for()
    guest.goto(link)
    guest.get_by_role("alert").wait_for()
    assert guest.locator(".tile").count() == 0
    assert guest.evaluate("fetch('/api/photos').then((answer) => answer.status)") == 401


def drop(page: "Page", folder: Path, onto: str) -> None:
    """Drop a folder of this machine onto an element, as a file manager does."""
    box = page.locator(onto).bounding_box()
    assert box
    data = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        event = {"type": kind, "x": box["x"] + 20, "y": box["y"] + 20, "data": data}
        session.send("Input.dispatchDragEvent", event)


def add_a_folder(owner: "Page", folder: Path) -> None:
    owner.get_by_role("link", name="Add photos").click()
    owner.get_by_label("Album").fill(ALBUM)
    owner.evaluate(
        """() => {
            window.seen = new Set();
            new MutationObserver(() => document.querySelectorAll(".how").forEach((how) =>
                window.seen.add(how.textContent.trim())))
                .observe(document.body, { childList: true, characterData: true, subtree: true });
        }"""
    )
    drop(owner, folder, onto=".drop")
    owner.get_by_text("3 photos added, 1 file refused.").wait_for(timeout=2000 * PATIENCE_SECONDS)
    refused = dict(owner.locator(".sendings li.refused").evaluate_all(_NAMED))
    assert refused.keys() == {"Church/broken.jpg"}
    assert owner.locator(".sendings li").count() == 4, "what lies beside photos is not shown"
    assert "upload it again" in refused["Church/broken.jpg"], "a rejection says what to do"
    assert "Being made" in owner.evaluate("[...window.seen]")


def tell(page: "Page") -> None:
    """Wait until the viewer shows the pixels of a photo, and open what is known of it."""
    page.locator(".pswp__img:not(.pswp__img--placeholder)").first.evaluate("(image) => image.decode()")
    page.keyboard.press("i")


def look_at_a_photo(owner: "Page") -> None:
    owner.get_by_role("link", name="moonrise.jpg").click()
    tell(owner)
    told = owner.get_by_label("What is known of this photo")
    told.get_by_text(re.compile("^400 . 300")).wait_for()
    assert f"{ALBUM}/Church" in told.inner_text()
    told.get_by_text("How it was made").click()
    told.get_by_role("rowheader", name="ClaimPhoto").wait_for()
    owner.keyboard.press("Escape")
    owner.locator(".pswp").wait_for(state="detached")


def watch_the_film(page: "Page") -> None:
    """Rest on the film's tile, open it, see it play where photos are shown, and go to another moment."""
    page.goto(urljoin(page.url, f"/albums?id={quote(ALBUM)}"))
    tile = page.locator(".tile[aria-label^='waves.webm, a film of 2 seconds']")
    assert tile.inner_text() == "0:02"
    tile.hover()
    tile.locator("video").evaluate(f"{_PLAYING}")
    tile.click()
    film = page.get_by_label("waves.webm, a film of 2 seconds").and_(page.locator(".pswp video"))
    film.evaluate(f"{_PLAYING}")
    assert film.evaluate("(video) => [video.videoWidth, video.videoHeight]") == [160, 90]
    box, whole, screen = film.bounding_box(), page.locator(".pswp").bounding_box(), page.viewport_size
    assert box and whole and screen and whole["width"] == screen["width"]
    assert abs(box["y"] + box["height"] / 2 - screen["height"] / 2) <= 1
    assert film.evaluate(
        """async (video) => {
            video.pause();
            video.currentTime = 1.4;
            await new Promise((then) => video.addEventListener("seeked", then, { once: true }));
            const tenths = [video.duration, video.currentTime].map((seconds) => Math.round(seconds * 10));
            return [video.readyState > 1, ...tenths];
        }"""
    ) == [True, 20, 14]
    page.keyboard.press("Escape")
    page.locator(".pswp").wait_for(state="detached")


def is_found(owner: "Page", words: str) -> bool:
    """Search as one does, and tell whether the photo is there; the index follows within seconds."""
    field = owner.get_by_role("combobox", name="Find photos")
    field.fill(words)
    field.press("Enter")
    owner.get_by_role("heading", name=words).wait_for()
    owner.locator(".tile, .empty").first.wait_for()
    return bool(owner.locator(".tile[aria-label^=moonrise]").count())


def has_people(owner: "Page") -> bool:
    owner.get_by_role("link", name="People").click()
    owner.locator(".people li, .empty").first.wait_for()
    return bool(owner.locator(".people li").count())


def name_a_person(owner: "Page") -> None:
    owner.locator(".people a").first.click()
    owner.get_by_label("Name").fill("Anna of the wedding")
    owner.get_by_role("button", name="Save").click()
    owner.get_by_text("This is Anna of the wedding.").wait_for()


def share(owner: "Page") -> str:
    """Share the album with a password, from its page, and return the link."""
    owner.get_by_role("link", name="Albums").click()
    owner.get_by_role("link", name="Church").first.click()
    owner.get_by_role("button", name="Share").click()
    owner.get_by_label("Title for your guests").fill("Our wedding")
    owner.get_by_label("Password, if you want one").fill(PASSWORD)
    owner.get_by_label("Guests may download the originals").check()
    owner.get_by_role("button", name="Make the link").click()
    link = owner.get_by_label("Link").input_value()
    owner.get_by_role("button", name="Done").click()
    return link


def downloaded(guest: "Page", name: str) -> bytes:
    """Return the original that a guest gets by the button of the viewer."""
    guest.locator(f".tile[aria-label^='{name}']").click()
    tell(guest)
    with guest.expect_download() as download:
        guest.get_by_role("link", name="Download the original").click()
    assert download.value.suggested_filename == name
    return Path(download.value.path()).read_bytes()
