"""What becomes of a workflow that ended badly: is it on record, and is it begun again. Pure."""

import json
from typing import cast

from safelight.errors import TransientError, leaves
from safelight.record import DeletionEvent, PhotoRecord, UploadEvent
from safelight.returning import deletion_event
from safelight.routing import workflow_of

REVIVALS = 2
"""So often is begun again what an outage has ended: after that, someone looks."""

OF_THE_MOMENT = frozenset(
    {
        *(error.__name__ for error in leaves(TransientError)),
        *("Lambda.TooManyRequestsException", "Lambda.ServiceException", "Lambda.AWSLambdaException"),
        *("Lambda.SdkClientException", "Lambda.ResourceNotReadyException"),
        *("DynamoDB.ProvisionedThroughputExceededException", "DynamoDB.ThrottlingException"),
        *("DynamoDB.RequestLimitExceededException", "DynamoDB.TransactionConflictException"),
        *("DynamoDB.InternalServerErrorException", "DynamoDB.InternalServerException"),
        *("DynamoDB.SdkClientException", "S3.S3Exception", "S3.SdkClientException"),
        *("SNS.InternalErrorException", "SNS.ThrottledException", "SNS.SdkClientException"),
        *("StepFunctions.ExecutionLimitExceededException", "StepFunctions.AWSStepFunctionsException"),
        "StepFunctions.SdkClientException",
        *("MediaConvert.TooManyRequestsException", "MediaConvert.InternalServerErrorException"),
        "MediaConvert.SdkClientException",
        *("SQS.AmazonSQSException", "SQS.SdkClientException", "States.Timeout", "TIMED_OUT"),
    }
)
"""The errors that the workflows wait for with patience: where one ends it, an outage was longer."""


_NESTED = "States.TaskFailed"
"""What ends an execution by a workflow that it has waited for; the cause describes that."""


def error_of(error: str, cause: str) -> str:
    """Return the error that ended an execution, or what it waited for, as the failure workflow has it."""
    if error != _NESTED:
        return error
    try:
        nested = json.loads(cause)
        return str(nested.get("Error") or nested["Status"])
    except (AttributeError, KeyError, ValueError):
        return error


def is_unfinished(photo: PhotoRecord) -> bool:
    """Tell whether an execution should be at work on a photo, or on its removal."""
    if photo["status"] == "REMOVED":
        return "original" in photo  # a tombstone has none
    return photo["status"] != "FAILED" and "processed_at" not in photo


def is_on_record(photo: PhotoRecord | None, execution: str) -> bool:
    """Tell whether a photo's record says that this execution of it failed, or has another's outcome since.

    The event by which a failure is recorded comes once at best. Without a record, the claim itself failed.
    """
    if photo is None:
        return False
    return photo["execution_arn"] != execution or photo["status"] == "FAILED"


def begun_again(
    event: UploadEvent | DeletionEvent, execution: str, error: str, photo: PhotoRecord | None
) -> UploadEvent | DeletionEvent | None:
    """Return the event that begins again what `event` had started, and what ended as `execution` by `error`.

    None where waiting would not have helped, where it was tried often enough, or where there is nothing left
    to do. `photo` is the record at its key. An event that comes twice does no harm.
    """
    revived = event.get("revived", 0)
    if error not in OF_THE_MOMENT or revived >= REVIVALS:
        return None
    workflow, is_ours = workflow_of(event), photo is not None and photo["execution_arn"] == execution
    if workflow == "removal":
        if photo and photo["status"] == "REMOVED" and not is_unfinished(photo):
            return None
        removing = deletion_event(photo) if photo and is_ours else cast(DeletionEvent, event)
        return {**removing, "revived": revived + 1}
    upload: UploadEvent = {**cast(UploadEvent, event), "revived": revived + 1}
    if workflow == "photo" and photo:
        if not is_ours:
            return None
        if photo["status"] != "FAILED":
            upload["reprocess"] = True
    return upload
