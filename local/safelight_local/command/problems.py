"""What can go wrong on the laptop, each said in a sentence that names the remedy."""

from click import ClickException


class ToolMissing(ClickException):
    """A program that the command needs is not there, or an environment could not be made."""


class CloudProblem(ClickException):
    """The embedded cloud did not start, or is not running."""


class DeployProblem(ClickException):
    """The stack could not be built, deployed or found."""


class PhotoProblem(ClickException):
    """There is nothing to add, or a photo could not be uploaded."""


class PeopleProblem(ClickException):
    """There is no such person or face, or people could not be changed."""
