"""A training written into the project file as it runs: state, metrics, checkpoints, and what exactly it learned from.

`queue` makes a Run of a recipe; `train_run` carries it out, or resumes one that was stopped or interrupted, and
`train_queued` all that wait, one after the other. Stopping is `close()`: the last checkpoint is then still taken and
stored, so that nothing of the work is lost. A pause is asked for in the run's row (engine.project.pauses): the network
stays in memory, while the stored checkpoint outlives even the process.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from engine.feeding.project_data import ProjectData
from engine.progress import Work
from engine.project import run_queue, runs
from engine.project.records import RunState
from engine.project.store import Project
from engine.training import run_record, set_changes
from engine.training.budget import RestingClock
from engine.training.events import (
    CheckpointReady,
    Ended,
    Event,
    RunBegan,
    SetChanged,
    Started,
    StepDone,
    Validating,
    ValidationDone,
)
from engine.training.glimpses import Moment
from engine.training.loop import Training, Wish, stopping, train
from engine.training.ranks import ALONE, Ranks
from engine.training.recipe import Recipe
from engine.training.remembering import remember, remember_moment
from engine.training.run_record import Recording, RunRecord, claim, in_words, last_bytes
from engine.training.set_changes import NO_CHANGES, SetChanges


@dataclass(frozen=True, slots=True)
class TrainReport:
    """How a run ended."""

    run_id: int
    state: RunState
    started: Started | None
    ended: Ended | None
    message: str = ""
    """Why it failed."""


def queue(project: Project, recipe: Recipe) -> int:
    """Add a run that is to follow a recipe; returns its id."""
    with project.atomic():
        return runs.add(project, "detector", recipe.detector, recipe.to_json())


def train_run(project: Project, run_id: int, ranks: Ranks = ALONE) -> Work[TrainReport]:
    """Carry out a queued run, or resume one exactly from its last checkpoint; yields the loop's events.

    As the first of several `ranks` it leads the others, who `follow` (engine.training.following).

    Raises UserError when the run is done or running already, or cannot be carried out; the run is then marked failed.
    """
    is_new = claim(project, run_id, "detector")
    clock = RestingClock(time.monotonic)
    try:
        recipe = Recipe.from_json(runs.get(project, run_id).recipe)
        data = ProjectData(project)
        resume = None if is_new else last_bytes(project, run_id)
        with project.atomic():
            before, now = remember(project, run_id, data)
    except Exception as error:
        run_record.failed(project, run_id, error)
        raise
    training = train(recipe, data, resume=resume, clock=clock, ranks=ranks)
    changes = NO_CHANGES if resume is None else set_changes.between(before, now)
    return (yield from recorded(training, project, run_id, clock, changes))


CarryOut: TypeAlias = Callable[[Project, int], Work[Any]]
"""Carries a run out, and returns a report of it."""


def train_queued(project: Project, carry_out: CarryOut | None = None) -> Work[tuple[Any, ...]]:
    """Carry out all runs that wait, the oldest first, until none does; those that are added meanwhile, too.

    Yields RunBegan, the loop's events and the report of each. One that fails is marked so and the next begins; stopping
    stops the one that is carried out and leaves the others waiting. Without `carry_out` they are runs of detectors.
    """
    reports: list[Any] = []
    while (run_id := run_queue.first(project)) is not None:
        yield RunBegan(run_id, len(run_queue.waiting(project)) - 1)
        try:
            report = yield from (carry_out or train_run)(project, run_id)
        except Exception as error:
            if runs.get(project, run_id).state == "queued":
                raise  # it was not even taken up, and would come up again for ever
            report = TrainReport(run_id, "failed", None, None, in_words(error))
        reports.append(report)
        yield report
    return tuple(reports)


def resumable(project: Project, run_id: int | None) -> int:
    """The run asked for, or the newest of a detector that can go on; raises UserError when there is none.

    A run whose process was killed counts as interrupted from here on.
    """
    return run_record.resumable(project, run_id, "detector")


def recorded(
    training: Training,
    project: Project,
    run_id: int,
    clock: RestingClock | None = None,
    changes: SetChanges = NO_CHANGES,
) -> Work[TrainReport]:
    """Write the events of a training into its run and pass them on; rest where that is asked for.

    `clock` is the one the training goes by: it stands still meanwhile. `changes` of its training set are told of.
    """
    record = _Record(RunRecord(project, run_id, clock or RestingClock(time.monotonic)), changes)
    recording = Recording(_heard(training, record), partial(_stopped, training, record), training.close)
    yield from run_record.recorded(recording, record.run)
    return TrainReport(run_id, "done", record.started, record.ended)


def _stopped(training: Training, record: _Record) -> None:
    for event in stopping(training):
        record.take(event)


def _heard(training: Training, record: _Record) -> Work[None]:
    for event in training:
        record.take(event)
        yield event
        if isinstance(event, Started) and record.changes:
            yield SetChanged(event.resumed_at_step, record.changes.in_words(event.resumed_at_step))
        if isinstance(event, StepDone | Validating) and record.run.is_pause_asked():
            last = training.send(Wish.CHECKPOINT)
            record.take(last)
            yield last
            yield from record.run.resting(last.step if isinstance(last, CheckpointReady) else 0)


@dataclass(slots=True)
class _Record:
    """What a detector's training tells, into its run."""

    run: RunRecord
    changes: SetChanges
    started: Started | None = None
    ended: Ended | None = None

    def take(self, event: Event) -> None:
        """Keep what an event tells."""
        project, run_id = self.run.project, self.run.run_id
        match event:
            case Started():
                self.started = event
                with project.atomic():
                    runs.set_device(project, run_id, event.device)
                    if self.changes:
                        set_changes.keep(project, run_id, event.resumed_at_step, self.changes)
            case StepDone():
                self.run.gather(event.step, _told(event))
            case ValidationDone():
                self.run.gather(event.step, event.metrics)
                self.run.write()
                with project.atomic():
                    remember_moment(project, run_id, Moment(event.step, event.epoch, event.glimpses))
            case CheckpointReady():
                self.run.write((runs.NewCheckpoint(event.kind, event.step, event.weights, event.card),))
            case Ended():
                self.ended = event


def _told(event: StepDone) -> dict[str, float]:
    """The metrics of some steps: 'train/loss' is the sum of the terms."""
    terms = {f"train/{name}": value for name, value in event.losses.items()}
    rates = {"train/learning_rate": event.learning_rate, "train/pictures_per_second": event.pictures_per_second}
    gigabytes = {"train/gpu_gigabytes": event.gpu_bytes, "train/process_gigabytes": event.process_bytes}
    memory = {name: value / 1e9 for name, value in gigabytes.items() if value is not None}
    return {"train/loss": sum(event.losses.values()), **terms, **rates, **memory}
