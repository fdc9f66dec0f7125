"""Watching: a worker process of its own keeps a network, watches it look at images, and writes traces to files.

One look is on its way at a time; of those asked for meanwhile only the newest waits. The worker starts with the first
one, and begins again where it went idle.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QObject, Signal

from studio.jobs import Job, Jobs
from studio.looks import LookAt, Looked
from studio.orders import Task
from studio.session import Session

WATCH = "studio.errands:watch_images"


class Watching(QObject):
    """Has networks of the session's project watched."""

    looked = Signal(object)
    """Looked: an answer, or why there is none. Only what is still wanted is told."""

    def __init__(self, session: Session, jobs: Jobs, parent: QObject | None = None) -> None:
        """No process until something is asked for."""
        super().__init__(parent)
        self._session, self._jobs = session, jobs
        self._folder: TemporaryDirectory[str] | None = None
        self._numbers = count(1)
        self._job: Job | None = None
        self._on_its_way: LookAt | None = None
        self._newest: LookAt | None = None

    @property
    def is_busy(self) -> bool:
        """Whether an image is being looked at, or will be."""
        return any(look is not None and not look.is_more for look in (self._on_its_way, self._newest))

    @property
    def waiting(self) -> LookAt | None:
        """What comes after the look that is on its way."""
        return self._newest

    def path(self) -> Path:
        """Where the next trace can go."""
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="boxwright-", ignore_cleanup_errors=True)
        return Path(self._folder.name) / f"{next(self._numbers)}.trace"

    def ask(self, look: LookAt) -> None:
        """Ask in place of what waits."""
        self._newest = look
        self._go_on()

    def forget(self) -> None:
        """Let go of what waits."""
        self._newest = None

    def stop(self) -> None:
        """Let go of everything, and of the worker."""
        job, self._job = self._job, None
        self._on_its_way = self._newest = None
        if job is not None:
            self._jobs.stop(job)

    def sweep(self, newest: Path) -> None:
        """Give back the room of traces that are shown no more; where a system keeps a mapped file, later ones do."""
        for path in newest.parent.iterdir():
            if path != newest:
                with suppress(OSError):
                    path.unlink()

    def _go_on(self) -> None:
        if self._on_its_way is None and self._newest is not None:
            self._on_its_way, self._newest = self._newest, None
            self._send(self._on_its_way)

    def _send(self, look: LookAt) -> None:
        project = self._session.project
        if project is None:
            return
        if self._job is None:
            self._job = self._jobs.start(Task("Watch the network", "inspect", WATCH, project.path), quiet=True)
            self._job.heard.connect(self._on_heard)
            self._job.ended.connect(self._on_ended)
        self._jobs.tell(self._job, look)

    def _on_heard(self, event: object) -> None:
        if isinstance(event, Looked) and self.sender() is self._job and event.look == self._on_its_way:
            self._on_its_way = None
            self.looked.emit(event)
            self._go_on()

    def _on_ended(self) -> None:
        """Begin again where the worker went idle just as it was asked; else say why there is no answer."""
        job = self.sender()
        if job is not self._job or self._job is None:
            return
        failure, self._job = self._job.failure, None
        look, self._on_its_way = self._on_its_way, None
        if look is not None and failure is None:
            self._newest = self._newest or look
            self._go_on()
        elif look is not None and failure is not None:
            self.looked.emit(Looked(look, failure))
