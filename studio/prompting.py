"""Prompting: a network asked about boxes while they are drawn, in a worker process of its own.

One prompt is on its way at a time; of those asked meanwhile only the newest waits, so that the pointer is never behind.
The worker keeps the network and what it saw of pictures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from engine.errors import UserError
from engine.project import runs
from studio.asker import Asker, Correspondence
from studio.jobs import Jobs
from studio.orders import Failure, Task
from studio.prompts import NO_NETWORK, Prompt, Prompted
from studio.session import Session


class Prompting(QObject):
    """Asks the network of the run that is shown, or of the newest one that makes masks of boxes."""

    answered = Signal(int, object)
    """The ticket as it was asked with, and Prompted; always after `ask` has returned."""

    def __init__(self, session: Session, jobs: Jobs, parent: QObject | None = None) -> None:
        """Ask on the session's project; no process until there is a prompt."""
        super().__init__(parent)
        self._session = session
        about = Correspondence(self._begin, Prompted, lambda prompted: prompted.prompt, _refused)
        self._asker: Asker[Prompt, Prompted] = Asker(jobs, about, self)
        session.project_opened.connect(self._asker.stop)

    def ask(self, ticket: int, prompt: Prompt) -> None:
        """Ask in place of what waits; `answered` tells, unless something newer is asked before its turn."""
        self._asker.ask(self._of_run(prompt), lambda prompted: self.answered.emit(ticket, prompted))

    def ask_surely(self, prompt: Prompt, then: Callable[[Prompted], None]) -> None:
        """Ask what no later question may displace; `then` hears the answer."""
        self._asker.ask_surely(self._of_run(prompt), then)

    def _of_run(self, prompt: Prompt) -> Prompt:
        return replace(prompt, run_id=self._session.run_id)

    def _begin(self) -> Task | Failure | None:
        project = self._session.project
        if project is None:
            return None
        try:
            runs.latest(project)  # where nothing was ever trained, no process has to be started to say so
        except UserError:
            return NO_NETWORK
        return Task("Masks of boxes", "prompt", "studio.listening:answer_boxes", project.path)


def _refused(prompt: Prompt, why: Failure) -> Prompted:
    return Prompted(prompt, refusal=why)
