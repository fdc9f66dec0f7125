"""The image list: 100,000 rows scroll, for rows are read and thumbnails decoded only where they are in sight."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QRect, Qt, QTimer
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from engine.project import images, listings
from engine.project.images import ImageRow
from engine.project.listings import Filter
from engine.project.store import Change, Project
from studio.panels import Panel
from studio.panels._image_rows import paint_row
from studio.session import Session
from studio.surroundings import Studio
from studio.theme import GAP, Theme
from studio.widgets import ROOT, Index, role

ROW_HEIGHT = 56
PAGE = 64
"""Rows are read so many at a time."""
MAX_KEPT = 4096
"""Rows and thumbnails that are kept; the oldest go first."""
FILTERS: tuple[tuple[str, Filter], ...] = (
    ("All", Filter()),
    ("Training", Filter(splits=frozenset({"train"}))),
    ("Validation", Filter(splits=frozenset({"val"}))),
    ("Test", Filter(splits=frozenset({"test"}))),
    ("In no split", Filter(splits=frozenset({None}))),
    ("Not done", Filter(states=frozenset({"new", "in_progress", "needs_review"}))),
    ("Done", Filter(states=frozenset({"done"}))),
    ("Needs review", Filter(states=frozenset({"needs_review"}))),
)


class ImageRows(QAbstractListModel):
    """The listed images; a row without its content yet is a blank that is being read."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        """Rows of the session's project."""
        super().__init__(parent)
        self._session = session
        self.ids: Sequence[int] = ()
        self._rows: dict[int, tuple[ImageRow, QImage]] = {}
        self._stale: set[int] = set()
        self._wanted: set[int] = set()
        self._is_asking = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._ask)

    def rowCount(self, parent: Index = ROOT) -> int:
        """How many images are listed."""
        return 0 if parent.isValid() else len(self.ids)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The name; under UserRole the ImageRow with its thumbnail, or None, which has it read."""
        if not 0 <= index.row() < len(self.ids):
            return None
        image_id = self.ids[index.row()]
        found = self._rows.get(image_id)
        if found is None or image_id in self._stale:
            self._want(image_id)
        if role == Qt.ItemDataRole.UserRole:
            return found
        if found is None:
            return None
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return found[0].name
        return None

    def show(self, ids: Sequence[int]) -> None:
        """List other images."""
        self.beginResetModel()
        self.ids = ids
        self._wanted.clear()
        self.endResetModel()

    def forget_all(self) -> None:
        """Forget what was read, for it was another project's."""
        self._rows.clear()
        self._stale.clear()
        self._is_asking = False
        self.show(())

    def refresh(self, image_ids: frozenset[int]) -> None:
        """Read these again when they are in sight; until then they are shown as they were."""
        known = image_ids & self._rows.keys()
        self._stale |= known
        if len(known) > PAGE:
            self.layoutChanged.emit()
        else:
            for image_id in known:
                self._tell(image_id)

    def row_of(self, image_id: int | None) -> int:
        """The row of an image, or -1."""
        if image_id is None:
            return -1
        row = bisect_left(self.ids, image_id)
        return row if row < len(self.ids) and self.ids[row] == image_id else -1

    def _want(self, image_id: int) -> None:
        self._wanted.add(image_id)
        if not self._timer.isActive() and not self._is_asking:
            self._timer.start()

    def _ask(self) -> None:
        """Have the newest wishes read: those of the rows in sight, when the list has been scrolled far."""
        chosen = sorted(self._wanted)[-PAGE:] if len(self._wanted) <= PAGE else list(self._wanted)[-PAGE:]
        self._wanted.clear()
        known = {image_id for image_id in chosen if image_id in self._rows}
        self._is_asking = True
        self._session.ask("image rows", lambda project: _read(project, chosen, known), self._take)

    def _take(self, found: list[tuple[ImageRow, QImage | None]]) -> None:
        self._is_asking = False
        for row, thumbnail in found:
            known = self._rows.pop(row.id, None)
            self._rows[row.id] = (row, thumbnail or (known[1] if known else QImage()))
            self._stale.discard(row.id)
            self._tell(row.id)
        while len(self._rows) > MAX_KEPT:
            del self._rows[next(iter(self._rows))]
        if self._wanted:
            self._timer.start()

    def _tell(self, image_id: int) -> None:
        row = self.row_of(image_id)
        if row >= 0:
            self.dataChanged.emit(self.index(row), self.index(row))


