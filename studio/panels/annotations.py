"""What is on the image: annotations, and under a heading of their own the suggestions with their scores."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    Qt,
)  # fmt: skip
from PySide6.QtGui import QColor, QFont, QIcon
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QSlider,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from engine.geometry.shapes import ShapeKind
from engine.project import classes, listings
from engine.project.listings import ListedShape
from engine.project.records import ClassRecord
from engine.project.store import Change, Project
from studio.commands import named, perform
from studio.panels import Panel
from studio.session import Selection, Session
from studio.surroundings import Studio
from studio.theme import GAP, Theme
from studio.widgets import ROOT, Index, swatch
from studio.widgets import role as dressed

NAME, SIZE, SCORE = range(3)
KIND_WORDS = {"box": "box", "rotated_box": "turned box", "polygon": "polygon", "mask": "mask", "keypoints": "points"}


class ShapeRows(QAbstractTableModel):
    """Annotations first, then a heading and the suggestions, best first."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget) -> None:
        """What is on the session's image."""
        super().__init__(parent)
        self._session = session
        self._theme = theme
        self.annotations: list[ListedShape] = []
        self.suggestions: list[ListedShape] = []
        """Those that score enough to be shown."""
        self._suggested: list[ListedShape] = []
        self._classes: dict[int, ClassRecord] = {}
        self._icons: dict[tuple[str, ShapeKind], QIcon] = {}

    def load(self) -> None:
        """Ask what is on the image, off the GUI thread."""
        image_id, run_id = self._session.image_id, self._session.run_id
        if image_id is None:
            self._take(([], [], {}))
        else:
            self._session.ask("listed shapes", lambda project: _read(project, image_id, run_id), self._take)

    def _take(self, found: tuple[list[ListedShape], list[ListedShape], dict[int, ClassRecord]]) -> None:
        self.beginResetModel()
        self.annotations, self._suggested, self._classes = found
        self.suggestions = self._scoring_enough()
        self.endResetModel()

    def filter(self) -> None:
        """Show the suggestions that score enough now."""
        self.beginResetModel()
        self.suggestions = self._scoring_enough()
        self.endResetModel()

    def _scoring_enough(self) -> list[ListedShape]:
        return [each for each in self._suggested if (each.score or 0.0) >= self._session.min_score]

    @property
    def heading(self) -> int:
        """The row of the heading over the suggestions."""
        return len(self.annotations)

    def shape_at(self, row: int) -> ListedShape | None:
        """What is in a row; None for the heading."""
        if row < self.heading:
            return self.annotations[row]
        return None if row == self.heading else self.suggestions[row - self.heading - 1]

    def rows_of(self, chosen: Selection) -> list[int]:
        """The rows of what is selected."""
        rows = [row for row, each in enumerate(self.annotations) if each.id in chosen.annotations]
        first = self.heading + 1
        return rows + [first + row for row, each in enumerate(self.suggestions) if each.id in chosen.detections]

    def rowCount(self, parent: Index = ROOT) -> int:
        """Annotations, and suggestions with their heading where there are any."""
        n_suggestions = len(self.suggestions) + 1 if self._suggested else 0
        return 0 if parent.isValid() else len(self.annotations) + n_suggestions

    def columnCount(self, _: Index = ROOT) -> int:
        """Class and kind, size, score."""
        return 3

    def flags(self, index: Index) -> Qt.ItemFlag:
        """The heading cannot be selected."""
        return Qt.ItemFlag.ItemIsEnabled if index.row() == self.heading else super().flags(index)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        shape = self.shape_at(index.row())
        if shape is None:
            return self._heading_data(index.column(), role)
        record = self._classes.get(shape.class_id)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(shape, index.column(), record)
        if role == Qt.ItemDataRole.DecorationRole and index.column() == NAME and record is not None:
            return self._icon(record.colour, shape.kind)
        if role == Qt.ItemDataRole.ForegroundRole and index.column() != NAME:
            return QColor(self._theme.tones.faint)
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() != NAME:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{KIND_WORDS[shape.kind]}, {shape.area:,.0f} square pixels"
        return None

    def _icon(self, colour: str, kind: ShapeKind) -> QIcon:
        key = (colour, kind)
        if key not in self._icons:
            self._icons[key] = swatch(colour, kind=kind)
        return self._icons[key]

    def _words(self, shape: ListedShape, column: int, record: ClassRecord | None) -> str:
        if column == NAME:
            return record.name if record else "?"
        if column == SIZE:
            x0, y0, x1, y1 = shape.bounds
            return f"{x1 - x0:.0f} × {y1 - y0:.0f}"
        return "" if shape.score is None else f"{shape.score:.2f}"

    def _heading_data(self, column: int, role: int) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and column == NAME:
            n, all_of_them = len(self.suggestions), len(self._suggested)
            return f"Suggestions ({n})" if n == all_of_them else f"Suggestions ({n} of {all_of_them})"
        if role == Qt.ItemDataRole.ForegroundRole:
            return QColor(self._theme.tones.faint)
        if role == Qt.ItemDataRole.FontRole:
            font = QFont()
            font.setWeight(QFont.Weight.DemiBold)
            return font
        return None


