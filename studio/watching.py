"""Watching: a worker process of its own keeps a network, watches it look at images, and writes traces to files.

One look is on its way at a time; of those asked for meanwhile only the newest waits.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QObject, Signal

from studio.asker import Asker, Correspondence
from studio.jobs import Jobs
from studio.looks import LookAt, Looked
from studio.orders import Task
from studio.session import Session


class Watching(QObject):
    """Has networks of the session's project watched."""

    looked = Signal(object)
    """Looked: an answer, or why there is none. Only what is still wanted is told."""

    def __init__(self, session: Session, jobs: Jobs, parent: QObject | None = None) -> None:
        """No process until something is asked for."""
        super().__init__(parent)
        self._session = session
        self._folder: TemporaryDirectory[str] | None = None
        self._numbers = count(1)
        about = Correspondence(self._begin, Looked, lambda looked: looked.look, Looked)
        self._asker: Asker[LookAt, Looked] = Asker(jobs, about, self)

    @property
    def is_busy(self) -> bool:
        """Whether an image is being looked at, or will be."""
        return any(look is not None and not look.is_more for look in (self._asker.on_its_way, self._asker.waiting))

    @property
    def waiting(self) -> LookAt | None:
        """What comes after the look that is on its way."""
        return self._asker.waiting

    def path(self) -> Path:
        """Where the next trace can go."""
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="boxwright-", ignore_cleanup_errors=True)
        return Path(self._folder.name) / f"{next(self._numbers)}.trace"

    def ask(self, look: LookAt) -> None:
        """Ask in place of what waits."""
        self._asker.ask(look, self.looked.emit)

    def forget(self) -> None:
        """Let go of what waits."""
        self._asker.forget()

    def stop(self) -> None:
        """Let go of everything, and of the worker."""
        self._asker.stop()

    def sweep(self, newest: Path) -> None:
        """Give back the room of traces that are shown no more; where a system keeps a mapped file, later ones do."""
        for path in newest.parent.iterdir():
            if path != newest:
                with suppress(OSError):
                    path.unlink()

    def _begin(self) -> Task | None:
        project = self._session.project
        if project is None:
            return None
        return Task("Watch the network", "inspect", "studio.listening:watch_images", project.path)
