"""The polygon tool: click vertices, or draw freehand with the button held.

Enter, a double click or the first vertex close it. Backspace takes back a vertex. Ctrl snaps to a neighbour's vertex or
border. Begun with Alt it is cut out of the selected shape, else of the one it begins on: a hole; begun with Shift it is
added to it. Otherwise existing shapes are never taken hold of.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass, field, replace

import shapely

from engine.geometry.planar import repaired
from engine.geometry.shapes import XY, Polygon, ring, ring_area
from engine.project.records import Annotation
from studio.tools import Gesture, Outcome, Pointer, Preview, Scene
from studio.tools._neighbours import changed, placed, snapped_to, target
from studio.tools._outcomes import added, reshaped

_CLOSE_WITHIN = 9.0
"""View pixels from the first vertex within which a click closes the polygon."""
_STEP = 3.0
"""View pixels between the points of a freehand stroke."""
_SMOOTH = 0.6
"""View pixels by which a freehand stroke may be simplified."""
_NO_CLASS = "Add a class first: every polygon belongs to one."
_START = "Click the vertices, or draw freehand with the button held. Ctrl snaps; Alt cuts a hole, Shift adds."
_GO_ON = "Enter, a double click or the first point close it. Ctrl snaps, Backspace: take back, Esc: cancel."


@dataclass(frozen=True, slots=True)
class PolygonTool:
    """Draws polygons."""

    title: str = "Polygon"
    icon: str = "polygon"
    keys: tuple[str, ...] = ("P",)

    def gesture(self, scene: Scene) -> Gesture:
        """From the first vertex until the polygon is closed."""
        idle = Preview(crosshair=True, hint=_START if scene.class_id is not None else _NO_CLASS)
        event = yield idle
        while not event.is_press or scene.class_id is None:
            event = yield replace(idle, snap=snapped_to(scene, event))
        drawn = _Drawn(scene, target(scene, event), subtracts=event.alt)
        drawn.put(placed(scene, event))
        yield from _drawn(drawn, event)
        return _outcome(scene, drawn)


@dataclass(slots=True)
class _Drawn:
    """The vertices so far, and how many of the last belong to a freehand stroke that goes on."""

    scene: Scene
    target: Annotation | None
    """What it is added to or cut out of; None where it is to be an annotation of its own."""
    subtracts: bool
    vertices: list[XY] = field(default_factory=list)
    n_freehand: int = 0

    def put(self, xy: XY) -> None:
        if not self.vertices or self.vertices[-1] != xy:
            self.vertices.append(xy)

    def follow(self, event: Pointer) -> None:
        """Add a point of a freehand stroke once the pointer has gone far enough."""
        xy = placed(self.scene, event)
        if math.dist(self.vertices[-1], xy) >= _STEP * event.view_pixel:
            self.vertices.append(xy)
            self.n_freehand += 1

    def end_stroke(self, view_pixel: float) -> None:
        """Leave out of a freehand stroke what does not show."""
        if self.n_freehand:
            at = len(self.vertices) - self.n_freehand - 1
            stroke = shapely.simplify(shapely.LineString(self.vertices[at:]), _SMOOTH * view_pixel)
            self.vertices[at:] = [(float(x), float(y)) for x, y in shapely.get_coordinates(stroke)]
            self.n_freehand = 0

    def is_back(self, event: Pointer) -> bool:
        """Whether the pointer is at the first vertex, with enough between to close."""
        near = math.dist(self.scene.within(event.xy_image), self.vertices[0]) <= _CLOSE_WITHIN * event.view_pixel
        return near and len(self.vertices) >= 3

    def preview(self, event: Pointer) -> Preview:
        """The polygon as it would be with the pointer as its last vertex."""
        verb = "" if self.target is None else "Cut out: " if self.subtracts else "Add: "
        hint = f"{verb}{len(self.vertices)} vertices.  {_GO_ON}"
        is_back = self.is_back(event)
        snap = None if is_back else snapped_to(self.scene, event)
        xy = self.vertices[0] if is_back else snap or self.scene.within(event.xy_image)
        points = (*self.vertices, xy)
        shapes = (Polygon.of(points),) if len(dict.fromkeys(points)) >= 3 else ()
        return Preview(shapes, line=points, dots=tuple(self.vertices), snap=snap, crosshair=True, hint=hint)


def _drawn(drawn: _Drawn, pressed: Pointer) -> Generator[Preview, Pointer, None]:
    """Take vertices until the polygon is closed, or the last vertex is taken back."""
    event = pressed
    while drawn.vertices:
        event = yield drawn.preview(event)
        if event.kind == "double" or (event.kind == "key" and event.key in ("Return", "Enter")):
            return
        if event.is_press:
            if drawn.is_back(event):
                return
            drawn.put(placed(drawn.scene, event))
        elif event.is_drag:
            drawn.follow(event)
        elif event.kind == "release" and drawn.n_freehand:
            is_lasso = drawn.is_back(event)
            drawn.end_stroke(event.view_pixel)
            if is_lasso:
                return
        elif event.kind == "key" and event.key == "Backspace":
            drawn.vertices.pop()
            drawn.n_freehand = 0


def _outcome(scene: Scene, drawn: _Drawn) -> Outcome:
    vertices = list(dict.fromkeys(drawn.vertices))
    if len(vertices) < 3:
        return None
    clockwise = vertices if ring_area(ring(vertices)) > 0 else vertices[::-1]
    polygon = repaired(Polygon.of(clockwise))
    if drawn.target is None or polygon.is_empty:
        return added(scene, polygon)
    shape = changed(drawn.target.shape, polygon, subtracts=drawn.subtracts)
    return reshaped(drawn.target, shape, "Cut" if drawn.subtracts else "Extend")


TOOL = PolygonTool()
