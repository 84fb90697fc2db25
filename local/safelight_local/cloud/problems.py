"""What can go wrong with the laptop's cloud, each said in a sentence that names the remedy."""


class CloudProblem(Exception):
    """The embedded cloud did not start, or is not running."""


class ToolMissing(CloudProblem):
    """A program is not there, or an environment could not be made."""


class DeployProblem(CloudProblem):
    """The stack could not be built or deployed."""
