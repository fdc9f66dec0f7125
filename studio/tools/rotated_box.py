"""The rotated box: draw one side, by a drag or two clicks, then pull it wide and click. Shift: steps of 15°."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass

from engine.geometry.shapes import XY, RotatedBox
from studio.tools import Gesture, Pointer, Preview, Scene
from studio.tools._corners import DRAG_FROM
from studio.tools._outcomes import added

_NO_CLASS = "Add a class first: every box belongs to one."
_START = "Drag along one side of the object, or click its two ends."
_SIDE = "Click where the side ends. Shift: steps of 15°, Esc: cancel."
_WIDE = "Pull it as wide as the object and click. Esc: cancel."
_STEP = math.radians(15)
_LEAST_SIDE = 1.0


@dataclass(frozen=True, slots=True)
class RotatedBoxTool:
    """Draws boxes that lie at an angle."""

    title: str = "Rotated Box"
    icon: str = "rotated_box"
    keys: tuple[str, ...] = ("T",)

    def gesture(self, scene: Scene) -> Gesture:
        """A side, then the width."""
        idle = Preview(crosshair=True, hint=_START if scene.class_id is not None else _NO_CLASS)
        event = yield idle
        while not event.is_press or scene.class_id is None:
            event = yield idle
        start = scene.within(event.xy_image)
        end = yield from _side(scene, start)
        if math.dist(start, end) < _LEAST_SIDE:
            return None
        event = yield _preview(scene, start, end, end)
        while not event.is_press:
            event = yield _preview(scene, start, end, event.xy_image)
        return added(scene, _box(scene, start, end, event.xy_image))


def _side(scene: Scene, start: XY) -> Generator[Preview, Pointer, XY]:
    """Follow the pointer to the other end of the side."""
    end, is_drag = start, False
    while True:
        event = yield Preview(
            line=(start, end), dots=(start,), crosshair=True, hint=f"{_angle(start, end):.0f}°.  {_SIDE}"
        )
        end = _end(scene, start, event)
        is_drag = is_drag or (event.is_drag and math.dist(event.xy_image, start) > DRAG_FROM * event.view_pixel)
        if event.is_press or (event.kind == "release" and event.button == "left" and is_drag):
            return end


def _end(scene: Scene, start: XY, event: Pointer) -> XY:
    x, y = scene.within(event.xy_image)
    if not event.shift:
        return x, y
    length, turn = math.dist(start, (x, y)), math.atan2(y - start[1], x - start[0])
    turn = round(turn / _STEP) * _STEP
    way = (math.cos(turn), math.sin(turn))
    length = min(length, _room(scene, start, way))
    return start[0] + length * way[0], start[1] + length * way[1]


def _preview(scene: Scene, start: XY, end: XY, at: XY) -> Preview:
    box = _box(scene, start, end, at)
    hint = f"{box.width:.0f} × {box.height:.0f}, {box.angle:.0f}°.  {_WIDE}"
    line = (start, end) if box.is_empty else ()
    return Preview(() if box.is_empty else (box,), line=line, dots=(start, end), crosshair=True, hint=hint)


def _box(scene: Scene, start: XY, end: XY, at: XY) -> RotatedBox:
    """The box on a side, as far out as the pointer but not out of the picture."""
    (ux, uy), length = _way(start, end)
    out = (at[0] - start[0]) * -uy + (at[1] - start[1]) * ux
    sign = math.copysign(1.0, out)
    room = min(_room(scene, corner, (-uy * sign, ux * sign)) for corner in (start, end))
    height = min(abs(out), room)
    cx, cy = ((a + b) / 2 + way * sign * height / 2 for a, b, way in zip(start, end, (-uy, ux), strict=True))
    return RotatedBox(cx, cy, length, height, _angle(start, end))


def _room(scene: Scene, corner: XY, way: XY) -> float:
    """How far one can go from a point of the picture before leaving it."""
    rooms = [
        ((side if step > 0 else 0.0) - at) / step
        for at, step, side in zip(corner, way, (scene.width, scene.height), strict=True)
        if abs(step) > 1e-9
    ]
    return max(min(rooms), 0.0)


def _way(start: XY, end: XY) -> tuple[XY, float]:
    length = math.dist(start, end)
    return ((end[0] - start[0]) / length, (end[1] - start[1]) / length), length


def _angle(start: XY, end: XY) -> float:
    """Degrees, clockwise on screen, in (-90, 90]: a side has no direction."""
    turn = math.degrees(math.atan2(end[1] - start[1], end[0] - start[0]))
    return turn - 180 if turn > 90 else turn + 180 if turn <= -90 else turn


TOOL = RotatedBoxTool()
