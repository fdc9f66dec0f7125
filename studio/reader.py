"""Reader: questions to the project that take longer than a frame, answered on the GUI thread when they are ready."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal, Slot
from shiboken6 import isValid

from engine.project.store import Project
from studio.fetching import Fetched, Fetcher

T = TypeVar("T")


class Reader(QObject):
    """Asks a project file on a thread of its own, one question after the other."""

    failed = Signal(object)
    """The exception that a question ended with."""

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        """Read the project file at `path`."""
        super().__init__(parent)
        self._tickets = itertools.count()
        self._newest: dict[str, tuple[int, Callable[[Any], None]]] = {}
        self._fetcher = Fetcher(path, 1, "reader")
        self._fetcher.fetched.connect(self._on_fetched)

    def ask(self, key: str, question: Callable[[Project], T], then: Callable[[T], None]) -> None:
        """Ask, and call `then` with the answer.

        Not when another question was asked under the same key meanwhile, or the object whose method it is, is deleted.
        """
        ticket = next(self._tickets)
        self._newest[key] = (ticket, then)
        self._fetcher.ask(key, lambda project: (ticket, question(project)))

    def finish(self) -> None:
        """Forget what was asked, and end the thread."""
        self._newest.clear()
        self._fetcher.finish()

    def leave(self) -> Fetcher:
        """The same without waiting for a question that is being answered; what answers it is to be kept till then."""
        self._newest.clear()
        self._fetcher.leave()
        return self._fetcher

    @Slot(object)
    def _on_fetched(self, fetched: Fetched) -> None:
        if fetched.error is not None:
            self.failed.emit(fetched.error)
        elif isinstance(fetched.key, str) and isinstance(fetched.value, tuple):
            ticket, answer = fetched.value
            newest, then = self._newest.get(fetched.key, (-1, _ignore))
            if ticket == newest:
                del self._newest[fetched.key]
                if _is_there(then):
                    then(answer)


def _is_there(then: Callable[[Any], None]) -> bool:
    """Whether the object whose method is to hear the answer is not deleted, as a dialog is once it is closed."""
    owner = getattr(then, "__self__", None)
    return not isinstance(owner, QObject) or isValid(owner)


def _ignore(_: object) -> None: ...
