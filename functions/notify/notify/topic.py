"""Publishes messages to the topic; what they say is decided in `message`."""

import json

from notify.message import Message
from safelight.aws_errors import named_errors
from safelight.clients import sns


def publish(topic_arn: str, message: Message) -> str:
    """Publish `message` and return the id that SNS gave it.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    values = [(name, "String", value) for name, value in message.texts.items()]
    values += [
        (name, "String.Array", json.dumps(list(members), ensure_ascii=False))
        for name, members in message.lists.items()
    ]
    with named_errors("Publishing the notification"):
        answer = sns().publish(
            TopicArn=topic_arn,
            Subject=message.subject,
            Message=message.body,
            MessageAttributes={
                name: {"DataType": kind, "StringValue": value} for name, kind, value in values
            },
        )
    return answer["MessageId"]
