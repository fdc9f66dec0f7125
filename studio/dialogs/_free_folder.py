"""A new folder for what is written: a dialog offers one that is not there yet."""

from __future__ import annotations

from itertools import count
from pathlib import Path


def free_folder(inside: Path, name: str) -> Path:
    """One of this name, or numbered from 2 on where there is one."""
    names = (name if number == 1 else f"{name}-{number}" for number in count(1))
    return next(folder for folder in (inside / each for each in names) if not folder.exists())
