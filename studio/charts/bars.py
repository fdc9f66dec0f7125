"""Bars: one for each name, from top to bottom, with its number behind it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from studio.charts.card import TITLE, Card
from studio.theme import GAP, Theme

ROW = 24.0
LEAST = 96
_NAMES = 0.36
"""The part of the width that names may take."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar."""

    name: str
    value: float
    """NaN where there is none to show."""
    colour: str
    """'#rrggbb'."""
    number: str
    """The value in words, behind the bar."""
    told: str
    """What is said of it while the pointer is on it."""


class Bars(Card):
    """As high as its bars need."""

    def __init__(self, title: str, theme: Theme) -> None:
        """No bars yet."""
        super().__init__(title, theme)
        self.bars: tuple[Bar, ...] = ()

    def show_bars(self, bars: Sequence[Bar], note: str = "") -> None:
        """Show these, in this order."""
        self.bars, self.note, self.hovered = tuple(bars), note, -1
        height = int(TITLE + ROW * max(1, len(self.bars)) + 1.5 * GAP)
        self.setFixedHeight(max(height, LEAST))
        self.update()

    def sizeHint(self) -> QSize:
        """Room for names and bars."""
        return QSize(360, LEAST)

    def minimumSizeHint(self) -> QSize:
        """Narrow ones can still be read."""
        return QSize(200, LEAST)

    @property
    def n_parts(self) -> int:
        """Each one."""
        return len(self.bars)

    def part_at(self, point: QPointF) -> int:
        """The bar on that line."""
        row = math.floor((point.y() - TITLE) / ROW)
        return row if 0 <= row < len(self.bars) and 0 <= point.x() < self.width() else -1

    def told(self, part: int) -> str:
        """What is said of a bar."""
        return self.bars[part].told

    def paint_parts(self, painter: QPainter) -> None:
        """Names, bars, numbers."""
        metrics = QFontMetricsF(painter.font())
        if not self.bars:
            self.paint_nothing(painter)
            return
        names = min(_NAMES * self.width(), max(metrics.horizontalAdvance(bar.name) for bar in self.bars))
        numbers = max(metrics.horizontalAdvance(bar.number) for bar in self.bars)
        left = 1.5 * GAP + names + GAP
        room = max(8.0, self.width() - left - numbers - 2.5 * GAP)
        most = max((bar.value for bar in self.bars if math.isfinite(bar.value)), default=0.0) or 1.0
        for row, bar in enumerate(self.bars):
            line = QRectF(1.5 * GAP, TITLE + row * ROW, self.width() - 3 * GAP, ROW)
            if row == self.hovered:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(self.theme.tones.hover))
                painter.drawRoundedRect(line.adjusted(-GAP / 2, 1, GAP / 2, -1), 4, 4)
            self._paint_words(painter, bar, line, names)
            long = room * bar.value / most if math.isfinite(bar.value) else 0.0
            self._paint_bar(painter, bar, QRectF(left, line.top() + 6, long, ROW - 12))
            after = QRectF(left + long + GAP, line.top(), numbers + GAP, ROW)
            painter.setPen(QColor(self.theme.tones.text if row == self.hovered else self.theme.tones.faint))
            painter.drawText(after, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, bar.number)

    def _paint_words(self, painter: QPainter, bar: Bar, line: QRectF, names: float) -> None:
        name = QFontMetricsF(painter.font()).elidedText(bar.name, Qt.TextElideMode.ElideRight, names + 1)
        painter.setPen(QColor(self.theme.tones.text))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)

    def _paint_bar(self, painter: QPainter, bar: Bar, place: QRectF) -> None:
        if place.width() > 0:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(bar.colour))
            painter.drawRoundedRect(place.adjusted(0, 0, max(0.0, 2 - place.width()), 0), 3, 3)
