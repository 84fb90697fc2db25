"""Files that are whole, and on the disk, when they have their names."""

import os
from pathlib import Path


def put(path: Path, content: bytes) -> None:
    """Write a file that is whole, and on the disk, when it has its name."""
    part = path.with_name(f"{path.name}.tmp")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_names(path.parent)


def sync_names(directory: Path) -> None:
    """Have the names of the files in a folder on the disk."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
