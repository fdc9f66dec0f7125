"""The search bar: query box, presets, order, how many pictures were found, and what is wrong with the query."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from engine.project.queries import SortOrder
from studio.searching import presets
from studio.searching.field import QueryField
from studio.searching.menu_button import MenuButton
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import role

ORDER_TITLES: dict[SortOrder, str] = {
    "imported": "As imported", "name": "By name", "edited": "Last edited", "objects": "Most objects",
    "suggestions": "Most suggestions", "uncertainty": "Most uncertain", "disagreement": "Most disagreement",
}  # fmt: skip
TYPING_MS, ERROR_MS = 150, 700
"""How long after the last key a search is asked, and what is wrong with it is said."""


class SearchBar(QWidget):
    """The window's one search: the query box, and a line under it."""

    def __init__(self, studio: Studio) -> None:
        """Show the session's search, and change it."""
        super().__init__()
        self._studio = studio
        self._session, self._listing = studio.session, studio.session.listing
        self._presets = presets.Presets(studio.settings)
        self.field = QueryField(studio)
        self.count, self.problem = role(QLabel(), "faint"), role(QLabel(), "bad")
        self.problem.setWordWrap(True)
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.hide()
        self.kind, self.order = MenuButton(studio, "filter"), MenuButton(studio, "sort")
        self.kind.setAccessibleName("Common searches")
        self.kind.menu().aboutToShow.connect(self._fill_presets)
        self.order.setAccessibleName("Order")
        self._fill_orders(self.order.menu())
        self._lay_out()
        self._typed, self._wrong = _single_shot(self, TYPING_MS), _single_shot(self, ERROR_MS)
        self._patience = ERROR_MS
        self._connect()

    def _connect(self) -> None:
        self._typed.timeout.connect(self._search)
        self._wrong.timeout.connect(self._show_problem)
        self.field.textChanged.connect(self._on_text)
        self.field.entered.connect(self._enter)
        self.field.editingFinished.connect(self._remember)
        self._listing.search_changed.connect(self._show_search)
        self._listing.changed.connect(self._show_found)
        self._show_search()
        self._show_found()

    def add(self, *widgets: QWidget) -> None:
        """Put more at the end of the second line."""
        for widget in widgets:
            self._line.addWidget(widget)

    def _lay_out(self) -> None:
        column, self._line = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP // 2)
        self._line.setSpacing(GAP // 2)
        self._line.addWidget(self.kind)
        self._line.addWidget(self.order)
        self._line.addStretch(1)
        self._line.addWidget(self.count)
        column.addWidget(self.field)
        column.addLayout(self._line)
        column.addWidget(self.problem)

    def _fill_orders(self, menu: QMenu) -> None:
        group = QActionGroup(menu)
        self._orders: dict[SortOrder, QAction] = {}
        for order, title in ORDER_TITLES.items():
            action = self._orders[order] = menu.addAction(title, partial(self._sort, order))
            action.setCheckable(True)
            group.addAction(action)
        menu.addSeparator()
        self._reverse = menu.addAction("Backwards")
        self._reverse.setCheckable(True)
        self._reverse.triggered.connect(lambda _: self._sort(self._listing.search.order))

    def _fill_presets(self) -> None:
        first = next(iter(self._session.known.classes.values()), None)
        name = first.name if first else None
        choices = presets.Choices(self._find, lambda: self._studio.ask.show("save_search"), self._forget)
        presets.fill(self.kind.menu(), self._presets, self._listing.search.text, name, choices)

    def _remember(self) -> None:
        if self._listing.error is None:
            self._presets.remember(self._listing.search.text)

    def _find(self, text: str) -> None:
        self._presets.remember(text)
        self._listing.find_text(text)

    def _forget(self, name: str) -> None:
        self._presets.forget(name)
        self._listing.find_text(self._listing.search.text)  # it has no name now

    def _sort(self, order: SortOrder) -> None:
        self._listing.sort(order, reverse=self._reverse.isChecked())

    def _on_text(self, text: str) -> None:
        if text != self._listing.search.text:
            self._wrong.stop()
            self._typed.start()

    def _search(self) -> None:
        self._typed.stop()
        if self.field.text() != self._listing.search.text:
            self._listing.find_text(self.field.text())

    def _enter(self) -> None:
        """Search now, also for what was searched already: annotations may have changed."""
        self._typed.stop()
        self._patience = 0
        self._listing.find_text(self.field.text())

    def _show_search(self) -> None:
        search = self._listing.search
        if self.field.text() != search.text and not self._typed.isActive():
            self.field.setText(search.text)
        name = self._presets.name_of(search.text) or "Own search"
        self.kind.show_words(name)
        self.kind.setToolTip(f"{name}\nCommon, saved and recent searches; examples")  # it may be cut on the button
        self._orders[search.order].setChecked(True)
        self._reverse.setChecked(search.reverse)
        backwards = ", backwards" if search.reverse else ""
        self.order.setToolTip(f"Order: {ORDER_TITLES[search.order].lower()}{backwards}")

    def _show_found(self) -> None:
        n = len(self._listing.ids)
        self.count.setText(f"{n:,}")
        self.count.setToolTip("1 picture found" if n == 1 else f"{n:,} pictures found")
        if self._listing.error is None:
            self._wrong.stop()
            self.problem.hide()
        elif not self.problem.isVisible():
            self._wrong.start(self._patience)
        else:
            self._show_problem()
        self._patience = ERROR_MS

    def _show_problem(self) -> None:
        error = self._listing.error
        if error is not None:
            self.problem.setText(f"{error.message} {error.hint}".strip())
            self.problem.show()


def _single_shot(parent: QWidget, milliseconds: int) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    return timer
