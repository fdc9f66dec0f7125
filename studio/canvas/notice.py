"""A notice: what keeps the tool in hand from working, on a plate at the top of the view, over any picture."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from studio.canvas.looks import Looks
from studio.canvas.viewport import Viewport
from studio.theme import DARK

_PLATE = QColor(16, 18, 22, 235)
_FLAGS = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
_WIDEST = 560.0
"""Logical pixels of a line."""


def notice_rect(words: str, view: Viewport, looks: Looks) -> QRectF:
    """Where the notice lies, in view pixels: as wide as its words, wrapped where the view is narrow."""
    ratio, (width, _) = looks.ratio, view.view
    room = min(width - 64 * ratio, _WIDEST * ratio)
    text = QFontMetricsF(_font(looks)).boundingRect(QRectF(0, 0, room, 1e4), int(_FLAGS), words)
    plate = QRectF(0, 16 * ratio, text.width() + 36 * ratio, text.height() + 20 * ratio)
    plate.moveLeft((width - plate.width()) / 2)
    return plate


def paint_notice(painter: QPainter, words: str, view: Viewport, looks: Looks) -> None:
    """Words on a dark plate with a bar of warning at its left."""
    ratio, plate = looks.ratio, notice_rect(words, view, looks)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_PLATE)
    painter.drawRoundedRect(plate, 6 * ratio, 6 * ratio)
    painter.setBrush(QColor(DARK.warn))
    bar = QRectF(plate.left() + 10 * ratio, plate.top() + 10 * ratio, 3 * ratio, plate.height() - 20 * ratio)
    painter.drawRoundedRect(bar, 1.5 * ratio, 1.5 * ratio)
    painter.setFont(_font(looks))
    painter.setPen(QColor("#ffffff"))
    painter.drawText(plate.adjusted(22 * ratio, 0, -10 * ratio, 0), int(_FLAGS), words)


def _font(looks: Looks) -> QFont:
    font = QFont(looks.font)
    font.setPixelSize(round(13 * looks.ratio))
    return font
