"""The probes as tiles beside one another: each with its crop, who it may be, and what was said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from PySide6.QtCore import QAbstractListModel, QItemSelectionModel, QModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QStyleOptionViewItem

from studio.faces.fitting import paint_fitted
from studio.theme import GAP, Theme
from studio.widgets import ROOT, Index

Mark: TypeAlias = Literal["", "waiting", "nobody", "somebody", "confirmed", "rejected", "refused"]
_SIGNS: dict[Mark, str] = {"waiting": "…", "nobody": "?", "confirmed": "✓", "rejected": "✕", "refused": "!"}
FACE = 72
TILE = QSize(FACE + 2 * GAP, FACE + 34)


@dataclass(frozen=True, slots=True, eq=False)
class ProbeTile:
    """What is shown of a probe."""

    number: int
    picture: QPixmap | None
    words: str
    """Who it may be, or is."""
    mark: Mark
    tip: str


class ProbeStrip(QListView):
    """One line of tiles that scrolls sideways; one of them is looked at."""

    looked_at = Signal(int)
    """The number of the probe that somebody goes to."""
    drop_wanted = Signal(int)
    """Somebody is done with the probe of this number."""

    def __init__(self, theme: Theme) -> None:
        """No tiles yet."""
        super().__init__()
        self._tiles = _Tiles()
        self.setModel(self._tiles)
        self.setItemDelegate(_Painting(theme))
        self.setAccessibleName("Probes")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setSpacing(2)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedHeight(TILE.height() + 18)
        self.setAcceptDrops(False)
        self.selectionModel().currentChanged.connect(self._on_current)
        theme.changed.connect(self.viewport().update)

    @property
    def tiles(self) -> Sequence[ProbeTile]:
        """As they are shown."""
        return self._tiles.tiles

    def show_tiles(self, tiles: Sequence[ProbeTile], number: int | None) -> None:
        """Show these, one of them looked at; nothing is told."""
        self._tiles.put(tiles)
        at = next((n for n, each in enumerate(tiles) if each.number == number), -1)
        selection = self.selectionModel()
        selection.blockSignals(True)
        flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
        index = self._tiles.index(at, 0) if at >= 0 else QModelIndex()
        if at >= 0:
            selection.setCurrentIndex(index, flag)
        else:
            selection.clear()
        selection.blockSignals(False)
        if at >= 0:
            self.scrollTo(index)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete is done with a probe."""
        at = self.currentIndex().row()
        if event.key() == Qt.Key.Key_Delete and at >= 0:
            self.drop_wanted.emit(self._tiles.tiles[at].number)
        else:
            super().keyPressEvent(event)

    def _on_current(self, index: QModelIndex, _: QModelIndex) -> None:
        if index.isValid():
            self.looked_at.emit(self._tiles.tiles[index.row()].number)


class _Tiles(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.tiles: tuple[ProbeTile, ...] = ()

    def put(self, tiles: Sequence[ProbeTile]) -> None:
        """As many as before are the same ones with other words."""
        if [each.number for each in tiles] != [each.number for each in self.tiles]:
            self.beginResetModel()
            self.tiles = tuple(tiles)
            self.endResetModel()
        elif tiles:
            self.tiles = tuple(tiles)
            self.dataChanged.emit(self.index(0, 0), self.index(len(tiles) - 1, 0))

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.tiles)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        tile = self.tiles[index.row()]
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return tile.tip
        return tile if role == Qt.ItemDataRole.UserRole else None


class _Painting(QStyledItemDelegate):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def sizeHint(self, _: QStyleOptionViewItem, __: Index) -> QSize:
        return TILE

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tile, tones = index.data(Qt.ItemDataRole.UserRole), self._theme.tones
        place = QRectF(option.rect)
        strip = option.widget
        is_current = isinstance(strip, QListView) and strip.currentIndex() == index
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if is_current:
            painter.setPen(QPen(QColor(tones.accent), 1.5))
            painter.setBrush(QColor(tones.accent_soft))
            painter.drawRoundedRect(place.adjusted(1, 1, -1, -1), 6, 6)
        face = QRectF(place.left() + GAP, place.top() + 6, FACE, FACE)
        if tile.picture is not None:
            paint_fitted(painter, face, tile.picture)
        self._paint_mark(painter, tile.mark, face)
        painter.setPen(QColor(tones.text if tile.mark in ("somebody", "confirmed") else tones.faint))
        below = QRectF(place.left() + 4, face.bottom() + 3, place.width() - 8, 20)
        words = QFontMetricsF(painter.font()).elidedText(tile.words, Qt.TextElideMode.ElideRight, below.width())
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, words)
        painter.restore()

    def _paint_mark(self, painter: QPainter, mark: Mark, face: QRectF) -> None:
        sign = _SIGNS.get(mark)
        if sign is None:
            return
        tones = self._theme.tones
        colour = {"confirmed": tones.good, "rejected": tones.bad, "refused": tones.warn}.get(mark, tones.faint)
        badge = QRectF(face.right() - 17, face.top() - 3, 20, 20)
        painter.setPen(QPen(QColor(tones.surface), 2))
        painter.setBrush(QColor(colour))
        painter.drawEllipse(badge)
        font = QFont(painter.font())
        font.setBold(True)
        usual = painter.font()
        painter.setFont(font)
        painter.setPen(QColor(tones.surface))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, sign)
        painter.setFont(usual)
