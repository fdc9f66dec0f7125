"""The image list: 100,000 rows scroll, for rows are read and thumbnails decoded only where they are in sight."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QContextMenuEvent, QPainter
from PySide6.QtWidgets import (
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from studio.panels import Panel
from studio.panels._image_rows import paint_row
from studio.searching.bar import SearchBar
from studio.searching.choosing import Choosing
from studio.searching.command_menu import IMAGE_COMMANDS, command_menu
from studio.searching.rows import ImageRows
from studio.surroundings import Studio
from studio.theme import GAP, Theme
from studio.widgets import Index

ROW_HEIGHT = 56
_SEARCHING = "pictures"
"""The page with the same search and the same pictures, larger: while it is shown, the search is there alone."""


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


class ImageList(QTableView):
    """A table of one column: unlike a QListView it asks the model nothing about the rows that are out of sight."""

    def __init__(self, studio: Studio, rows: ImageRows) -> None:
        """Show these rows."""
        super().__init__()
        self._studio = studio
        self.setModel(rows)
        self.setItemDelegate(ImageDelegate(studio.theme, self))
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setMinimumWidth(160)
        self.setAccessibleName("Pictures found")
        studio.theme.changed.connect(self.viewport().update)

    def keyboardSearch(self, _: str) -> None:
        """Nothing: it would read every row, and the query box is there for it."""

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done to the chosen pictures."""
        command_menu(self._studio, IMAGE_COMMANDS, self).popup(event.globalPos())


class ImagePanel(QWidget):
    """The search, and the list of what it finds."""

    def __init__(self, studio: Studio) -> None:
        """List the images of the session's project."""
        super().__init__()
        self.bar = SearchBar(studio)
        self.rows = ImageRows(studio.session, self)
        self.view = ImageList(studio, self.rows)
        self.choosing = Choosing(studio.session, self.view, self.rows)
        column = self._column = QVBoxLayout(self)
        column.setSpacing(GAP)
        column.addWidget(self.bar)
        column.addWidget(self.view, 1)
        self.choosing.show()
        self._session = studio.session
        self._session.page_changed.connect(self._show_bar)
        self._show_bar()

    def _show_bar(self) -> None:
        is_here = self._session.page != _SEARCHING
        self.bar.setVisible(is_here)
        self._column.setContentsMargins(GAP, 0 if is_here else GAP, GAP, GAP)


PANEL = Panel("Images", "images", "left", 10, ImagePanel)
