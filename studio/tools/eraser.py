"""The eraser: takes away from the selected mask or polygon, else from the one it is pressed on. [ ] change its size."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import shapely

from engine.geometry import planar, spans
from engine.geometry.picking import Aim
from engine.geometry.shapes import XY, Mask, Polygon
from engine.imaging import brush
from engine.project.records import Annotation
from studio.tools import Gesture, Options, Outcome, Pointer, Preview, Scene
from studio.tools._outcomes import reshaped
from studio.tools._painting import covered, radius_of, resized, shown

_HINT = "Rub out parts of a mask or a polygon. [ ] size."
_QUARTER = 8
"""Segments of a quarter of the circle that is cut out of a polygon."""


@dataclass(frozen=True, slots=True)
class EraserTool:
    """Takes away from masks and polygons."""

    title: str = "Eraser"
    icon: str = "eraser"
    keys: tuple[str, ...] = ("E",)

    def gesture(self, scene: Scene) -> Gesture:
        """One stroke."""
        options = scene.options
        event = yield Preview(hint=_HINT)
        while not (event.is_press and (found := _pressed_on(scene, event.xy_image))):
            options = resized(options, event)
            event = yield shown(options, event, Preview(hint=_HINT))
        return (yield from _rubbed(scene, found, event, options))


def _rubbed(
    scene: Scene, annotation: Annotation, pressed: Pointer, options: Options
) -> Generator[Preview, Pointer, Outcome]:
    rubber = _Rubber(scene, annotation)
    last, event = pressed.xy_image, pressed
    while not (event.kind == "release" and event.button == "left"):
        if event.is_press or event.is_drag:
            rubber.rub(last, event.xy_image, radius_of(options, event))
            last = event.xy_image
        options = resized(options, event)
        shapes = () if rubber.shape.is_empty else (rubber.shape,)
        preview = Preview(shapes, frozenset({annotation.id}), strips=rubber.strips, hint="Esc: leave.")
        event = yield shown(options, event, preview)
    return reshaped(annotation, rubber.shape, "Erase")


class _Rubber:
    """A shape that becomes less: a mask by its strips, a polygon by what the circle sweeps over."""

    def __init__(self, scene: Scene, annotation: Annotation) -> None:
        self._scene = scene
        self.shape: Mask | Polygon = annotation.shape if isinstance(annotation.shape, Mask | Polygon) else Polygon(())
        self.strips = scene.strips(self.shape) if isinstance(self.shape, Mask) else None

    def rub(self, a: XY, b: XY, radius: float) -> None:
        """Take away what lies under the circle on its way."""
        if self.strips is not None:
            self.strips = brush.erase(self.strips, covered(self._scene, (a, b), radius))
            self.shape = spans.to_mask(self.strips)
        else:
            swept = shapely.buffer(shapely.LineString([a, b]), radius, quad_segs=_QUARTER)
            self.shape = planar.subtract(self.shape, planar.from_shapely(swept))


def _pressed_on(scene: Scene, xy: XY) -> Annotation | None:
    """What is rubbed out from here."""
    if scene.held is not None:
        return scene.held if isinstance(scene.held.shape, Mask | Polygon) else None
    under = (pick.annotation_id for pick in scene.free_picks(Aim(xy, 0.0)))
    found = (scene.annotations[key] for key in under if key in scene.annotations)
    return next((each for each in found if isinstance(each.shape, Mask | Polygon)), None)


TOOL = EraserTool()
