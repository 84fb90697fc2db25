"""What the service answers when it cannot: the error codes of Rekognition and Textract."""


class ServiceError(Exception):
    """An error of the protocol: `code` as the AWS service names it, and a sentence."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
