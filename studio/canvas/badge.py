"""The badge that tells the live IoU beside the shape, never under the pointer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPolygonF

from engine.geometry.overlap import OverlapWord
from engine.geometry.shapes import XY, Bounds
from studio.canvas.comparison import Comparison, Together, Told
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
    """Where a badge belongs: beside a shape with these bounds, off the pointer, in the view."""

    view: Viewport
    bounds: Bounds
    pointer_view: XY | None


def badge_rect(told: Told, around: Around, looks: Looks) -> QRectF:
    """Where the badge lies, in view pixels."""
    widths = [*_widths_of_one(told.single, looks), *map(looks.metrics.horizontalAdvance, _sums(told.together))]
    n_lines = 3 * (told.single is not None) + len(_sums(told.together))
    width = max(widths, default=0.0) + 2 * _MARGIN * looks.ratio
    return _place(around, QRectF(0, 0, width, (n_lines * _LINE + 10) * looks.ratio), looks.ratio)


def paint_badge(painter: QPainter, told: Told, around: Around, looks: Looks) -> None:
    """Lines on a dark plate, the same in every theme, for pictures know none.

    Of one shape the value and its word; the thresholds with a tick or a cross, and what is compared with; GIoU and the
    border. Of many that move together mean and least, and how many count at the thresholds.
    """
    ratio, place = looks.ratio, badge_rect(told, around, looks)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_PLATE)
    painter.drawRoundedRect(place, 6 * ratio, 6 * ratio)
    margin = _MARGIN * ratio
    line = QRectF(place.left() + margin, place.top() + 5 * ratio, place.width() - 2 * margin, _LINE * ratio)
    if told.single is not None:
        line = _paint_one(painter, told.single, line, looks)
    painter.setFont(looks.font)
    for words, colour in zip(_sums(told.together), (_WHITE, _FAINT), strict=False):
        _write(painter, line, words, colour)
        line.translate(0, _LINE * ratio)


def _widths_of_one(comparison: Comparison | None, looks: Looks) -> Iterator[float]:
    """What each of its lines takes."""
    if comparison is not None:
        ratio, measure = looks.ratio, looks.metrics.horizontalAdvance
        yield QFontMetricsF(_big(looks)).horizontalAdvance(_value(comparison)) + measure(comparison.word) + 12 * ratio
        yield _THRESHOLDS_WIDTH * ratio + measure(comparison.partner)
        yield measure(comparison.finer)


def _sums(together: Together | None) -> tuple[str, ...]:
    """The lines about all that move together."""
    return () if together is None else tuple(filter(None, (together.summary, together.counts)))


def _paint_one(painter: QPainter, comparison: Comparison, line: QRectF, looks: Looks) -> QRectF:
    """Three lines from this one on; returns the next."""
    step = _LINE * looks.ratio
    painter.setFont(_big(looks))
    _write(painter, line, _value(comparison), _WHITE)
    painter.setFont(looks.font)
    _write(painter, line, comparison.word, QColor(_COLOURS[comparison.word]), _RIGHT)
    line = line.translated(0, step)
    _paint_counts(painter, comparison, line, looks)
    _write(painter, line, comparison.partner, _FAINT, _RIGHT)
    line = line.translated(0, step)
    _write(painter, line, comparison.finer, _FAINT)
    return line.translated(0, step)


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
    x0, y0, x1, y1 = around.bounds
    (left, top), (right, bottom) = around.view.to_view.apply([(x0, y0), (x1, y1)])
    gap = _GAP * ratio
    yield QPointF(right + gap, top)
    yield QPointF(left - gap - size.width(), top)
    yield QPointF(left, top - gap - size.height())
    yield QPointF(left, bottom + gap)


def _is_under_pointer(place: QRectF, pointer_view: XY | None, ratio: float) -> bool:
    clear = _CLEAR * ratio
    return pointer_view is not None and place.adjusted(-clear, -clear, clear, clear).contains(QPointF(*pointer_view))
