"""The search bar: query box, presets, order, how many pictures were found, and what is wrong with the query."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

from engine.project import classes
from engine.project.queries import SortOrder
from studio.searching import presets
from studio.searching.field import QueryField
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
    """The window's one search, in two lines for a dock or in one for a page."""

    def __init__(self, studio: Studio, *, is_wide: bool = False) -> None:
        """Show the session's search, and change it."""
        super().__init__()
        self._session, self._listing = studio.session, studio.session.listing
        self._presets = presets.Presets(studio.settings)
        self.field = QueryField(studio)
        self.count, self.problem = role(QLabel(), "faint"), role(QLabel(), "bad")
        self.problem.setWordWrap(True)
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.hide()
        self.kind, self.order = _menu_button(studio, "filter"), _menu_button(studio, "sort")
        self.kind.setAccessibleName("Common searches")
        self.kind.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.kind.menu().aboutToShow.connect(self._fill_presets)
        self.order.setAccessibleName("Order")
        self._fill_orders(self.order.menu())
        self._lay_out(is_wide=is_wide)
        self._typed, self._wrong = _single_shot(self, TYPING_MS), _single_shot(self, ERROR_MS)
        self._connect()

    def _connect(self) -> None:
        self._typed.timeout.connect(self._search)
        self._wrong.timeout.connect(self._show_problem)
        self.field.textChanged.connect(self._on_text)
        self.field.entered.connect(self._enter)
        self.field.editingFinished.connect(lambda: self._presets.remember(self._listing.search.text))
        self._listing.search_changed.connect(self._show_search)
        self._listing.changed.connect(self._show_found)
        self._show_search()
        self._show_found()

    def _lay_out(self, *, is_wide: bool) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GAP)
        grid.setVerticalSpacing(GAP // 2)
        grid.setColumnStretch(0, 1)
        grid.addWidget(self.field, 0, 0)
        rest = QHBoxLayout()
        rest.setSpacing(GAP // 2)
        rest.addWidget(self.kind)
        rest.addWidget(self.order)
        rest.addStretch(1)
        rest.addWidget(self.count)
        grid.addLayout(rest, 0 if is_wide else 1, 1 if is_wide else 0)
        grid.addWidget(self.problem, 2, 0, 1, 2)
        if is_wide:
            self.count.setMinimumWidth(self.count.fontMetrics().horizontalAdvance("100,000 pictures "))
            self.count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

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
        project = self._session.project
        first = next(iter(classes.all_classes(project)), None) if project else None
        name = first.name if first else None
        presets.fill(self.kind.menu(), self._presets, self._listing.search.text, name, self._find)

    def _find(self, text: str) -> None:
        self._presets.remember(text)
        self._listing.find_text(text)

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
        self._wrong.setInterval(0)
        self._listing.find_text(self.field.text())

    def _show_search(self) -> None:
        search = self._listing.search
        if self.field.text() != search.text and not self._typed.isActive():
            self.field.setText(search.text)
        title = presets.title_of(search.text)
        self.kind.setText(title or "Own search")
        self.kind.setToolTip("Common, saved and recent searches; examples")
        self._orders[search.order].setChecked(True)
        self._reverse.setChecked(search.reverse)
        backwards = ", backwards" if search.reverse else ""
        self.order.setToolTip(f"Order: {ORDER_TITLES[search.order].lower()}{backwards}")

    def _show_found(self) -> None:
        n = len(self._listing.ids)
        self.count.setText("1 picture" if n == 1 else f"{n:,} pictures")
        if self._listing.error is None:
            self._wrong.stop()
            self.problem.hide()
        elif not self.problem.isVisible():
            self._wrong.start()
        else:
            self._show_problem()
        self._wrong.setInterval(ERROR_MS)

    def _show_problem(self) -> None:
        error = self._listing.error
        if error is not None:
            self.problem.setText(f"{error.message} {error.hint}".strip())
            self.problem.show()


def _menu_button(studio: Studio, icon: str) -> QToolButton:
    button = role(QToolButton(), "menu")
    button.setIcon(studio.theme.icon(icon))
    button.setIconSize(QSize(16, 16))
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setMenu(QMenu(button))
    return button


def _single_shot(parent: QWidget, milliseconds: int) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    return timer
