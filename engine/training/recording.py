"""A training written into the project file as it runs: state, metrics, checkpoints, and what exactly it learned from.

`queue` makes a Run of a recipe; `train_run` carries it out, or resumes one that was stopped or interrupted, and
`train_queued` all that wait, one after the other. Stopping is `close()`: the last checkpoint is then still taken and
stored, so that nothing of the work is lost. A pause is asked for in the run's row (engine.project.pauses): the network
stays in memory, while the stored checkpoint outlives even the process.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.errors import UserError
from engine.feeding.project_data import ProjectData
from engine.progress import Work
from engine.project import contents, pauses, run_queue, runs
from engine.project.records import RunState
from engine.project.store import Project
from engine.training import set_changes
from engine.training.budget import RestingClock
from engine.training.events import (
    CheckpointReady,
    Ended,
    Event,
    Paused,
    RunBegan,
    SetChanged,
    Started,
    StepDone,
    Validating,
    ValidationDone,
    WentOn,
)
from engine.training.glimpses import Moment
from engine.training.loop import Training, Wish, stopping, train
from engine.training.ranks import ALONE, Ranks
from engine.training.recipe import Recipe
from engine.training.remembering import remember, remember_moment
from engine.training.set_changes import NO_CHANGES, SetChanges

SECONDS_BETWEEN_COMMITS = 1.0
_RESUMABLE: frozenset[RunState] = frozenset({"stopped", "interrupted", "failed", "paused"})
SECONDS_BETWEEN_LOOKS = 0.25
"""How often a run that rests looks whether it is to go on."""


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
    is_new = _claim(project, run_id)
    clock = RestingClock(time.monotonic)
    try:
        recipe = Recipe.from_json(runs.get(project, run_id).recipe)
        data = ProjectData(project)
        resume = None if is_new else _last_weights(project, run_id)
        with project.atomic():
            before, now = remember(project, run_id, data)
    except Exception as error:
        with project.atomic():
            runs.set_state(project, run_id, "failed", message=_in_words(error))
        raise
    training = train(recipe, data, resume=resume, clock=clock, ranks=ranks)
    changes = NO_CHANGES if resume is None else set_changes.between(before, now)
    return (yield from recorded(training, project, run_id, clock, changes))


def _claim(project: Project, run_id: int) -> bool:
    """Mark a run as running, here; returns whether it was queued. Raises UserError where it is not to be had."""
    with project.atomic():
        state = runs.get(project, run_id).state
        if pauses.is_resting(project, run_id):
            raise UserError(f"Run {run_id} rests in another process.", "Go on there: boxwright go-on")
        if state != "queued" and state not in _RESUMABLE:
            raise UserError(f"Run {run_id} is {state}: there is nothing to train.")
        runs.set_state(project, run_id, "running")
    return state == "queued"


def train_queued(project: Project) -> Work[tuple[TrainReport, ...]]:
    """Carry out all runs that wait, the oldest first, until none does; those that are added meanwhile, too.

    Yields RunBegan, the loop's events and the TrainReport of each. One that fails is marked so and the next begins;
    stopping stops the one that is carried out and leaves the others waiting.
    """
    reports: list[TrainReport] = []
    while (run_id := run_queue.first(project)) is not None:
        yield RunBegan(run_id, len(run_queue.waiting(project)) - 1)
        try:
            report = yield from train_run(project, run_id)
        except Exception as error:
            if runs.get(project, run_id).state == "queued":
                raise  # it was not even taken up, and would come up again for ever
            report = TrainReport(run_id, "failed", None, None, _in_words(error))
        reports.append(report)
        yield report
    return tuple(reports)


def _in_words(error: Exception) -> str:
    return error.message if isinstance(error, UserError) else repr(error)


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
    record = _Record(project, run_id, clock or RestingClock(time.monotonic), changes)
    try:
        yield from _heard(training, record)
    except GeneratorExit:
        record.clock.release()
        for event in stopping(training):
            record.take(event)
        record.end("stopped")
        raise
    except pauses.RunGoneError:
        training.close()
        raise
    except Exception as error:
        record.end("failed", _in_words(error))
        raise
    except BaseException:
        record.end("interrupted", "It was broken off in the middle of a step.")
        raise
    record.end("done")
    return TrainReport(run_id, "done", record.started, record.ended)


def _heard(training: Training, record: _Record) -> Work[None]:
    for event in training:
        record.take(event)
        yield event
        if isinstance(event, Started) and record.changes:
            yield SetChanged(event.resumed_at_step, record.changes.in_words(event.resumed_at_step))
        if isinstance(event, StepDone | Validating) and record.is_pause_asked():
            last = training.send(Wish.CHECKPOINT)
            record.take(last)
            yield last
            yield from _resting(record, last.step if isinstance(last, CheckpointReady) else 0)


def _resting(record: _Record, step: int) -> Work[None]:
    """Say that the run is paused, again and again, until it is to go on."""
    record.clock.hold()
    while record.is_pause_asked():
        yield Paused(step)
        time.sleep(SECONDS_BETWEEN_LOOKS)
    record.clock.release()
    yield WentOn(step)


@dataclass(slots=True)
class _Record:
    """What is yet to be written of a run; metrics are gathered, for each commit waits for the disk."""

    project: Project
    run_id: int
    clock: RestingClock
    changes: SetChanges
    metrics: list[tuple[int, Mapping[str, float]]] = field(default_factory=list)
    written_at: float = field(default_factory=time.monotonic)
    started: Started | None = None
    ended: Ended | None = None

    def take(self, event: Event) -> None:
        """Keep what an event tells."""
        match event:
            case Started():
                self.started = event
                with self.project.atomic():
                    runs.set_device(self.project, self.run_id, event.device)
                    if self.changes:
                        set_changes.keep(self.project, self.run_id, event.resumed_at_step, self.changes)
            case StepDone():
                self._gather(event.step, _told(event))
            case ValidationDone():
                self._gather(event.step, {name: _number(value) for name, value in event.metrics.items()})
                self._write()
                with self.project.atomic():
                    remember_moment(self.project, self.run_id, Moment(event.step, event.epoch, event.glimpses))
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

    def is_pause_asked(self) -> bool:
        """Whether somebody wants the run to rest now."""
        return pauses.is_asked(self.project, self.run_id)

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
    gigabytes = {"train/gpu_gigabytes": event.gpu_bytes, "train/process_gigabytes": event.process_bytes}
    memory = {name: value / 1e9 for name, value in gigabytes.items() if value is not None}
    return {"train/loss": sum(event.losses.values()), **terms, **rates, **memory}


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _last_weights(project: Project, run_id: int) -> bytes | None:
    """The run's last checkpoint; None where it has none yet, so that it begins anew."""
    try:
        last = runs.checkpoint(project, run_id, "last")
    except UserError:
        return None
    return contents.get(project, last.content_id)
