"""The badge that tells the live IoU beside the shape, never under the pointer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPolygonF

from engine.geometry.overlap import OverlapWord
from engine.geometry.shapes import XY, Shape
from studio.canvas.comparison import Comparison
from studio.canvas.looks import Looks
from studio.canvas.minimap import SIDE as MINIMAP_SIDE
from studio.canvas.viewport import Viewport
from studio.theme import DARK, GAP

_PLATE = QColor(16, 18, 22, 225)
_COLOURS: dict[OverlapWord, str] = {"poor": DARK.bad, "fair": DARK.warn, "good": DARK.good, "excellent": DARK.good}
_WHITE, _FAINT = QColor("#ffffff"), QColor("#c9ced8")
_RIGHT = Qt.AlignmentFlag.AlignRight
_LINE, _MARGIN = 18.0, 10.0
"""Logical pixels: the height of a line, and what is free beside it."""
_THRESHOLDS_WIDTH = 112.0
"""Logical pixels that the thresholds take, with their ticks and what is free after them."""
_GAP = 12.0
_CLEAR = 18.0
"""Logical pixels kept free around the pointer."""


@dataclass(frozen=True, slots=True)
class Around:
    """Where a badge belongs: beside a shape, off the pointer, in the view."""

    view: Viewport
    shape: Shape
    pointer_view: XY | None


def badge_rect(comparison: Comparison, around: Around, looks: Looks) -> QRectF:
    """Where the badge lies, in view pixels."""
    ratio, measure = looks.ratio, looks.metrics.horizontalAdvance
    first = QFontMetricsF(_big(looks)).horizontalAdvance(_value(comparison)) + measure(comparison.word) + 12 * ratio
    second = _THRESHOLDS_WIDTH * ratio + measure(comparison.partner)
    width = max(first, second, measure(comparison.finer)) + 2 * _MARGIN * ratio
    return _place(around, QRectF(0, 0, width, (3 * _LINE + 10) * ratio), ratio)


def paint_badge(painter: QPainter, comparison: Comparison, around: Around, looks: Looks) -> None:
    """Three lines on a dark plate, the same in every theme, for pictures know none.

    The value and its word; the thresholds with a tick or a cross, and what is compared with; GIoU and the border.
    """
    ratio, place = looks.ratio, badge_rect(comparison, around, looks)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_PLATE)
    painter.drawRoundedRect(place, 6 * ratio, 6 * ratio)
    margin = _MARGIN * ratio
    line = QRectF(place.left() + margin, place.top() + 5 * ratio, place.width() - 2 * margin, _LINE * ratio)
    painter.setFont(_big(looks))
    _write(painter, line, _value(comparison), _WHITE)
    painter.setFont(looks.font)
    _write(painter, line, comparison.word, QColor(_COLOURS[comparison.word]), _RIGHT)
    line.translate(0, _LINE * ratio)
    _paint_counts(painter, comparison, line, looks)
    _write(painter, line, comparison.partner, _FAINT, _RIGHT)
    _write(painter, line.translated(0, _LINE * ratio), comparison.finer, _FAINT)


def _write(
    painter: QPainter, line: QRectF, words: str, colour: QColor, side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft
) -> None:
    painter.setPen(colour)
    painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | side, words)


def _value(comparison: Comparison) -> str:
    return f"IoU {comparison.iou:.2f}"


def _big(looks: Looks) -> QFont:
    font = QFont(looks.font)
    font.setPixelSize(round(14 * looks.ratio))
    font.setBold(True)
    return font


def _paint_counts(painter: QPainter, comparison: Comparison, line: QRectF, looks: Looks) -> None:
    ratio, x = looks.ratio, line.left()
    for threshold, counts in comparison.counts:
        text = f"{threshold:g}"
        painter.setPen(_FAINT)
        painter.drawText(QPointF(x, line.center().y() + looks.metrics.capHeight() / 2), text)
        x += looks.metrics.horizontalAdvance(text) + 4 * ratio
        painter.setPen(looks.pen(QColor(DARK.good if counts else DARK.bad), 1.8))
        for stroke in _tick(x, line.center().y(), 4 * ratio) if counts else _cross(x, line.center().y(), 3.5 * ratio):
            painter.drawPolyline(stroke)
        x += 24 * ratio


def _tick(x: float, y: float, half: float) -> list[QPolygonF]:
    corners = ((x, y), (x + 0.8 * half, y + 0.8 * half), (x + 2.2 * half, y - 0.9 * half))
    return [QPolygonF([QPointF(*xy) for xy in corners])]


def _cross(x: float, y: float, half: float) -> list[QPolygonF]:
    falling = QPolygonF([QPointF(x, y - half), QPointF(x + 2 * half, y + half)])
    return [falling, QPolygonF([QPointF(x, y + half), QPointF(x + 2 * half, y - half)])]


def _place(around: Around, size: QRectF, ratio: float) -> QRectF:
    """The first place beside the shape that is free, in the view and off the pointer; else a corner of it."""
    width, height = around.view.view
    room = QRectF(0, 0, width, height).adjusted(8 * ratio, 8 * ratio, -8 * ratio, -8 * ratio)
    taken = _minimap(around.view, ratio)
    for corner in _corners(around, size, ratio):
        place = size.translated(corner)
        is_free = room.contains(place) and not place.intersects(taken)
        if is_free and not _is_under_pointer(place, around.pointer_view, ratio):
            return place
    right = room.right() - size.width()
    corners = (QPointF(room.left(), room.bottom() - size.height()), room.topLeft(), QPointF(right, room.top()))
    places = [size.translated(corner) for corner in corners]
    return next((place for place in places if not _is_under_pointer(place, around.pointer_view, ratio)), places[0])


def _minimap(view: Viewport, ratio: float) -> QRectF:
    """The corner that the minimap may take while a part of the picture is seen."""
    width, height = view.view
    side = 0.0 if view.fits else (MINIMAP_SIDE + 2 * GAP) * ratio
    return QRectF(width - side, height - side, side, side)


def _corners(around: Around, size: QRectF, ratio: float) -> Iterator[QPointF]:
    """Top left corners to try: right of the shape, left of it, above, below."""
    x0, y0, x1, y1 = around.shape.bounds
    (left, top), (right, bottom) = around.view.to_view.apply([(x0, y0), (x1, y1)])
    gap = _GAP * ratio
    yield QPointF(right + gap, top)
    yield QPointF(left - gap - size.width(), top)
    yield QPointF(left, top - gap - size.height())
    yield QPointF(left, bottom + gap)


def _is_under_pointer(place: QRectF, pointer_view: XY | None, ratio: float) -> bool:
    clear = _CLEAR * ratio
    return pointer_view is not None and place.adjusted(-clear, -clear, clear, clear).contains(QPointF(*pointer_view))
