"""Counts for the dashboard and its alarms, by lines of the log: no service is called for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_lambda_powertools.metrics import EphemeralMetrics


@dataclass(frozen=True)
class Measure:
    """`values`: by metric, its CloudWatch unit and the value; `by`: the dimensions beside the stack."""

    values: Mapping[str, tuple[str, float]]
    by: Mapping[str, str]


def count(stack: str, measure: Measure, **about: str) -> None:
    """Count for the stack of that name, which is the dimension `service`, in CloudWatch's embedded format.

    `about` tells what was counted to whoever reads the line, and is no dimension.
    """
    metrics = EphemeralMetrics(namespace="Safelight", service=stack)
    for name, (unit, value) in measure.values.items():
        metrics.add_metric(name, unit, value)
    for name, told in measure.by.items():
        metrics.add_dimension(name, told)
    for name, told in about.items():
        metrics.add_metadata(name, told)
    metrics.flush_metrics()
