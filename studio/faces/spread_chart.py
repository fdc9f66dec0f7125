"""Where a distance lies among those of the gallery: faces of the same person, and of different people.

Each of the two is drawn as shares of its own: there are always far more pairs of different people.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from studio.charts.card import TITLE, Card
from studio.charts.scale import in_words, ticks
from studio.faces.decision_words import number
from studio.theme import GAP, Theme

N_BINS = 48
HEIGHT = 176
_BOTTOM = 24.0
_LEFT = 14.0
_TOP = 20.0
_TICK_ROOM = 64


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """The distances between faces of a gallery, each ascending."""

    same: NDArray[np.float64]
    """Of the same person."""
    different: NDArray[np.float64]
    """Of different people."""

    @property
    def farthest(self) -> float:
        """The greatest of all; 0 where there are none."""
        return max((float(each[-1]) for each in (self.same, self.different) if len(each)), default=0.0)


NO_SPREAD = Spread(np.empty(0), np.empty(0))


class SpreadChart(Card):
    """Two outlines over the same axis, the threshold, and the distance that is asked about."""

    def __init__(self, title: str, theme: Theme, kinds: tuple[str, str] = ("same person", "different people")) -> None:
        """Nothing to see yet; `kinds` are what the two are called."""
        super().__init__(title, theme)
        self._kinds = kinds
        self.is_clickable = False
        self.spread = NO_SPREAD
        self.threshold = math.nan
        self.distance = math.nan
        self._counts = np.zeros((2, N_BINS), dtype=np.int64)
        self.setFixedHeight(HEIGHT)

    def show_spread(self, spread: Spread, threshold: float, distance: float = math.nan, note: str = "") -> None:
        """Show these; NaN: no threshold, no distance to mark."""
        self.spread, self.threshold, self.distance, self.note = spread, threshold, distance, note
        edges = np.linspace(0, self.farthest, N_BINS + 1)
        self._counts = np.stack([_counted(each, edges) for each in (spread.same, spread.different)])
        self.hovered = -1
        self.update()

    def sizeHint(self) -> QSize:
        """Room for a few ticks."""
        return QSize(360, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Small ones can still be read."""
        return QSize(200, HEIGHT)

    @property
    def farthest(self) -> float:
        """Where the axis ends."""
        marked = [each for each in (self.threshold, self.distance) if math.isfinite(each)]
        return 1.03 * max(self.spread.farthest, *marked, 0.0) or 1.0

    @property
    def n_parts(self) -> int:
        """Each stretch of distances."""
        return N_BINS if self._counts.any() else 0

    def part_at(self, point: QPointF) -> int:
        """The stretch there."""
        area = self._area()
        if not self.n_parts or not area.contains(point):
            return -1
        return min(N_BINS - 1, int((point.x() - area.left()) / area.width() * N_BINS))

    def told(self, part: int) -> str:
        """How many of each lie there."""
        low, high = (number((part + each) / N_BINS * self.farthest) for each in (0, 1))
        same, different = self._counts[:, part].tolist()
        return f"{low} to {high}: {self._kinds[0]} {same:,}, {self._kinds[1]} {different:,}"

    def paint_parts(self, painter: QPainter) -> None:
        """Axis, outlines, threshold and distance."""
        area = self._area()
        if not self.n_parts:
            self.paint_nothing(painter)
            return
        self._paint_axis(painter, area)
        tones = self.theme.tones
        for counts, colour in zip(self._counts, (tones.good, tones.bad), strict=True):
            self._paint_outline(painter, area, counts, QColor(colour))
        self._paint_legend(painter, area)
        if self.hovered >= 0:
            veil = QColor(tones.text)
            veil.setAlpha(40)
            wide = area.width() / N_BINS
            painter.fillRect(QRectF(area.left() + self.hovered * wide, area.top(), wide, area.height()), veil)
        if math.isfinite(self.threshold):
            painter.setPen(QPen(QColor(tones.warn), 2))
            x = self._x(self.threshold)
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        if math.isfinite(self.distance):
            self._paint_distance(painter, area)

    def _paint_distance(self, painter: QPainter, area: QRectF) -> None:
        x = self._x(self.distance)
        painter.setPen(QPen(QColor(self.theme.tones.text), 2, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, area.top() + 4), QPointF(x, area.bottom()))
        painter.setPen(QPen(QColor(self.theme.tones.surface), 1.5))
        painter.setBrush(QColor(self.theme.tones.text))
        painter.drawEllipse(QPointF(x, area.top() + 4), 5, 5)

    def _paint_outline(self, painter: QPainter, area: QRectF, counts: NDArray[np.int64], colour: QColor) -> None:
        if not counts.any():
            return
        edges = area.left() + np.repeat(np.arange(N_BINS + 1), 2) / N_BINS * area.width()
        heights = np.concatenate([[0.0], np.repeat(counts / counts.max(), 2), [0.0]])
        tops = area.bottom() - 0.94 * area.height() * heights
        outline = QPolygonF(list(map(QPointF, edges.tolist(), tops.tolist())))
        veil = QColor(colour)
        veil.setAlpha(60)
        painter.setPen(QPen(colour, 1.4))
        painter.setBrush(veil)
        painter.drawPolygon(outline)

    def _paint_legend(self, painter: QPainter, area: QRectF) -> None:
        tones, left = self.theme.tones, area.left()
        n_same, n_different = len(self.spread.same), len(self.spread.different)
        words = (f"{self._kinds[0]} ({n_same:,})", f"{self._kinds[1]} ({n_different:,})")
        for said, colour in zip(words, (tones.good, tones.bad), strict=True):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            painter.drawEllipse(QPointF(left + 4, TITLE + 8), 3.5, 3.5)
            painter.setPen(QColor(tones.faint))
            place = QRectF(left + 12, TITLE - 2, area.right() - left - 12, 20)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, said)
            left += 12 + painter.fontMetrics().horizontalAdvance(said) + 2 * GAP

    def _paint_axis(self, painter: QPainter, area: QRectF) -> None:
        tones = self.theme.tones
        painter.setPen(QPen(QColor(tones.line), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.setPen(QColor(tones.faint))
        for value in ticks(0, self.farthest, max(2, int(area.width() / _TICK_ROOM))):
            place = QRectF(self._x(value) - 30, area.bottom() + 2, 60, 18)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, in_words(round(value, 9)))

    def _x(self, distance: float) -> float:
        area = self._area()
        return area.left() + distance / self.farthest * area.width()

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_LEFT, TITLE + _TOP, -_LEFT, -_BOTTOM)


def _counted(ascending: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """As np.histogram counts, without sorting millions anew: how many lie between edges, those on the last one, too."""
    below = np.searchsorted(ascending, edges)
    below[-1] = np.searchsorted(ascending, edges[-1], side="right")
    return np.diff(below)
