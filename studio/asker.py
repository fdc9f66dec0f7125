"""Asker: questions put to a worker process that keeps what it needs for its answers, as a loaded network.

One question is on its way at a time; of those that may be displaced only the newest waits, so that the answers are
never behind the pointer. The worker starts with the first question, and begins again where it went idle. Its errand is
one that listens (`studio.listening`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from studio.jobs import Job, Jobs
from studio.orders import Failure, Task

Q = TypeVar("Q")
A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Correspondence(Generic[Q, A]):
    """Who is asked, and how an answer is told from what else a worker says."""

    begin: Callable[[], Task | Failure | None]
    """The errand that answers; or why there is no answer; or None where there is nothing open to ask about."""
    answer: type[A]
    question_of: Callable[[A], Q]
    """What an answer answers."""
    refusal_of: Callable[[Q, Failure], A]
    """The answer where there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class _Asked(Generic[Q, A]):
    question: Q
    then: Callable[[A], None]


class Asker(QObject, Generic[Q, A]):
    """Puts one question after the other."""

    _refused = Signal(object, object)

    def __init__(self, jobs: Jobs, about: Correspondence[Q, A], parent: QObject | None = None) -> None:
        """No process until something is asked."""
        super().__init__(parent)
        self._jobs, self._about = jobs, about
        self._job: Job | None = None
        self._on_its_way: _Asked[Q, A] | None = None
        self._certain: deque[_Asked[Q, A]] = deque()
        self._newest: _Asked[Q, A] | None = None
        # Queued: an answer never comes within the question.
        self._refused.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def on_its_way(self) -> Q | None:
        """What the worker is at."""
        return self._on_its_way.question if self._on_its_way is not None else None

    @property
    def waiting(self) -> Q | None:
        """The newest of those that may be displaced, where its turn has not come."""
        return self._newest.question if self._newest is not None else None

    def ask(self, question: Q, then: Callable[[A], None]) -> None:
        """Ask in place of what waits; `then` hears the answer, unless something newer is asked before its turn."""
        self._newest = _Asked(question, then)
        self._go_on()

    def ask_surely(self, question: Q, then: Callable[[A], None]) -> None:
        """Ask what no later question may displace; `then` hears the answer."""
        self._certain.append(_Asked(question, then))
        self._go_on()

    def forget(self) -> None:
        """Let go of what waits and may be displaced."""
        self._newest = None

    def stop(self) -> None:
        """Let go of everything, and of the worker."""
        job, self._job = self._job, None
        self._on_its_way = self._newest = None
        self._certain.clear()
        if job is not None:
            self._jobs.stop(job)

    def _go_on(self) -> None:
        if self._on_its_way is not None:
            return
        if self._certain:
            self._on_its_way = self._certain.popleft()
        elif self._newest is not None:
            self._on_its_way, self._newest = self._newest, None
        if self._on_its_way is not None:
            self._send(self._on_its_way.question)

    def _send(self, question: Q) -> None:
        task = self._about.begin()
        if task is None:
            self._on_its_way = None
        elif isinstance(task, Failure):
            self._refused.emit(self._on_its_way, self._about.refusal_of(question, task))
        else:
            self._jobs.tell(self._listening(task), question)

    def _listening(self, task: Task) -> Job:
        if self._job is None:
            self._job = self._jobs.start(task, quiet=True)
            self._job.heard.connect(self._on_heard)
            self._job.ended.connect(self._on_ended)
        return self._job

    def _on_heard(self, event: object) -> None:
        asked = self._on_its_way
        if asked is None or self.sender() is not self._job or not isinstance(event, self._about.answer):
            return
        if self._about.question_of(event) == asked.question:
            self._deliver(asked, event)

    def _deliver(self, asked: _Asked[Q, A], answer: A) -> None:
        if asked is self._on_its_way:
            self._on_its_way = None
            asked.then(answer)
            self._go_on()

    def _on_ended(self) -> None:
        """Begin again where the worker went idle just as it was asked; else say why there is no answer."""
        job, asked = self._job, self._on_its_way
        if job is None or self.sender() is not job:
            return
        self._job = None
        if asked is not None and job.failure is None:
            self._send(asked.question)
        elif asked is not None and job.failure is not None:
            self._deliver(asked, self._about.refusal_of(asked.question, job.failure))