class AnnotationPanel(QWidget):
    """The list, selected both ways with the canvas."""

    def __init__(self, studio: Studio) -> None:
        """List what is on the session's image."""
        super().__init__()
        self._session = studio.session
        self._is_showing = False
        self.rows = ShapeRows(self._session, studio.theme, self)
        self.view = QTableView()
        self._count = dressed(QLabel(), "faint")
        self._prepare()
        self._lay_out(studio)
        session = self._session
        for signal in (session.project_opened, session.image_changed, session.run_changed):
            signal.connect(self.rows.load)
        session.changed.connect(self._on_change)
        session.selection_changed.connect(self._show_selection)
        session.score_changed.connect(self.rows.filter)
        session.run_changed.connect(self._show_slider)
        session.project_opened.connect(self._show_slider)
        self.rows.modelReset.connect(self._on_reset)
        self.rows.load()
        self._show_slider()

    def _prepare(self) -> None:
        view = self.view
        view.setModel(self.rows)
        view.horizontalHeader().hide()
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(26)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setTabKeyNavigation(False)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        header = view.horizontalHeader()
        header.setMinimumSectionSize(20)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(SIZE, QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(SCORE, QHeaderView.ResizeMode.Fixed)
        view.setColumnWidth(SIZE, 72)
        view.setColumnWidth(SCORE, 40)
        view.selectionModel().selectionChanged.connect(self._on_selection)

    def _lay_out(self, studio: Studio) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, 0, GAP, GAP)
        column.setSpacing(GAP // 2)
        column.addWidget(self.view, 1)
        column.addWidget(self._score_row())
        row = QHBoxLayout()
        row.addWidget(self._count, 1)
        for command in named("annotate.accept", "annotate.reject", "edit.delete"):
            button = QToolButton()
            button.setIcon(studio.theme.icon(command.look.icon))
            button.setToolTip(f"{command.title}  ({command.keys[0]})")
            button.clicked.connect(lambda _=False, command=command: perform(studio, command))
            row.addWidget(button)
        column.addLayout(row)

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
        n, m = len(self.rows.annotations), self.rows.rowCount() - len(self.rows.annotations)
        self._count.setText("1 annotation" if n == 1 else f"{n:,} annotations")
        self.view.clearSpans()
        self.view.setColumnHidden(SCORE, not m)
        if m:
            self.view.setSpan(self.rows.heading, 0, 1, 3)
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
        found = [(row, self.rows.shape_at(row)) for row in {i.row() for i in self.view.selectionModel().selectedRows()}]
        placed = frozenset(shape.id for row, shape in found if shape and row < self.rows.heading)
        suggested = frozenset(shape.id for row, shape in found if shape and row > self.rows.heading)
        self._session.select(Selection(placed, suggested))


def _stretches(rows: list[int]) -> Iterator[tuple[int, int]]:
    """Rising rows as first and last of each unbroken stretch."""
    for _, group in groupby(enumerate(rows), key=lambda pair: pair[1] - pair[0]):
        stretch = [row for _, row in group]
        yield stretch[0], stretch[-1]


def _read(
    project: Project, image_id: int, run_id: int | None
) -> tuple[list[ListedShape], list[ListedShape], dict[int, ClassRecord]]:
    suggested = [] if run_id is None else listings.suggestions_of(project, image_id, run_id)
    return listings.annotations_of(project, image_id), suggested, classes.by_id(project)


PANEL = Panel("On This Image", "annotations", "right", 30, AnnotationPanel)
