"""Takes values out of a file's tags: each is checked, and its source is kept."""

from collections.abc import Callable, Iterable
from typing import Any

Tags = dict[str, Any]


class Sheet:
    """The tags of a file, the sources of what was taken from them, and what had to be dropped."""

    def __init__(self, tags: Tags, warnings: Iterable[str] = ()) -> None:
        """Take from `tags`, which are named by group and tag: "EXIF FNumber", "XMP dc:title"."""
        self.tags = tags
        self.sources: dict[str, str] = {}
        self.warnings = list(warnings)

    def checked(self, name: str, check: Callable[..., Any], *arguments: Any) -> Any:
        """Return what `check` makes of `arguments`; None, and a warning that names `name`, if it raises."""
        try:
            return check(*arguments)
        except ValueError as error:
            self.warnings.append(f"{name} was dropped: {error}.")
            return None

    def take(self, field: str, names: Iterable[str], check: Callable[..., Any], *arguments: Any) -> Any:
        """Return the first of the tags `names` that is there and sound, and keep it as `field`'s source."""
        for name in names:
            if name in self.tags:
                value = self.checked(name, check, self.tags[name], *arguments)
                if value is not None:
                    self.sources[field] = name
                    return value
        return None
