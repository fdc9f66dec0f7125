"""The rows of what is on an image: annotations found and ordered, then a heading and the suggestions, best first."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from PySide6.QtCore import QAbstractTableModel, Qt
from PySide6.QtGui import QColor, QFont, QIcon
from PySide6.QtWidgets import QWidget

from engine.geometry.shapes import ShapeKind
from engine.project import authors, classes, listings
from engine.project.listings import ListedShape
from engine.project.records import ClassRecord
from engine.project.store import Project
from studio.session import Session
from studio.theme import Theme
from studio.view_state import Selection
from studio.widgets import ROOT, Index, swatch

NAME, MARK, SIZE, AUTHOR, SECONDS, SCORE = range(6)
KIND_WORDS = {"box": "box", "rotated_box": "turned box", "polygon": "polygon", "mask": "mask", "keypoints": "points"}
Sorting: TypeAlias = str
"""A key of SORTINGS."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What was read of an image."""

    annotations: list[ListedShape] = field(default_factory=list)
    suggestions: list[ListedShape] = field(default_factory=list)
    classes: dict[int, ClassRecord] = field(default_factory=dict)
    authors: dict[int, str] = field(default_factory=dict)


SortKey: TypeAlias = Callable[[ListedShape, Listed], Any]
SORTINGS: dict[Sorting, tuple[str, SortKey]] = {
    "oldest": ("Oldest first", lambda each, _: each.id),
    "newest": ("Newest first", lambda each, _: -each.id),
    "class": ("By class", lambda each, of: (_class_name(each, of).casefold(), each.id)),
    "largest": ("Largest first", lambda each, _: -each.area),
    "smallest": ("Smallest first", lambda each, _: each.area),
    "author": ("By author", lambda each, of: (of.authors.get(each.author_id or 0, "~").casefold(), each.id)),
    "slowest": ("Longest drawn first", lambda each, _: -(each.seconds or 0.0)),
    "group": ("By group", lambda each, _: (each.group_id is None, each.group_id or 0, each.id)),
}


