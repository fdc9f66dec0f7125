"""What of the map follows the pointer or is large: crops in place of points, the outline in hand, the hovered face."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QPolygonF

from studio.faces.fitting import fitted, paint_fitted
from studio.faces.map_marks import colour_of
from studio.faces.map_points import MapPoints
from studio.theme import GAP, Tones

TILE = 44.0
"""The side of a crop on the map, in pixels."""
_CARD = 112.0
_WORDS = QRectF(0, 0, 220, 80)


def paint_tile(painter: QPainter, middle: QPointF, pixmap: QPixmap, pen: QPen) -> None:
    """A crop in place of its point, framed."""
    place = QRectF(middle.x() - TILE / 2, middle.y() - TILE / 2, TILE, TILE)
    if pixmap.isNull():
        return
    place = fitted(place, pixmap)
    painter.drawPixmap(place, pixmap, QRectF(pixmap.rect()))
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(place, 3, 3)


def tile_pen(points: MapPoints, row: int, is_chosen: bool, tones: Tones) -> QPen:
    """A frame in the person's colour, dotted where nobody confirmed it; outliers and chosen faces have their own."""
    if is_chosen:
        return QPen(QColor(tones.text), 3.5)
    colour = QColor(tones.warn) if points.is_outlier[row] else colour_of(int(points.people[row]), tones)
    return QPen(colour, 2, Qt.PenStyle.SolidLine if points.is_sure[row] else Qt.PenStyle.DotLine)


def paint_outline(painter: QPainter, points: Sequence[QPointF], is_lasso: bool, tones: Tones) -> None:
    """What is being drawn around faces: all points of a lasso, two corners of a rectangle."""
    fill = QColor(tones.accent)
    fill.setAlpha(40)
    painter.setPen(QPen(QColor(tones.accent), 1.2))
    painter.setBrush(fill)
    if is_lasso:
        painter.drawPolygon(QPolygonF(list(points)))
    else:
        painter.drawRect(QRectF(points[0], points[-1]).normalized())


def paint_card(painter: QPainter, at: QPointF, pixmap: QPixmap | None, words: str, view: tuple[QSize, Tones]) -> None:
    """A face large, with its name, beside its point and within the view."""
    size, tones = view
    painter.setPen(QPen(QColor(tones.text), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(at, 8, 8)
    said = painter.boundingRect(_WORDS, Qt.TextFlag.TextWordWrap, words)
    card = QRectF(0, 0, max(_CARD, said.width()) + 2 * GAP, _CARD + said.height() + 3 * GAP)
    card.moveTopLeft(at + QPointF(18, 18))
    if card.right() > size.width() - 4:
        card.moveRight(at.x() - 18)
    if card.bottom() > size.height() - 4:
        card.moveBottom(max(card.height() + 4, at.y() - 18))
    painter.setPen(QPen(QColor(tones.line), 1))
    painter.setBrush(QColor(tones.raised))
    painter.drawRoundedRect(card, 8, 8)
    if pixmap is not None:
        face = QRectF(card.left() + GAP, card.top() + GAP, _CARD, _CARD)
        paint_fitted(painter, face, pixmap)
    painter.setPen(QColor(tones.text))
    painter.drawText(card.adjusted(GAP, _CARD + 2 * GAP, -GAP, -GAP), Qt.TextFlag.TextWordWrap, words)
