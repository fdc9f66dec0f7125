"""A training written into the project file as it runs: state, metrics, checkpoints, and what exactly it learned from.

`queue` makes a Run of a recipe; `train_run` carries it out, or resumes one that was stopped or interrupted. Stopping is
`close()`: the last checkpoint is then still taken and stored, so that nothing of the work is lost.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from engine.errors import UserError
from engine.progress import Work
from engine.project import contents, runs
from engine.project.records import RunState
from engine.project.store import Project
from engine.training.events import CheckpointReady, Ended, Event, Started, StepDone, ValidationDone
from engine.training.loop import stopping, train
from engine.training.project_data import ProjectData
from engine.training.recipe import Recipe
from engine.training.remembering import remember

SECONDS_BETWEEN_COMMITS = 1.0
_RESUMABLE: frozenset[RunState] = frozenset({"stopped", "interrupted", "failed", "paused"})
Training: TypeAlias = Generator[Event, None, None]


@dataclass(frozen=True, slots=True)
class TrainReport:
    """How a run ended."""

    run_id: int
    state: RunState
    started: Started | None
    ended: Ended | None


def queue(project: Project, recipe: Recipe) -> int:
    """Add a run that is to follow a recipe; returns its id."""
    with project.atomic():
        return runs.add(project, "detector", recipe.detector, recipe.to_json())


def train_run(project: Project, run_id: int) -> Work[TrainReport]:
    """Carry out a queued run, or resume one exactly from its last checkpoint; yields the loop's events.

    Raises UserError when the run is done or running already, or cannot be carried out; the run is then marked failed.
    """
    run = runs.get(project, run_id)
    if run.state != "queued" and run.state not in _RESUMABLE:
        raise UserError(f"Run {run_id} is {run.state}: there is nothing to train.")
    recipe = Recipe.from_json(run.recipe)
    data = ProjectData(project)
    resume = _last_weights(project, run_id) if run.state in _RESUMABLE else None
    with project.atomic():
        runs.set_state(project, run_id, "running")
        remember(project, run_id, data)
    return (yield from recorded(train(recipe, data, resume=resume), project, run_id))


def resumable(project: Project, run_id: int | None) -> int:
    """The run asked for, or the newest that can go on; raises UserError when there is none.

    A run whose process was killed counts as interrupted from here on.
    """
    with project.atomic():
        runs.mark_interrupted(project)
    if run_id is not None:
        return runs.get(project, run_id).id
    found = next((run.id for run in runs.all_runs(project) if run.state in _RESUMABLE), None)
    if found is None:
        raise UserError(f"No run in {project.path} was stopped or interrupted.")
    return found


def recorded(training: Training, project: Project, run_id: int) -> Work[TrainReport]:
    """Write the events of a training into its run and pass them on."""
    record = _Record(project, run_id)
    try:
        for event in training:
            record.take(event)
            yield event
    except GeneratorExit:
        for event in stopping(training):
            record.take(event)
        record.end("stopped")
        raise
    except Exception as error:
        record.end("failed", error.message if isinstance(error, UserError) else repr(error))
        raise
    except BaseException:
        record.end("interrupted", "It was broken off in the middle of a step.")
        raise
    record.end("done")
    return TrainReport(run_id, "done", record.started, record.ended)


@dataclass(slots=True)
class _Record:
    """What is yet to be written of a run; metrics are gathered, for each commit waits for the disk."""

    project: Project
    run_id: int
    metrics: list[tuple[int, Mapping[str, float]]] = field(default_factory=list)
    written_at: float = field(default_factory=time.monotonic)
    started: Started | None = None
    ended: Ended | None = None

    def take(self, event: Event) -> None:
        """Keep what an event tells."""
        match event:
            case Started():
                self.started = event
                self._set_device(event.device)
            case StepDone():
                self._gather(event.step, _told(event))
            case ValidationDone():
                self._gather(event.step, {name: _number(value) for name, value in event.metrics.items()})
                self._write()
            case CheckpointReady():
                self._write(event)
            case Ended():
                self.ended = event

    def end(self, state: RunState, message: str = "") -> None:
        """Write what is left, and how the run ended."""
        self._write()
        is_used_up = state == "done" and runs.has_checkpoint(self.project, self.run_id, "best")
        with self.project.atomic():
            runs.set_state(self.project, self.run_id, state, message=message)
            if is_used_up:  # the last checkpoint, three times as large as the best, is there to be resumed from
                runs.remove_checkpoint(self.project, self.run_id, "last")
        if is_used_up:
            self.project.shrink()

    def _set_device(self, device: str) -> None:
        with self.project.atomic():
            runs.set_state(self.project, self.run_id, "running", device=device)

    def _gather(self, step: int, values: Mapping[str, float]) -> None:
        self.metrics.append((step, values))
        if time.monotonic() - self.written_at >= SECONDS_BETWEEN_COMMITS:
            self._write()

    def _write(self, checkpoint: CheckpointReady | None = None) -> None:
        with self.project.atomic():
            for step, values in self.metrics:
                runs.add_metrics(self.project, self.run_id, step, values)
            if checkpoint is not None:
                new = runs.NewCheckpoint(checkpoint.kind, checkpoint.step, checkpoint.weights, checkpoint.card)
                runs.add_checkpoint(self.project, self.run_id, new)
        self.metrics.clear()
        self.written_at = time.monotonic()


def _told(event: StepDone) -> dict[str, float]:
    """The metrics of some steps: 'train/loss' is the sum of the terms."""
    terms = {f"train/{name}": value for name, value in event.losses.items()}
    rates = {"train/learning_rate": event.learning_rate, "train/pictures_per_second": event.pictures_per_second}
    return {"train/loss": sum(event.losses.values()), **terms, **rates}


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _last_weights(project: Project, run_id: int) -> bytes | None:
    """The run's last checkpoint; None where it has none yet, so that it begins anew."""
    try:
        last = runs.checkpoint(project, run_id, "last")
    except UserError:
        return None
    return contents.get(project, last.content_id)
