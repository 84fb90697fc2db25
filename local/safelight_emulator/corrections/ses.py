"""SES."""

import json
from typing import Any

from safelight_emulator.emulated import module

_LETTERS = "/v2/email/outbound-emails"


def correct() -> None:
    """Put right what the emulator does otherwise than AWS."""
    _name_senders(module("app"))


def _name_senders(app: Any) -> None:
    """Let IAM know of a letter from whom it is: SES asks for the right to send as that identity."""
    enforce, scope = app._enforce_ses_v2, module("core.responses")

    def with_sender(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any], request_id: str
    ) -> Any:
        if (method, path.rstrip("/")) != ("POST", _LETTERS):
            return enforce(method, path, headers, body, query, request_id)
        sender = json.loads(body)["FromEmailAddress"]
        identity = (
            f"arn:aws:ses:{app.extract_region(headers, query)}:{scope.get_account_id()}:identity/{sender}"
        )
        return app._enforce_data_plane(
            *("sesv2", "ses:SendEmail", headers, query, request_id),
            resource_arn=identity,
            named_resource=identity,
            service_context={"ses:FromAddress": sender},
        )

    app._enforce_ses_v2 = with_sender
