"""The queue of runs: those that wait to be carried out, one after the other, the oldest first.

A run that waits is nothing but its recipe, so that its place is changed by changing recipes with its neighbour.
"""

from __future__ import annotations

from engine.errors import UserError
from engine.project import runs
from engine.project.store import Change, Project


def waiting(project: Project) -> tuple[int, ...]:
    """The runs that wait, in the order in which they are carried out."""
    return tuple(run_id for (run_id,) in project.rows("SELECT id FROM runs WHERE state = 'queued' ORDER BY id"))


def first(project: Project) -> int | None:
    """The run that is next; None where none waits."""
    return next(iter(waiting(project)), None)


def move(project: Project, run_id: int, by: int) -> int:
    """Move a run `by` places later (or earlier, below 0) inside `atomic()`, as far as there are any.

    Returns the id under which it waits then. Raises UserError where it does not wait any more.
    """
    places = list(waiting(project))
    if run_id not in places:
        raise UserError(f"Run {run_id} does not wait in the queue any more.")
    at = places.index(run_id)
    to = min(max(at + by, 0), len(places) - 1)
    step = 1 if to > at else -1
    for place in range(at, to, step):
        _exchange(project, places[place], places[place + step])
    return places[to]


def _exchange(project: Project, one: int, other: int) -> None:
    columns = "kind, network, recipe_id, created"
    rows = {each: project.row(f"SELECT {columns} FROM runs WHERE id = ?", (each,)) for each in (one, other)}
    for target, source in ((one, other), (other, one)):
        project.execute(f"UPDATE runs SET ({columns}) = (?, ?, ?, ?) WHERE id = ?", (*(rows[source] or ()), target))
    project.note(Change(runs=frozenset({one, other})))


def remove(project: Project, run_id: int) -> None:
    """Take a run out of the queue, inside `atomic()`; raises UserError where it does not wait any more."""
    if run_id not in waiting(project):
        raise UserError(f"Run {run_id} does not wait in the queue any more.")
    runs.delete(project, run_id)
