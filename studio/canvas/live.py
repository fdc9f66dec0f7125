"""The live layer: what changes with every pointer event is painted anew each time, over the cached tiles."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from PySide6.QtGui import QColor, QPainter, QPainterPath

from engine.geometry.shapes import XY, Bounds, Box, Keypoints, Mask, Polygon, Ring, RotatedBox, Shape
from engine.geometry.shaping import handles
from engine.project.records import Annotation
from studio.canvas import badge, paint
from studio.canvas.comparison import Told
from studio.canvas.contents import Item
from studio.canvas.live_mask import Dress, LiveMask
from studio.canvas.looks import Looks
from studio.canvas.mask_image import LINE, Painted, paint_mask
from studio.canvas.notice import paint_notice
from studio.canvas.paths import path_of
from studio.canvas.viewport import Viewport
from studio.tools import Preview

_MAX_DOTS = 800
_LEAST_SPACING = 4.0
"""Logical pixels between vertices, below which their dots would hide the shape."""
TURN_REACH = 28.0
"""Logical pixels from a rotated box to the handle that turns it: picking.TURN_REACH times the select tool's reach."""


@dataclass(frozen=True, slots=True)
class Live:
    """All that the live layer shows."""

    preview: Preview
    class_id: int | None
    """Of the shapes in the preview."""
    held: Annotation | None
    """The annotation that offers its vertices and handles."""
    carried: tuple[Item, ...]
    told: Told
    """The live IoU of what moves."""
    pointer_view: XY | None
    anchor: Bounds | None = None
    """Of the shape that the badge is beside."""
    mask: LiveMask | None = None
    """What shows the mask of the preview, where it has one; None where masks are painted anew each time."""


@dataclass(frozen=True, slots=True)
class Surface:
    """What the live layer is painted on and with."""

    painter: QPainter
    view: Viewport
    looks: Looks
    path: Callable[[Item], QPainterPath]


def paint_live(surface: Surface, live: Live) -> None:
    """Everything, from below: shapes, vertices, band, crosshair, badge."""
    painter, view, looks = surface.painter, surface.view, surface.looks
    preview = live.preview
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_carried(surface, live)
    colour = looks.ink(live.class_id).line
    for shape in preview.shapes:
        if live.mask is not None and isinstance(shape, Mask):
            live.mask.paint(painter)
            continue
        _paint_shape(surface, shape, live.class_id, is_open=bool(preview.line))
    _paint_line(surface, preview.line, colour)
    _paint_grips(surface, live)
    paint.handles(painter, map(view.to_view.apply_one, preview.dots), looks, is_round=True)
    paint.handles(painter, map(view.to_view.apply_one, preview.dots_out), looks, is_round=True, fill=looks.tones.bad)
    if preview.band:
        a, b = (view.to_view.apply_one(xy) for xy in preview.band)
        paint.rubber_band(painter, a, b, looks)
    if preview.circle:
        (x, y), radius = preview.circle
        paint.circle(painter, view.to_view.apply_one((x, y)), radius * view.scale, looks)
    if preview.crosshair and live.pointer_view:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        paint.crosshair(painter, live.pointer_view, view, looks)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if preview.snap:
        paint.snap_mark(painter, view.to_view.apply_one(preview.snap), looks)
    if preview.notice:
        paint_notice(painter, preview.notice, view, looks)
    if live.told and live.anchor is not None:
        badge.paint_badge(painter, live.told, badge.Around(view, live.anchor, live.pointer_view), looks)


def _paint_carried(surface: Surface, live: Live) -> None:
    if not live.carried:
        return
    surface.painter.save()
    paint.scaled(surface.painter, surface.view.to_view)
    surface.painter.translate(*live.preview.carried_by)
    for item in live.carried:
        paint.item(surface.painter, item, surface.path(item), surface.looks, is_selected=True)
    surface.painter.restore()


def _paint_shape(surface: Surface, shape: Shape, class_id: int | None, *, is_open: bool) -> None:
    """A shape as it would become; its outline is left to `_paint_line` where it is still open."""
    painter, looks = surface.painter, surface.looks
    fill, colour, line = mask_dress(looks, class_id)
    if isinstance(shape, Mask):
        paint_mask(painter, Painted.of(shape), surface.view, (fill, colour), line)
        return
    painter.save()
    paint.scaled(painter, surface.view.to_view)
    painter.setBrush(fill)
    painter.setPen(looks.pen(QColor(0, 0, 0, 0) if is_open else colour, 2.0))
    if isinstance(shape, Keypoints):
        record = looks.class_of(class_id) if class_id is not None else None
        paint.skeleton(painter, shape, record.skeleton if record else (), looks, colour)
    painter.drawPath(path_of(shape))
    painter.restore()


def mask_dress(looks: Looks, class_id: int | None) -> Dress:
    """Fill, outline and its width in view pixels of a shape that is drawn."""
    colour = looks.ink(class_id).line
    fill = QColor(colour)
    fill.setAlphaF(0.22)
    return fill, colour, LINE * looks.ratio


def _paint_line(surface: Surface, line: tuple[XY, ...], colour: QColor) -> None:
    points = [surface.view.to_view.apply_one(xy) for xy in line]
    if len(points) < 2:
        return
    path = QPainterPath()
    path.moveTo(*points[0])
    for xy in points[1:]:
        path.lineTo(*xy)
    surface.painter.setBrush(QColor(0, 0, 0, 0))
    surface.painter.setPen(surface.looks.pen(colour, 2.0))
    surface.painter.drawPath(path)


def _paint_grips(surface: Surface, live: Live) -> None:
    """The vertices or handles of the annotation that is selected alone, as it is or as it would become."""
    if live.held is None:
        return
    preview, view, looks = live.preview, surface.view, surface.looks
    is_reshaped = live.held.id in preview.replaced
    shape = preview.shapes[0] if is_reshaped and preview.shapes else live.held.shape
    if isinstance(shape, (Box, RotatedBox)):
        grips = handles(shape, TURN_REACH * looks.ratio / view.scale).values()
        paint.handles(surface.painter, map(view.to_view.apply_one, grips), looks)
    elif isinstance(shape, Polygon):
        paint.handles(surface.painter, _dots(surface, shape.rings), looks, is_round=True)
    elif isinstance(shape, Keypoints):
        paint.handles(surface.painter, map(view.to_view.apply_one, shape.given), looks, is_round=True)


def _dots(surface: Surface, rings: Iterable[Ring]) -> list[XY]:
    """The vertices in sight, in view pixels; none where they lie too close to be told apart."""
    found: list[XY] = []
    width, height = surface.view.view
    for points in rings:
        steps = np.hypot(*np.diff(points, axis=0, append=points[:1]).T)
        if float(np.median(steps)) * surface.view.scale < _LEAST_SPACING * surface.looks.ratio:
            continue
        seen = surface.view.to_view.apply(points)
        inside = (seen[:, 0] > -9) & (seen[:, 1] > -9) & (seen[:, 0] < width + 9) & (seen[:, 1] < height + 9)
        found += [(float(x), float(y)) for x, y in seen[inside]]
    return found[:_MAX_DOTS]
