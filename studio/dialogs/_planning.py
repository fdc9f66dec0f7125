"""Planning: what a training would be, asked anew whenever something about it is decided, while the window goes on."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from engine.faces.plan import FacePlan, FacePlanRequest
from engine.training.plan import Plan, PlanRequest
from studio.jobs import Job
from studio.orders import Failure, LaneName, Task
from studio.surroundings import Studio

ASKED_AFTER_MS = 300
"""While a person types, nothing is asked."""


class Planning(QObject):
    """Asks a worker for the plan; an answer that came too late is not told."""

    planned = Signal(object)
    """Plan, or FacePlan."""
    refused = Signal(object)
    """Failure: what is decided cannot be."""

    def __init__(self, studio: Studio, parent: QObject, errand: str = "studio.errands:plan") -> None:
        """About the open project; `errand` plans what is asked for."""
        super().__init__(parent)
        self._studio = studio
        self._errand = errand
        self._request: PlanRequest | FacePlanRequest = PlanRequest()
        self._job: Job | None = None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(ASKED_AFTER_MS)
        self._later.timeout.connect(self._ask)

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._later.isActive() or (self._job is not None and not self._job.is_over)

    def ask(self, request: PlanRequest | FacePlanRequest, *, soon: bool = False) -> None:
        """Ask, after a moment where more may follow."""
        self._request = request
        if soon:
            self._ask()
        else:
            self._later.start()

    def end(self) -> None:
        """Ask and hear nothing more."""
        self._later.stop()
        self._leave()

    def _ask(self) -> None:
        self._later.stop()
        self._leave()
        project = self._studio.session.project
        if project is None:
            return
        task = Task("Choose", self._lane(), self._errand, project.path, (self._request,))
        self._job = self._studio.jobs.start(task, quiet=True)
        self._job.ended.connect(self._on_end)  # not a lambda: that would be called when the dialog is gone

    def _lane(self) -> LaneName:
        """Where a training will run, so that torch is there already; elsewhere while one runs."""
        return "infer" if any(job.task.lane == "train" for job in self._studio.jobs.active) else "train"

    def _leave(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.ended.disconnect(self._on_end)
            self._studio.jobs.stop(job)

    def _on_end(self) -> None:
        job = self._job
        if job is None:
            return
        if isinstance(job.result, Plan | FacePlan):
            self.planned.emit(job.result)
        elif job.failure is not None:
            self.refused.emit(job.failure)


def told(failure: Failure) -> str:
    """Why something cannot be, in a line."""
    return f"{failure.words} {failure.hint}".strip()
