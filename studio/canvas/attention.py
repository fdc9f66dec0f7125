"""Brings into sight what somebody wants to look at: what the queue asks about, or a part that was asked for."""

from __future__ import annotations

from PySide6.QtCore import QObject

from engine.evaluation.disagreement import DisagreementKey
from engine.geometry.shapes import Bounds
from studio.canvas.question import surroundings
from studio.canvas.shown import Shown
from studio.canvas.steering import Steering
from studio.session import Session


class Attention(QObject):
    """Steers to it once, as soon as its picture is shown, for a person may look closer."""

    def __init__(self, session: Session, shown: Shown, steering: Steering, parent: QObject) -> None:
        """Nothing is looked at yet."""
        super().__init__(parent)
        self._session, self._shown, self._steering = session, shown, steering
        self._asked_about: DisagreementKey | None = None
        session.question_changed.connect(self._look_at_question)
        session.part_wanted.connect(self._look_at_part)

    def begin(self) -> None:
        """On another picture, or on none."""
        self._asked_about = None
        self._look_at_question()
        self._look_at_part()

    def _look_at_question(self) -> None:
        question, image = self._session.question, self._shown.image
        before, self._asked_about = self._asked_about, None if question is None else question.about.key
        if question is not None and image is not None and question.about.image_id == image.id:
            if self._asked_about == before:
                return
            self._frame(question.about.bounds)

    def _look_at_part(self) -> None:
        part, image = self._session.part, self._shown.image
        if part is not None and image is not None and part[0] == image.id:
            self._session.part = None
            self._frame(part[1])

    def _frame(self, bounds: Bounds) -> None:
        """Show bounds with what lies around them, but never smaller than the whole picture."""
        part = surroundings(bounds)
        if self._steering.view.framing(part).scale < self._steering.view.fit_scale:
            self._steering.fit()
        else:
            self._steering.frame(part)
