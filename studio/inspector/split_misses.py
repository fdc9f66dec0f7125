"""What a run misses on a whole split: the job that looks into it, and what it has found so far."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.inspecting.misses import AutopsyRequest, Begun, Examined, SplitAutopsy
from engine.project.records import Split
from engine.tracing.verdicts import Asked
from studio.jobs import Job, Jobs
from studio.orders import Task
from studio.session import Session

AUTOPSIES = "engine.inspecting.split_autopsy:autopsies"


class SplitMisses(QObject):
    """The newest autopsy of a split; it grows image by image."""

    changed = Signal()
    """There is more of it, or the job has begun or ended."""

    def __init__(self, session: Session, jobs: Jobs, parent: QObject | None = None) -> None:
        """Of the session's project."""
        super().__init__(parent)
        self._session, self._jobs = session, jobs
        self.job: Job | None = None
        self.found: SplitAutopsy | None = None
        """As far as it is."""
        self._begun: Begun | None = None
        self._examined: list[Examined] = []
        session.project_opened.connect(self._forget)

    @property
    def is_busy(self) -> bool:
        """Whether images are looked at."""
        return self.job is not None and not self.job.is_over

    def look_into(self, run_id: int | None, split: Split | None, asked: Asked | None = None) -> None:
        """Begin anew with the images of a split; None: all."""
        project = self._session.project
        if project is None or self.is_busy:
            return
        request = AutopsyRequest(run_id, split, asked=asked or Asked())
        title = "Look into what was missed"
        job = self._jobs.start(Task(title, "train", AUTOPSIES, project.path, (request,)))
        self.job, self.found, self._begun = job, None, None
        self._examined.clear()
        job.heard.connect(lambda event: self._hear(job, event))
        job.changed.connect(self.changed)
        job.ended.connect(self.changed)
        self.changed.emit()

    def stop(self) -> None:
        """Look at no more images; what was found by then stays."""
        if self.job is not None and self.is_busy:
            self._jobs.stop(self.job)

    def _hear(self, job: Job, event: object) -> None:
        if job is not self.job:
            return
        if isinstance(event, Begun):
            self._begun = event
        elif isinstance(event, Examined):
            self._examined.append(event)
        if self._begun is not None:
            self.found = self._begun.done(self._examined)
            self.changed.emit()

    def _forget(self) -> None:
        """It was of another project."""
        self.stop()
        self.job, self.found, self._begun = None, None, None
        self._examined.clear()
        self.changed.emit()
