"""Words in the place of a picture, where there is none or none that can be shown."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from engine.errors import UserError
from studio.theme import Tones


def paint_words(painter: QPainter, area: QRectF, title: str, reason: str, tones: Tones) -> None:
    """Two lines in the middle of an area of logical pixels, on the canvas's ground."""
    painter.fillRect(area, QColor(tones.canvas))
    middle = area.center() - QPointF(0, 24)
    font = QFont(painter.font())
    for words, size, colour in ((title, 16, tones.text), (reason, 13, tones.faint)):
        font.setPixelSize(size)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        line = QRectF(middle.x() - area.width() / 2 + 16, middle.y(), area.width() - 32.0, 60)
        painter.drawText(line, Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap, words)
        middle += QPointF(0, 28)


def reason_of(error: Exception) -> str:
    """Why a picture cannot be shown, in words."""
    return str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