class ShapeRows(QAbstractTableModel):
    """Annotations first, then a heading and the suggestions, best first."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget) -> None:
        """What is on the session's image."""
        super().__init__(parent)
        self._session = session
        self._theme = theme
        self.annotations: list[ListedShape] = []
        """Those that are found, in order."""
        self.suggestions: list[ListedShape] = []
        """Those that are found and score enough to be shown."""
        self.sorting: Sorting = "oldest"
        self._typed = ""
        self._listed = Listed()
        self._rows: dict[int, int] = {}
        """Of the annotations, by id."""
        self._icons: dict[tuple[str, ShapeKind], QIcon] = {}
        self._found_words: dict[int, str] = {}

    def load(self) -> None:
        """Ask what is on the image, off the GUI thread."""
        image_id, run_id = self._session.image_id, self._session.run_id
        if image_id is None:
            self._take(Listed())
        else:
            self._session.ask("listed shapes", lambda project: read(project, image_id, run_id), self._take)

    @property
    def n_annotations(self) -> int:
        """How many are on the image, found or not."""
        return len(self._listed.annotations)

    @property
    def by_id(self) -> dict[int, ListedShape]:
        """The annotations of the image."""
        return {each.id: each for each in self._listed.annotations}

    def find(self, typed: str) -> None:
        """Show only what holds every word that is typed: in its class, kind, author or attributes."""
        self._typed = typed
        self.filter()

    def sort_by(self, sorting: Sorting) -> None:
        """Show the annotations in another order."""
        self.sorting = sorting
        self.filter()

    def filter(self) -> None:
        """Show what is found and scores enough now, in order."""
        self.beginResetModel()
        words = self._typed.casefold().split()
        _, key = SORTINGS[self.sorting]
        of = self._listed
        found = [each for each in of.annotations if self._is_found(each, words)]
        self.annotations = found if self.sorting == "oldest" else sorted(found, key=lambda each: key(each, of))
        self._rows = {each.id: row for row, each in enumerate(self.annotations)}
        score = self._session.min_score
        self.suggestions = [
            each for each in of.suggestions if (each.score or 0.0) >= score and self._is_found(each, words)
        ]
        self.endResetModel()

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
        """The rows of what is selected, rising."""
        rows = sorted(self._rows[id_] for id_ in chosen.annotations if id_ in self._rows)
        first = self.heading + 1
        if not chosen.detections:
            return rows
        return rows + [first + row for row, each in enumerate(self.suggestions) if each.id in chosen.detections]

    def rowCount(self, parent: Index = ROOT) -> int:
        """Annotations, and suggestions with their heading where there are any."""
        n_suggestions = len(self.suggestions) + 1 if self._listed.suggestions else 0
        return 0 if parent.isValid() else len(self.annotations) + n_suggestions

    def columnCount(self, _: Index = ROOT) -> int:
        """Class and kind, whether hidden or locked, size, author, seconds, score."""
        return 6

    def flags(self, index: Index) -> Qt.ItemFlag:
        """The heading cannot be selected."""
        return Qt.ItemFlag.ItemIsEnabled if index.row() == self.heading else super().flags(index)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        shape = self.shape_at(index.row())
        if shape is None:
            return self._heading_data(index.column(), role)
        column = index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(shape, column)
        if role == Qt.ItemDataRole.DecorationRole:
            return self._decoration(shape, column)
        if role == Qt.ItemDataRole.ForegroundRole and (column != NAME or self.is_hidden(shape)):
            return QColor(self._theme.tones.faint)
        if role == Qt.ItemDataRole.TextAlignmentRole and column not in (NAME, AUTHOR):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return self._tip(shape) if role == Qt.ItemDataRole.ToolTipRole else None

    def is_hidden(self, shape: ListedShape) -> bool:
        """Whether it is out of sight."""
        return self._session.hides_shapes or self._session.visibility.hides(_key(shape), shape.class_id)

    def is_locked(self, shape: ListedShape) -> bool:
        """Whether it cannot be taken hold of."""
        return _key(shape) in self._session.visibility.locked

    def _take(self, listed: Listed) -> None:
        self._listed = listed
        self._found_words = {}
        self.filter()

    def _is_found(self, shape: ListedShape, words: Iterable[str]) -> bool:
        return all(word in self._words_to_find(shape) for word in words)

    def _words_to_find(self, shape: ListedShape) -> str:
        key = _key(shape)
        if key not in self._found_words:
            values = json.loads(shape.attributes)
            told = (f"{name} {value}" for name, value in values.items())
            author = self._listed.authors.get(shape.author_id or 0, "")
            parts = (_class_name(shape, self._listed), KIND_WORDS[shape.kind], author, *told)
            self._found_words[key] = " ".join(parts).casefold()
        return self._found_words[key]

    def _decoration(self, shape: ListedShape, column: int) -> QIcon | None:
        record = self._listed.classes.get(shape.class_id)
        if column == NAME and record is not None:
            return self._icon(record.colour, shape.kind)
        if column == MARK:
            name = "eye_off" if self.is_hidden(shape) else "lock" if self.is_locked(shape) else ""
            return self._theme.icon(name) if name else None
        return None

    def _icon(self, colour: str, kind: ShapeKind) -> QIcon:
        key = (colour, kind)
        if key not in self._icons:
            self._icons[key] = swatch(colour, kind=kind)
        return self._icons[key]

    def _words(self, shape: ListedShape, column: int) -> str:
        if column == NAME:
            return _class_name(shape, self._listed)
        if column == SIZE:
            x0, y0, x1, y1 = shape.bounds
            return f"{x1 - x0:.0f} × {y1 - y0:.0f}"
        if column == AUTHOR:
            return self._listed.authors.get(shape.author_id or 0, "")
        if column == SECONDS:
            return "" if shape.seconds is None else f"{shape.seconds:.1f} s"
        return f"{shape.score:.2f}" if column == SCORE and shape.score is not None else ""

    def _tip(self, shape: ListedShape) -> str:
        lines = [f"{KIND_WORDS[shape.kind].capitalize()}, {shape.area:,.0f} square pixels"]
        if author := self._words(shape, AUTHOR):
            lines.append(f"By {author}" + (f", {shape.seconds:.1f} seconds" if shape.seconds is not None else ""))
        if shape.group_id is not None:
            lines.append(f"Group {shape.group_id}")
        lines += [f"{name}: {_value_words(value)}" for name, value in json.loads(shape.attributes).items()]
        lines += ["Hidden"] * self.is_hidden(shape) + ["Locked"] * self.is_locked(shape)
        return "\n".join(lines)

    def _heading_data(self, column: int, role: int) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and column == NAME:
            n, all_of_them = len(self.suggestions), len(self._listed.suggestions)
            return f"Suggestions ({n})" if n == all_of_them else f"Suggestions ({n} of {all_of_them})"
        if role == Qt.ItemDataRole.ForegroundRole:
            return QColor(self._theme.tones.faint)
        if role == Qt.ItemDataRole.FontRole:
            font = QFont()
            font.setWeight(QFont.Weight.DemiBold)
            return font
        return None


def read(project: Project, image_id: int, run_id: int | None) -> Listed:
    """What is on an image, with the suggestions of a run."""
    suggested = [] if run_id is None else listings.suggestions_of(project, image_id, run_id)
    placed = listings.annotations_of(project, image_id)
    return Listed(placed, suggested, classes.by_id(project), authors.names(project))


def _class_name(shape: ListedShape, of: Listed) -> str:
    record = of.classes.get(shape.class_id)
    return record.name if record else "?"


def _key(shape: ListedShape) -> int:
    """What the canvas calls it."""
    return shape.id if shape.score is None else -shape.id


def _value_words(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
