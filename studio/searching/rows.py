"""The listed pictures as a model: rows are read and thumbnails decoded only where they are in sight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from PySide6.QtCore import QAbstractListModel, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from engine.project import images
from engine.project.images import ImageRow
from engine.project.store import Change, Project
from studio import qt_pictures
from studio.searching.marks import STATE_WORDS
from studio.session import Session
from studio.widgets import ROOT, Index

PAGE = 64
"""Rows are read so many at a time."""
MAX_KEPT = 768
"""Rows and thumbnails that are kept, more than are ever in sight; the oldest go first. A thumbnail takes 0.1 MiB."""
LARGEST = 320
"""Pixels a side of a thumbnail, at most."""

Read: TypeAlias = Callable[[Project, list[int], set[int]], list[tuple[ImageRow, QImage | None]]]
"""Reads the rows with these ids and their thumbnails, on the reader's thread; None for those that are known."""


def read_rows(project: Project, image_ids: list[int], known: set[int]) -> list[tuple[ImageRow, QImage | None]]:
    """Rows with their thumbnails as they are stored."""
    return [
        (row, None if row.id in known else thumbnail_of(project, row.id)) for row in images.listed(project, image_ids)
    ]


def thumbnail_of(project: Project, image_id: int) -> QImage:
    """The thumbnail of an image, a null image where it has none; the preview of a large picture is shrunk."""
    return qt_pictures.read(images.thumbnail(project, image_id), LARGEST)


def in_words(row: ImageRow) -> str:
    """What is known of a picture, in lines."""
    facts = [f"{row.n_annotations:,} annotation{'s' * (row.n_annotations != 1)}"]
    facts += [f"{row.n_suggestions:,} suggestion{'s' * (row.n_suggestions != 1)}"] if row.n_suggestions else []
    facts += [STATE_WORDS[row.state].lower(), *([f"in {row.split}"] if row.split else [])]
    return "\n".join([row.name, ", ".join(facts), *([f"Tags: {', '.join(row.tags)}"] if row.tags else [])])


class ImageRows(QAbstractListModel):
    """The session's listing; a row without its content yet is a blank that is being read."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        """Rows of the session's project."""
        super().__init__(parent)
        self._session = session
        self.ids: Sequence[int] = session.listing.ids
        self._rows: dict[int, tuple[ImageRow, QImage]] = {}
        self._stale: set[int] = set()
        """To be read again once in sight, also where an answer is on its way: it may be from before the change."""
        self._asked: frozenset[int] = frozenset()
        """Whose answer is on its way; it is asked about others once that has come."""
        self._wanted: dict[int, None] = {}
        self._way = 0
        """Counts the ways of reading: what was asked in another way is not heard."""
        self._read: Read = read_rows
        self._keeps_thumbnails = True
        self._page = PAGE
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._ask)
        session.project_opened.connect(self._forget_all)
        session.listing.changed.connect(self._show)
        session.changed.connect(self._on_change)
        session.failed.connect(self._on_failed)

    def rowCount(self, parent: Index = ROOT) -> int:
        """How many images are listed."""
        return 0 if parent.isValid() else len(self.ids)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The name; under UserRole the ImageRow with its thumbnail, or None, which has it read."""
        if not 0 <= index.row() < len(self.ids):
            return None
        found = self.entry(index.row())
        if role == Qt.ItemDataRole.UserRole:
            return found
        if found is None:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return found[0].name
        return in_words(found[0]) if role == Qt.ItemDataRole.ToolTipRole else None

    def entry(self, row: int) -> tuple[ImageRow, QImage] | None:
        """A row with its thumbnail; None, or what was read last, has it read."""
        image_id = self.ids[row]
        found = self._rows.get(image_id)
        if image_id in self._stale or (found is None and image_id not in self._asked):
            self._want(image_id)
        return found

    def read_by(self, read: Read, *, keeps_thumbnails: bool, page: int = PAGE) -> None:
        """Read rows in another way from now on, so many at a time.

        `keeps_thumbnails` says that a thumbnail stays as it is, whatever becomes of the annotations.
        """
        self._read, self._keeps_thumbnails, self._page = read, keeps_thumbnails, page
        self._asked = frozenset()
        self._way += 1
        self._stale |= self._rows.keys()
        self._rows = {image_id: (row, QImage()) for image_id, (row, _) in self._rows.items()}
        self.layoutChanged.emit()

    def row_of(self, image_id: int | None) -> int:
        """The row of an image, or -1."""
        return self._session.listing.row_of(image_id)

    def _show(self) -> None:
        if self.ids is not self._session.listing.ids:
            self.beginResetModel()
            self.ids = self._session.listing.ids
            self._wanted.clear()
            self.endResetModel()

    def _forget_all(self) -> None:
        """Forget what was read, for it was another project's."""
        self._rows.clear()
        self._stale.clear()
        self._asked = frozenset()
        self._show()

    def _on_change(self, change: Change) -> None:
        """Read again what changed when it is in sight; until then it is shown as it was."""
        known = self._asked | self._rows.keys()
        if self._keeps_thumbnails or not change.classes:
            known &= change.images | change.annotated | change.detected
        self._stale |= known
        if len(known) > PAGE:
            self.layoutChanged.emit()
        else:
            for image_id in known:
                self._tell(image_id)

    def _on_failed(self, _: object) -> None:
        """It may have been this that failed: then no answer follows, and it is asked again once looked at."""
        self._stale |= self._asked & self._rows.keys()
        self._asked = frozenset()

    def _want(self, image_id: int) -> None:
        self._wanted.pop(image_id, None)
        self._wanted[image_id] = None
        if not self._timer.isActive() and not self._asked:
            self._timer.start()

    def _ask(self) -> None:
        """Have the newest wishes read: those of the rows in sight, when the list has been scrolled far."""
        chosen = list(self._wanted)[-PAGE:]
        now, later = chosen[: self._page], chosen[self._page :]
        self._wanted = dict.fromkeys(later)
        known = {id_ for id_ in now if id_ in self._rows and not self._rows[id_][1].isNull()}
        read, is_known = self._read, known if self._keeps_thumbnails else set[int]()
        self._asked = frozenset(now)
        self._stale -= self._asked
        key, way = f"image rows {id(self)}", self._way  # a list and a grid ask side by side
        self._session.ask(key, lambda project: (way, read(project, now, is_known)), self._take)

    def _take(self, answer: tuple[int, list[tuple[ImageRow, QImage | None]]]) -> None:
        way, found = answer
        if way != self._way:
            return
        self._asked = frozenset()
        for row, thumbnail in found:
            known = self._rows.pop(row.id, None)
            self._rows[row.id] = (row, thumbnail or (known[1] if known else QImage()))
            self._tell(row.id)
        while len(self._rows) > MAX_KEPT:
            del self._rows[next(iter(self._rows))]
        if self._wanted:
            self._timer.start()

    def _tell(self, image_id: int) -> None:
        row = self.row_of(image_id)
        if 0 <= row < len(self.ids):
            self.dataChanged.emit(self.index(row), self.index(row))
