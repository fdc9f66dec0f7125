"""What is on the image: annotations found and ordered, what they tell, and the suggestions with their scores."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import groupby

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QItemSelectionRange, QPoint, Qt
from PySide6.QtGui import QActionGroup, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QSlider,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from engine.project.store import Change
from studio.attribute_form import AttributeForm
from studio.commands import named, perform
from studio.grouping import whole
from studio.panels import Panel
from studio.panels._shape_rows import AUTHOR, MARK, NAME, SCORE, SECONDS, SIZE, SORTINGS, ShapeRows
from studio.searching.command_menu import SELECTION_COMMANDS, command_menu
from studio.surroundings import Studio
from studio.theme import GAP
from studio.view_state import Selection
from studio.widgets import role as dressed
from studio.widgets import scrolling

__all__ = ["NAME", "PANEL", "SCORE", "AnnotationPanel"]

_FORM_SHARE, _LEAST_FORM = 0.34, 72
"""How much of the panel's height attributes may take, and how many pixels they may take at least."""
_COLUMNS = {AUTHOR: "Author", SECONDS: "Seconds"}
"""Columns that are shown by choice."""


class AnnotationPanel(QWidget):
    """The list, selected both ways with the canvas, and the attributes of what is selected."""

    def __init__(self, studio: Studio) -> None:
        """List what is on the session's image."""
        super().__init__()
        self._studio = studio
        self._session = studio.session
        self._is_showing = False
        self.rows = ShapeRows(self._session, studio.theme, self)
        self.view, self.field, self.order = QTableView(), QLineEdit(), QToolButton()
        self.form = AttributeForm(self._session)
        self._count = dressed(QLabel(), "faint")
        self._prepare()
        self._prepare_columns()
        self._prepare_order()
        self._lay_out()
        self._connect()
        self.rows.load()
        self._show_slider()

    def _connect(self) -> None:
        session = self._session
        for signal in (session.project_opened, session.image_changed, session.run_changed):
            signal.connect(self.rows.load)
        session.changed.connect(self._on_change)
        session.selection_changed.connect(self._show_selection)
        session.score_changed.connect(self.rows.filter)
        session.hiding_changed.connect(self._show_marks)
        session.run_changed.connect(self._show_slider)
        session.project_opened.connect(self._show_slider)
        self.rows.modelReset.connect(self._on_reset)
        self.field.textChanged.connect(self.rows.find)
        self.view.selectionModel().selectionChanged.connect(self._on_selection)
        self.view.customContextMenuRequested.connect(self._menu)

    def _prepare(self) -> None:
        view = self.view
        view.setModel(self.rows)
        view.horizontalHeader().hide()
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(26)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setTabKeyNavigation(False)
        view.setAccessibleName("On this image")
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.field.setPlaceholderText("Find by class, author, attribute")
        self.field.setAccessibleName("Find on this image")
        self.field.setClearButtonEnabled(True)

    def _prepare_columns(self) -> None:
        header, metrics = self.view.horizontalHeader(), self.view.fontMetrics()
        header.setMinimumSectionSize(20)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setResizeContentsPrecision(0)  # by the rows in sight, however many there are
        for column in (SIZE, SCORE):  # as wide as they need, so that the class has all the rest
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        for column, widest in ((AUTHOR, "Some Author"), (SECONDS, "888.8 s")):
            self.view.setColumnWidth(column, metrics.horizontalAdvance(widest) + GAP)
        self.view.setColumnWidth(MARK, 24)
        self._show_marks()
        for column, title in _COLUMNS.items():
            is_shown = bool(self._studio.settings.number_of(f"list_{title.lower()}", 0))
            self.view.setColumnHidden(column, not is_shown)

    def _show_marks(self) -> None:
        """What is hidden or locked has a mark; where nothing is, the class has the room."""
        seen = self._session.visibility
        self.view.setColumnHidden(MARK, not (seen.hides_any or seen.locked))
        self.view.viewport().update()

    def _prepare_order(self) -> None:
        self.order.setIcon(self._studio.theme.icon("sort"))
        self.order.setToolTip("Order and columns")
        self.order.setAccessibleName("Order and columns")
        self.order.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.order.setProperty("role", "menu")
        menu = QMenu(self.order)
        group = QActionGroup(menu)
        for sorting, (title, _) in SORTINGS.items():
            action = menu.addAction(title, partial(self.rows.sort_by, sorting))
            action.setCheckable(True)
            action.setChecked(sorting == self.rows.sorting)
            group.addAction(action)
        menu.addSeparator()
        for column, title in _COLUMNS.items():
            action = menu.addAction(f"Show {title}")
            action.setCheckable(True)
            action.setChecked(not self.view.isColumnHidden(column))
            action.toggled.connect(partial(self._show_column, column))
        self.order.setMenu(menu)

    def _show_column(self, column: int, is_shown: bool) -> None:
        self.view.setColumnHidden(column, not is_shown)
        self._studio.settings.keep_number(f"list_{_COLUMNS[column].lower()}", int(is_shown))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, 0, GAP, GAP)
        column.setSpacing(GAP // 2)
        top = QHBoxLayout()
        top.addWidget(self.field, 1)
        top.addWidget(self.order)
        column.addLayout(top)
        column.addWidget(self.view, 1)
        column.addWidget(self._score_row())
        column.addWidget(self._scrolled_form())
        row = QHBoxLayout()
        row.addWidget(self._count, 1)
        for command in named("annotate.accept", "annotate.reject", "edit.delete"):
            button = QToolButton()
            button.setIcon(self._studio.theme.icon(command.look.icon))
            button.setToolTip(f"{command.title}  ({command.keys[0]})")
            button.clicked.connect(lambda _=False, command=command: perform(self._studio, command))
            row.addWidget(button)
        column.addLayout(row)

    def _scrolled_form(self) -> QWidget:
        """The attributes, of which as many are in sight as leave room for the list."""
        self._scrolled = scrolling(self.form)
        self._scrolled.hide()
        self.form.built.connect(self._fit_form)
        return self._scrolled

    def _fit_form(self) -> None:
        needed = self.form.sizeHint().height()
        room = max(_LEAST_FORM, int(_FORM_SHARE * self.height()))
        self.form.setContentsMargins(0, 0, GAP + GAP // 2 if needed > room else 0, 0)  # for the scroll bar
        self._scrolled.setFixedHeight(min(needed, room))
        self._scrolled.setVisible(self.form.has_rows)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room anew."""
        super().resizeEvent(event)
        self._fit_form()

    def _score_row(self) -> QWidget:
        """From which score on suggestions are shown."""
        self._score_part, self.slider, shown = QWidget(), QSlider(Qt.Orientation.Horizontal), QLabel()
        self.slider.setRange(0, 100)
        self.slider.setAccessibleName("Show suggestions from this score on")
        self.slider.setToolTip("Show suggestions from this score on")
        self.slider.valueChanged.connect(lambda value: shown.setText(f"{value / 100:.2f}"))
        self.slider.valueChanged.connect(lambda value: self._session.show_from_score(value / 100))
        self.slider.setValue(round(100 * self._session.min_score))
        row = QHBoxLayout(self._score_part)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        for widget, stretch in ((dressed(QLabel("From score"), "faint"), 0), (self.slider, 1), (shown, 0)):
            row.addWidget(widget, stretch)
        return self._score_part

    def _show_slider(self) -> None:
        self._score_part.setVisible(self._session.run_id is not None)

    def _on_change(self, change: Change) -> None:
        image_id = self._session.image_id
        if change.classes or image_id in change.annotated or image_id in change.detected:
            self.rows.load()

    def _on_reset(self) -> None:
        n, of = len(self.rows.annotations), self.rows.n_annotations
        self._count.setText(
            "1 annotation" if n == of == 1 else f"{of:,} annotations" if n == of else f"{n:,} of {of:,}"
        )
        self.view.clearSpans()
        has_suggestions = self.rows.rowCount() > n
        self.view.setColumnHidden(SCORE, not has_suggestions)
        if has_suggestions:
            self.view.setSpan(self.rows.heading, 0, 1, self.rows.columnCount())
        self._show_selection()

    def _show_selection(self) -> None:
        rows = self.rows.rows_of(self._session.selection)
        chosen = QItemSelection()
        for first, last in _stretches(rows):
            chosen.append(QItemSelectionRange(self.rows.index(first, 0), self.rows.index(last, SCORE)))
        self._is_showing = True
        self.view.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._is_showing = False
        if len(rows) == 1:
            self.view.scrollTo(self.rows.index(rows[0], 0))

    def _on_selection(self) -> None:
        if self._is_showing:
            return
        ranges = self.view.selectionModel().selection().toList()
        rows = {row for each in ranges for row in range(each.top(), each.bottom() + 1)}
        found = [(row, self.rows.shape_at(row)) for row in rows]
        placed = frozenset(shape.id for row, shape in found if shape and row < self.rows.heading)
        suggested = frozenset(shape.id for row, shape in found if shape and row > self.rows.heading)
        if self._session.selects_groups:
            takes_out = bool(QApplication.keyboardModifiers() & Qt.KeyboardModifier.ControlModifier)
            placed = whole(placed, self._session.selection.annotations, self.rows.by_id, takes_out=takes_out)
        self._session.select(Selection(placed, suggested))

    def _menu(self, at: QPoint) -> None:
        """What can be done with what is selected."""
        if not self._session.selection:
            return
        menu = command_menu(self._studio, SELECTION_COMMANDS, self)
        menu.popup(self.view.viewport().mapToGlobal(at))


def _stretches(rows: list[int]) -> Iterator[tuple[int, int]]:
    """Rising rows as first and last of each unbroken stretch."""
    for _, group in groupby(enumerate(rows), key=lambda pair: pair[1] - pair[0]):
        stretch = [row for _, row in group]
        yield stretch[0], stretch[-1]


PANEL = Panel("On This Image", "annotations", "right", 30, AnnotationPanel)
