"""The training of an embedder written into the project file as it runs, as that of a detector is.

`queue_faces` makes a Run of a recipe; `train_faces` carries it out, or goes on with one that was stopped or
interrupted; `carry_out` does either for a run of any kind. Which faces it learned from, and which it was only tried on,
is kept; a run that goes on takes those of them that are still there, and none that came since.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from engine import hardware
from engine.faces.events import (
    FaceEvent,
    FacesCheckpoint,
    FacesEnded,
    FacesStarted,
    FacesStepDone,
    FacesTried,
    HardestFaces,
    HardFaces,
)
from engine.faces.gathering import Taken, faces_of, refuse_gone, refuse_too_few, taken
from engine.faces.recipe import FaceRecipe
from engine.faces.training import FaceTraining, Wish, train
from engine.progress import Progress, Work
from engine.project import contents, run_faces, runs
from engine.project.records import RunState
from engine.project.run_faces import RunFace
from engine.project.runs import NewCheckpoint
from engine.project.store import Project
from engine.training import recording as detectors
from engine.training import run_record
from engine.training.budget import RestingClock
from engine.training.run_record import Recording, RunRecord, claim, last_bytes, recorded

SECONDS_BETWEEN_CHECKPOINTS = 60.0


@dataclass(frozen=True, slots=True)
class FaceReport:
    """How an embedder's run ended."""

    run_id: int
    state: RunState
    started: FacesStarted | None
    ended: FacesEnded | None
    message: str = ""
    """Why it failed."""


def queue_faces(project: Project, recipe: FaceRecipe) -> int:
    """Add a run that is to follow a recipe; returns its id."""
    with project.atomic():
        run_id = runs.add(project, "embedder", recipe.embedder, recipe.to_json())
        run_faces.inherit_erased(project, run_id, recipe.start_checkpoint_id)
    return run_id


def carry_out(project: Project, run_id: int) -> Work[Any]:
    """Carry out a run of any kind, or go on with it; returns the report that its kind has."""
    is_of_faces = runs.get(project, run_id).kind == "embedder"
    return (yield from (train_faces if is_of_faces else detectors.train_run)(project, run_id))


def train_faces(project: Project, run_id: int) -> Work[FaceReport]:
    """Carry out a queued run, or resume one exactly from its last checkpoint; yields the training's events.

    Raises UserError when the run is done or running already, or cannot be carried out; it is then marked failed.
    """
    is_new = claim(project, run_id, "embedder")
    clock = RestingClock(time.monotonic)
    try:
        yield Progress(0, None, "Reading faces")
        recipe = FaceRecipe.from_json(runs.get(project, run_id).recipe)
        resume = None if is_new else last_bytes(project, run_id)
        found = _faces(project, run_id, recipe, is_new=resume is None)
        faces = faces_of(project, found)
        start = _start(project, recipe)
    except GeneratorExit:
        with project.atomic():
            runs.set_state(project, run_id, "stopped")
        raise
    except Exception as error:
        run_record.failed(project, run_id, error)
        raise
    if recipe.threads is None and resume is None:
        hardware.fastest_threads()
    training = train(recipe, faces, start=start, resume=resume, clock=clock)
    record = _Record(RunRecord(project, run_id, clock), found, recipe)
    recording = Recording(_heard(training, record), partial(_stopped, training, record), training.close)
    yield from recorded(recording, record.run)
    return FaceReport(run_id, "done", record.started, record.ended)


def resumable(project: Project, run_id: int | None) -> int:
    """The run asked for, or the newest of an embedder that can go on; raises UserError when there is none."""
    return run_record.resumable(project, run_id, "embedder")


def _faces(project: Project, run_id: int, recipe: FaceRecipe, *, is_new: bool) -> Taken:
    """What a run learns from; one that goes on takes none that came since it began."""
    before = [each.template_id for each in run_faces.of_run(project, run_id)]
    found = taken(project, recipe.identity_ids, None if is_new or not before else before)
    refuse_too_few(found)
    return found


def _start(project: Project, recipe: FaceRecipe) -> bytes | None:
    if recipe.start_checkpoint_id is None:
        return None
    return contents.get(project, runs.checkpoint_with_id(project, recipe.start_checkpoint_id).content_id)


def _stopped(training: FaceTraining, record: _Record) -> None:
    """Have it stop; what it still has to say, its last checkpoint among it, is written."""
    try:
        while True:
            record.take(training.send(Wish.STOP))
    except StopIteration:
        pass


def _heard(training: FaceTraining, record: _Record) -> Work[None]:
    for event in training:
        record.take(event)
        if not isinstance(event, FacesTried):
            yield event
        else:
            yield record.hardest(event)
        if isinstance(event, FacesStepDone):
            is_pause_asked = record.run.is_pause_asked()
            if is_pause_asked or record.is_checkpoint_due:
                last = training.send(Wish.CHECKPOINT)
                record.take(last)
                yield last
            if is_pause_asked:
                yield from record.run.resting(event.step)


@dataclass(slots=True)
class _Record:
    """What the training of an embedder tells, into its run."""

    run: RunRecord
    faces: Taken
    recipe: FaceRecipe
    started: FacesStarted | None = None
    ended: FacesEnded | None = None
    saved_at: float = 0.0

    @property
    def is_checkpoint_due(self) -> bool:
        return time.monotonic() - self.saved_at >= SECONDS_BETWEEN_CHECKPOINTS

    def take(self, event: FaceEvent) -> None:
        """Keep what an event tells."""
        match event:
            case FacesStarted():
                self.started, self.saved_at = event, time.monotonic()
                self._begin(event)
            case FacesStepDone():
                self.run.gather(event.step, self._told(event))
            case FacesTried():
                self.run.gather(event.step, event.metrics)
            case FacesCheckpoint():
                self._write(event)
            case FacesEnded():
                self.ended = event

    def hardest(self, event: FacesTried) -> HardestFaces:
        """The pairs that mislead it, by template."""
        ids = tuple(self.faces.identity_by_template)
        pairs = tuple(
            HardFaces(ids[pair.first], ids[pair.second], pair.distance, pair.is_same) for pair in event.hardest
        )
        return HardestFaces(event.step, event.metrics, pairs)

    def _begin(self, event: FacesStarted) -> None:
        tried = set(event.tried_rows)
        faces = [
            RunFace(template_id, identity_id, "val" if row in tried else "train")
            for row, (template_id, identity_id) in enumerate(self.faces.identity_by_template.items())
        ]
        with self.run.project.atomic():
            refuse_gone(self.run.project, self.faces)
            runs.set_device(self.run.project, self.run.run_id, "cpu")
            run_faces.keep(self.run.project, self.run.run_id, faces)

    def _write(self, event: FacesCheckpoint) -> None:
        """The state to go on from; and the network, where it is the best so far."""
        self.saved_at = time.monotonic()
        new = [NewCheckpoint("last", event.step, event.state, event.card)]
        if event.is_best:
            new.append(NewCheckpoint("best", event.step, event.weights, event.card))
        self.run.write(new)

    def _told(self, event: FacesStepDone) -> Mapping[str, float]:
        terms = {f"train/{name}": value for name, value in event.losses.items()}
        weights = {"angles": 1.0, self.recipe.loss: self.recipe.loss_weight, "clicked": self.recipe.clicks_weight}
        loss = sum(weights.get(name, 0.0) * value for name, value in event.losses.items())
        return {"train/loss": loss, **terms, "train/faces_per_second": event.faces_per_second}
