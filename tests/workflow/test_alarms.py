"""Who is on call hears of what goes wrong: each alarm goes off, and workflows that do not end well are told.

The embedded CloudWatch evaluates alarms when a metric is put, without looking at dimensions; it reads no
metrics of logs, and SQS, DynamoDB and Step Functions count nothing there. So the metrics are put here; that
names and dimensions are those that AWS counts by is held by tests/contract/test_template.py.
"""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import images
from safelight.prices import cost_of
from workflow.lab import Lab

WORKFLOWS = ["Sidecar", "Removal", "Failure", "OnThisDay", "Backfill", "Repair"]


def test_each_alarm_goes_off_and_is_heard(lab: Lab) -> None:
    cloudwatch = lab.library.client("cloudwatch")
    alarms = cloudwatch.describe_alarms()["MetricAlarms"]
    assert alarms
    for alarm in alarms:
        name = alarm["AlarmName"]
        assert alarm["StateValue"] != "ALARM", f"{name}: {alarm['StateReason']}"
        cloudwatch.put_metric_data(
            Namespace=alarm["Namespace"],
            MetricData=[
                {
                    "MetricName": alarm["MetricName"],
                    "Dimensions": alarm["Dimensions"],
                    "Value": alarm["Threshold"] + 1,
                }
            ],
        )
        (now,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        assert now["StateValue"] == "ALARM", name
        lab.until(partial(lab.heard, "AlertsTopic", name), f"{name} is heard")


@pytest.mark.parametrize(
    "workflow", [*WORKFLOWS, pytest.param("Digest", marks=pytest.mark.needs("DigestMinutes"))]
)
def test_a_workflow_that_is_aborted_is_heard_of(lab: Lab, workflow: str) -> None:
    steps = lab.library.stepfunctions
    arn = steps.start_execution(
        stateMachineArn=lab.library.outputs[f"{workflow}WorkflowArn"], input=json.dumps({})
    )["executionArn"]
    steps.stop_execution(executionArn=arn)
    told = lab.until(lambda: lab.heard("AlertsTopic", arn), f"the end of {workflow} is heard")
    assert lab.library.execution_status(arn) in told[0].text
    assert lab.library.execution_status(arn) in ("ABORTED", "FAILED")


@pytest.mark.needs("Labels")
def test_a_photo_is_counted_as_its_alarms_look_for_it(lab: Lab, tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    photo.write_bytes(images.saved(images.picture(160, 120), "JPEG"))
    (record,) = lab.add(("alarms/a.jpg", photo))
    assert lab.run({"scheduled_for": record["claimed_at"]}, "RepairWorkflowArn")[0] == "SUCCEEDED"
    about = {"execution": record["execution_arn"]}
    lines = [
        line
        for metric, said in (("SecondsToActive", about), ("VisionDollars", about), ("AgeOfOldestPhoto", {}))
        for line in lab.until(partial(counted, lab, metric, said), f"{metric} is counted")
    ]
    looked_for = {
        (alarm["Namespace"], alarm["MetricName"], *(it["Value"] for it in alarm["Dimensions"]))
        for alarm in lab.library.client("cloudwatch").describe_alarms()["MetricAlarms"]
    }
    for line in lines:
        for group in line["_aws"]["CloudWatchMetrics"]:
            where = [line[dimension] for dimension in group["Dimensions"][0]]
            looked_for -= {(group["Namespace"], metric["Name"], *where) for metric in group["Metrics"]}
    assert not {it for it in looked_for if it[0] == "Safelight"}
    spent = sum(line["VisionDollars"][0] for line in lines if "VisionDollars" in line)
    assert spent == pytest.approx(cost_of(record["tags"]["calls"]) / 1e6)


def counted(lab: Lab, metric: str, about: dict[str, str]) -> list[dict[str, Any]]:
    """Return the lines of the log that count `metric`, of what is said to be `about`."""
    events = lab.library.client("logs").filter_log_events(
        logGroupName=lab.physical("FunctionLogs"), filterPattern=f'"{metric}"'
    )["events"]
    lines = [json.loads(it["message"]) for it in events]
    return [it for it in lines if about.items() <= it.items()]
