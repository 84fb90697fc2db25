"""The original of a photo: to be had, to be removed, to be processed again."""

from http import HTTPStatus
from urllib.parse import quote

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.exceptions import ForbiddenError, ServiceError

from api import bucket, library
from api.photos import visible
from api.reading import index
from api.viewer import asking, who
from safelight.errors import MalwareFound
from safelight.index.lists import of_live_photo
from safelight.live import halves_of, live_id_of
from safelight.record import UNVERSIONED, event_again
from safelight.returning import upload_event

router = Router()


@router.get(
    "/api/photos/<photo_id>/original",
    summary="The original",
    openapi_extensions=who("guest", "viewer", "owner"),
    status_code=302,
)
def original(photo_id: str) -> Response[None]:
    """Send the browser to the original, to be saved as a file."""
    record, viewer = visible(photo_id), asking()
    if viewer.share and not viewer.share["download"]:
        raise ForbiddenError("This share is not open to downloads.")
    stored = record.get("original")
    if stored is None:
        raise _conflict("Nothing is known of the original yet. Try again in a moment.")
    if record.get("rejection", {}).get("reason") == MalwareFound.__name__:
        raise ForbiddenError("The original holds malware. Fetch it from its bucket if you must.")
    version = None if stored["version_id"] == UNVERSIONED else stored["version_id"]
    url = bucket.download_url(record["key"], version, _attachment(record["filename"]))
    return Response(HTTPStatus.FOUND, headers={"Location": url, "Cache-Control": "no-store"})


@router.delete(
    "/api/photos/<photo_id>", summary="Remove a photo", openapi_extensions=who("owner"), status_code=202
)
def remove(photo_id: str) -> Response[None]:
    """Delete the original, after which the photo leaves the library, with its moving half."""
    record = visible(photo_id)
    among = library.photos(of_live_photo(index(), record["key"])).values() if live_id_of(record) else ()
    for half in (record, *halves_of([record], among)):
        bucket.delete(half["key"])
    return Response(HTTPStatus.ACCEPTED)


@router.post(
    "/api/photos/<photo_id>/release",
    summary="Release a photo",
    openapi_extensions=who("owner"),
    status_code=202,
)
def release(photo_id: str) -> Response[None]:
    """Publish a photo that is held: somebody has looked at it."""
    record = visible(photo_id)
    if record["status"] != "HELD":
        raise _conflict(f"It is {record['status']}, and not HELD.")
    library.send(event_again(record, release=True))
    return Response(HTTPStatus.ACCEPTED)


@router.post(
    "/api/photos/<photo_id>/retry", summary="Try again", openapi_extensions=who("owner"), status_code=202
)
def retry(photo_id: str) -> Response[None]:
    """Process a photo again that failed, from the start."""
    record = visible(photo_id)
    if record["status"] != "FAILED":
        raise _conflict(f"It is {record['status']}, and not FAILED.")
    current = bucket.current(record["key"])
    if current is None:
        raise _conflict("Its original is gone. Upload it once more, or remove the photo.")
    library.send(upload_event(record, current))
    return Response(HTTPStatus.ACCEPTED)


def _conflict(words: str) -> ServiceError:
    return ServiceError(HTTPStatus.CONFLICT, words)


def _attachment(filename: str) -> str:
    """Return the Content-Disposition by which a browser saves a file under its name (RFC 6266, RFC 8187)."""
    plain = "".join(
        each if each.isascii() and each.isprintable() and each not in '"\\%' else "_" for each in filename
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
