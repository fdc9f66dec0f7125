"""Pauses of runs: what is wanted of a run is written into its row, and the process that carries it out looks there.

So any process may ask: a window, a command line, on another computer that shares the file.
"""

from __future__ import annotations

from engine.errors import UserError
from engine.project import runs
from engine.project.processes import Process
from engine.project.records import RunState
from engine.project.store import Change, Project


class RunGoneError(UserError):
    """A run was deleted while it was carried out."""


def pause(project: Project, run_id: int) -> None:
    """Ask a running run, inside `atomic()`, to rest after its step, its checkpoint stored.

    Raises UserError where it is not running.
    """
    state = runs.get(project, run_id).state
    if state != "running":
        raise UserError(f"Run {run_id} is {state}: there is nothing to pause.")
    _put(project, run_id, "paused")


def go_on(project: Project, run_id: int) -> bool:
    """Ask a paused run, inside `atomic()`, to go on; False where its process is gone, so that it has to be resumed.

    Raises UserError where it is not paused.
    """
    state = runs.get(project, run_id).state
    if state != "paused":
        raise UserError(f"Run {run_id} is {state}, not paused.")
    if not is_resting(project, run_id):
        return False
    _put(project, run_id, "running")
    return True


def is_resting(project: Project, run_id: int) -> bool:
    """Whether a run is paused and another process still has it, ready to go on."""
    row = project.row("SELECT state, process FROM runs WHERE id = ?", (run_id,))
    process = Process.parsed(row[1]) if row is not None and row[0] == "paused" else None
    return process is not None and process != Process.current() and not process.is_gone


def is_asked(project: Project, run_id: int) -> bool:
    """Whether a run is to rest now; raises RunGoneError where there is no such run any more."""
    state = project.value("SELECT state FROM runs WHERE id = ?", (run_id,))
    if state is None:
        raise RunGoneError(f"Run {run_id} was deleted while it was carried out.")
    return bool(state == "paused")


def _put(project: Project, run_id: int, state: RunState) -> None:
    project.execute("UPDATE runs SET state = ? WHERE id = ?", (state, run_id))
    project.note(Change(runs=frozenset({run_id})))
