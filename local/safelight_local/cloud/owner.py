"""The first user of a library on a laptop: its owner, whose password is in the library's folder."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from safelight_library.library import Library

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

USER = "owner"
PASSWORD_FILE = "owner-password"  # noqa: S105
"""What the file with the owner's password is called, in the library's folder."""

_OWNERS = "owners"


def ensure_owner(library: Library, folder: Path) -> None:
    """Make the owner, unless there is one whose password the library in `folder` keeps.

    A stack that believes another issuer has no users of its own.
    """
    file = folder / PASSWORD_FILE
    if "UserPool" not in library.outputs or file.exists():
        return
    pool, users = library.outputs["UserPool"], _users(library)
    password = secrets.token_urlsafe(18)
    with suppress(users.exceptions.UsernameExistsException):  # where an earlier start was cut short
        users.admin_create_user(UserPoolId=pool, Username=USER, MessageAction="SUPPRESS")
    users.admin_set_user_password(UserPoolId=pool, Username=USER, Password=password, Permanent=True)
    users.admin_add_user_to_group(UserPoolId=pool, Username=USER, GroupName=_OWNERS)
    part = file.with_suffix(".tmp")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as written:
        written.write(password + "\n")
    part.rename(file)


def login_link(library: Library, folder: Path) -> str:
    """Return a link by which a browser has the library as its owner.

    The token, and what renews it for a month, are in the fragment, which browsers send to nobody; the page
    logs in with them.
    """
    address, file = library.outputs["LibraryUrl"], folder / PASSWORD_FILE
    if not file.exists():
        return address
    answer = _users(library).initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": USER, "PASSWORD": file.read_text().strip()},
        ClientId=library.outputs["UserPoolClient"],
    )
    result = answer["AuthenticationResult"]
    return f"{address}/#token={result['IdToken']}&refresh={result['RefreshToken']}"


def _users(library: Library) -> "CognitoIdentityProviderClient":
    client: CognitoIdentityProviderClient = library.client("cognito-idp")
    return client
