"""A reliability diagram: how often detections of each score are right, beside how often they should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from studio.charts.axes import paint_level
from studio.charts.card import TITLE, Card
from studio.charts.scale import in_words, ticks
from studio.theme import GAP, Theme

LEFT, TOP, RIGHT, BOTTOM = 44.0, 22.0, 14.0, 40.0
HEIGHT = 272


@dataclass(frozen=True, slots=True)
class Step:
    """The detections of some scores."""

    low: float
    high: float
    mean_score: float | None
    """None where there are none."""
    share_right: float | None
    n: int


class Reliability(Card):
    """A column for each stretch of scores, a diagonal to compare with; the fuller a column the more it stands for."""

    def __init__(self, title: str, theme: Theme) -> None:
        """An empty one."""
        super().__init__(title, theme)
        self.setFixedHeight(HEIGHT)
        self.steps: tuple[Step, ...] = ()

    def show_steps(self, steps: Sequence[Step], note: str = "") -> None:
        """Show these."""
        self.steps, self.note, self.hovered = tuple(steps), note, -1
        self.update()

    def sizeHint(self) -> QSize:
        """Room for ten columns."""
        return QSize(360, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Small ones can still be read."""
        return QSize(200, HEIGHT)

    @property
    def n_parts(self) -> int:
        """Each stretch of scores."""
        return len(self.steps) if any(each.n for each in self.steps) else 0

    def part_at(self, point: QPointF) -> int:
        """The stretch of scores there."""
        area = self._area()
        if not self.n_parts or not area.contains(point):
            return -1
        value = (point.x() - area.left()) / area.width()
        return next((n for n, each in enumerate(self.steps) if each.low <= value < each.high), -1)

    def told(self, part: int) -> str:
        """How many there are, how sure, and how many are right."""
        step = self.steps[part]
        words = f"{step.low:.1f} to {step.high:.1f}: {step.n:,}"
        if step.mean_score is None or step.share_right is None:
            return words
        return f"{words}, mean score {step.mean_score:.2f}, {step.share_right:.0%} right"

    def paint_parts(self, painter: QPainter) -> None:
        """Axes, columns, and the diagonal."""
        if not self.n_parts:
            self.paint_nothing(painter)
            return
        area, tones = self._area(), self.theme.tones
        self._paint_axes(painter, area)
        most = max(each.n for each in self.steps)
        for n, step in enumerate(self.steps):
            if step.share_right is None:
                continue
            colour = QColor(tones.accent_hover if n == self.hovered else tones.accent)
            colour.setAlphaF(0.35 + 0.65 * (step.n / most) ** 0.5)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            left, right = (area.left() + value * area.width() for value in (step.low, step.high))
            high = max(2.0, step.share_right * area.height())
            painter.drawRect(QRectF(left + 1, area.bottom() - high, right - left - 2, high))
        pen = QPen(QColor(tones.warn), 1.5)
        pen.setDashPattern([4.0, 3.0])
        painter.setPen(pen)
        painter.drawLine(area.bottomLeft(), area.topRight())

    def _paint_axes(self, painter: QPainter, area: QRectF) -> None:
        tones = self.theme.tones
        for value in ticks(0, 1, 6):
            paint_level(painter, area, area.bottom() - value * area.height(), value, tones)
            below = QRectF(area.left() + value * area.width() - 30, area.bottom() + 2, 60, 18)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, in_words(value))
        name = QRectF(area.left(), area.bottom() + 18, area.width(), 18)
        painter.drawText(name, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "score")
        painter.drawText(QRectF(1.5 * GAP, TITLE - 4, 200, 16), Qt.AlignmentFlag.AlignLeft, "share that is right")

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(LEFT, TITLE + TOP, -RIGHT, -BOTTOM)
