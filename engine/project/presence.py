"""Who has the project file open in a window, so that a second window is told; and what is done after a crash."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import UserError
from engine.project import authors, runs
from engine.project.moments import now
from engine.project.processes import Process
from engine.project.store import Project

CHECKED_AT_ONCE = 32 << 20
"""Files of so many bytes at most are checked within the blink of an eye."""

_KEPT = "SELECT process, person, since FROM windows"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a project open in a window."""

    process: Process
    person: str
    since: str
    """ISO 8601, UTC."""

    def __str__(self) -> str:
        """Who, where and since when: 'anna has it open on desk-7 since 2025-03-01 14:05 UTC'."""
        return f"{self.person} has it open on {self.process.host} since {self.since[:16].replace('T', ' ')} UTC"


class InUseError(UserError):
    """The project is open in another window; `holder` says whose."""

    def __init__(self, message: str, hint: str = "", holder: Holder | None = None) -> None:
        super().__init__(message, hint)
        self.holder = holder


@dataclass(frozen=True, slots=True)
class Claim:
    """This window's hold on the project: `release` it when the window closes."""

    project: Project
    kept: tuple[str, str, str]
    """The row that says so: process, person, since."""
    was_cut_off: bool
    """Whether the window before this one was not closed but ended."""
    is_checked: bool
    """False after a cut-off in a file too large to be checked while a person waits: call `verify` in the background."""
    interrupted: tuple[int, ...]
    """Ids of the runs that ended with their program, marked so now."""

    def release(self) -> None:
        """Let go; does nothing when it was let go before, or another window took over."""
        with self.project.atomic():
            self.project.execute("DELETE FROM windows WHERE (process, person, since) = (?, ?, ?)", self.kept)

    def __enter__(self) -> Claim:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def holder(project: Project) -> Holder | None:
    """The other window that has the project open; None when there is none, or it ended without closing it."""
    row = project.row(_KEPT)
    if row is None:
        return None
    process = Process.parsed(row[0])
    return None if process is None or process.is_gone or process == Process.current() else Holder(process, *row[1:])


def claim(project: Project, *, anyway: bool = False) -> Claim:
    """Hold the project for this window.

    Raises InUseError when another window holds it, unless `anyway`. When the last window ended without closing the
    file, the file is checked first as `verify` does; not so a large one, where that takes seconds.
    """
    with project.atomic():
        other = holder(project)
        if other is not None and not anyway:
            raise InUseError(f"{project.path} is in use: {other}.", "Open it read-only, or open it anyway.", other)
        row = project.row(_KEPT)
        was_cut_off = other is None and row is not None and row[0] != str(Process.current())
        is_checked = not was_cut_off or project.path.stat().st_size <= CHECKED_AT_ONCE
        if was_cut_off and is_checked:
            verify(project)
        kept = (str(Process.current()), authors.current_name(), now())
        project.execute("INSERT OR REPLACE INTO windows (id, process, person, since) VALUES (1, ?, ?, ?)", kept)
        return Claim(project, kept, was_cut_off, is_checked, tuple(runs.mark_interrupted(project)))


def verify(project: Project) -> None:
    """Have SQLite look at every page, about 100 MB a second; raises UserError when the file is damaged."""
    verdict = project.value("PRAGMA quick_check(1)")
    if verdict != "ok":
        raise UserError(
            f"{project.path} was not closed cleanly and is damaged: {verdict}.",
            "Run: boxwright check. Open it read-only to save what can be saved, or go back to a copy of it.",
        )
