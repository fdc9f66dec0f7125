"""Extreme points: click the object's highest, lowest, leftmost and rightmost point, in any order, for its exact box.

Quicker than two corners in the air, for each click lands on the object itself (Papadopoulos and others 2017).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.geometry.shapes import XY, Box
from studio.tools import Gesture, Preview, Scene
from studio.tools._outcomes import added

_NO_CLASS = "Add a class first: every box belongs to one."
_HINTS = (
    "Click the object's top, bottom, left and right, in any order.",
    "Three more points.",
    "Two more points.",
    "One more point.",
)
_N = 4


@dataclass(frozen=True, slots=True)
class ExtremePointsTool:
    """Draws boxes by four points of their objects."""

    title: str = "Extreme Points"
    icon: str = "extreme_points"
    keys: tuple[str, ...] = ("X",)

    def gesture(self, scene: Scene) -> Gesture:
        """From the first point to the fourth. Backspace takes one back."""
        points: list[XY] = []
        event = yield Preview(crosshair=True, hint=_HINTS[0] if scene.class_id is not None else _NO_CLASS)
        while len(points) < _N:
            at = scene.within(event.xy_image)
            if event.is_press and scene.class_id is not None:
                points.append(at)
            elif event.kind == "key" and event.key == "Backspace" and points:
                points.pop()
                if not points:
                    return None
            if len(points) < _N:
                event = yield _preview(points, at) if points else Preview(crosshair=True, hint=_hint(scene))
        return added(scene, _around(points))


def _hint(scene: Scene) -> str:
    return _HINTS[0] if scene.class_id is not None else _NO_CLASS


def _preview(points: Sequence[XY], at: XY) -> Preview:
    box = _around([*points, at])
    hint = f"{_HINTS[len(points)]} Backspace: take back, Esc: cancel."
    return Preview(() if box.is_empty else (box,), dots=tuple(points), crosshair=True, hint=hint)


def _around(points: Sequence[XY]) -> Box:
    xs, ys = zip(*points, strict=True)
    return Box(min(xs), min(ys), max(xs), max(ys))


TOOL = ExtremePointsTool()
