"""How any training is written into its run, whatever it trains: claimed, measured, paused, stopped, and how it ended.

Stopping is `close()`: the last checkpoint is then still taken and stored, so that nothing of the work is lost. A pause
is asked for in the run's row (engine.project.pauses): the network stays in memory, while the stored checkpoint outlives
even the process.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from engine.errors import UserError
from engine.progress import Work
from engine.project import contents, pauses, runs
from engine.project.records import RunState
from engine.project.runs import NewCheckpoint
from engine.project.store import Project
from engine.training.budget import RestingClock
from engine.training.events import Paused, WentOn

SECONDS_BETWEEN_COMMITS = 1.0
SECONDS_BETWEEN_LOOKS = 0.25
"""How often a run that rests looks whether it is to go on."""
RESUMABLE: frozenset[RunState] = frozenset({"stopped", "interrupted", "failed", "paused"})


def claim(project: Project, run_id: int, kind: Literal["detector", "embedder"]) -> bool:
    """Mark a run as running, here; returns whether it was queued.

    Raises UserError where it is not to be had, or trains something of another kind.
    """
    with project.atomic():
        run = runs.get(project, run_id)
        if run.kind != kind:
            raise UserError(f"Run {run_id} trains {_A[run.kind]}, not {_A[kind]}.")
        if pauses.is_resting(project, run_id):
            raise UserError(f"Run {run_id} rests in another process.", "Go on there: boxwright go-on")
        if run.state != "queued" and run.state not in RESUMABLE:
            raise UserError(f"Run {run_id} is {run.state}: there is nothing to train.")
        runs.set_state(project, run_id, "running")
    return run.state == "queued"


_A: Mapping[str, str] = {"detector": "a detector", "embedder": "an embedder of faces"}


def resumable(project: Project, run_id: int | None, kind: Literal["detector", "embedder"]) -> int:
    """The run asked for, or the newest of its kind that can go on; raises UserError when there is none.

    A run whose process was killed counts as interrupted from here on.
    """
    with project.atomic():
        runs.mark_interrupted(project)
    if run_id is not None:
        return runs.get(project, run_id).id
    every = (run for run in runs.all_runs(project) if run.kind == kind)
    found = next((run.id for run in every if run.state in RESUMABLE), None)
    if found is None:
        raise UserError(f"No run in {project.path} was stopped or interrupted.")
    return found


def last_bytes(project: Project, run_id: int) -> bytes | None:
    """A run's last checkpoint; None where it has none yet, so that it begins anew."""
    if not runs.has_checkpoint(project, run_id, "last"):
        return None
    return contents.get(project, runs.checkpoint(project, run_id, "last").content_id)


def in_words(error: Exception) -> str:
    """Why a run failed."""
    return error.message if isinstance(error, UserError) else repr(error)


@dataclass(slots=True)
class RunRecord:
    """What is yet to be written of a run; metrics are gathered, for each commit waits for the disk."""

    project: Project
    run_id: int
    clock: RestingClock
    """The one the training goes by: it stands still while the run rests."""
    metrics: list[tuple[int, Mapping[str, float]]] = field(default_factory=list)
    written_at: float = field(default_factory=time.monotonic)

    def gather(self, step: int, values: Mapping[str, float | None]) -> None:
        """Keep numbers of a step, on disk before long."""
        self.metrics.append((step, {name: _number(value) for name, value in values.items()}))
        if time.monotonic() - self.written_at >= SECONDS_BETWEEN_COMMITS:
            self.write()

    def write(self, checkpoints: Sequence[NewCheckpoint] = ()) -> None:
        """Write what was gathered, and checkpoints, at once."""
        with self.project.atomic():
            for step, values in self.metrics:
                runs.add_metrics(self.project, self.run_id, step, values)
            for each in checkpoints:
                runs.add_checkpoint(self.project, self.run_id, each)
        self.metrics.clear()
        self.written_at = time.monotonic()

    def end(self, state: RunState, message: str = "") -> None:
        """Write what is left, and how the run ended."""
        self.write()
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

    def resting(self, step: int) -> Work[None]:
        """Say that the run is paused, again and again, until it is to go on."""
        self.clock.hold()
        while self.is_pause_asked():
            yield Paused(step)
            time.sleep(SECONDS_BETWEEN_LOOKS)
        self.clock.release()
        yield WentOn(step)


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """A training that writes itself down."""

    heard: Work[None]
    """Its events, each written before it is passed on."""
    stop: Callable[[], None]
    """Has it stop, and writes what it still has to say."""
    close: Callable[[], None]
    """Has it end at once."""


def recorded(recording: Recording, record: RunRecord) -> Work[None]:
    """Pass the events of a training on, and write into its run how it ended."""
    try:
        yield from recording.heard
    except GeneratorExit:
        record.clock.release()
        recording.stop()
        record.end("stopped")
        raise
    except pauses.RunGoneError:
        recording.close()
        raise
    except Exception as error:
        record.end("failed", in_words(error))
        raise
    except BaseException:
        record.end("interrupted", "It was broken off in the middle of a step.")
        raise
    record.end("done")


def failed(project: Project, run_id: int, error: Exception) -> None:
    """Mark a run as failed before it began."""
    with project.atomic():
        runs.set_state(project, run_id, "failed", message=in_words(error))


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
