"""The settings of the tag function."""

from dataclasses import dataclass

from safelight.errors import Misconfigured
from tag.decisions import MAX_IMAGE_BYTES, MAX_SENT_BYTES

SWITCH = ("on", "off")
READ_TEXT = ("documents", "always", "never")
"""When Textract reads text: from photos of documents, from every photo, or from none."""


@dataclass(frozen=True)
class Settings:
    """What is asked for each photo, a feature each, and within which limits.

    `labels`, `image_properties`, `faces` and `scene_text` are `on` or `off`; `read_text` is one of
    READ_TEXT. `min_label_confidence` and `min_moderation_confidence` are in percent; `max_labels` is per
    photo; `monthly_budget` in US dollars at list prices, 0 for no limit. `face_collection` names the
    collection of Rekognition's, `library_table` the table of records, `renditions_bucket` the bucket
    of what is looked at, in `aws_region`; `vision_region` is where the services are. `stack` is what is
    counted for.

    Raises:
        Misconfigured: a value is outside its range.
    """

    labels: str
    min_label_confidence: float
    max_labels: int
    image_properties: str
    faces: str
    face_collection: str
    scene_text: str
    read_text: str
    min_moderation_confidence: float
    monthly_budget: float
    library_table: str
    renditions_bucket: str
    aws_region: str
    vision_region: str
    stack: str

    @property
    def looks_elsewhere(self) -> bool:
        """Tell whether the services are in another region: they read no bucket of this one."""
        return self.vision_region != self.aws_region

    @property
    def max_image_bytes(self) -> int:
        """Return how large a rendition may be that Rekognition looks at."""
        return MAX_SENT_BYTES if self.looks_elsewhere else MAX_IMAGE_BYTES

    def __post_init__(self) -> None:
        """Refuse what the services would refuse, or what would tag nothing without saying so."""
        for name in ("labels", "image_properties", "faces", "scene_text"):
            _one_of(SWITCH, name, getattr(self, name))
        _one_of(READ_TEXT, "read_text", self.read_text)
        for name in ("min_label_confidence", "min_moderation_confidence"):
            if not 0 <= getattr(self, name) <= 100:
                raise Misconfigured(f"{name.upper()} must be from 0 to 100, in percent.")
        if self.max_labels < 1:
            raise Misconfigured("MAX_LABELS must be 1 or more.")
        if not 0 <= self.monthly_budget <= 1_000_000:
            raise Misconfigured("MONTHLY_BUDGET must be from 0 to 1,000,000, in US dollars.")


def _one_of(allowed: tuple[str, ...], name: str, value: str) -> None:
    if value not in allowed:
        raise Misconfigured(f"{name.upper()} is {value!r}; it must be one of {', '.join(allowed)}.")
