"""What can go wrong between a caller and a stack, each told in words that name the remedy."""


class LibraryError(Exception):
    """Base of every error of this package; never raised itself."""


class StackNotFound(LibraryError):
    """There is no such stack, or the credentials do not reach it."""


class UploadFailed(LibraryError):
    """A file could not be put among the originals."""


class FileUnreadable(LibraryError):
    """A file on this machine cannot be read."""


class PhotoNotFound(LibraryError):
    """There is no such photo, or it is not in the state that was asked for."""


class UnsafeKey(LibraryError):
    """A key would lead out of the folder that its object is to be fetched into."""


class RemovalFailed(LibraryError):
    """A photo could not be removed."""


class PeopleRefused(LibraryError):
    """There is no such person or face, or people could not be changed."""


class IndexNotMade(LibraryError):
    """The index, by which the library is listed and searched, could not be made."""


class DropboxRefused(LibraryError):
    """The stack follows no Dropbox."""


class ExportFailed(LibraryError):
    """Archives of photos could not be made."""


class BackfillFailed(LibraryError):
    """The workflow that sends events for originals failed."""


class EventNotFound(LibraryError):
    """The history of a photo's execution has no event for the function."""
