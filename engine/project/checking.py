"""Every page, key, hash and shape of a project file verified, and what is damaged called by its name.

The file is only read. Whatever a damaged file makes SQLite or an unpacker say becomes a problem in the report; what can
still be read after it is checked all the same. The stages are in `inspections`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import UserError
from engine.progress import Progress, Work, finish
from engine.project import opening, schema
from engine.project.findings import Findings, Problem, reason
from engine.project.inspections import STAGES
from engine.project.store import Project


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found: nothing in `problems` means that the file is whole."""

    problems: tuple[Problem, ...]
    checked: dict[str, int]
    """How many of what was verified, as {'images': 12, 'annotations': 340}."""

    @property
    def is_whole(self) -> bool:
        return not self.problems


def check(path: Path, heard: Callable[[Any], None] = lambda _: None) -> CheckReport:
    """Check the project file at `path` from end to end; raises UserError only when there is no such file."""
    return finish(checking(path), heard)


def checking(path: Path) -> Work[CheckReport]:
    """As `check`, as long work: yields Progress."""
    found = Findings()
    if not path.is_file():
        raise UserError(f"There is no project file {path}.", "Make one with: boxwright new")
    try:
        connection = opening.inspect(path)
    except (UserError, sqlite3.Error) as error:
        found.blame(path.name, f"cannot be opened: {error}")
        return found_report(found)
    with closing(connection):
        if _is_ours(path, connection, found):
            yield from _stages(Project(path, connection, is_read_only=True), found)
    return found_report(found)


def found_report(found: Findings) -> CheckReport:
    """The report of what was found."""
    return CheckReport(found.listed(), dict(found.checked))


def _is_ours(path: Path, connection: sqlite3.Connection, found: Findings) -> bool:
    try:
        version = opening.accepted_version(path, connection)
    except (UserError, sqlite3.Error) as error:
        found.blame(path.name, str(error) if isinstance(error, UserError) else f"is damaged or cut short: {error}")
        return False
    if version < schema.VERSION:
        found.blame(path.name, f"is of file version {version}. Open it once to bring it up, then check it again.")
    return version == schema.VERSION


def _stages(project: Project, found: Findings) -> Iterator[Progress]:
    for words, stage in STAGES.items():
        yield Progress(0, None, f"Checking {words}")
        try:
            yield from stage(project, found)
        except Exception as error:  # damage makes values of any type come out of any column
            found.blame(words, f"cannot be read to the end: {reason(error)}")
