"""The users of the stack's own pool."""

from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Union

from aws_lambda_powertools.event_handler.exceptions import (
    BadRequestError,
    ServiceError,
    UnauthorizedError,
)

from api.settings import settings
from safelight.aws_errors import named_errors
from safelight.clients import cognito

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.type_defs import (
        InitiateAuthResponseTypeDef,
        RespondToAuthChallengeResponseTypeDef,
    )

_NONE = "none"
"""The client of a stack that believes another issuer."""

_Answer = Union["InitiateAuthResponseTypeDef", "RespondToAuthChallengeResponseTypeDef"]


@dataclass(frozen=True)
class Tokens:
    """An id token, and the refresh token that gets others when it has ended."""

    id_token: str
    refresh_token: str | None


def are_here() -> bool:
    """Tell whether the stack has users of its own."""
    return settings().user_pool_client != _NONE


def tokens_of(username: str, password: str, new_password: str | None) -> Tokens:
    """Return the tokens of a user; `new_password` takes the place of a temporary one.

    Raises:
        BadRequestError: the stack has no users, or does not take the new password.
        UnauthorizedError: there is no such user, or the password is another.
        ServiceError: the password is temporary and there is no new one, or what else is to be mended.
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    if not are_here():
        raise BadRequestError("This library has no users of its own. Send a token of its issuer.")
    pool = cognito()
    refused = pool.exceptions
    try:
        with named_errors("Logging in"):
            answer: _Answer = pool.initiate_auth(
                AuthFlow="USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": username, "PASSWORD": password},
                ClientId=settings().user_pool_client,
            )
            if answer.get("ChallengeName") == "NEW_PASSWORD_REQUIRED" and new_password:
                answer = pool.respond_to_auth_challenge(
                    ClientId=settings().user_pool_client,
                    ChallengeName="NEW_PASSWORD_REQUIRED",
                    Session=answer["Session"],
                    ChallengeResponses={"USERNAME": username, "NEW_PASSWORD": new_password},
                )
    except (
        refused.NotAuthorizedException,
        refused.UserNotFoundException,
        refused.InvalidParameterException,
    ):
        raise UnauthorizedError("The user name or the password is wrong.") from None
    except refused.InvalidPasswordException as error:
        raise BadRequestError(f"Choose another new password. {error.response['Error']['Message']}") from None
    except (refused.PasswordResetRequiredException, refused.UserNotConfirmedException):
        raise ServiceError(HTTPStatus.FORBIDDEN, "An administrator must reset this password first.") from None
    challenge = answer.get("ChallengeName")
    if challenge == "NEW_PASSWORD_REQUIRED":
        words = "This password is temporary. Send new_password, too."
        raise ServiceError(HTTPStatus.FORBIDDEN, {"detail": words, "new_password": True})
    if challenge:
        words = f"The pool asks for {challenge}, which this page cannot do. Log in at the issuer."
        raise ServiceError(HTTPStatus.FORBIDDEN, words)
    result = answer["AuthenticationResult"]
    return Tokens(result["IdToken"], result["RefreshToken"])


def renewed(refresh_token: str) -> str | None:
    """Return another id token of whom a refresh token is; None where it has ended, was revoked or is none.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    pool = cognito()
    refused = pool.exceptions
    try:
        with named_errors("Renewing a session"):
            answer = pool.initiate_auth(
                AuthFlow="REFRESH_TOKEN_AUTH",
                AuthParameters={"REFRESH_TOKEN": refresh_token},
                ClientId=settings().user_pool_client,
            )
    except (refused.NotAuthorizedException, refused.UserNotFoundException, refused.InvalidParameterException):
        return None
    return answer["AuthenticationResult"]["IdToken"]


def revoke(refresh_token: str) -> None:
    """Let a refresh token, and what it got, be good for nothing any more; one that is none is that already.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    pool = cognito()
    refused = pool.exceptions
    with (
        suppress(refused.UnsupportedTokenTypeException, refused.UnauthorizedException),
        named_errors("Ending a session"),
    ):
        pool.revoke_token(Token=refresh_token, ClientId=settings().user_pool_client)