class ImageDelegate(QStyledItemDelegate):
    """Paints a row: thumbnail, name, split, state and counts."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        """Paint in the theme's colours."""
        super().__init__(parent)
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint what is known of the row."""
        rect: QRect = option.rect
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        paint_row(painter, rect, index.data(Qt.ItemDataRole.UserRole), self._theme.tones, is_selected=is_selected)


class ImagePanel(QWidget):
    """Filter, list, and how many there are."""

    def __init__(self, studio: Studio) -> None:
        """List the images of the session's project."""
        super().__init__()
        self._session = studio.session
        self._text, self._kind, self._count = QLineEdit(), QComboBox(), role(QLabel(), "faint")
        self._text.setPlaceholderText("Filter by name")
        self._text.setClearButtonEnabled(True)
        self._kind.addItems([title for title, _ in FILTERS])
        self._kind.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.view = QTableView()
        self.rows = ImageRows(self._session, self)
        self._prepare(studio)
        self._lay_out()
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(150)
        self._typed.timeout.connect(self._list)
        self._text.textChanged.connect(self._typed.start)
        self._kind.currentIndexChanged.connect(self._list)
        self.view.selectionModel().currentChanged.connect(self._on_current)
        self._session.project_opened.connect(self._on_open)
        self._session.image_changed.connect(self._show_current)
        self._session.changed.connect(self._on_change)
        self._on_open()

    def _prepare(self, studio: Studio) -> None:
        self.view.setModel(self.rows)
        self.view.setItemDelegate(ImageDelegate(studio.theme, self))
        # A table of one column: unlike a QListView it asks the model nothing about the rows that are out of sight.
        self.view.horizontalHeader().hide()
        self.view.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.view.verticalHeader().hide()
        self.view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.view.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.view.setShowGrid(False)
        self.view.setTabKeyNavigation(False)
        self.view.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.view.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.view.setMinimumWidth(160)
        studio.theme.changed.connect(self.view.viewport().update)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, 0, GAP, GAP)
        column.setSpacing(GAP)
        column.addWidget(self._text)
        row = QHBoxLayout()
        row.addWidget(self._kind, 1)
        row.addWidget(self._count)
        column.addLayout(row)
        column.addWidget(self.view, 1)

    def _on_open(self) -> None:
        self.rows.forget_all()
        self._count.clear()
        self._list()

    def _list(self) -> None:
        chosen = FILTERS[self._kind.currentIndex()][1]
        wanted = Filter(self._text.text(), chosen.splits, chosen.states)
        self._session.ask("image ids", lambda project: listings.image_ids(project, wanted), self._take)

    def _take(self, ids: list[int]) -> None:
        if ids != self.rows.ids:
            self.rows.show(ids)
            self._session.list_images(ids)
        self._count.setText(f"{len(ids):,}")
        self._show_current()

    def _on_change(self, change: Change) -> None:
        self.rows.refresh(change.images | change.annotated | change.detected)
        if change.images:
            self._list()

    def _on_current(self, current: QModelIndex, _: QModelIndex) -> None:
        if current.isValid():
            self._session.go_to(self.rows.ids[current.row()])

    def _show_current(self) -> None:
        row = self.rows.row_of(self._session.image_id)
        index = self.rows.index(row) if row >= 0 else QModelIndex()
        if index != self.view.currentIndex():
            self.view.setCurrentIndex(index)
        if row >= 0:
            self.view.scrollTo(index)


def _read(project: Project, image_ids: list[int], known: set[int]) -> list[tuple[ImageRow, QImage | None]]:
    """Rows with their thumbnails, decoded here on the reader's thread; only the row where the thumbnail is known."""
    return [
        (row, None if row.id in known else QImage.fromData(images.thumbnail(project, row.id) or b""))
        for row in images.listed(project, image_ids)
    ]


PANEL = Panel("Images", "images", "left", 10, ImagePanel)
