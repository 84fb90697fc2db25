"""The users of the stack's own pool."""

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


def token_of(username: str, password: str, new_password: str | None) -> str:
    """Return an id token for a user; `new_password` takes the place of a temporary one.

    Raises:
        BadRequestError: the stack has no users, or does not take the new password.
        UnauthorizedError: there is no such user, or the password is another.
        ServiceError: the password is temporary and there is no new one, or what else is to be mended.
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    if settings().user_pool_client == _NONE:
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
    return answer["AuthenticationResult"]["IdToken"]
