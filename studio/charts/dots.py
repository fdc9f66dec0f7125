"""Dots: the widths and heights of objects, and the shapes that a network guesses from drawn among them."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from studio.charts.axes import paint_level
from studio.charts.card import TITLE, Card
from studio.charts.scale import Values, in_words, log_ticks
from studio.theme import GAP, Theme

LEFT, RIGHT, BOTTOM = 44.0, 14.0, 40.0
HEIGHT = 232
_ROOM_X, _ROOM_Y = 56, 30
_DOT, _CROSS = 1.6, 4.5


class Dots(Card):
    """Sizes on axes of equal ratios; objects are dots, priors are crosses, which tell their size and how many suit."""

    def __init__(self, title: str, theme: Theme) -> None:
        """Nothing to see yet."""
        super().__init__(title, theme)
        self.is_clickable = False
        self.setFixedHeight(HEIGHT)
        self.objects: Values = np.zeros((0, 2))
        self.priors: Values = np.zeros((0, 2))
        self._suiting: list[int] = []

    def show_sizes(self, objects: Values, priors: Values, suiting: list[int], note: str = "") -> None:
        """Show (N, 2) widths and heights of objects, (A, 2) of priors and for how many dots each is the best."""
        self.objects, self.priors, self._suiting, self.note = objects, priors, suiting, note
        self.hovered = -1
        self.update()

    def sizeHint(self) -> QSize:
        """Room for a few ticks."""
        return QSize(360, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Small ones can still be read."""
        return QSize(200, HEIGHT)

    def part_at(self, point: QPointF) -> int:
        """The prior nearest to the pointer, if it is near."""
        if not len(self.priors):
            return -1
        away = np.hypot(*(self._places(self.priors) - (point.x(), point.y())).T)
        nearest = int(away.argmin())
        return nearest if away[nearest] < 2 * GAP else -1

    def told(self, part: int) -> str:
        """Size of a prior, and how many objects it suits best."""
        width, height = self.priors[part]
        return f"{width:.0f} x {height:.0f} px, best for {self._suiting[part]:,}"

    def paint_parts(self, painter: QPainter) -> None:
        """Axes, dots, crosses."""
        if not len(self.priors) and not len(self.objects):
            self.paint_nothing(painter)
            return
        self._paint_axes(painter)
        tones = self.theme.tones
        veil = QColor(tones.accent_text)
        veil.setAlpha(90)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(veil)
        for x, y in self._places(self.objects):
            painter.drawEllipse(QPointF(x, y), _DOT, _DOT)
        for at, (x, y) in enumerate(self._places(self.priors)):
            painter.setPen(QPen(QColor(tones.text if at == self.hovered else tones.warn), 2))
            painter.drawLine(QPointF(x - _CROSS, y), QPointF(x + _CROSS, y))
            painter.drawLine(QPointF(x, y - _CROSS), QPointF(x, y + _CROSS))

    def _paint_axes(self, painter: QPainter) -> None:
        tones, area = self.theme.tones, self._area()
        low, high = self._limits()
        for value in log_ticks(low, high, max(2, int(area.height() / _ROOM_Y))):
            paint_level(painter, area, area.bottom() - self._share(value) * area.height(), value, tones)
        for value in log_ticks(low, high, max(2, int(area.width() / _ROOM_X))):
            x = area.left() + self._share(value) * area.width()
            place = QRectF(x - 40, area.bottom() + 2, 80, 18)
            painter.drawText(place, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, in_words(value))
        words = "across: width, up: height, in pixels of the scaled picture"
        place = QRectF(area.left(), area.bottom() + 18, area.width(), 18)
        painter.drawText(place, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, words)

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(LEFT, TITLE, -RIGHT, -BOTTOM)

    def _limits(self) -> tuple[float, float]:
        every = np.concatenate([self.objects, self.priors])
        return float(every.min()) / 1.15, float(every.max()) * 1.15

    def _share(self, value: float) -> float:
        low, high = self._limits()
        return math.log(value / low) / math.log(high / low)

    def _places(self, sizes: Values) -> Values:
        """(N, 2) points in the widget."""
        area, (low, high) = self._area(), self._limits()
        shares = np.log(np.maximum(sizes, low) / low) / math.log(high / low)
        lefts = area.left() + shares[:, 0] * area.width()
        return np.stack([lefts, area.bottom() - shares[:, 1] * area.height()], axis=1)
