"""Says in a sentence, with a remedy, what boto3 raises."""

from boto3.exceptions import Boto3Error
from botocore import exceptions as boto

_STALE = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_LOG_IN = "Log in with: aws sso login, or aws configure"
_NOT_LOGGED_IN = (
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.SSOError,
    boto.TokenRetrievalError,
)


def told(error: Exception) -> str | None:
    """Return what an error of boto3's means and what to do; None where it is no such error."""
    match error:
        case boto.ProfileNotFound():
            return (
                f"{error}. Name another in AWS_PROFILE; see those there are with: aws configure list-profiles"
            )
        case boto.NoRegionError():
            return "No AWS region is chosen. Choose one, as with: export AWS_DEFAULT_REGION=eu-central-1"
        case _ if isinstance(error, _NOT_LOGGED_IN):
            return f"There are no AWS credentials ({error}). {_LOG_IN}"
        case boto.ClientError():
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in _STALE:
                return f"The AWS credentials are not valid, or not any more ({code}). {_LOG_IN}"
            if "AccessDenied" in code or code in {"403", "UnauthorizedOperation"}:
                return f"AWS does not allow {error.operation_name} to you. Ask for that permission. ({error})"
            return f"AWS refused {error.operation_name}: {error}. Give the command again in a while."
        case boto.HTTPClientError() | boto.ConnectionError():
            return (
                f"AWS cannot be reached: {error}. Look at the network; "
                "on a laptop, start its cloud again with: safelight up"
            )
        case boto.BotoCoreError() | Boto3Error():
            return f"AWS could not be asked: {error}. Give the command again in a while."
    return None
