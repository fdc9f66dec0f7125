"""The path of a detection drawn on the picture: its cell, anchor, proposal and result; and words on plates."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from engine.tracing.paths import Path
from studio.canvas.viewport import Viewport
from studio.inspector.drawing import Space
from studio.inspector.path_words import anchor_word
from studio.theme import Tones

_VEIL = 120
_BELOW = 20
"""View pixels from a box to words below it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A box of a path, and what it is called; in view pixels."""

    words: str
    place: QRectF
    corner: QPointF
    """Where its words end above."""
    pen: QPen


def marks(found: Path, tones: Tones, space: Space, viewport: Viewport) -> list[Mark]:
    """Anchor, proposal where there is one besides the end, and the end."""
    place = space.rect(found.anchor.box_model, viewport)
    dashed = QPen(QColor(tones.warn), 1.6, Qt.PenStyle.DashLine)
    drawn = [Mark(anchor_word(found.anchor), place, place.bottomRight(), dashed)]
    if found.proposal is not None and found.result is not None:
        place = space.rect(found.proposal.box_model, viewport)
        corner = place.bottomLeft() + QPointF(0, _BELOW)
        drawn.append(Mark("proposal", place, corner, QPen(QColor(tones.good), 1.8)))
    last = found.result or found.proposal
    if last is not None:
        place = space.rect(last.box_model, viewport)
        words = ("result" if found.result is not None else "kept") if found.is_kept else "dropped"
        drawn.append(Mark(words, place, place.topLeft(), QPen(QColor(tones.accent), 3.0)))
    return drawn


def paint_path(painter: QPainter, cell: QRectF, drawn: list[Mark]) -> None:
    """The cell filled, the boxes in their lines."""
    veil = QColor(drawn[0].pen.color())
    veil.setAlpha(_VEIL)
    painter.fillRect(cell, veil)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for mark in drawn:
        painter.setPen(mark.pen)
        painter.drawRect(mark.place)
        tag(painter, mark.words, mark.corner, mark.pen.color())


def tag(painter: QPainter, words: str, corner: QPointF, colour: QColor) -> None:
    """Words on a plate that ends above a corner."""
    room = painter.boundingRect(QRectF(0, 0, 1000, 100), 0, words).adjusted(-4, -1, 4, 1)
    room.moveBottomLeft(corner)
    device = painter.device()
    room.moveLeft(min(max(room.left(), 0.0), max(0.0, device.width() - room.width())))
    room.moveTop(min(max(room.top(), 0.0), max(0.0, device.height() - room.height())))
    painter.fillRect(room, QColor(16, 18, 22, 205))
    painter.fillRect(QRectF(room.left(), room.top(), 2.5, room.height()), colour)
    painter.setPen(QColor("#ffffff"))
    painter.drawText(room, Qt.AlignmentFlag.AlignCenter, words)
