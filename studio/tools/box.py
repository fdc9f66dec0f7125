"""The box tool: drag from corner to corner, or click one corner and then the other. Shift makes it square."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass

from engine.geometry.shapes import XY, Box
from engine.project.edits import AddAnnotations
from engine.project.records import Annotation
from studio.tools import Gesture, Outcome, Pointer, Preview, Scene

_DRAG_FROM = 4.0
"""View pixels the pointer moves before a press becomes a drag."""
_LEAST_SIDE = 1.0
"""Image pixels; a smaller box is a slip of the hand."""
_NO_CLASS = "Add a class first: every box belongs to one."
_START = "Drag a box, or click two corners."
_END = "Click the opposite corner. Shift: square, Esc: cancel."


@dataclass(frozen=True, slots=True)
class BoxTool:
    """Draws boxes."""

    title: str = "Box"
    icon: str = "box"
    keys: tuple[str, ...] = ("R", "W")

    def gesture(self, scene: Scene) -> Gesture:
        """From the first corner to the second."""
        idle = Preview(crosshair=True, hint=_START if scene.class_id is not None else _NO_CLASS)
        event = yield idle
        while not event.is_press or scene.class_id is None:
            event = yield idle
        start = scene.within(event.xy_image)
        event = yield from _dragged(scene, start, event)
        return _outcome(scene, scene.class_id, _between(scene, start, event))


def _dragged(scene: Scene, start: XY, pressed: Pointer) -> Generator[Preview, Pointer, Pointer]:
    """Follow the pointer to the second corner; returns the event that places it."""
    event = pressed
    is_drag = False
    while True:
        event = yield _preview(scene, start, event)
        is_drag = is_drag or (event.is_drag and math.dist(event.xy_image, start) > _DRAG_FROM * event.view_pixel)
        if event.is_press or (event.kind == "release" and event.button == "left" and is_drag):
            return event


def _preview(scene: Scene, start: XY, event: Pointer) -> Preview:
    box = _between(scene, start, event)
    shapes = () if box.is_empty else (box,)
    return Preview(shapes, dots=(start,), crosshair=True, hint=f"{box.width:.0f} × {box.height:.0f}.  {_END}")


def _between(scene: Scene, start: XY, event: Pointer) -> Box:
    x, y = scene.within(event.xy_image)
    if not event.shift:
        return Box.between(start, (x, y))
    dx, dy = x - start[0], y - start[1]
    room = (scene.width - start[0] if dx > 0 else start[0], scene.height - start[1] if dy > 0 else start[1])
    side = min(max(abs(dx), abs(dy)), *room)
    return Box.between(start, (start[0] + math.copysign(side, dx), start[1] + math.copysign(side, dy)))


def _outcome(scene: Scene, class_id: int, box: Box) -> Outcome:
    if min(box.width, box.height) < _LEAST_SIDE:
        return None
    return AddAnnotations((Annotation(0, scene.image_id, class_id, box, author_id=scene.author_id),))


TOOL = BoxTool()
