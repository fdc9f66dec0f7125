"""Recognising: faces given to an embedder in a worker process of its own, which keeps it loaded; vectors come back.

Who a face is, is decided from these in the window. One question is on its way at a time.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from studio.asker import Asker, Correspondence
from studio.jobs import Jobs
from studio.orders import Failure, Task
from studio.probes import ProbeAsk, Probed
from studio.session import Session


class Recognising(QObject):
    """Asks an embedder of the session's project about faces."""

    def __init__(self, session: Session, jobs: Jobs, parent: QObject | None = None) -> None:
        """No process until something is asked."""
        super().__init__(parent)
        self._session = session
        about = Correspondence(self._begin, Probed, lambda probed: probed.ask, _refused)
        self._asker: Asker[ProbeAsk, Probed] = Asker(jobs, about, self)
        session.project_opened.connect(self._asker.stop)

    def ask(self, ask: ProbeAsk, then: Callable[[Probed], None]) -> None:
        """Ask in place of what waits; `then` hears the answer, unless something newer is asked before its turn."""
        self._asker.ask(ask, then)

    def ask_surely(self, ask: ProbeAsk, then: Callable[[Probed], None]) -> None:
        """Ask what no later question may displace; `then` hears the answer."""
        self._asker.ask_surely(ask, then)

    def _begin(self) -> Task | Failure | None:
        project = self._session.project
        if project is None:
            return None
        return Task("Recognise faces", "faces", "studio.face_errands:answer_probes", project.path)


def _refused(ask: ProbeAsk, why: Failure) -> Probed:
    return Probed(ask, refusal=why)
