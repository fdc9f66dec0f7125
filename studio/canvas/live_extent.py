"""Where in the view the live layer of the moment lies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QRegion

from engine.geometry.shapes import Bounds, Mask
from studio.canvas.badge import Around, badge_rect
from studio.canvas.live import TURN_REACH, Live
from studio.canvas.looks import Looks
from studio.canvas.notice import notice_rect
from studio.canvas.viewport import Viewport

_LINE_REACH = 9
"""Logical pixels by which outlines, vertices and handles reach out of a shape."""
_ALL = (-1e9, -1e9, 1e9, 1e9)


def extent(live: Live, view: Viewport, looks: Looks) -> QRegion:
    """All that it may paint on, in view pixels."""
    reach = _LINE_REACH + (TURN_REACH if live.held is not None else 0)
    found = QRegion()
    for bounds in _bounds(live):
        found += _seen(bounds, view, reach * looks.ratio)
    if live.preview.crosshair and live.pointer_view:
        (x, y), (width, height) = live.pointer_view, view.view
        found += QRect(round(x) - 3, 0, 7, height)
        found += QRect(0, round(y) - 3, width, 7)
    if live.preview.notice:
        found += _outward(notice_rect(live.preview.notice, view, looks), 2)
    if live.told and live.anchor is not None:
        found += _outward(badge_rect(live.told, Around(view, live.anchor, live.pointer_view), looks), 2)
    return found


def _bounds(live: Live) -> Iterator[Bounds]:
    preview = live.preview
    if preview.carried:
        yield _ALL
    for shape in preview.shapes:
        if live.mask is None or not isinstance(shape, Mask):
            yield shape.bounds
    for points in (preview.line, preview.dots, preview.dots_out, preview.band or ()):
        if points:
            yield _around(points)
    if preview.snap:
        yield _around((preview.snap,))
    if preview.circle:
        (x, y), radius = preview.circle
        yield (x - radius, y - radius, x + radius, y + radius)
    if live.held is not None:
        yield live.held.shape.bounds


def _around(points: Iterable[tuple[float, float]]) -> Bounds:
    xs, ys = zip(*points, strict=True)
    return (min(xs), min(ys), max(xs), max(ys))


def _seen(bounds: Bounds, view: Viewport, reach: float) -> QRect:
    (x0, y0), (x1, y1) = view.to_view.apply_one(bounds[:2]), view.to_view.apply_one(bounds[2:])
    width, height = view.view
    rect = QRectF(x0, y0, x1 - x0, y1 - y0).intersected(QRectF(-reach, -reach, width + 2 * reach, height + 2 * reach))
    return _outward(rect, reach) if rect.isValid() or x0 == x1 or y0 == y1 else QRect()


def _outward(rect: QRectF, reach: float) -> QRect:
    return rect.adjusted(-reach, -reach, reach, reach).toAlignedRect()
