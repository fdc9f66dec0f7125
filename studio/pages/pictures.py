"""The page of pictures: a grid of thumbnails of what the search finds, and what can be done to the chosen ones."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QVBoxLayout, QWidget

from studio.commands import named, perform
from studio.pages import Page
from studio.pages._drawn import AT_A_TIME, read_drawn
from studio.pages._grid import SIDES, Grid
from studio.searching.bar import SearchBar
from studio.searching.choosing import Choosing
from studio.searching.command_menu import fill_menu
from studio.searching.menu_button import MenuButton
from studio.searching.rows import ImageRows, read_rows
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import WordsOver, role

STATES = ("image.done", "image.state_needs_review", "image.state_in_progress", "image.state_new")
SPLITS = ("image.split_train", "image.split_val", "image.split_test", "image.split_none", "", "image.assign_splits")


class PicturesPage(QWidget):
    """Search, grid, and a line of what can be done."""

    def __init__(self, studio: Studio) -> None:
        """Show the session's listing."""
        super().__init__()
        self._studio = studio
        self._session = studio.session
        self.bar = SearchBar(studio)
        self.rows = ImageRows(studio.session, self)
        self.grid = Grid(studio, self.rows)
        self.choosing = Choosing(studio.session, self.grid, self.rows)
        self.side, self.shapes = QSlider(Qt.Orientation.Horizontal), QToolButton()
        self.buttons: list[QToolButton] = []
        """What can be done to the chosen pictures."""
        self._chosen = role(QLabel(), "faint")
        self._nothing = role(QLabel(), "faint")
        self._prepare()
        self._lay_out()
        self._session.writable_changed.connect(self._say)
        self._session.listing.chosen_changed.connect(self._say)
        self._session.listing.changed.connect(self._say)
        self.setFocusProxy(self.grid)
        self.choosing.show()
        self._say()

    def _prepare(self) -> None:
        self.side.setRange(*SIDES)
        self.side.setFixedWidth(96)
        self.side.setAccessibleName("Size of the thumbnails")
        self.side.setToolTip("Size of the thumbnails  (Ctrl+wheel)")
        self.side.valueChanged.connect(self.grid.show_at)
        self.side.setValue(self._studio.settings.number_of("thumbnails", 144))
        self.side.valueChanged.connect(lambda side: self._studio.settings.keep_number("thumbnails", side))
        self.grid.side_wanted.connect(self.side.setValue)
        self.shapes.setIcon(self._studio.theme.icon("polygon"))
        self.shapes.setIconSize(QSize(16, 16))
        self.shapes.setCheckable(True)
        self.shapes.setToolTip("Draw the shapes on the thumbnails")
        self.shapes.setAccessibleName("Draw the shapes on the thumbnails")
        self.shapes.toggled.connect(self._draw_shapes)
        self.shapes.setChecked(bool(self._studio.settings.number_of("thumbnails with shapes", 0)))

    def _lay_out(self) -> None:
        self.bar.add(self.shapes, self.side)
        foot = QHBoxLayout()
        foot.setSpacing(GAP // 2)
        foot.addWidget(self._chosen, 1)
        menus = [self._menu("Mark", "done", STATES), self._menu("Split", "split", SPLITS)]
        self.buttons = [*menus, *map(self._button, ("image.tags", "image.remove"))]
        for button in self.buttons:
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, GAP // 2, GAP, GAP // 2)
        column.setSpacing(GAP)
        column.addWidget(self.bar)
        column.addWidget(WordsOver(self.grid, self._nothing), 1)
        column.addLayout(foot)

    def _menu(self, title: str, icon: str, names: tuple[str, ...]) -> QToolButton:
        button = MenuButton(self._studio, icon)
        button.show_words(title)
        button.setAccessibleName(title)
        menu = button.menu()
        menu.aboutToShow.connect(lambda: fill_menu(menu, self._studio, names))
        return button

    def _button(self, name: str) -> QToolButton:
        (wanted,) = named(name)
        button = QToolButton()
        button.setIcon(self._studio.theme.icon(wanted.look.icon))
        button.setIconSize(QSize(16, 16))
        tip = partial(self._studio.keys.tip, name, wanted.title)
        button.setToolTip(tip())
        self._studio.keys.changed.connect(lambda: button.setToolTip(tip()))
        button.setAccessibleName(wanted.title)
        button.clicked.connect(lambda _=False: perform(self._studio, wanted))
        return button

    def _draw_shapes(self, drawn: bool) -> None:
        self._studio.settings.keep_number("thumbnails with shapes", int(drawn))
        if drawn:
            self.rows.read_by(read_drawn, keeps_thumbnails=False, page=AT_A_TIME)
        else:
            self.rows.read_by(read_rows, keeps_thumbnails=True)

    def _say(self) -> None:
        listing = self._session.listing
        self._chosen.setText(f"{len(listing.chosen):,} chosen" if listing.chosen else "")
        for button in self.buttons:
            button.setEnabled(self._session.can_write)
        text = listing.search.text
        words = "Nothing is found." if text.strip() else "Pictures are seen here once some are imported."
        if "disagree" in text:
            words += "\nDisagreements are found once the queue has counted them."
        self._nothing.setText(words)
        self._nothing.setVisible(not listing.ids)


PAGE = Page(
    "Pictures",
    "grid",
    2,
    PicturesPage,
    "See the pictures as thumbnails: choose, mark, tag and split them.",
    "Click, Ctrl+click, Shift+click or pull a frame to choose. Enter opens a picture.",
)
