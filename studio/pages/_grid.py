"""The grid of thumbnails: a view of which only the cells in sight are painted, so that 100,000 scroll."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QKeyEvent, QPainter

from studio.commands import named, perform
from studio.pages._cell_painting import Look, cell_size, paint_cell
from studio.searching.command_menu import IMAGE_COMMANDS, command_menu
from studio.searching.rows import ImageRows
from studio.surroundings import Studio
from studio.tiles.view import TileView

SIDES = TileView.SIDES
"""Of a thumbnail, at least and at most."""


class Grid(TileView):
    """Thumbnails in lines; chosen by click, Ctrl, Shift, arrows and rubber band."""

    def __init__(self, studio: Studio, rows: ImageRows) -> None:
        """Show these rows."""
        super().__init__(studio.theme, 144)
        self._studio = studio
        self._rows = rows
        self.setModel(rows)
        self.setAccessibleName("Pictures found")

    def tile_size(self) -> QSize:
        """Of a thumbnail with its words."""
        return cell_size(self.side, QFontMetrics(self.font()))

    def paint_tile(self, painter: QPainter, rect: QRect, row: int) -> None:
        """A thumbnail, or a blank that is being read."""
        is_current = row == self.currentIndex().row()
        look = Look(self.side, self._studio.theme.tones, self.is_chosen(row), is_current)
        paint_cell(painter, rect, self._rows.entry(row), look)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete removes the chosen pictures, after a question."""
        if event.key() == Qt.Key.Key_Delete and not event.modifiers():
            perform(self._studio, named("image.remove")[0])
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done to the chosen pictures."""
        command_menu(self._studio, IMAGE_COMMANDS, self).popup(event.globalPos())
