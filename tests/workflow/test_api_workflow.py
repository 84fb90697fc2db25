"""The API at the library's address: somebody logs in, uploads, looks, shares, and revokes."""

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image

import images
from clamd import daemon
from safelight.keys import public_id
from workflow.lab import Lab

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The test file of EICAR, which every scanner finds and which harms nothing (eicar.org)."""

USER, PASSWORD = "owner-of-the-test", "a password of its own"


@dataclass
class Browser:
    """Somebody at the library's address, with the cookies that it gave."""

    address: str
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Return the status and the JSON of an answer; of a redirection, where it leads."""
        status, headers, content = self.send(
            method,
            f"{self.address}{path}",
            None if body is None else json.dumps(body).encode(),
            {"X-Safelight": "1", "Origin": self.address, "Content-Type": "application/json"},
        )
        for name, value in headers:
            if name.lower() == "set-cookie":
                name, _, value = value.partition(";")[0].partition("=")
                self.cookies[name] = value
        location = dict(headers).get("Location")
        return status, location or (json.loads(content) if content else None)

    def send(
        self, method: str, url: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Ask as a browser does: every name below `localhost` is this machine."""
        parts = urlsplit(url)
        assert parts.hostname
        host = "127.0.0.1" if parts.hostname.endswith(".localhost") else parts.hostname
        connection = HTTPConnection(host, parts.port, timeout=45)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"Host": parts.netloc, **headers, **({"Cookie": cookie} if cookie else {})}
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()


@pytest.fixture(scope="module")
def owner(lab: Lab) -> Iterator[Browser]:
    pool, cognito = lab.library.outputs["UserPool"], lab.library.client("cognito-idp")
    cognito.admin_create_user(UserPoolId=pool, Username=USER, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username=USER, Password=PASSWORD, Permanent=True)
    cognito.admin_add_user_to_group(UserPoolId=pool, Username=USER, GroupName="owners")
    browser = Browser(lab.library.outputs["LibraryUrl"])
    status, session = browser.ask("POST", "/api/session", {"username": USER, "password": PASSWORD})
    assert (status, session["role"]) == (200, "owner")
    yield browser
    cognito.admin_delete_user(UserPoolId=pool, Username=USER)


def photo() -> bytes:
    file = io.BytesIO()
    Image.radial_gradient("L").resize((400, 300)).save(file, "JPEG")
    return file.getvalue()


def test_a_photo_is_uploaded_looked_at_shared_and_revoked(lab: Lab, owner: Browser) -> None:
    content, key = photo(), "api/Ö b.jpg"
    sha256, id_ = hashlib.sha256(content).hexdigest(), public_id(key)
    files = {
        "album": "api",
        "files": [{"filename": "Ö b.jpg", "bytes": len(content), "sha256": sha256}],
    }
    status, answer = owner.ask("POST", "/api/uploads", files)
    (place,) = answer["files"]
    assert (status, place["id"], place["state"]) == (200, id_, "new")
    assert Browser("").send("PUT", place["put"]["url"], content, place["put"]["headers"])[0] == 200
    again = Browser("").send("PUT", place["put"]["url"], content, place["put"]["headers"])
    assert again[0] == 412, "nothing takes the place of a photo"
    assert owner.ask("POST", "/api/uploads", files)[1]["files"][0]["state"] == "same"

    def is_seen() -> bool:
        (told,) = owner.ask("POST", "/api/status", {"ids": [id_]})[1]["photos"]
        return bool(told["images"])

    lab.until(is_seen, "the photo is seen")
    status, seen = owner.ask("GET", f"/api/photos/{id_}")
    assert (status, seen["original"]["bytes"], seen["width"]) == (200, len(content), 400)
    assert lab.get(f"{owner.address}{seen['images'][0]['url']}").status == 200
    stages = owner.ask("GET", f"/api/photos/{id_}/stages")[1]["stages"]
    assert stages[0]["left_at"]
    assert not any(each["error"] for each in stages)

    def is_listed() -> bool:
        listed = owner.ask("GET", "/api/photos?album=api")[1]["photos"]
        return id_ in {each["id"] for each in listed}

    lab.until(is_listed, "the photo is listed")
    wanted = {"title": "A test", "album": "api", "password": "for guests", "download": True}
    status, link = owner.ask("POST", "/api/shares", wanted)
    assert status == 201
    guest, token = Browser(owner.address), link["url"].removeprefix("/s/")
    assert guest.ask("GET", f"/api/photos/{id_}")[0] == 401
    assert guest.ask("POST", "/api/shares/session", {"token": token})[1]["password"] is True
    opening = {"token": token, "password": "for guests"}
    assert guest.ask("POST", "/api/shares/session", opening)[1]["share"]["album"] == "api"
    assert guest.ask("GET", f"/api/photos/{id_}")[0] == 200
    assert {each["album"] for each in guest.ask("GET", "/api/photos")[1]["photos"]} == {"api"}
    status, original = guest.ask("GET", f"/api/photos/{id_}/original")
    assert status == 302
    status, headers, body = Browser("").send("GET", original, None, {})
    assert (status, body) == (200, content)
    assert "filename*=UTF-8''%C3%96%20b.jpg" in dict(headers)["Content-Disposition"]
    assert guest.ask("DELETE", f"/api/photos/{id_}")[0] == 403

    assert owner.ask("DELETE", f"/api/shares/{link['id']}")[0] == 204
    assert guest.ask("GET", f"/api/photos/{id_}")[0] == 401
    assert owner.ask("DELETE", f"/api/photos/{id_}")[0] == 202
    left = lab.library.originals("api")
    assert key not in {each.key for each in left}, "the rest is the removal's"


