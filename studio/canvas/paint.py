"""Drawing in view pixels, each function with the painter given: the picture, items, tags, handles, the crosshair."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPainterPath, QPolygonF, QRegion

from engine.geometry.shapes import XY, Bounds, Keypoints
from engine.geometry.spaces import Affine
from studio.canvas.contents import Item
from studio.canvas.looks import Looks
from studio.canvas.padlocks import SIDE, corner
from studio.canvas.pyramid import Pyramid, window
from studio.canvas.viewport import Viewport

CRISP_FROM = 2.0
"""From this zoom on picture pixels are shown as squares."""
_PLATE = QColor(16, 18, 22, 205)
_PLATE_TEXT = QColor("#ffffff")


def ground(painter: QPainter, view: Viewport, colour: QColor, *, is_covered: bool) -> None:
    """What lies around the picture, and under it while there is none."""
    (x, y), (width, height) = view.origin, (round(side * view.scale) for side in view.picture)
    around = QRegion(0, 0, *view.view)
    if is_covered:
        around -= QRegion(QRect(x, y, width, height).adjusted(1, 1, -1, -1))
    painter.setClipRegion(around, Qt.ClipOperation.IntersectClip)
    painter.fillRect(0, 0, *view.view, colour)
    painter.setClipping(False)


def picture(painter: QPainter, pyramid: Pyramid, view: Viewport) -> None:
    """The visible part of a picture, from the level that suits the zoom; nothing is copied."""
    level = pyramid.level_for(view.scale)
    x0, y0, x1, y1 = window(level, *view.visible)
    if x0 >= x1 or y0 >= y1:
        return
    stride = level.pixels.strides[0]
    start = y0 * stride + x0 * 4
    end = (y1 - 1) * stride + x1 * 4
    part = level.pixels.reshape(-1)[start:end].data
    image = QImage(part, x1 - x0, y1 - y0, stride, QImage.Format.Format_RGB32)
    scale, (dx, dy) = view.scale * level.step, view.origin
    target = QRectF(dx + x0 * scale, dy + y0 * scale, (x1 - x0) * scale, (y1 - y0) * scale)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < CRISP_FROM and scale != 1.0)
    painter.save()
    width, height = view.picture
    # The last column of a coarser level may stand for less than a whole step.
    painter.setClipRect(QRectF(dx, dy, width * view.scale, height * view.scale), Qt.ClipOperation.IntersectClip)
    painter.drawImage(target, image)
    painter.restore()


def frame(painter: QPainter, view: Viewport, looks: Looks) -> None:
    """A thin line around the picture, which shows where it ends on a ground of its own colour."""
    (dx, dy), (width, height) = view.origin, view.picture
    painter.setPen(looks.pen(QColor(looks.tones.line), 0.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(QRectF(dx - 0.5, dy - 0.5, width * view.scale + 1, height * view.scale + 1))


def item(painter: QPainter, drawn: Item, path: QPainterPath, looks: Looks, *, is_selected: bool) -> None:
    """An item's fill and outline; the painter is scaled from image to view pixels, `path` is in image pixels."""
    painter.setBrush(looks.item_brush(drawn, painter.worldTransform().m11(), is_selected=is_selected))
    item_outline(painter, drawn, path, looks, is_selected=is_selected)


def item_outline(painter: QPainter, drawn: Item, path: QPainterPath, looks: Looks, *, is_selected: bool) -> None:
    """An item's outline and keypoints, filled with the painter's brush of the moment."""
    scale = painter.worldTransform().m11()
    painter.setPen(looks.item_pen(drawn, scale, is_selected=is_selected))
    painter.drawPath(path)
    points = drawn.source.shape if isinstance(drawn.source.shape, Keypoints) else drawn.source.keypoints
    if points is not None:
        record = looks.class_of(drawn.source.class_id)
        skeleton(painter, points, record.skeleton if record else (), looks, looks.ink(drawn.source.class_id).line)


def skeleton(
    painter: QPainter, points: Keypoints, bones: Iterable[tuple[int, int]], looks: Looks, colour: QColor
) -> None:
    """Keypoints as dots, hidden ones hollow, joined by bones of pairs of 0-based indices; the painter is scaled."""
    radius = 3.5 * looks.ratio / painter.worldTransform().m11()
    given = [QPointF(x, y) if visibility > 0 else None for x, y, visibility in points.points]
    painter.setPen(looks.pen(colour, 1.5))
    for a, b in bones:
        if 0 <= a < len(given) and 0 <= b < len(given) and (start := given[a]) and (end := given[b]):
            painter.drawLine(start, end)
    for point, (*_, visibility) in zip(given, points.points, strict=True):
        if point is not None:
            painter.setBrush(QBrush(colour) if visibility == 2 else QBrush(_PLATE))
            painter.drawEllipse(point, radius, radius)


