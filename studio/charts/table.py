"""A table of numbers as a chart: every cell can be picked, and a click on a column's title sorts by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QResizeEvent

from studio.charts.card import TITLE, Card
from studio.theme import GAP, Theme

ROW = 24.0
_SWATCH = 10.0
_NAMES = 0.42
"""The part of the width that names may take."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a column, and what is said of it."""

    title: str
    told: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its name, the words of its cells, and the values they are sorted by (None: last)."""

    name: str
    words: tuple[str, ...]
    values: tuple[float | None, ...]
    told: tuple[str, ...] = ()
    """What is said of each cell while the pointer is on it."""
    colour: str = ""
    """'#rrggbb' of a swatch before the name."""


class Table(Card):
    """As high as its rows need; columns that there is no room for are left out, the last ones first."""

    cell_picked = Signal(int, int)
    """Row and column, in the order in which they were given."""

    def __init__(self, title: str, theme: Theme, names: str = "") -> None:
        """No rows yet; `names` is the title of the first column."""
        super().__init__(title, theme)
        self.headings: tuple[Heading, ...] = ()
        self.lines: tuple[Line, ...] = ()
        self.order: list[int] = []
        """The rows as they stand."""
        self.sorted_by: tuple[int, bool] | None = None
        """Column (-1: by name), and whether the highest is first."""
        self._names = names
        self._note = ""

    def show_lines(self, headings: Sequence[Heading], lines: Sequence[Line], note: str = "") -> None:
        """Show these; they stay sorted as they were."""
        self.headings, self.lines, self._note, self.hovered = tuple(headings), tuple(lines), note, -1
        if self.sorted_by is not None and self.sorted_by[0] >= len(headings):
            self.sorted_by = None
        self._sort()
        self.setFixedHeight(int(TITLE + ROW * (1 + max(1, len(lines))) + GAP))
        self._say()

    def sort_by(self, column: int) -> None:
        """Sort by a column (-1: by name), the highest first; by the same once more turns it round."""
        is_same = self.sorted_by is not None and self.sorted_by[0] == column
        highest_first = not self.sorted_by[1] if is_same and self.sorted_by else column >= 0
        self.sorted_by = (column, highest_first)
        self._sort()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for names and a few numbers."""
        return QSize(360, int(TITLE + 3 * ROW))

    def minimumSizeHint(self) -> QSize:
        """Narrow ones can still be read."""
        return QSize(200, int(TITLE + 2 * ROW))

    @property
    def n_parts(self) -> int:
        """Titles, then cells, line by line; the name of a row is a cell, too."""
        return (len(self.lines) + 1) * self._width if self.lines else 0

    def beside(self, part: int, across: int, down: int) -> int:
        """The cell there."""
        line, column = divmod(part, self._width)
        column += across
        return (line + down) * self._width + column if 0 <= column <= self.n_shown else part

    def part_at(self, point: QPointF) -> int:
        """The cell or title there."""
        line = int((point.y() - TITLE) // ROW)
        if not self.lines or not 0 <= line <= len(self.lines) or point.y() < TITLE:
            return -1
        column = next((n for n, place in enumerate(self._places()) if place.left() <= point.x() < place.right()), -1)
        return line * self._width + column if column >= 0 else -1

    def told(self, part: int) -> str:
        """What is said of a cell or a title."""
        line, column = divmod(part, self._width)
        if line == 0:
            return self.headings[column - 1].told or "Sort" if column else "Sort by name"
        found = self.lines[self.order[line - 1]]
        return found.told[column - 1] if column and len(found.told) >= column else found.name

    def pick(self, part: int) -> None:
        """Sort by a title; a cell is what somebody wants to know more of."""
        line, column = divmod(part, self._width)
        if line == 0:
            self.sort_by(column - 1)
        else:
            self.cell_picked.emit(self.order[line - 1], column - 1)

    @property
    def n_shown(self) -> int:
        """How many columns of numbers there is room for."""
        return len(self._places()) - 1

    @property
    def _width(self) -> int:
        return len(self.headings) + 1

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say what is left out."""
        super().resizeEvent(event)
        self._say()

    def _say(self) -> None:
        hidden = self.headings[self.n_shown :]
        left_out = f"wider: {', '.join(each.title for each in hidden)}" if hidden else ""
        self.note = " · ".join(part for part in (self._note, left_out) if part)
        self.update()

    def _sort(self) -> None:
        self.order = list(range(len(self.lines)))
        if self.sorted_by is None:
            return
        column, highest_first = self.sorted_by
        if column < 0:
            self.order.sort(key=lambda row: self.lines[row].name.casefold(), reverse=highest_first)
            return
        values = [line.values[column] for line in self.lines]
        sign = -1 if highest_first else 1
        self.order.sort(key=lambda row: (values[row] is None, sign * (values[row] or 0.0)))

    def _places(self) -> list[QRectF]:
        """Where names and columns are, as rectangles of the height of a row, at the top."""
        metrics = QFontMetricsF(self.font())
        inner = self.width() - 2 * GAP
        swatch = _SWATCH + GAP if any(line.colour for line in self.lines) else 0.0
        longest = max((metrics.horizontalAdvance(line.name) for line in self.lines), default=0.0)
        names = min(max(longest, metrics.horizontalAdvance(self._names)) + swatch + 2 * GAP, _NAMES * inner)
        wide = [self._needed(metrics, column) for column in range(len(self.headings))]
        shown = 0
        while shown < len(wide) and names + sum(wide[: shown + 1]) <= inner:
            shown += 1
        spare = (inner - names - sum(wide[:shown])) / max(shown, 1)
        places, left = [QRectF(GAP, 0, names, ROW)], GAP + names
        for each in wide[:shown]:
            places.append(QRectF(left, 0, each + spare, ROW))
            left += each + spare
        return places

    def _needed(self, metrics: QFontMetricsF, column: int) -> float:
        words = [self.headings[column].title + " ▾", *(line.words[column] for line in self.lines)]
        return max(metrics.horizontalAdvance(each) for each in words) + GAP

    def paint_parts(self, painter: QPainter) -> None:
        """Titles and rows."""
        if not self.lines:
            self.paint_nothing(painter)
            return
        places, tones = self._places(), self.theme.tones
        for n, place in enumerate(places):
            self._paint_title_of(painter, place.translated(0, TITLE), n - 1)
        painter.setPen(QColor(tones.line))
        painter.drawLine(QPointF(GAP, TITLE + ROW - 1), QPointF(self.width() - GAP, TITLE + ROW - 1))
        for at, row in enumerate(self.order):
            for n, place in enumerate(places):
                self._paint_cell(painter, place.translated(0, TITLE + ROW * (at + 1)), row, n - 1)

    def _paint_title_of(self, painter: QPainter, place: QRectF, column: int) -> None:
        words = self._names if column < 0 else self.headings[column].title
        if self.sorted_by is not None and self.sorted_by[0] == column:
            words += " ▾" if self.sorted_by[1] else " ▴"
        is_hovered = self.hovered == column + 1
        painter.setPen(QColor(self.theme.tones.text if is_hovered else self.theme.tones.faint))
        self._write(painter, place, words, column)

    def _paint_cell(self, painter: QPainter, place: QRectF, row: int, column: int) -> None:
        tones, line = self.theme.tones, self.lines[row]
        at, of = divmod(self.hovered, self._width)
        if self.hovered >= self._width and self.order[at - 1] == row and of == column + 1:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tones.hover))
            painter.drawRoundedRect(place.adjusted(1, 1, -1, -1), 4, 4)
        if column < 0 and line.colour:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(line.colour))
            painter.drawRoundedRect(QRectF(place.left() + GAP / 2, place.center().y() - 5, _SWATCH, _SWATCH), 3, 3)
            place = place.adjusted(_SWATCH + GAP, 0, 0, 0)
        painter.setPen(QColor(tones.text))
        self._write(painter, place, line.name if column < 0 else line.words[column], column)

    def _write(self, painter: QPainter, place: QRectF, words: str, column: int) -> None:
        room = place.adjusted(GAP / 2, 0, -GAP / 2, 0)
        side = Qt.AlignmentFlag.AlignLeft if column < 0 else Qt.AlignmentFlag.AlignRight
        fitting = QFontMetricsF(painter.font()).elidedText(words, Qt.TextElideMode.ElideRight, room.width() + 1)
        painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter, fitting)
