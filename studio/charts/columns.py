"""Columns: a histogram, with lines at values that mean something."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from studio.charts.axes import paint_level
from studio.charts.card import TITLE, Card
from studio.charts.scale import Values, in_words, log_ticks, ticks
from studio.theme import GAP, Theme

LEFT, RIGHT, BOTTOM = 44.0, 14.0, 26.0
HEIGHT = 208
_MARKS = 16.0
"""Height of the line with the words of marks."""
_ROOM_X, _ROOM_Y = 64, 30

Words: TypeAlias = Callable[[float, float, int], str]
"""What is said of a column: from where, to where, how many."""


def _plain(low: float, high: float, n: int) -> str:
    return f"{low:g} to {high:g}: {n:,}"


class Columns(Card):
    """One column for each bin; the axis is of equal steps or of equal ratios."""

    def __init__(
        self, title: str, theme: Theme, words: Words = _plain, marks: Sequence[tuple[float, str]] = ()
    ) -> None:
        """An empty chart; `marks` are values at which a dashed line stands, and what is written at its right."""
        super().__init__(title, theme)
        self.setFixedHeight(HEIGHT)
        self.edges: Values = np.zeros(0)
        self.counts: list[int] = []
        self._is_log = False
        self._words = words
        self._marks = marks

    def show_bins(self, edges: Values, counts: Sequence[int], *, log: bool = False, note: str = "") -> None:
        """Show how many values lie between each two of `edges` (n + 1)."""
        self.edges, self.counts, self._is_log = np.asarray(edges, dtype=np.float64), list(counts), log
        self.note, self.hovered = note, -1
        self.update()

    def sizeHint(self) -> QSize:
        """Room for a few ticks."""
        return QSize(360, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Small ones can still be read."""
        return QSize(200, HEIGHT)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not any(self.counts)

    @property
    def n_parts(self) -> int:
        """Each one."""
        return 0 if self.is_empty else len(self.counts)

    def part_at(self, point: QPointF) -> int:
        """The column there, whether high or low."""
        area = self._area()
        if self.is_empty or not area.contains(point):
            return -1
        at = int(np.searchsorted(self._xs(self.edges), point.x(), side="right")) - 1
        return at if 0 <= at < len(self.counts) else -1

    def told(self, part: int) -> str:
        """How many there are from where to where."""
        return self._words(float(self.edges[part]), float(self.edges[part + 1]), int(self.counts[part]))

    def paint_parts(self, painter: QPainter) -> None:
        """Axes, columns, marks."""
        if self.is_empty:
            self.paint_nothing(painter)
            return
        self._paint_axes(painter)
        self._paint_columns(painter)
        self._paint_marks(painter)

    def _paint_axes(self, painter: QPainter) -> None:
        tones, area, most = self.theme.tones, self._area(), max(self.counts)
        for value in ticks(0, most, max(2, int(area.height() / _ROOM_Y))):
            if value != round(value):
                continue
            paint_level(painter, area, area.bottom() - value / most * area.height(), value, tones)
        low, high = float(self.edges[0]), float(self.edges[-1])
        wanted = max(2, int(area.width() / _ROOM_X))
        painter.setPen(QColor(tones.faint))
        for value in log_ticks(low, high, wanted) if self._is_log else ticks(low, high, wanted):
            place = QRectF(float(self._xs(np.array([value]))[0]) - 40, area.bottom() + 3, 80, BOTTOM - 3)
            painter.drawText(place, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, in_words(value))

    def _paint_columns(self, painter: QPainter) -> None:
        tones, area, most = self.theme.tones, self._area(), max(self.counts)
        xs = self._xs(self.edges).tolist()
        painter.setPen(Qt.PenStyle.NoPen)
        for n, count in enumerate(self.counts):
            if count:
                high = max(1.5, count / most * area.height())
                gap = 1.0 if xs[n + 1] - xs[n] > 4 else 0.0
                painter.setBrush(QColor(tones.accent_hover if n == self.hovered else tones.accent))
                painter.drawRect(QRectF(xs[n], area.bottom() - high, xs[n + 1] - xs[n] - gap, high))

    def _paint_marks(self, painter: QPainter) -> None:
        tones, area = self.theme.tones, self._area()
        metrics = QFontMetricsF(painter.font())
        pen = QPen(QColor(tones.warn), 1)
        pen.setDashPattern([4.0, 3.0])
        free = area.left()
        for value, words in self._marks:
            if not self.edges[0] <= value <= self.edges[-1]:
                continue
            x = float(self._xs(np.array([value]))[0])
            painter.setPen(pen)
            painter.drawLine(QPointF(x, area.top() - _MARKS + 2), QPointF(x, area.bottom()))
            if x + 4 >= free and x + 4 + metrics.horizontalAdvance(words) <= self.width():
                painter.setPen(QColor(tones.warn))
                painter.drawText(QPointF(x + 4, area.top() - 4), words)
                free = x + 4 + metrics.horizontalAdvance(words) + GAP

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(LEFT, TITLE + _MARKS, -RIGHT, -BOTTOM)

    def _xs(self, values: Values) -> Values:
        """Where values lie on the axis, in pixels."""
        area = self._area()
        low, high = float(self.edges[0]), float(self.edges[-1])
        share = np.log(values / low) / math.log(high / low) if self._is_log else (values - low) / (high - low)
        return np.asarray(area.left() + share * area.width())
