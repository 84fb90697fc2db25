"""Every error that leaves a Safelight function, named once.

Step Functions matches an error by the name of its class alone, never by its base class, so each name
that the workflow tells apart is a leaf here. The base classes say how the workflow treats a leaf:
bad input is caught and recorded as REJECTED, a transient error is retried, and anything else fails
the execution at the very step, so that it can be redriven from there.
"""


class SafelightError(Exception):
    """Base of every error that Safelight raises; never raised itself."""


class BadInput(SafelightError):
    """The photo itself cannot be processed; retrying cannot mend it. Never raised itself."""


class UnsupportedFormat(BadInput):
    """The bytes are neither an image nor a film in a format that Safelight takes."""


class EmptyFile(BadInput):
    """The original has no bytes."""


class FileTooLarge(BadInput):
    """The original has more bytes than the stack accepts, or is a film that lasts longer."""


class TooManyPixels(BadInput):
    """The image would decode to more pixels than the stack accepts: huge, or a decompression bomb."""


class TooCostly(BadInput):
    """Decoding the image takes more memory or processor time than a function has: huge, or a bomb."""


class TruncatedFile(BadInput):
    """The file ends before its image or film does: usually an upload or a copy that was cut short."""


class CorruptFile(BadInput):
    """The file claims a supported format, but its contents cannot be read as that format."""


class MalwareFound(BadInput):
    """A scanner found malware in the original, of which nothing was decoded."""


class OriginalMissing(BadInput):
    """The original was deleted before it could be processed."""


class TransientError(SafelightError):
    """The same call may succeed a little later. Never raised itself."""


class ServiceThrottled(TransientError):
    """An AWS service asked us to slow down."""


class ServiceUnavailable(TransientError):
    """An AWS service failed, timed out or could not be reached."""


class MemoriesChanged(TransientError):
    """Another photo of the album was grouped at the same moment; group again from what is there now."""


class PeopleChanged(TransientError):
    """Another photo of the same person was grouped at the same moment; group again from what is there now."""


class Superseded(SafelightError):
    """A later event of the same key, or another execution, has the photo; there is nothing left to do."""


class NotModerated(SafelightError):
    """The photo was to be published, and nobody has looked whether everybody may see it: look first."""


class NotTagged(SafelightError):
    """The photo was to be finished, and nobody has asked what it shows, as the stack wants it: ask first."""


class AccessDenied(SafelightError):
    """The function's role lacks a permission. A deployment fault: fix the policy, then redrive."""


class RequestRefused(SafelightError):
    """A vision service refuses an image or a request, and would again: a limit that was not respected."""


class Misconfigured(SafelightError):
    """A setting of the function is missing or cannot be parsed. Fix the template, then redrive."""


class OriginalArchived(SafelightError):
    """The original lies in an archive of S3, like Glacier. Restore it there, then redrive."""


class Unforeseen(SafelightError):
    """An error that nothing here has a name for: a bug, or a fault of the machine, which is tried again."""


def leaves(base: type[SafelightError]) -> tuple[type[SafelightError], ...]:
    """Return the errors below `base` that are raised by name, in the order of their definition."""
    return tuple(
        leaf
        for child in base.__subclasses__()
        for leaf in (leaves(child) if child.__subclasses__() else (child,))
    )
