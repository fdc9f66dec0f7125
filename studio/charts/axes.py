"""What axes of charts share: a line across with its number at the left."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from studio.charts.scale import in_words
from studio.theme import Tones

_AT_LEFT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def paint_level(painter: QPainter, area: QRectF, y: float, value: float, tones: Tones) -> None:
    """A line across an area at a height, and its number between the chart's edge and the area."""
    painter.setPen(QPen(QColor(tones.line), 1))
    painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
    painter.setPen(QColor(tones.faint))
    painter.drawText(QRectF(0, y - 10, area.left() - 6, 20), _AT_LEFT, in_words(value))
