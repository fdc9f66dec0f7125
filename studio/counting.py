"""Counting: disagreements counted wherever something changed: few pictures among the edits, many in a job."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.evaluation.queue import survey_again
from engine.project.store import Project
from studio.jobs import Job, Jobs
from studio.lane import Outcome
from studio.orders import Task
from studio.session import Session

AT_ONCE = 20
"""So many pictures are counted among the edits: some hundredths of a second."""
ERRAND = "studio.errands:count_disagreements"


class Counting(QObject):
    """Counts for the shown run."""

    changed = Signal()
    """It has begun, moved on or ended."""

    def __init__(self, session: Session, jobs: Jobs, parent: QObject) -> None:
        """Nothing is counted yet."""
        super().__init__(parent)
        self.job: Job | None = None
        """What counts many pictures, while it does."""
        self._session, self._jobs = session, jobs
        self._was_stopped = False
        session.project_opened.connect(self._begin)
        session.run_changed.connect(self._begin)
        jobs.ended.connect(self._on_job)

    def start(self) -> None:
        """Count in the background."""
        session = self._session
        if session.project is None or session.run_id is None or self.job is not None:
            return
        self._was_stopped = False
        title = f"Count disagreements with run {session.run_id}"
        self.job = self._jobs.start(Task(title, "files", ERRAND, session.project.path, (session.run_id,)))
        self.job.changed.connect(self.changed)
        self.changed.emit()

    def stop(self) -> None:
        """Stop it, and begin by itself no more; what is counted by then is kept."""
        if self.job is not None:
            self._was_stopped = True
            self._jobs.stop(self.job)

    def count_again(self, n_uncounted: int) -> bool:
        """Count what changed, once nothing detects; returns whether it is being counted."""
        session, run_id = self._session, self._session.run_id
        if not n_uncounted or run_id is None:
            return False
        if self.job is not None or session.n_settled < session.n_asked:
            return True
        if not session.can_write or any(job.task.lane != "files" for job in self._jobs.active):
            return False
        if n_uncounted <= AT_ONCE:
            session.act(lambda project, _: _counted(project, run_id))
        elif self._was_stopped:
            return False
        else:
            self.start()
        return True

    def _begin(self) -> None:
        self._was_stopped = False

    def _on_job(self, job: Job) -> None:
        if job is self.job:
            self.job = None
            self.changed.emit()


def _counted(project: Project, run_id: int) -> Outcome:
    with project.atomic():
        survey_again(project, run_id, AT_ONCE)
    return Outcome()
