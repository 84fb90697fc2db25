"""What a call to the vision services costs, at list prices. docs/costs.md has the tables.

US dollars in us-east-1, first tier, from the pricing pages of Amazon Rekognition and Amazon Textract as they
were known on 2026-11-22; check them before you rely on them. A budget needs no more than that: what is dearer
in a region is dearer by the same factor for all calls.
"""

from collections.abc import Mapping

MICRO_DOLLARS: Mapping[str, int] = {
    "DetectLabels": 1_000,
    "ImageProperties": 750,
    "IndexFaces": 1_000,
    "DetectModerationLabels": 1_000,
    "DetectText": 1_000,
    "DetectDocumentText": 1_500,
}
"""Of one call, in millionths of a dollar. `ImageProperties` is a feature of DetectLabels, billed by itself.

CreateCollection and DeleteFaces cost nothing; a face that is kept costs 0.00001 dollars a month.
"""


def cost_of(calls: Mapping[str, int]) -> int:
    """Return what `calls`, counted by their name, cost, in millionths of a dollar."""
    return sum(MICRO_DOLLARS[name] * number for name, number in calls.items())
