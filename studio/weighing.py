"""Weighing: what follows from the gallery, worked out beside what is read: its threshold, and what may be wrong in it.

That takes seconds for thousands of faces, and nobody is to wait for crops or pictures meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from engine.gallery import Calibration, Gallery, calibrate, duplicates, outliers
from engine.project.gallery import GallerySettings
from engine.project.store import Project
from studio.fetching import Fetcher
from studio.gallery_values import Doubts
from studio.reader import Reader
from studio.session import Session

T = TypeVar("T")


class Weighing(QObject):
    """Thinks about the session's project on a thread of its own."""

    changed = Signal()
    """The calibration or the doubts are others."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        """Nothing is worked out yet."""
        super().__init__(parent)
        self._session = session
        self.calibration: Calibration | None = None
        """What an automatic threshold is worth; None where there are no two people, or not worked out yet."""
        self.doubts = Doubts()
        self._calibrated_for: tuple[Gallery, GallerySettings] | None = None
        self._doubted: Gallery | None = None
        self._thinker: Reader | None = None
        self._left: list[Fetcher] = []
        """What still thinks about a project that was left."""

    def begin(self) -> None:
        """Another project is open, or none."""
        self.calibration = self._calibrated_for = self._doubted = None
        self.doubts = Doubts()
        self._left = [each for each in self._left if each.is_at_work]
        if self._thinker is not None:
            self._left.append(self._thinker.leave())
            self._thinker.deleteLater()
            self._thinker = None
        if self._session.project is not None:
            self._thinker = Reader(self._session.project.path, self)
            self._thinker.failed.connect(self._session.failed)

    def think(self, key: str, question: Callable[[Project], T], then: Callable[[T], None]) -> None:
        """Work something out; `then` hears the answer of the newest question by `key`."""
        if self._thinker is not None:
            self._thinker.ask(key, question, then)

    def weigh(self, enrolled: Gallery, settings: GallerySettings) -> None:
        """Work out what follows from these, unless that is known."""
        before = self._calibrated_for
        if before is None or not _decide_alike(before, (enrolled, settings)):
            if before is None or (before[1].embedder_id, before[1].rule) != (settings.embedder_id, settings.rule):
                self.calibration = None  # a distance by one embedder or rule means nothing by another
            self._calibrated_for = enrolled, settings
            self.think("calibration", lambda _: calibrate(enrolled, settings.rule, settings.far), self._take)
        if self._doubted is not enrolled:
            self._doubted = enrolled
            self.think("doubts", lambda _: Doubts(outliers(enrolled), duplicates(enrolled)), self._take_doubts)

    def _take(self, calibration: Calibration | None) -> None:
        if calibration is not None or self.calibration is not None:
            self.calibration = calibration
            self.changed.emit()

    def _take_doubts(self, doubts: Doubts) -> None:
        if doubts != self.doubts:
            self.doubts = doubts
            self.changed.emit()


def _decide_alike(a: tuple[Gallery, GallerySettings], b: tuple[Gallery, GallerySettings]) -> bool:
    """Whether one threshold follows from both."""
    (one, settings), (other, others) = a, b
    return one is other and (settings.embedder_id, settings.rule, settings.far) == (
        others.embedder_id,
        others.rule,
        others.far,
    )
