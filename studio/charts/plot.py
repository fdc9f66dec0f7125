"""A plot: lines over an axis from 0 to 1, of which every point can be picked; a mark on the axis can be dragged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPen, QPolygonF

from studio.charts.axes import paint_level
from studio.charts.card import TITLE, Card
from studio.charts.scale import Values, in_words, thinned_rows, ticks
from studio.theme import GAP, Theme

LEFT, TOP, RIGHT, BOTTOM = 44.0, 22.0, 14.0, 40.0
HEIGHT = 272
NEAR = 24.0
"""So many pixels from a line the pointer is on it."""
STRETCHES = 800
"""Of each line the highest and lowest points of so many stretches are drawn."""
_ROOM_X, _ROOM_Y = 56, 30
_MOST_NAMED = 8
"""Lines in the legend; the others are told of under the pointer."""


@dataclass(frozen=True, slots=True, eq=False)
class Trail:
    """One line; x rises or stays."""

    name: str
    x: Values
    y: Values
    colour: str
    """'#rrggbb'."""


class Plot(Card):
    """Lines in the unit square."""

    marked = Signal(float)
    """The mark was dragged there, or a place on the axis clicked, where there is a mark."""

    def __init__(self, title: str, theme: Theme, axes: tuple[str, str], words: Callable[[int, int], str]) -> None:
        """An empty plot; `words` tells of a point by line and index."""
        super().__init__(title, theme)
        self.setFixedHeight(HEIGHT)
        self.trails: tuple[Trail, ...] = ()
        self.mark: float | None = None
        self._axes = axes
        self._words = words
        self._drawn: tuple[Trail, ...] = ()
        """As many points of the lines as can be told apart."""
        self._rows: list[NDArray[np.int64]] = []
        """Which points of each line those are."""
        self._starts: list[int] = [0]

    def show_trails(self, trails: Sequence[Trail], note: str = "") -> None:
        """Show these lines."""
        self.trails, self.note, self.hovered = tuple(trails), note, -1
        self._rows = [thinned_rows(each.y, STRETCHES) for each in trails]
        chosen = zip(trails, self._rows, strict=True)
        self._drawn = tuple(replace(each, x=each.x[rows], y=each.y[rows]) for each, rows in chosen)
        self._starts = [0, *np.cumsum([len(each.x) for each in self._drawn]).tolist()]
        self.update()

    def show_mark(self, mark: float | None) -> None:
        """Show a line across at this place of the axis."""
        self.mark = mark
        self.update()

    def sizeHint(self) -> QSize:
        """Room for a few ticks."""
        return QSize(360, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Small ones can still be read."""
        return QSize(200, HEIGHT)

    @property
    def n_parts(self) -> int:
        """All points that are drawn, line by line."""
        return self._starts[-1]

    def place(self, part: int) -> tuple[int, int]:
        """Line, and index of a point in the line as it was given."""
        line, at = self._place(part)
        return line, int(self._rows[line][at])

    def _place(self, part: int) -> tuple[int, int]:
        """Line, and index of a point among those that are drawn."""
        line = int(np.searchsorted(self._starts, part, side="right")) - 1
        return line, part - self._starts[line]

    def beside(self, part: int, across: int, down: int) -> int:
        """Along the line by hundredths of it, or to the next line."""
        line, at = self._place(part)
        n = len(self._drawn[line].x)
        if across:
            return self._starts[line] + min(max(at + across * max(1, n // 100), 0), n - 1)
        other = line + down
        if not 0 <= other < len(self._drawn) or not len(self._drawn[other].x):
            return part
        return self._starts[other] + min(at, len(self._drawn[other].x) - 1)

    def part_at(self, point: QPointF) -> int:
        """The point of the nearest line, where one is near."""
        area = self._area()
        if not area.adjusted(-4, -4, 4, 4).contains(point):
            return -1
        best, found = NEAR, -1
        for line, trail in enumerate(self._drawn):
            if len(trail.x):
                xs, ys = area.left() + trail.x * area.width(), area.bottom() - trail.y * area.height()
                away = np.hypot(xs - point.x(), ys - point.y())
                at = int(np.argmin(away))
                if away[at] < best:
                    best, found = float(away[at]), self._starts[line] + at
        return found

    def told(self, part: int) -> str:
        """What is said of a point."""
        return self._words(*self.place(part))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the mark."""
        self._drag(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the mark, or tell of what is under the pointer."""
        super().mouseMoveEvent(event)
        self._drag(event)

    def _drag(self, event: QMouseEvent) -> None:
        if self.mark is not None and event.buttons() & Qt.MouseButton.LeftButton:
            area = self._area()
            self.marked.emit(min(max((event.position().x() - area.left()) / area.width(), 0.0), 1.0))

    def paint_parts(self, painter: QPainter) -> None:
        """Axes, lines, mark, and the point that is told of."""
        if not self.n_parts:
            self.paint_nothing(painter)
            return
        area = self._area()
        self._paint_axes(painter, area)
        chosen, point = self._place(self.hovered) if self.hovered >= 0 else (-1, -1)
        for n, trail in enumerate(self._drawn):
            colour = QColor(trail.colour)
            colour.setAlpha(255 if chosen in (-1, n) else 70)
            painter.setPen(QPen(colour, 2.4 if n == chosen else 1.7))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(self._polygon(trail, area))
        self._paint_legend(painter, area)
        if self.mark is not None:
            painter.setPen(QPen(QColor(self.theme.tones.warn), 1.5))
            x = area.left() + self.mark * area.width()
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        if self.hovered >= 0:
            trail, at = self._drawn[chosen], point
            painter.setPen(QPen(QColor(self.theme.tones.surface), 2))
            painter.setBrush(QColor(trail.colour))
            spot = QPointF(area.left() + trail.x[at] * area.width(), area.bottom() - trail.y[at] * area.height())
            painter.drawEllipse(spot, 5, 5)

    def _paint_axes(self, painter: QPainter, area: QRectF) -> None:
        tones = self.theme.tones
        for value in ticks(0, 1, max(2, int(area.height() / _ROOM_Y))):
            paint_level(painter, area, area.bottom() - value * area.height(), value, tones)
        for value in ticks(0, 1, max(2, int(area.width() / _ROOM_X))):
            words = QRectF(area.left() + value * area.width() - 30, area.bottom() + 2, 60, 18)
            painter.drawText(words, Qt.AlignmentFlag.AlignCenter, in_words(value))
        below = QRectF(area.left(), area.bottom() + 18, area.width(), 18)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._axes[0])
        painter.drawText(QRectF(1.5 * GAP, TITLE - 4, 200, 16), Qt.AlignmentFlag.AlignLeft, self._axes[1])

    def _paint_legend(self, painter: QPainter, area: QRectF) -> None:
        """Below the axis, from the left, as many names as there is room for."""
        metrics = QFontMetricsF(painter.font())
        left, middle = area.left(), area.bottom() + 27
        room = area.right() - metrics.horizontalAdvance(self._axes[0]) - GAP
        for trail in self.trails[:_MOST_NAMED]:
            wide = metrics.horizontalAdvance(trail.name)
            if left + 12 + wide > room:
                break
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(trail.colour))
            painter.drawEllipse(QPointF(left + 4, middle), 3.5, 3.5)
            painter.setPen(QColor(self.theme.tones.faint))
            painter.drawText(QPointF(left + 12, middle + metrics.ascent() / 2 - 1), trail.name)
            left += 12 + wide + 1.5 * GAP

    def _polygon(self, trail: Trail, area: QRectF) -> QPolygonF:
        xs, ys = area.left() + trail.x * area.width(), area.bottom() - trail.y * area.height()
        return QPolygonF(list(map(QPointF, xs.tolist(), ys.tolist())))

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(LEFT, TITLE + TOP, -RIGHT, -BOTTOM)
