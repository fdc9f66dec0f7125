"""Two opposite corners: by a drag, or by one click and then another. Shift makes the sides equal."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator

from engine.geometry.shapes import XY, Box
from studio.tools import Pointer, Preview, Scene

DRAG_FROM = 4.0
"""View pixels the pointer moves before a press becomes a drag."""


def cornered(
    scene: Scene,
    pressed: Pointer,
    preview: Callable[[XY, Box], Preview],
    hear: Callable[[Pointer], bool] = lambda _: False,
) -> Generator[Preview, Pointer, tuple[Box, Pointer]]:
    """Follow the pointer from the corner it is pressed on; returns the box and the event that ended it.

    `preview` gets the first corner and the box so far; `hear` gets every event and says whether it ends the box.
    """
    start = scene.within(pressed.xy_image)
    event, is_drag = pressed, False
    while True:
        event = yield preview(start, between(scene, start, event))
        is_drag = is_drag or (event.is_drag and math.dist(event.xy_image, start) > DRAG_FROM * event.view_pixel)
        if hear(event) or event.is_press or (event.kind == "release" and event.button == "left" and is_drag):
            return between(scene, start, event), event


def between(scene: Scene, start: XY, event: Pointer) -> Box:
    """The box from a corner to the pointer, within the picture."""
    x, y = scene.within(event.xy_image)
    if not event.shift:
        return Box.between(start, (x, y))
    dx, dy = x - start[0], y - start[1]
    (right, across), (down, along) = _way(dx, start[0], scene.width), _way(dy, start[1], scene.height)
    side = min(max(abs(dx), abs(dy)), across, along)
    return Box.between(start, (start[0] + right * side, start[1] + down * side))


def _way(by: float, start: float, size: float) -> tuple[int, float]:
    """Which way it goes along an axis, 1 or -1, and how much room there is; to where there is more if it went none."""
    is_on = by > 0 or (by == 0 and start < size - start)
    return (1, size - start) if is_on else (-1, start)