def test_nobody_goes_around_the_distribution(lab: Lab, owner: Browser) -> None:
    function = urlsplit(lab.library.outputs["ApiUrl"]).netloc
    port = urlsplit(owner.address).port
    headers = {"Host": function, "Authorization": f"Bearer {owner.cookies['session']}"}
    assert Browser("").send("GET", f"http://127.0.0.1:{port}/api/session", None, headers)[0] == 403


def test_malware_is_refused_told_and_to_be_had_by_nobody(lab: Lab, owner: Browser, tmp_path: Path) -> None:
    key, bucket = "infected/eicar.jpg", lab.library.outputs["OriginalsBucket"]
    (file := tmp_path / "eicar.jpg").write_bytes(EICAR)

    def judge(data: bytes) -> bytes:
        return b"stream: Eicar-Test FOUND\0" if data == EICAR else b"stream: OK\0"

    with (
        daemon(tmp_path, judge) as clamd,
        lab.function_setting("ValidateFunction", "SCANNER_SOCKET", clamd),
    ):
        (record,) = lab.add((key, file))
        assert (record["status"], record["rejection"]["reason"]) == ("REJECTED", "MalwareFound")
        again = lab.library.process_again(record)
        assert lab.library.ended(again) == "SUCCEEDED", "who looks for malware may look again"
    assert lab.heard("AlertsTopic", key)
    original = f"/api/photos/{public_id(key)}/original"
    assert owner.ask("GET", original)[0] == 403
    another = {"filename": "eicar.jpg", "bytes": 9, "sha256": "0" * 64}
    _, places = owner.ask("POST", "/api/uploads", {"album": "infected", "files": [another]})
    assert places["files"][0]["state"] == "taken"
    lab.library.dynamodb.update_item(
        TableName=lab.library.outputs["LibraryTable"],
        Key={"id": {"S": record["id"]}},
        UpdateExpression="REMOVE rejection",
    )
    status, url = owner.ask("GET", original)
    assert status == 302, "where the record does not know it"
    assert owner.send("GET", url, None, {})[0] == 403, "the bucket does"
    lab.library.s3.delete_object_tagging(Bucket=bucket, Key=key)
    assert owner.send("GET", url, None, {})[0] == 200
    list(lab.library.remove([key]))


def test_originals_wait_for_the_word_of_guardduty(lab: Lab) -> None:
    """GuardDuty's word is a tag, which this test says for it: the laptop has no GuardDuty."""
    clean, infected, bucket = "scanned/a.jpg", "scanned/b.jpg", lab.library.outputs["OriginalsBucket"]

    def has(key: str, status: str) -> Any:
        return lab.until(
            lambda: record if (record := lab.record(key)) and record["status"] == status else None,
            f"{key} is {status}",
        )

    with lab.function_setting("ValidateFunction", "MALWARE_PROTECTION", "on"):
        lab.library.s3.put_object(Bucket=bucket, Key=clean, Body=images.oriented("JPEG", 1))
        found = "GuardDutyMalwareScanStatus=THREATS_FOUND"
        lab.library.s3.put_object(Bucket=bucket, Key=infected, Body=EICAR, Tagging=found)
        assert has(infected, "REJECTED")["rejection"]["reason"] == "MalwareFound"
        assert has(clean, "PROCESSING"), "nobody has said that it is clean"
        verdict = {"Key": "GuardDutyMalwareScanStatus", "Value": "NO_THREATS_FOUND"}
        lab.library.s3.put_object_tagging(Bucket=bucket, Key=clean, Tagging={"TagSet": [verdict]})
        assert has(clean, "ACTIVE")
    assert lab.until(lambda: lab.heard("AlertsTopic", infected), "someone hears of it")
    list(lab.library.remove([clean, infected]))
