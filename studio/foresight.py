"""Foresight: the questions of the picture that comes next, read while a person looks at this one.

The canvas is told too, and reads what is on it: so the next question is in sight as soon as this one is answered,
however long the answer takes to reach the file.
"""

from __future__ import annotations

from PySide6.QtCore import QObject

from engine.evaluation.queue import Ordering, Question, asked
from engine.project.store import Change
from studio.session import Session

_KEY = "questions to come"


class Foresight(QObject):
    """Knows the questions of one picture, as long as nothing changes there."""

    def __init__(self, session: Session, parent: QObject) -> None:
        """Foresee nothing yet."""
        super().__init__(parent)
        self._session = session
        self._wanted: tuple[int, int | None, Ordering] | None = None
        """Image, run and ordering."""
        self._known: tuple[Question, ...] | None = None
        session.changed.connect(self._on_changed)
        session.project_opened.connect(self.forget)

    def look_ahead(self, image_id: int | None, ordering: Ordering) -> None:
        """Read what is asked about a picture, unless that is done or under way; None: nothing comes."""
        wanted = None if image_id is None else (image_id, self._session.run_id, ordering)
        if wanted != self._wanted:
            self._wanted = wanted
            self._read()

    def known(self, image_id: int, ordering: Ordering) -> tuple[Question, ...] | None:
        """The questions on a picture, where they were read ahead."""
        return self._known if self._wanted == (image_id, self._session.run_id, ordering) else None

    def forget(self) -> None:
        """Know nothing."""
        self._wanted = self._known = None

    def _read(self) -> None:
        self._known = None
        if (wanted := self._wanted) is not None:
            image_id, run_id, ordering = wanted
            self._session.expect(image_id)
            self._session.ask(_KEY, lambda project: (wanted, asked(project, image_id, run_id, ordering)), self._take)

    def _take(self, found: tuple[tuple[int, int | None, Ordering], tuple[Question, ...]]) -> None:
        wanted, questions = found
        if wanted == self._wanted:
            self._known = questions

    def _on_changed(self, change: Change) -> None:
        if self._wanted is not None and is_concerned(self._wanted[0], change):
            self._read()


def is_concerned(image_id: int, change: Change) -> bool:
    """Whether a change may have made what is on an image another."""
    among = change.annotated | change.detected | change.images
    return image_id in among or bool(change.classes or change.runs)
