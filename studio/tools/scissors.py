"""Smart scissors: click along an object's border; between two clicks the line follows the strongest border itself.

Shift draws straight. Backspace takes back a click; Enter, a double click or the first point close the polygon.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import shapely

from engine.geometry.planar import repaired
from engine.geometry.shapes import XY, Bounds, Polygon, ring, ring_area
from engine.imaging import scissors
from engine.imaging.scissors import Wire
from studio.tools import Gesture, Outcome, Pointer, Preview, Scene
from studio.tools._outcomes import added

_NEAR, _FAR = 64.0, 256.0
"""Pixels around a click in which the border is looked for: the near ones at once, the far ones right after."""
_SMOOTH = 0.8
"""Pixels of the patch by which a wire is straightened: its stairs are."""
_CLOSE_WITHIN = 9.0
_NO_CLASS = "Add a class first: every polygon belongs to one."
_START = "Click on the border of an object, then along it: the line follows the border."
_GO_ON = "Enter or the first point close it. Click keeps, Shift: straight, Backspace: take back."


@dataclass(frozen=True, slots=True)
class ScissorsTool:
    """Draws polygons along borders."""

    title: str = "Smart Scissors"
    icon: str = "scissors"
    keys: tuple[str, ...] = ("S",)

    def gesture(self, scene: Scene) -> Gesture:
        """From the first click until the polygon is closed."""
        idle = Preview(crosshair=True, hint=_START if scene.class_id is not None else _NO_CLASS)
        event = yield idle
        while not event.is_press or scene.class_id is None:
            event = yield idle
        cut = _Cut(scene)
        cut.put(event)
        # Clicks that were made before the wire was there wait for it, lest a quick hand draw straight lines.
        waiting: deque[Pointer] = deque()
        while cut.clicks:
            event = yield cut.preview(event)
            if event.kind == "computed" and isinstance(event.result, Wire):
                cut.take(event.result)
            elif event.is_press or _is_end(event):
                waiting.append(event)
            elif event.kind == "key" and event.key == "Backspace":
                cut.take_back() if not waiting else waiting.pop()
            while waiting and cut.is_ready_for(waiting[0]):
                meant = waiting.popleft()
                if cut.is_closing(meant):
                    return _outcome(scene, cut.closed(meant))
                cut.put(meant)
        return None


@dataclass(slots=True)
class _Cut:
    """The clicks so far, the ways between them, and the wire from the last."""

    scene: Scene
    clicks: list[XY] = field(default_factory=list)
    ways: list[tuple[XY, ...]] = field(default_factory=list)
    """One fewer than clicks: each from behind one click up to the next."""
    wire: Wire | None = None
    compute: Callable[[], object] | None = None
    reach: float = _NEAR
    """How far the wire goes that was asked for last, and the one that is there."""
    wired: float = 0.0
    view_pixel: float = 1.0

    def put(self, event: Pointer) -> None:
        """Keep the way to the pointer, and tie the wire there."""
        at = self.scene.within(event.xy_image)
        if self.clicks and at == self.clicks[-1]:
            return
        if self.clicks:
            self.ways.append(self.way(event))
        self.clicks.append(at)
        self.view_pixel = event.view_pixel
        self._tie(_NEAR)

    def take(self, wire: Wire) -> None:
        """Use a wire that was worked out; after the near one, have the far one worked out too."""
        if self.clicks and wire.patch.cell(self.clicks[-1]) == wire.cell:
            self.wire, self.wired = wire, self.reach
            if self.reach < _FAR:
                self._tie(_FAR)

    def take_back(self) -> None:
        """Forget the last click."""
        self.clicks.pop()
        if self.ways:
            self.ways.pop()
        self.compute = None
        if self.clicks:
            self._tie(_NEAR)

    def way(self, event: Pointer) -> tuple[XY, ...]:
        """From behind the last click to the pointer: along the wire; straight with Shift, or before it is ready."""
        end = self.scene.within(event.xy_image)
        if event.shift or self.wire is None:
            return (end,)
        middles = self.wire.to(end)
        if len(middles) < 3:
            return (end,)
        line = shapely.simplify(shapely.LineString(middles), _SMOOTH * self.wire.patch.step)
        found = [self.scene.within((float(x), float(y))) for x, y in shapely.get_coordinates(line)]
        # Where the pointer is beyond the patch the wire ends at its edge.
        return (*found[1:-1], end)

    def is_ready_for(self, event: Pointer) -> bool:
        """Whether the wire reaches as far as a click, or never will."""
        if event.shift or self.compute is None or self.wired == _FAR:
            return True
        x, y = self.clicks[0] if _is_end(event) else event.xy_image
        x0, y0, x1, y1 = self.wire.patch.bounds if self.wire else (0.0, 0.0, 0.0, 0.0)
        return x0 <= x < x1 and y0 <= y < y1

    def is_closing(self, event: Pointer) -> bool:
        """Whether the polygon is done with."""
        if _is_end(event):
            return True
        near = math.dist(event.xy_image, self.clicks[0]) <= _CLOSE_WITHIN * event.view_pixel
        return event.is_press and near and len(self.clicks) >= 3

    def closed(self, event: Pointer) -> list[XY]:
        """The ring: back to the first click along the border."""
        back = Pointer("move", self.clicks[0], shift=event.shift, view_pixel=event.view_pixel)
        return [*self.points, *self.way(back)[:-1]]

    @property
    def points(self) -> list[XY]:
        return [*self.clicks[:1], *(xy for way in self.ways for xy in way)]

    def preview(self, event: Pointer) -> Preview:
        """The polygon as it would be with a click at the pointer."""
        hint = f"{len(self.clicks)} clicks.  {_GO_ON}"
        line = (*self.points, *self.way(event))
        shapes = (Polygon.of(line),) if len(dict.fromkeys(line)) >= 3 else ()
        return Preview(shapes, line=line, dots=tuple(self.clicks), crosshair=True, hint=hint, compute=self.compute)

    def _tie(self, reach: float) -> None:
        """Have the wire from the last click worked out; the near one takes the place of that from the click before."""
        (x, y), wide = self.clicks[-1], reach * max(self.view_pixel, 1.0)
        self.reach = reach
        if reach == _NEAR:
            self.wire, self.wired = None, 0.0
        window: Bounds = (x - wide, y - wide, x + wide, y + wide)
        patch = self.scene.pixels(window, round(2 * reach) + 2)
        self.compute = None if patch is None else partial(scissors.tied, patch, (x, y))


def _is_end(event: Pointer) -> bool:
    return event.kind == "double" or (event.kind == "key" and event.key in ("Return", "Enter"))


def _outcome(scene: Scene, points: list[XY]) -> Outcome:
    vertices = list(dict.fromkeys(points))
    if len(vertices) < 3:
        return None
    clockwise = vertices if ring_area(ring(vertices)) > 0 else vertices[::-1]
    return added(scene, repaired(Polygon.of(clockwise)))


TOOL = ScissorsTool()
