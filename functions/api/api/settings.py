"""What the function is told about its stack."""

import os
from dataclasses import dataclass
from functools import cache

from safelight.settings import from_environment


@dataclass(frozen=True)
class Settings:
    """Where the library is, and whom to believe.

    origin_secret: what the distribution says in a header, so that nobody goes around it. token_issuer and
    token_audience: of the tokens that are believed. token_groups: the claim that lists the groups of a user.
    console_url: what the ARN of an execution is put after to have its page, or `none`. mail_from: from which
    letters are sent, or `none`.
    """

    library_table: str
    originals_bucket: str
    renditions_bucket: str
    waiting_uploads_queue: str
    face_collection: str
    max_file_megabytes: int
    console_url: str
    origin_secret: str
    token_issuer: str
    token_audience: str
    token_groups: str
    user_pool: str
    user_pool_client: str
    export_workflow: str
    mail_from: str


@cache
def settings() -> Settings:
    """Return the settings of this function.

    Raises:
        Misconfigured
    """
    return from_environment(Settings, os.environ)
