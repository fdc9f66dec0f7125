"""Box to mask: draw a box, get the mask of what is in it, without any trained network.

A click says what is in, a right click what is out, either may be dragged; Enter keeps the mask, Backspace takes back a
click.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from functools import partial

from engine.geometry import masks
from engine.geometry.shapes import XY, Box, Mask
from engine.imaging import grabcut
from engine.imaging.grabcut import Wanted
from engine.imaging.patch import Patch
from studio.tools import Gesture, Outcome, Pointer, Preview, Scene
from studio.tools._corners import cornered
from studio.tools._outcomes import added

_MOST = 224
"""Pixels a side that are looked at: a finer mask than a person would draw, in a moment."""
_LEAST_SIDE = 3.0
_POINT_RADIUS = 2.0
"""Logical pixels around a click that it speaks for."""
_POINT_STEP = 5.0
"""Logical pixels between the points of a drag."""
_NO_CLASS = "Add a class first: every mask belongs to one."
_NO_PICTURE = "The picture is still being read."
_START = "Draw a box around an object, tightly: its mask follows."
_END = "Click the opposite corner. Esc: cancel."
_REFINE = "Enter keeps it. Click: in, right click: out, Backspace: take back, Esc: cancel."
_LOOKING = "Looking for it …"
_NOTHING = "Nothing stands out in there: click on the object, or Esc."


@dataclass(frozen=True, slots=True)
class GrabcutTool:
    """Makes masks of boxes."""

    title: str = "GrabCut"
    icon: str = "grabcut"
    keys: tuple[str, ...] = ("G",)

    def gesture(self, scene: Scene) -> Gesture:
        """From the first corner of the box until its mask is kept."""
        hint = _START if scene.class_id is not None else _NO_CLASS
        event = yield Preview(crosshair=True, hint=hint)
        while not event.is_press or scene.class_id is None:
            event = yield Preview(crosshair=True, hint=hint)
        box, event = yield from cornered(scene, event, _boxing)
        if min(box.width, box.height) < _LEAST_SIDE:
            return None
        while (patch := scene.pixels(grabcut.surroundings(box), _MOST)) is None:
            event = yield Preview((box,), hint=_NO_PICTURE)
        return (yield from _refined(scene, _Asked(patch, box), event))


@dataclass(frozen=True, slots=True)
class _Found:
    """The mask for what was asked."""

    wanted: Wanted
    mask: Mask


@dataclass(slots=True)
class _Asked:
    """The box, the points in and out, and the mask that came of them."""

    patch: Patch
    box: Box
    points: list[tuple[XY, bool]] = field(default_factory=list)
    """Each with whether it is in."""
    n_strokes: list[int] = field(default_factory=list)
    """How many points there were before each click."""
    found: _Found | None = None
    wanted: Wanted | None = None
    compute: Callable[[], object] | None = None

    def ask(self, view_pixel: float) -> None:
        """Have the mask worked out for what is known now."""
        radius = max(_POINT_RADIUS * view_pixel, self.patch.step)
        self.wanted = Wanted(self.box, self.of(True), self.of(False), radius)
        self.compute = partial(_find, self.patch, self.wanted)

    @property
    def is_answered(self) -> bool:
        """Whether the mask is that of all points."""
        return self.found is not None and self.found.wanted is self.wanted

    def of(self, is_in: bool) -> tuple[XY, ...]:
        return tuple(xy for xy, said in self.points if said == is_in)

    def point(self, event: Pointer, *, is_new: bool) -> bool:
        """Take a click, or a point of a drag that went far enough; whether it told anything."""
        is_in = event.button == "left"
        if is_new:
            self.n_strokes.append(len(self.points))
        elif not self.points or math.dist(self.points[-1][0], event.xy_image) < _POINT_STEP * event.view_pixel:
            return False
        self.points.append((event.xy_image, is_in))
        return True

    def take_back(self) -> bool:
        """Forget the last click; whether there was one."""
        if not self.n_strokes:
            return False
        del self.points[self.n_strokes.pop() :]
        return True

    def preview(self) -> Preview:
        """The box, the mask as far as it is known, and the points."""
        mask = self.found.mask if self.found else None
        hint = _LOOKING if mask is None else _NOTHING if mask.is_empty else _REFINE
        shapes = () if mask is None or mask.is_empty else (mask,)
        band = (self.box.x0, self.box.y0), (self.box.x1, self.box.y1)
        return Preview(shapes, band=band, dots=self.of(True), dots_out=self.of(False), hint=hint, compute=self.compute)


def _boxing(start: XY, box: Box) -> Preview:
    shapes = () if box.is_empty else (box,)
    return Preview(shapes, dots=(start,), crosshair=True, hint=f"{box.width:.0f} × {box.height:.0f}.  {_END}")


def _refined(scene: Scene, asked: _Asked, event: Pointer) -> Generator[Preview, Pointer, Outcome]:
    """Take points until the mask is kept; one asked to be kept before it is there is kept once it is."""
    asked.ask(event.view_pixel)
    is_kept = False
    while not is_kept or not asked.is_answered or asked.found is None:
        event = yield asked.preview()
        told = False
        if event.kind == "computed" and isinstance(event.result, _Found):
            asked.found = event.result
        elif event.kind == "key" and event.key in ("Return", "Enter"):
            is_kept = True
        elif event.kind == "key" and event.key == "Backspace":
            told = asked.take_back()
        elif event.kind in ("press", "double") and event.button in ("left", "right"):
            told = asked.point(event, is_new=True)
        elif event.kind == "move" and event.button in ("left", "right"):
            told = asked.point(event, is_new=False)
        if told:
            asked.ask(event.view_pixel)
    return added(scene, masks.clip(asked.found.mask, scene.height, scene.width))


def _find(patch: Patch, wanted: Wanted) -> _Found:
    return _Found(wanted, grabcut.mask_in(patch, wanted))


TOOL = GrabcutTool()
