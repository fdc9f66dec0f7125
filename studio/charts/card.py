"""The ground of a chart: a card with a title, and at the right of it what is told of the place under the pointer."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.theme import GAP, Theme

TITLE = 30.0
"""Height of the line with the title."""


class Card(QWidget):
    """A chart that tells of the part under the pointer, and can be clicked there."""

    picked = Signal(int)
    """The part that was clicked, by its index."""

    def __init__(self, title: str, theme: Theme) -> None:
        """An empty chart."""
        super().__init__()
        self.theme = theme
        self.title = title
        self.hovered = -1
        """The part under the pointer, or -1."""
        self.note = ""
        """What is told while no part is under the pointer."""
        self.is_clickable = True
        self.setMouseTracking(True)
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def part_at(self, _: QPointF) -> int:
        """Which part lies there, or -1."""
        return -1

    def told(self, _: int) -> str:
        """What is said of a part."""
        return ""

    def paint_parts(self, painter: QPainter) -> None:
        """Paint what is in the card."""

    def paint_nothing(self, painter: QPainter) -> None:
        """Say that there is nothing."""
        painter.setPen(QColor(self.theme.tones.faint))
        place = QRectF(self.rect()).adjusted(0, TITLE, 0, -GAP)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "Nothing to show yet")

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paint the ground, the title, and all parts."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.tones.surface))
        painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        self._paint_title(painter)
        self.paint_parts(painter)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell of what is under the pointer."""
        self._hover(self.part_at(event.position()))

    def leaveEvent(self, _: QEvent) -> None:
        """Tell of nothing."""
        self._hover(-1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Pick what is under the pointer."""
        part = self.part_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and part >= 0 and self.is_clickable:
            self.picked.emit(part)

    def _hover(self, part: int) -> None:
        if part != self.hovered:
            self.hovered = part
            is_link = part >= 0 and self.is_clickable
            self.setCursor(Qt.CursorShape.PointingHandCursor if is_link else Qt.CursorShape.ArrowCursor)
            self.update()

    def _paint_title(self, painter: QPainter) -> None:
        tones, metrics = self.theme.tones, QFontMetricsF(painter.font())
        line = QRectF(1.5 * GAP, 0, self.width() - 3 * GAP, TITLE)
        painter.setPen(QColor(tones.faint))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.title)
        words = self.told(self.hovered) if self.hovered >= 0 else self.note
        room = line.width() - metrics.horizontalAdvance(self.title) - 2 * GAP
        if self.hovered >= 0:
            painter.setPen(QColor(tones.text))
        fitting = metrics.elidedText(words, Qt.TextElideMode.ElideRight, max(0.0, room))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, fitting)
