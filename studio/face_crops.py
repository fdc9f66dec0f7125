"""FaceCrops: the crops of faces in sight, read from the project a page at a time and kept for a while."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap

from engine.errors import UserError
from engine.project import gallery
from engine.project.store import Project
from studio import qt_pictures
from studio.session import Session

PAGE = 48
"""Crops are read so many at a time, those that were asked for last first."""
MAX_WANTED = 6 * PAGE
"""Crops that wait to be read; what was asked for before these is out of sight by now."""
MAX_KEPT = 1500
"""Crops that are kept; the oldest go first. One takes 50 KiB."""


class FaceCrops(QObject):
    """Of the session's project."""

    ready = Signal(int)
    """Template id: its crop can be had now."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        """None yet."""
        super().__init__(parent)
        self._session = session
        self._kept: dict[int, QPixmap] = {}
        self._wanted: dict[int, None] = {}
        self._is_asking = False
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._ask)
        session.failed.connect(self._on_failed)

    def get(self, template_id: int) -> QPixmap | None:
        """None has it read, and `ready` told. A null pixmap where it cannot be read."""
        found = self._kept.get(template_id)
        if found is None:
            self._wanted.pop(template_id, None)
            self._wanted[template_id] = None
            while len(self._wanted) > MAX_WANTED:
                del self._wanted[next(iter(self._wanted))]
            self._later.start()
        return found

    def forget(self) -> None:
        """They were another project's."""
        self._kept.clear()
        self._wanted.clear()
        self._is_asking = False

    def forget_others(self, template_ids: Collection[int]) -> None:
        """Keep nothing of faces that are not among these."""
        for gone in [each for each in self._kept if each not in template_ids]:
            del self._kept[gone]

    def _ask(self) -> None:
        if not self._is_asking and self._wanted:
            ids = [self._wanted.popitem()[0] for _ in range(min(PAGE, len(self._wanted)))]
            self._is_asking = True
            self._session.ask("crops of faces", lambda project: _crops(project, ids), self._take)

    def _on_failed(self, _: object) -> None:
        """It may have been this that failed: then no answer follows."""
        self._is_asking = False

    def _take(self, found: Mapping[int, QImage]) -> None:
        self._is_asking = False
        for template_id, image in found.items():
            self._kept[template_id] = QPixmap.fromImage(image)
        while len(self._kept) > MAX_KEPT:
            del self._kept[next(iter(self._kept))]
        for template_id in found:
            self.ready.emit(template_id)
        self._ask()


def _crops(project: Project, ids: Collection[int]) -> dict[int, QImage]:
    """Crops by template id; a null image where one has gone or is damaged."""
    found = {}
    for template_id in ids:
        try:
            found[template_id] = qt_pictures.read(gallery.crop(project, template_id))
        except UserError:
            found[template_id] = QImage()
    return found
