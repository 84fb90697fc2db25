"""Asks Dropbox, by its own SDK, which tries once and waits for nothing: that is the workflow's task."""

import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import Any

import requests
import urllib3.exceptions
from dropbox import Dropbox, exceptions, files

from safelight.aws_errors import named_errors
from safelight.clients import secretsmanager
from safelight.errors import AccessDenied, Misconfigured, ServiceUnavailable, Unforeseen

PAGE_ENTRIES = 500
"""How many changes Dropbox is asked for at once: so many fit into the workflow's state."""

_REMEMBERED_SECONDS = 300
_WAITING_SECONDS = 5.0
_CONNECT = "Connect again with: safelight dropbox connect"


class Later(Exception):
    """Dropbox asks us to come again in so many seconds."""

    def __init__(self, seconds: float) -> None:
        """Say in how many seconds; Dropbox means five where it does not say."""
        super().__init__(f"Dropbox asks to wait for {seconds:g} s.")
        self.seconds = max(ceil(seconds), 1)


@dataclass(frozen=True)
class Page:
    """Files that were added or changed, the paths in lower case that are gone, and where to go on."""

    files: list[Any]
    gone: list[str]
    cursor: str
    has_more: bool


class Box:
    """One Dropbox."""

    def __init__(self, client: Any) -> None:
        """Ask by the SDK's client."""
        self._client = client

    def changes(self, cursor: str | None, folder: str) -> Page:
        """Return what has changed since `cursor`, or all there is where there is none, or it is void.

        Raises:
            Later, AccessDenied, ServiceUnavailable, Unforeseen
        """
        with _named("Listing what has changed in Dropbox"):
            try:
                found = self._client.files_list_folder_continue(cursor) if cursor else None
            except exceptions.ApiError as error:
                if not error.error.is_reset():
                    raise
                found = None
            if found is None:
                path = "" if folder == "/" else folder.rstrip("/")
                found = self._client.files_list_folder(path, recursive=True, limit=PAGE_ENTRIES)
        came = [it for it in found.entries if isinstance(it, files.FileMetadata) and it.is_downloadable]
        gone = [it.path_lower for it in found.entries if isinstance(it, files.DeletedMetadata)]
        return Page(came, gone, found.cursor, found.has_more)

    def about(self, id_: str) -> Any:
        """Return the metadata of a file as it is now, or None if it is no more.

        Raises:
            Later, AccessDenied, ServiceUnavailable, Unforeseen
        """
        with _named(f"Asking Dropbox for {id_}"):
            try:
                found = self._client.files_get_metadata(id_)
            except exceptions.ApiError as error:
                if error.error.is_path() and error.error.get_path().is_not_found():
                    return None
                raise
        return found if isinstance(found, files.FileMetadata) else None

    def some_of(self, rev: str, start: int, size: int) -> bytes:
        """Return `size` bytes of a revision from `start` on.

        Raises:
            Later, AccessDenied, ServiceUnavailable, Unforeseen
        """
        asked = {"Range": f"bytes={start}-{start + size - 1}"}
        with _named("Reading a file in Dropbox"):
            _, answer = self._client.files_download(f"rev:{rev}", extra_headers=asked)
            with closing(answer):
                body = bytes(answer.content)
        if len(body) != size:
            raise ServiceUnavailable(f"Dropbox sent {len(body)} of {size} bytes.")
        return body


def box_of(secret: str) -> Box:
    """Return the Dropbox whose keys lie in a secret of Secrets Manager.

    Raises:
        AccessDenied: nobody has connected a Dropbox.
        ServiceThrottled, ServiceUnavailable, Misconfigured
    """
    return _box_of(secret, int(time.monotonic() // _REMEMBERED_SECONDS))


@lru_cache(maxsize=1)
def _box_of(secret: str, _: int) -> Box:
    with named_errors("Reading the keys of Dropbox"):
        text = secretsmanager().get_secret_value(SecretId=secret)["SecretString"]
    keys = json.loads(text)
    if "refresh_token" not in keys:
        raise AccessDenied("No Dropbox is connected. Connect one with: safelight dropbox connect")
    client = Dropbox(
        oauth2_refresh_token=keys["refresh_token"],
        app_key=keys["app_key"],
        app_secret=keys["app_secret"],
        user_agent="Safelight",
        max_retries_on_error=0,
        max_retries_on_rate_limit=0,
        timeout=25,
    )
    return Box(client)


@contextmanager
def _named(action: str) -> Iterator[None]:
    """Run the body, and raise what Dropbox answers as one of our errors; none of them tells a key."""
    try:
        yield
    except exceptions.RateLimitError as error:
        raise Later(error.backoff or _WAITING_SECONDS) from error
    except exceptions.AuthError as error:
        raise AccessDenied(f"{action} was denied ({error.error}). {_CONNECT}") from error
    except exceptions.InternalServerError as error:
        raise ServiceUnavailable(f"{action} failed at Dropbox: status {error.status_code}.") from error
    except exceptions.BadInputError as error:
        raise Misconfigured(f"{action} was refused by Dropbox: {error.message}. {_CONNECT}") from error
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise ServiceUnavailable(f"{action} was cut off: {type(error).__name__}.") from error
    except exceptions.ApiError as error:
        raise Unforeseen(f"{action} was refused by Dropbox: {error.error}.") from error
