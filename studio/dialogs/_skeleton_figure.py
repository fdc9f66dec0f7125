"""A skeleton as a figure: keypoints as dots, bones as lines between them, made and taken away by two clicks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.theme import Theme

Bone: TypeAlias = tuple[int, int]
_SIDE, _WIDE, _HIGH = 300, 108, 40
"""Logical pixels: of the figure, and of what is left beside, above and below the dots for their names."""
_REACH = 14.0
_DOT = 6.0


def toggled(bones: Sequence[Bone], a: int, b: int) -> tuple[Bone, ...]:
    """The bones with one between two keypoints, or without the one that is there."""
    kept = tuple(bone for bone in bones if set(bone) != {a, b})
    return kept if len(kept) < len(bones) or a == b else (*kept, (a, b))


class SkeletonFigure(QWidget):
    """Shows names and bones; a click on a dot and then on another joins them, or parts them."""

    changed = Signal()
    """`bones` are others."""

    def __init__(self, theme: Theme, colour: str, parent: QWidget | None = None) -> None:
        """An empty figure in the colour of a class."""
        super().__init__(parent)
        self.names: tuple[str, ...] = ()
        self.bones: tuple[Bone, ...] = ()
        self._theme, self._colour = theme, colour
        self._held: int | None = None
        self._pointer = QPointF()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(_SIDE, _SIDE)
        self.setAccessibleName("Bones")
        self.setToolTip("Click one keypoint and then another to join them, or to take their bone away")

    def show_skeleton(self, names: Sequence[str], bones: Sequence[Bone]) -> None:
        """Show these from now on; bones that join nothing are left out."""
        self.names, n = tuple(names), len(names)
        self.bones = tuple(bone for bone in bones if max(bone) < n)
        self._held = None
        self.update()

    def place(self, at: int) -> QPointF:
        """Where a keypoint's dot lies: on an ellipse, the first at the top, clockwise."""
        across, down = max(self.width() / 2 - _WIDE, 20), max(self.height() / 2 - _HIGH, 20)
        turn = 2 * math.pi * at / max(len(self.names), 1) - math.pi / 2
        return QRectF(self.rect()).center() + QPointF(across * math.cos(turn), down * math.sin(turn))

    def sizeHint(self) -> QSize:
        return QSize(_SIDE + 80, _SIDE + 40)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a dot, or join it with the one that was taken before."""
        at = self._under(event.position())
        if at is None or self._held is None:
            self._held = at
        else:
            self.bones, self._held = toggled(self.bones, self._held, at), None
            self.changed.emit()
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw the bone that is being made to the pointer."""
        self._pointer = event.position()
        over = self._under(self._pointer) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape lets go of the dot; without one it is the dialog's."""
        if event.key() == Qt.Key.Key_Escape and self._held is not None:
            self._held = None
            self.update()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _: QPaintEvent) -> None:
        """Bones, dots, names."""
        tones, colour = self._theme.tones, QColor(self._colour)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tones.line), 1))
        painter.setBrush(QColor(tones.sunken))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setPen(QPen(colour, 2))
        for a, b in self.bones:
            painter.drawLine(self.place(a), self.place(b))
        if self._held is not None:
            painter.setPen(QPen(QColor(tones.faint), 2, Qt.PenStyle.DashLine))
            painter.drawLine(self.place(self._held), self._pointer)
        for at, name in enumerate(self.names):
            self._paint_dot(painter, at, name)
        painter.end()

    def _paint_dot(self, painter: QPainter, at: int, name: str) -> None:
        tones, place = self._theme.tones, self.place(at)
        painter.setPen(QPen(QColor(tones.text), 2 if at == self._held else 1))
        painter.setBrush(QColor(self._colour))
        painter.drawEllipse(place, _DOT, _DOT)
        painter.setPen(QColor(tones.text))
        words = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, _WIDE - 16)
        width, cap = self.fontMetrics().horizontalAdvance(words), self.fontMetrics().capHeight()
        out, gap = place - QRectF(self.rect()).center(), _DOT + 6
        if abs(out.x()) < _DOT:  # at the very top or bottom: above or below
            at_left, line = place.x() - width / 2, place.y() + math.copysign(gap + cap, out.y())
        else:
            at_left, line = place.x() + (gap if out.x() > 0 else -gap - width), place.y() + cap / 2
        painter.drawText(QPointF(at_left, line), words)

    def _under(self, at: QPointF) -> int | None:
        far = [(math.hypot(*(at - self.place(n)).toTuple()), n) for n in range(len(self.names))]
        distance, nearest = min(far, default=(math.inf, 0))
        return nearest if distance <= _REACH else None
