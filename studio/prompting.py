"""Prompting: a network asked about boxes while they are drawn, in a worker process of its own.

One prompt is on its way at a time; of those asked meanwhile only the newest waits, so that the pointer is never behind.
The worker starts with the first prompt, keeps the network and what it saw of pictures, and ends when nobody asks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Qt, Signal

from engine.errors import UserError
from engine.project import runs
from studio.jobs import Job, Jobs
from studio.orders import Task
from studio.prompts import NO_NETWORK, Prompt, Prompted
from studio.session import Session

Then = Callable[[Prompted], None]


class Prompting(QObject):
    """Asks the network of the run that is shown, or of the newest one that makes masks of boxes."""

    answered = Signal(int, object)
    """The ticket as it was asked with, and Prompted; always after `ask` has returned."""
    _refused = Signal(object)

    def __init__(self, session: Session, jobs: Jobs, parent: QObject | None = None) -> None:
        """Ask on the session's project; no process until there is a prompt."""
        super().__init__(parent)
        self._session, self._jobs = session, jobs
        self._job: Job | None = None
        self._on_its_way: tuple[Prompt, Then] | None = None
        self._certain: deque[tuple[Prompt, Then]] = deque()
        self._newest: tuple[Prompt, Then] | None = None
        session.project_opened.connect(self._leave)
        # Queued: an answer never comes within the question.
        self._refused.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def ask(self, ticket: int, prompt: Prompt) -> None:
        """Ask in place of what waits; `answered` tells, unless something newer is asked before its turn."""
        self._newest = (self._of_run(prompt), lambda prompted: self.answered.emit(ticket, prompted))
        self._go_on()

    def ask_surely(self, prompt: Prompt, then: Then) -> None:
        """Ask what no later question may displace; `then` hears the answer."""
        self._certain.append((self._of_run(prompt), then))
        self._go_on()

    def _of_run(self, prompt: Prompt) -> Prompt:
        return replace(prompt, run_id=self._session.run_id)

    def _go_on(self) -> None:
        if self._on_its_way is not None:
            return
        if self._certain:
            self._on_its_way = self._certain.popleft()
        elif self._newest is not None:
            self._on_its_way, self._newest = self._newest, None
        if self._on_its_way is not None:
            self._send(self._on_its_way[0])

    def _send(self, prompt: Prompt) -> None:
        project = self._session.project
        if project is None:
            return
        try:
            runs.latest(project)  # where nothing was ever trained, no process has to be started to say so
        except UserError:
            self._refused.emit(Prompted(prompt, refusal=NO_NETWORK))
            return
        if self._job is None:
            task = Task("Masks of boxes", "prompt", "studio.errands:answer_boxes", project.path)
            self._job = self._jobs.start(task, quiet=True)
            self._job.heard.connect(self._on_heard)
            self._job.ended.connect(self._on_ended)
        self._jobs.tell(self._job, prompt)

    def _on_heard(self, event: object) -> None:
        if isinstance(event, Prompted) and self.sender() is self._job:
            self._deliver(event)

    def _deliver(self, prompted: Prompted) -> None:
        if self._on_its_way is None or self._on_its_way[0] != prompted.prompt:
            return
        (_, then), self._on_its_way = self._on_its_way, None
        then(prompted)
        self._go_on()

    def _on_ended(self) -> None:
        """Begin again where the worker went idle just as it was asked; else say why there is no answer."""
        job = self.sender()
        if job is not self._job or self._job is None:
            return
        failure, self._job = self._job.failure, None
        if self._on_its_way is None:
            return
        prompt, _ = self._on_its_way
        if failure is None:
            self._send(prompt)
        else:
            self._refused.emit(Prompted(prompt, refusal=failure))

    def _leave(self) -> None:
        """The project is another, or none."""
        job, self._job = self._job, None
        self._on_its_way = self._newest = None
        self._certain.clear()
        if job is not None:
            self._jobs.stop(job)
