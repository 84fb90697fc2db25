"""What tagging a photo costs at most."""

from safelight.prices import cost_of
from tag.settings import Settings


def most_of(settings: Settings) -> int:
    """Return the most that tagging one photo with `settings` can cost, in millionths of a dollar."""
    wanted = {
        "DetectLabels": settings.labels == "on",
        "ImageProperties": settings.image_properties == "on",
        "IndexFaces": settings.faces == "on",
        "DetectText": settings.scene_text == "on",
        "DetectDocumentText": settings.read_text != "never",
    }
    return cost_of({name: 1 for name, asked in wanted.items() if asked})
