"""Job and Jobs: long work in worker processes, one process for each lane, so that the window never waits.

A window gives a Task and gets a Job back, whose signals tell how it goes. The GUI thread hears of finished, frozen
values alone.
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from typing import Any, Literal, TypeAlias

from PySide6.QtCore import QObject, Signal, Slot

from engine.progress import Progress, progress_of
from studio.orders import Answer, Began, Failure, Heard, LaneName, Quit, Start, Stop, Task, Tell
from studio.pace import Pace
from studio.worker import Worker

JobState: TypeAlias = Literal["queued", "running", "stopping", "done", "stopped", "failed"]
GRACE_SECONDS = 4.0
"""How long jobs may take to stop when the window closes, before their processes are ended."""


class Job(QObject):
    """One long work: how it goes, and signals for that."""

    changed = Signal()
    """State or progress is another."""
    heard = Signal(object)
    """An event of the work, as it was yielded."""
    ended = Signal()
    """It is done, stopped or failed."""

    def __init__(self, job_id: int, task: Task, parent: QObject | None = None, *, is_quiet: bool = False) -> None:
        """A job that waits for its turn; a quiet one serves a dialog, which tells of it itself."""
        super().__init__(parent)
        self.is_quiet = is_quiet
        self.id = job_id
        self.task = task
        self.state: JobState = "queued"
        self.progress = Progress(0, None)
        self.result: Any = None
        self.failure: Failure | None = None
        self.has_died = False
        """Whether the process died that did it."""
        self.untold: list[Any] = []
        """What it was told before it began."""
        self._pace = Pace()
        self._heard_at = 0.0

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ("done", "stopped", "failed")

    @property
    def seconds_left(self) -> float | None:
        """How long it will still take, or None while that is unknown."""
        if self.is_over:
            return None
        now = time.monotonic()
        if self.progress.seconds_left is not None:
            return max(0.0, self.progress.seconds_left - (now - self._heard_at))
        return self._pace.seconds_left(now)

    def hear(self, event: object) -> None:
        """Take in an event of the work."""
        if progress := progress_of(event):
            self.progress, self._heard_at = progress, time.monotonic()
            self._pace.update(progress.done, progress.total, self._heard_at)
            self.changed.emit()
        if event is not None:
            self.heard.emit(event)

    def turn(self, state: JobState) -> None:
        """Go over to another state."""
        self.state = state
        self.changed.emit()
        if self.is_over:
            self.ended.emit()


class Lane(QObject):
    """The jobs of one lane in the order they were given, and the worker that does them."""

    changed = Signal(object, object)
    """Path of a project file and the Change that was made in it."""
    ended = Signal(object)
    """Job: it is over."""

    def __init__(self, name: LaneName, parent: QObject | None = None) -> None:
        """An empty lane without a process."""
        super().__init__(parent)
        self._name: LaneName = name
        self._waiting: deque[Job] = deque()
        self._current: Job | None = None
        self._has_begun = False
        self._worker: Worker | None = None

    def add(self, job: Job) -> None:
        """Do a job after those that wait."""
        self._waiting.append(job)
        self._go_on()

    def stop(self, job: Job) -> None:
        """Stop a job at its next yield; one that waits is dropped at once."""
        if job in self._waiting:
            self._waiting.remove(job)
            self._end(job, "stopped")
        elif job is self._current and job.state == "running" and self._worker is not None:
            self._worker.order(Stop(job.id))
            job.turn("stopping")

    def tell(self, job: Job, value: Any) -> None:
        """Pass something to a job, as soon as it has begun; one that is over hears nothing."""
        if job is self._current and self._has_begun and self._worker is not None:
            self._worker.order(Tell(job.id, value))
        elif not job.is_over:
            job.untold.append(value)

    def leave(self) -> Worker | None:
        """Order the worker to stop and end, and hear of it no more; returns it to be waited for."""
        worker, self._worker = self._worker, None
        self._waiting.clear()
        self._current = None
        if worker is not None:
            worker.answered.disconnect(self._on_answer)
            worker.died.disconnect(self._on_death)
            worker.order(Quit())
        return worker

    def _go_on(self) -> None:
        if self._current is None and self._waiting:
            self._current = self._waiting.popleft()
            self._send(self._current)
            self._current.turn("running")

    def _send(self, job: Job) -> None:
        if self._worker is None:
            self._worker = Worker(self._name, self)
            self._worker.answered.connect(self._on_answer)
            self._worker.died.connect(self._on_death)
            self._worker.start()
        self._has_begun = False
        self._worker.order(Start(job.id, job.task))

    @Slot(object)
    def _on_answer(self, answer: Answer) -> None:
        job = self._current
        if job is None or answer.job_id != job.id:
            return
        if isinstance(answer, Began):
            self._has_begun = True
            untold, job.untold = job.untold, []
            for value in untold:
                self.tell(job, value)
        elif isinstance(answer, Heard):
            if answer.change and job.task.project is not None:
                self.changed.emit(job.task.project, answer.change)
            job.hear(answer.event)
        else:
            job.result, job.failure = answer.result, answer.failure
            self._end(job, answer.how)

    @Slot(int)
    def _on_death(self, exit_code: int) -> None:
        """Take note of a process that is gone. One that went idle just as it was called upon is replaced."""
        job, worker, self._worker = self._current, self._worker, None
        if worker is not None:
            worker.deleteLater()
        if job is None:
            return
        if exit_code == 0 and not self._has_begun:
            self._send(job)
        else:
            job.failure, job.has_died = _death(exit_code), True
            self._end(job, "failed")

    def _end(self, job: Job, state: JobState) -> None:
        if job is self._current:
            self._current = None
        job.turn(state)
        self.ended.emit(job)
        self._go_on()


def _death(exit_code: int) -> Failure:
    how = f"was ended from outside (signal {-exit_code})" if exit_code < 0 else f"ended by itself (code {exit_code})"
    hint = "Nothing in the project is lost. The memory may have run out: try smaller pictures or smaller batches."
    return Failure(f"The process that did this {how}.", hint)


class Jobs(QObject):
    """All long work of the window."""

    listed = Signal()
    """Jobs were added or forgotten."""
    changed = Signal(object, object)
    """Path of a project file and the Change that a worker made in it."""
    ended = Signal(object)
    """Job: it is done, stopped or failed."""

    def __init__(self, parent: QObject | None = None) -> None:
        """No work, and no process until there is some."""
        super().__init__(parent)
        self.all: list[Job] = []
        self._ids = itertools.count(1)
        self._lanes: dict[LaneName, Lane] = {}

    @property
    def active(self) -> list[Job]:
        """The jobs that are not over, oldest first."""
        return [job for job in self.all if not job.is_over]

    def start(self, task: Task, *, quiet: bool = False) -> Job:
        """Have a task done after those before it in its lane; a quiet one is on no list."""
        job = Job(next(self._ids), task, self, is_quiet=quiet)
        if not quiet:
            self.all.append(job)
        self.listed.emit()
        self._lane(task.lane).add(job)
        return job

    def stop(self, job: Job) -> None:
        """Stop a job at its next yield; one that waits is dropped at once."""
        self._lane(job.task.lane).stop(job)

    def tell(self, job: Job, value: Any) -> None:
        """Pass something to a job that listens for it; one that is over hears nothing."""
        self._lane(job.task.lane).tell(job, value)

    def forget_ended(self) -> None:
        """Take the jobs that are over off the list."""
        over = [job for job in self.all if job.is_over]
        self.all = self.active
        self.listed.emit()
        for job in over:
            job.deleteLater()

    def finish(self, seconds: float = GRACE_SECONDS) -> None:
        """Stop all work and end all processes; those that do not stop in time are ended the hard way."""
        deadline = time.monotonic() + seconds
        workers = [lane.leave() for lane in self._lanes.values()]
        for worker in workers:
            if worker is not None:
                worker.join(deadline - time.monotonic())

    def _lane(self, name: LaneName) -> Lane:
        if name not in self._lanes:
            lane = Lane(name, self)
            lane.changed.connect(self.changed)
            lane.ended.connect(self.ended)
            self._lanes[name] = lane
        return self._lanes[name]
