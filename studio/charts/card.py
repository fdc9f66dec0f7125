"""The ground of a chart: a card with a title, and at the right of it what is told of the place under the pointer."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.theme import GAP, Theme

TITLE = 30.0
"""Height of the line with the title."""
_STEPS = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
}  # fmt: skip
_PICKS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class Card(QWidget):
    """A chart that tells of the part under the pointer, and can be clicked there.

    With the focus, arrows go from part to part, and Enter picks.
    """

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
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    @property
    def n_parts(self) -> int:
        """How many parts there are to go through by the keyboard."""
        return 0

    def beside(self, part: int, across: int, down: int) -> int:
        """The part that an arrow leads to; one that is not there keeps where one is."""
        return part + across + down

    def pick(self, part: int) -> None:
        """Somebody wants to know more of a part."""
        self.picked.emit(part)

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
        if self.hasFocus():
            painter.setPen(QPen(QColor(self.theme.tones.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        self._paint_title(painter)
        self.paint_parts(painter)
        painter.end()

    def event(self, event: QEvent) -> bool:
        """Keep the chart's own keys from being commands of the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._is_own(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from part to part, and pick."""
        if not self._is_own(event):
            super().keyPressEvent(event)
        elif event.key() in _STEPS:
            target = self.beside(self.hovered, *_STEPS[Qt.Key(event.key())]) if self.hovered >= 0 else 0
            if 0 <= target < self.n_parts:
                self._hover(target)
        elif self.hovered >= 0 and self.is_clickable:
            self.pick(self.hovered)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell of nothing."""
        self._hover(-1)
        super().focusOutEvent(event)

    def _is_own(self, event: QKeyEvent) -> bool:
        is_plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        return is_plain and self.n_parts > 0 and (event.key() in _STEPS or event.key() in _PICKS)

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
            self.pick(part)

    def _hover(self, part: int) -> None:
        if part != self.hovered:
            self.hovered = part
            self.setAccessibleDescription(self.told(part) if part >= 0 else "")
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
