"""What a person does with runs beside training them: name and delete them, order those that wait, compare them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from engine.project import listings, run_queue, runs
from engine.project.history import History
from engine.project.store import Project
from studio.lane import Outcome
from studio.surroundings import Studio


def rename(studio: Studio, run_id: int, name: str) -> None:
    """Give a run a name of its own; an empty one takes it away."""
    studio.session.act(partial(_renamed, run_id=run_id, name=name))


def move(studio: Studio, run_id: int, by: int) -> None:
    """Have a run that waits carried out earlier (-1) or later (1)."""
    studio.session.act(partial(_moved, run_id=run_id, by=by))


def remove(studio: Studio, run_id: int) -> None:
    """Take a run out of the queue."""
    studio.session.act(partial(_removed, run_id=run_id))
    _look_elsewhere(studio, run_id)


def delete(studio: Studio, run_id: int) -> None:
    """Delete a run for good, if the person means it."""
    project = studio.session.project
    if project is None or not studio.session.can_write:
        return
    run = runs.get(project, run_id)
    if run.state == "queued":
        remove(studio, run_id)
    elif studio.ask.confirm(question(project, run_id), "Delete"):
        studio.session.act(partial(_deleted, run_id=run_id))
        _look_elsewhere(studio, run_id)


def question(project: Project, run_id: int) -> str:
    """What is lost with a run, in words."""
    run = runs.get(project, run_id)
    n_detections = sum(listings.decided_counts(project, [run_id]).get(run_id, {}).values())
    name = f"run {run_id}" if run.name == run.network else f"run {run_id}, {run.name}"
    found = f" and {n_detections:,} detections" if n_detections else ""
    if run.kind == "embedder":
        found = " and the vectors that its network made of faces"
    kept = " Annotations that came of it stay." if n_detections else ""
    return f"Delete {name}, with its checkpoints, its curves{found}?{kept} This cannot be undone."


def compare(studio: Studio, run_ids: Sequence[int]) -> None:
    """Put runs side by side."""
    studio.ask.show("compare_runs", tuple(str(run_id) for run_id in sorted(run_ids)))


def _look_elsewhere(studio: Studio, run_id: int) -> None:
    """Show another run's detections, where these were shown."""
    project = studio.session.project
    if studio.session.training_id == run_id != studio.session.run_id:
        studio.session.show_embedder_run(None)
    if project is not None and studio.session.run_id == run_id:
        begun = (run for run in runs.all_runs(project) if run.kind == "detector" and run.state != "queued")
        left = (run.id for run in begun if run.id != run_id)
        studio.session.show_run(next(left, None))


def _renamed(project: Project, _: History, run_id: int, name: str) -> Outcome:
    with project.atomic():
        runs.rename(project, run_id, name)
    return Outcome()


def _moved(project: Project, _: History, run_id: int, by: int) -> Outcome:
    with project.atomic():
        run_queue.move(project, run_id, by)
    return Outcome()


def _removed(project: Project, _: History, run_id: int) -> Outcome:
    with project.atomic():
        run_queue.remove(project, run_id)
    return Outcome(said=f"Run {run_id} waits no more.")


def _deleted(project: Project, _: History, run_id: int) -> Outcome:
    with project.atomic():
        runs.delete(project, run_id)
    project.shrink()
    return Outcome(said=f"Run {run_id} is deleted.")
