"""A plot whose axes have numbers of their own kind, as rates on a logarithmic axis, and bands around its lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from studio.charts.card import TITLE
from studio.charts.plot import Plot, Trail
from studio.charts.scale import Values
from studio.theme import GAP, Theme

_WIDE = 46.0
"""Pixels between numbers along the axis, so that they can be read."""
_UNIT = 10.0
_BAND = 36
"""How dense a band is, of 255."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """A number on an axis: its place from 0 to 1, and its words."""

    place: float
    words: str


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """What a line is between."""

    x: Values
    low: Values
    high: Values
    colour: str


@dataclass(frozen=True, slots=True)
class Axis:
    """What is measured along an axis, and its numbers from low to high."""

    title: str
    rulings: tuple[Ruling, ...]


class RuledPlot(Plot):
    """Lines in the unit square, which stands for whatever its rulings say."""

    def __init__(self, title: str, theme: Theme, axes: tuple[Axis, Axis], words: Callable[[int, int], str]) -> None:
        """An empty plot; `words` tells of a point by line and index."""
        super().__init__(title, theme, (axes[0].title, axes[1].title), words)
        self.is_clickable = False
        self.axes = axes
        self.bands: tuple[Band, ...] = ()

    def show_ruled(self, axes: tuple[Axis, Axis], trails: Sequence[Trail], bands: Sequence[Band] = ()) -> None:
        """Show these lines, and what they are between, over these axes."""
        self.axes, self.bands = axes, tuple(bands)
        self.show_trails(trails)

    def _area(self) -> QRectF:
        """Numbers with a unit are wider."""
        return super()._area().adjusted(_UNIT, 0, -_UNIT, 0)

    def _paint_axes(self, painter: QPainter, area: QRectF) -> None:
        across, up = self.axes
        for each in up.rulings:
            self._paint_level(painter, area, each)
        right = -_WIDE
        for each in across.rulings:
            x = area.left() + each.place * area.width()
            if x - right >= _WIDE:
                painter.drawText(QRectF(x - 30, area.bottom() + 2, 60, 18), Qt.AlignmentFlag.AlignCenter, each.words)
                right = x
        below = QRectF(area.left(), area.bottom() + 18, area.width(), 18)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, across.title)
        painter.drawText(QRectF(1.5 * GAP, TITLE - 4, 320, 16), Qt.AlignmentFlag.AlignLeft, up.title)
        for band in self.bands:
            self._paint_band(painter, area, band)

    def _paint_level(self, painter: QPainter, area: QRectF, ruling: Ruling) -> None:
        tones, y = self.theme.tones, area.bottom() - ruling.place * area.height()
        painter.setPen(QPen(QColor(tones.line), 1))
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setPen(QColor(tones.faint))
        at_left = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(0.0, y - 10, area.left() - 6, 20), at_left, ruling.words)

    def _paint_band(self, painter: QPainter, area: QRectF, band: Band) -> None:
        xs = area.left() + np.concatenate([band.x, band.x[::-1]]) * area.width()
        ys = area.bottom() - np.concatenate([band.low, band.high[::-1]]) * area.height()
        veil = QColor(band.colour)
        veil.setAlpha(_BAND)
        pen = painter.pen()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(veil)
        painter.drawPolygon(QPolygonF(list(map(QPointF, xs.tolist(), ys.tolist()))))
        painter.setPen(pen)
