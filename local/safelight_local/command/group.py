"""How the command tells errors: in words for people, and never by a traceback."""

import traceback
from typing import Any

import click

from safelight.errors import SafelightError, TransientError
from safelight_data.home import home
from safelight_data.packages import FetchFailed
from safelight_library.errors import LibraryError
from safelight_local.cloud.problems import CloudProblem
from safelight_local.command.terminal import clean


class Told(click.Group):
    """Tells every error in words for people, and never by a traceback."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(context)
        except click.ClickException as error:
            words = error.format_message()
            if clean(words) == words:
                raise
            if isinstance(error, click.UsageError):
                raise click.UsageError(clean(words), error.ctx) from error
            raise click.ClickException(clean(words)) from error
        except (click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            raise click.ClickException(clean(_words_for(error))) from error


def _words_for(error: Exception) -> str:
    """Return what went wrong, and what to do, in sentences."""
    if isinstance(error, TransientError):
        return (
            f"{error}. Give the command again in a while; on a laptop, see that its cloud runs: safelight up"
        )
    if isinstance(error, LibraryError | CloudProblem | FetchFailed | SafelightError):
        return str(error)
    if isinstance(error, ModuleNotFoundError) and not (error.name or "safelight").startswith("safelight"):
        return (
            f"The module {error.name} is missing. Install what this command needs on a laptop with: "
            "pip install 'safelight[local]'"
        )
    if type(error).__module__.startswith(("boto3", "botocore")):
        from safelight_library.aws_words import told

        if words := told(error):
            return words
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}. Look at its permissions and at the free space there."
    log = home() / "logs" / "command.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("".join(traceback.format_exception(error)))
    return f"This is a fault of Safelight ({type(error).__name__}: {error}). Please report it, with {log}"
