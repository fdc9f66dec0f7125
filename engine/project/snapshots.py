"""Whole copies of a project file, made while it is open: written beside the target, checked, then renamed into place.

So a copy is either there and sound, or not there; what was at the target before stays until then. For a migration's
backup and for "Save a copy" alike.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeAlias

from engine.errors import UserError
from engine.project.explaining import explained

Tell: TypeAlias = Callable[[float], None]
"""Told how much of the work is done, from 0 to 1."""

PAGES_AT_ONCE = 1024
"""Pages copied before writers get their turn again: 8 MiB."""


def take(source: sqlite3.Connection, target: Path, tell: Tell | None = None) -> None:
    """Copy the file open in `source` to `target`, replacing what is there; raises UserError and leaves no half copy."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    with _system_explained(target), explained(target):
        try:
            _copy(source, part, tell)
            part.replace(target)
            _sync(target.parent)
        finally:
            part.unlink(missing_ok=True)


def free_name(target: Path) -> Path:
    """`target`, or the first of 'name-2', 'name-3' ... that is not taken."""
    number, free = 1, target
    while free.exists():
        number += 1
        free = target.with_name(f"{target.stem}-{number}{target.suffix}")
    return free


def _copy(source: sqlite3.Connection, part: Path, tell: Tell | None) -> None:
    def progress(_: int, remaining: int, total: int) -> None:
        if tell is not None and total:
            tell(1 - remaining / total)

    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(part, isolation_level=None)) as copy:
        source.backup(copy, pages=PAGES_AT_ONCE, progress=progress)
        if copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'windows'").fetchone():
            copy.execute("DELETE FROM windows")  # a copy is open in no window
        (verdict,) = copy.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise UserError(f"The copy {part} is damaged: {verdict}.", "Run boxwright check on the original.")
    _sync(part)


def _sync(path: Path) -> None:
    """Wait until a file, or a folder's list of names, is on the disk."""
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot wait for a folder, and does not need to
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _system_explained(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(f"{target} cannot be written: {error.strerror}.", "Choose another place.") from error