def tag(painter: QPainter, text: str, xy_view: XY, looks: Looks, colour: QColor) -> None:
    """Words on a dark plate that end above `xy_view`, with a bar of the class's colour; readable on any picture."""
    height, width = tag_size(text, looks)
    plate = QRectF(xy_view[0], xy_view[1] - height, width, height)
    painter.fillRect(plate, _PLATE)
    painter.fillRect(QRectF(plate.left(), plate.top(), 2.5 * looks.ratio, height), colour)
    painter.setFont(looks.font)
    painter.setPen(_PLATE_TEXT)
    painter.drawText(plate.adjusted(4 * looks.ratio, 0, 0, 0), Qt.AlignmentFlag.AlignCenter, text)


def padlock(painter: QPainter, bounds: Bounds, scale: float, looks: Looks) -> None:
    """A small padlock in the upper right corner of an item's bounds, where there is room; the painter is unscaled."""
    x0, y0, x1, y1 = bounds
    at = corner((x0 * scale, y0 * scale, x1 * scale, y1 * scale), looks.ratio)
    if at is None:
        return
    unit = looks.ratio
    plate = QRectF(round(at[0]), round(at[1]), SIDE * unit, SIDE * unit)
    painter.fillRect(plate, _PLATE)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(looks.pen(_PLATE_TEXT, 1.25))
    hoop = QRectF(plate.left() + 4.25 * unit, plate.top() + 2.5 * unit, 4.5 * unit, 6 * unit)
    painter.drawArc(hoop, 0, 180 * 16)
    painter.fillRect(QRectF(plate.left() + 3 * unit, plate.top() + 5.75 * unit, 7 * unit, 5 * unit), _PLATE_TEXT)


def tag_size(text: str, looks: Looks) -> tuple[float, float]:
    """Height and width of a tag in view pixels."""
    return 15 * looks.ratio, looks.metrics.horizontalAdvance(text) + 11 * looks.ratio


def handles(painter: QPainter, xys_view: Iterable[XY], looks: Looks, *, is_round: bool = False, fill: str = "") -> None:
    """White squares with a rim (rounds for vertices), which show on any picture; those of a colour have a white rim."""
    half = (3.5 if is_round else 4.0) * looks.ratio
    painter.setPen(looks.pen(QColor("#ffffff" if fill else looks.tones.accent), 1.5))
    painter.setBrush(QColor(fill or "#ffffff"))
    for x, y in xys_view:
        if is_round:
            painter.drawEllipse(QPointF(x, y), half, half)
        else:
            painter.drawRect(QRectF(x - half, y - half, 2 * half, 2 * half))


def snap_mark(painter: QPainter, xy_view: XY, looks: Looks) -> None:
    """A diamond around what the pointer has snapped to, light over dark so that it shows on any picture."""
    x, y, reach = *xy_view, 7.0 * looks.ratio
    diamond = QPolygonF([QPointF(x, y - reach), QPointF(x + reach, y), QPointF(x, y + reach), QPointF(x - reach, y)])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((QColor(0, 0, 0, 160), 4.0), (QColor("#ffd23f"), 2.0)):
        painter.setPen(looks.pen(colour, width))
        painter.drawPolygon(diamond)


def rubber_band(painter: QPainter, a: XY, b: XY, looks: Looks) -> None:
    """A selection rectangle between two corners in view pixels."""
    colour = QColor(looks.tones.accent)
    painter.setPen(looks.pen(colour, 1.0))
    veil = QColor(colour)
    veil.setAlphaF(0.12)
    painter.setBrush(veil)
    painter.drawRect(QRectF(QPointF(*a), QPointF(*b)).normalized())


def circle(painter: QPainter, xy_view: XY, radius: float, looks: Looks) -> None:
    """The rim of a brush, light over dark so that it shows on any picture."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for width, colour in ((3.0, QColor(0, 0, 0, 130)), (1.25, QColor(255, 255, 255, 235))):
        painter.setPen(looks.pen(colour, width))
        painter.drawEllipse(QPointF(*xy_view), max(radius, 1.5), max(radius, 1.5))


def crosshair(painter: QPainter, xy_view: XY, view: Viewport, looks: Looks) -> None:
    """Lines through the pointer across the whole view, dark under light so that they show on any picture."""
    x, y = round(xy_view[0]) + 0.5, round(xy_view[1]) + 0.5
    width, height = view.view
    for offset, colour in ((1.0, QColor(0, 0, 0, 110)), (0.0, QColor(255, 255, 255, 190))):
        painter.setPen(looks.pen(colour, 0.0))
        painter.drawLine(QPointF(x + offset, 0), QPointF(x + offset, height))
        painter.drawLine(QPointF(0, y + offset), QPointF(width, y + offset))


def scaled(painter: QPainter, to_view: Affine) -> None:
    """From here on the painter takes image pixels."""
    painter.translate(to_view.dx, to_view.dy)
    painter.scale(to_view.xx, to_view.yy)


def progress(painter: QPainter, words: str, view: Viewport, looks: Looks) -> None:
    """Words on a plate in the bottom left corner of the view, over any picture."""
    plate = progress_rect(words, view, looks)
    tag(painter, words, (plate.left(), plate.bottom()), looks, QColor(looks.tones.accent))


def progress_rect(words: str, view: Viewport, looks: Looks) -> QRectF:
    """Where that plate lies, in view pixels."""
    inset, (height, width) = round(12 * looks.ratio), tag_size(words, looks)
    return QRectF(inset, view.view[1] - inset - height, width, height)
