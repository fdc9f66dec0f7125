"""TileView: tiles in lines, of which only those in sight are painted, so that 100,000 scroll."""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QRegion, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView

from studio.theme import GAP, Theme
from studio.tiles.cells import Cells
from studio.tiles.sections import Sections
from studio.widgets import Index

_STEPS = {
    QAbstractItemView.CursorAction.MoveLeft: (-1, 0),
    QAbstractItemView.CursorAction.MovePrevious: (-1, 0),
    QAbstractItemView.CursorAction.MoveRight: (1, 0),
    QAbstractItemView.CursorAction.MoveNext: (1, 0),
    QAbstractItemView.CursorAction.MoveUp: (0, -1),
    QAbstractItemView.CursorAction.MoveDown: (0, 1),
}


class TileView(QAbstractItemView):
    """Tiles of one size; chosen by click, Ctrl, Shift, arrows and rubber band."""

    side_wanted = Signal(int)
    """Ctrl and the wheel ask for tiles of another size."""
    SIDES = (80, 256)
    """Of a tile's picture, at least and at most."""

    def __init__(self, theme: Theme, side: int) -> None:
        """Tiles whose pictures have this side, in logical pixels."""
        super().__init__()
        self._theme = theme
        self._side = side
        self._pressed = QPoint()
        self._band = QRect()
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # or it would change the columns
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        # It paints its ground itself, so that scrolling moves what is there and paints the new strip alone.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        theme.changed.connect(self.viewport().update)

    def tile_size(self) -> QSize:
        """How large a tile is, with what is written on it."""
        raise NotImplementedError

    def paint_tile(self, painter: QPainter, rect: QRect, row: int) -> None:
        """Paint a tile into `rect` of the viewport."""
        raise NotImplementedError

    def paint_more(self, painter: QPainter, area: QRect) -> None:
        """Paint what is beside the tiles in a part of the viewport: nothing, unless a kind of view has something."""

    @property
    def side(self) -> int:
        """How large a tile's picture is, in logical pixels."""
        return self._side

    def show_at(self, side: int) -> None:
        """Show tiles of another size; what is current stays in sight."""
        side = min(max(side, self.SIDES[0]), self.SIDES[1])
        if side != self._side:
            self._side = side
            self.updateGeometries()
            self.scrollTo(self.currentIndex())
            self.viewport().update()

    @property
    def cells(self) -> Cells | Sections:
        """Where the tiles are."""
        size = self.tile_size()
        n_rows = self.model().rowCount() if self.model() is not None else 0
        return Cells(n_rows, self.viewport().width(), (size.width(), size.height()), GAP)

    def is_chosen(self, row: int) -> bool:
        """Whether a tile is among the chosen ones."""
        return self.selectionModel().isSelected(self._index(row))

    def visualRect(self, index: Index) -> QRect:
        """Where a cell is in the viewport."""
        if not index.isValid():
            return QRect()
        cells = self.cells
        x, y = cells.corner(index.row())
        return QRect(QPoint(x, y - self.verticalOffset()), QSize(*cells.cell))

    def indexAt(self, point: QPoint) -> QModelIndex:
        """The cell under a point of the viewport."""
        return self._index(self.cells.at(point.x(), point.y() + self.verticalOffset()))

    def scrollTo(
        self, index: Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        """Scroll just so far that the cell is in sight, with a little around it."""
        rect, height = self.visualRect(index), self.viewport().height()
        if rect.isEmpty():
            return
        bar = self.verticalScrollBar()
        if hint == QAbstractItemView.ScrollHint.PositionAtCenter:
            bar.setValue(bar.value() + rect.center().y() - height // 2)
        elif rect.top() < GAP:
            bar.setValue(bar.value() + rect.top() - GAP)
        elif rect.bottom() > height - GAP:
            bar.setValue(bar.value() + min(rect.bottom() - height + GAP, rect.top() - GAP))

    def moveCursor(self, action: QAbstractItemView.CursorAction, _: Qt.KeyboardModifier) -> QModelIndex:
        """The cell that an arrow leads to."""
        cells, row = self.cells, self.currentIndex().row()
        last, actions = cells.count - 1, QAbstractItemView.CursorAction
        if row < 0:
            return self._index(min(0, last))
        lines_in_sight = max(1, self.viewport().height() // (cells.cell[1] + GAP))
        if action in _STEPS:
            return self._index(cells.stepped(row, *_STEPS[action]))
        target = {
            actions.MoveHome: 0,
            actions.MoveEnd: last,
            actions.MovePageUp: row - lines_in_sight * cells.columns,
            actions.MovePageDown: row + lines_in_sight * cells.columns,
        }.get(action, row)
        return self._index(min(max(target, 0), last))

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Select what a rubber band touches, or with Shift all from one cell to another in reading order."""
        cells, offset = self.cells, self.verticalOffset()
        if self.state() == QAbstractItemView.State.DragSelectingState:
            band = rect.normalized().translated(0, offset)
            found = cells.within(band.left(), band.top(), band.right() + 1, band.bottom() + 1)
        else:
            ends = [cells.at(at.x(), at.y() + offset) for at in (rect.topLeft(), rect.bottomRight())]
            found = [(min(ends), max(ends))] if min(ends) >= 0 else []
        selection = QItemSelection()
        for first, last in found:
            selection.select(self._index(first), self._index(last))
        self.selectionModel().select(selection, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        """What is painted anew when the selection changes: its cells in sight."""
        cells, top, region = self.cells, self.verticalOffset(), QRegion()
        in_sight = cells.within(0, top, cells.width, top + self.viewport().height())
        for n in range(selection.count()):
            chosen = selection.at(n)
            for first, last in in_sight:
                ends = max(first, chosen.top()), min(last, chosen.bottom())
                if ends[0] <= ends[1]:
                    corners = [QPoint(*cells.corner(row)) - QPoint(0, top) for row in ends]
                    region += QRect(corners[0], corners[1] + QPoint(*cells.cell))
        return region

    def horizontalOffset(self) -> int:
        """Never scrolled sideways."""
        return 0

    def verticalOffset(self) -> int:
        """How far it is scrolled."""
        return self.verticalScrollBar().value()

    def isIndexHidden(self, _: Index) -> bool:
        """None is."""
        return False

    def keyboardSearch(self, _: str) -> None:
        """Nothing: it would read every row, and the query box is there for it."""

    def updateGeometries(self) -> None:
        """Fit the scroll bar."""
        bar, height = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, self.cells.height - height))
        bar.setPageStep(height)
        bar.setSingleStep(max(16, self._side // 3))
        super().updateGeometries()

    def reset(self) -> None:
        """Other tiles are listed."""
        super().reset()
        self.updateGeometries()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew, with what is current in sight if it was."""
        was_seen = self.viewport().rect().intersects(self.visualRect(self.currentIndex()))
        super().resizeEvent(event)
        self.updateGeometries()
        if was_seen:
            self.scrollTo(self.currentIndex())

    def scrollContentsBy(self, _: int, dy: int) -> None:
        """Move what is painted already."""
        self.viewport().scroll(0, dy)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cells in sight, and the rubber band."""
        painter, tones = QPainter(self.viewport()), self._theme.tones
        area, offset = event.rect(), self.verticalOffset()
        painter.fillRect(area, QColor(tones.surface))
        cells = self.cells
        size = QSize(*cells.cell)
        box = (area.left(), area.top() + offset, area.right() + 1, area.bottom() + 1 + offset)
        for first, last in cells.within(*box):
            for row in range(first, last + 1):
                x, y = cells.corner(row)
                self.paint_tile(painter, QRect(QPoint(x, y - offset), size), row)
        self.paint_more(painter, area)
        if not self._band.isEmpty():
            painter.setPen(QPen(QColor(tones.accent), 1))
            fill = QColor(tones.accent)
            fill.setAlpha(40)
            painter.setBrush(fill)
            painter.drawRect(self._band.translated(0, -offset))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A rubber band begins here."""
        self._pressed = event.position().toPoint() + QPoint(0, self.verticalOffset())
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Stretch the rubber band."""
        super().mouseMoveEvent(event)
        if self.state() == QAbstractItemView.State.DragSelectingState:
            at = event.position().toPoint() + QPoint(0, self.verticalOffset())
            before, self._band = self._band, QRect(self._pressed, at).normalized()
            changed = before.united(self._band).translated(0, -self.verticalOffset())
            self.viewport().update(changed.adjusted(-1, -1, 1, 1))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The rubber band is over."""
        super().mouseReleaseEvent(event)
        self._band = QRect()
        self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """With Ctrl larger or smaller tiles."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.side_wanted.emit(self._side + round(event.angleDelta().y() / 120 * 16))
            event.accept()
        else:
            super().wheelEvent(event)

    def _index(self, row: int) -> QModelIndex:
        return self.model().index(row, 0) if row >= 0 else QModelIndex()
