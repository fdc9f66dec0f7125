"""The box tool: drag from corner to corner, or click one corner and then the other. Shift makes it square."""

from __future__ import annotations

from dataclasses import dataclass

from engine.geometry.shapes import XY, Box
from engine.project.edits import AddAnnotations
from engine.project.records import Annotation
from studio.tools import Gesture, Outcome, Preview, Scene
from studio.tools._corners import cornered

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
        box, _ = yield from cornered(scene, event, _preview)
        return _outcome(scene, scene.class_id, box)


def _preview(start: XY, box: Box) -> Preview:
    shapes = () if box.is_empty else (box,)
    return Preview(shapes, dots=(start,), crosshair=True, hint=f"{box.width:.0f} × {box.height:.0f}.  {_END}")


def _outcome(scene: Scene, class_id: int, box: Box) -> Outcome:
    if min(box.width, box.height) < _LEAST_SIDE:
        return None
    return AddAnnotations((Annotation(0, scene.image_id, class_id, box, author_id=scene.author_id),))


TOOL = BoxTool()
