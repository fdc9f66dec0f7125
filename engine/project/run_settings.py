"""Settings that a run detects with from now on, in place of those that it was trained with; as JSON in `meta`.

Weights and recipe stay as they are: letting go of the settings is the way back to the run's own.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.project.restorable import RUN_SETTINGS
from engine.project.restoring import Restore, Rows
from engine.project.store import Change, Project

_COLUMNS = ("name", "value")


def kept(project: Project, run_id: int) -> str | None:
    """What is kept for a run, as JSON; None where it goes by its own."""
    found: str | None = project.value("SELECT value FROM meta WHERE name = ?", (f"{RUN_SETTINGS}{run_id}",))
    return found


def runs_with_settings(project: Project) -> frozenset[int]:
    """The runs that have any."""
    rows = project.rows("SELECT name FROM meta WHERE name GLOB ?", (f"{RUN_SETTINGS}*",))
    return frozenset(int(name.removeprefix(RUN_SETTINGS)) for (name,) in rows)


def forget(project: Project, run_id: int) -> None:
    """Let go, inside `atomic()`, of a run's settings: the run itself goes."""
    project.execute("DELETE FROM meta WHERE name = ?", (f"{RUN_SETTINGS}{run_id}",))


@dataclass(frozen=True, slots=True)
class KeepSettings:
    """Have a run detect with other settings from now on, or (None) with its own again."""

    run_id: int
    text: str | None

    @property
    def title(self) -> str:
        """For the menu."""
        return f"Keep settings of run {self.run_id}" if self.text is not None else f"Own settings of run {self.run_id}"

    def apply(self, project: Project) -> Restore:
        """Keep them; the inverse has those that were kept before."""
        name = f"{RUN_SETTINGS}{self.run_id}"
        row = Rows("meta", removed=((name,),)) if self.text is None else _row(name, self.text)
        project.note(Change(runs=frozenset({self.run_id})))
        return Restore((row,)).apply(project)


def _row(name: str, text: str) -> Rows:
    return Rows("meta", _COLUMNS, added=((name, text),))
