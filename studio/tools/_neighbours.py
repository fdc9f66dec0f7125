"""Snapping to what is there, and the annotation that a drawn shape is added to or taken from."""

from __future__ import annotations

from engine.geometry.combining import combined
from engine.geometry.picking import Aim
from engine.geometry.shapes import XY, Keypoints, Mask, Polygon, Shape
from engine.geometry.snapping import snapped
from engine.geometry.views import smooth_outline
from engine.project.records import Annotation
from studio.tools import Pointer, Scene

_SNAP_WITHIN = 10.0
"""View pixels."""


def snapped_to(scene: Scene, event: Pointer, besides: int = 0) -> XY | None:
    """The neighbour's vertex or point of a border that the pointer snaps to; None without Ctrl, or far from all.

    The annotation with the id `besides` is no neighbour: it is the one that is changed.
    """
    if not event.ctrl or event.kind == "leave":
        return None
    reach = _SNAP_WITHIN * event.view_pixel
    keys = {pick.annotation_id for pick in scene.picks.all(Aim(event.xy_image, reach))} - {besides}
    near = [scene.annotations[key].shape for key in keys if key in scene.annotations]
    found = snapped(event.xy_image, near, reach)
    return scene.within(found) if found else None


def placed(scene: Scene, event: Pointer, besides: int = 0) -> XY:
    """Where a vertex comes: with Ctrl on a neighbour's vertex or border, always within the picture."""
    return snapped_to(scene, event, besides) or scene.within(event.xy_image)


def target(scene: Scene, event: Pointer) -> Annotation | None:
    """What a drawn shape changes: with Shift or Alt the annotation selected alone, else the one under the pointer."""
    if not (event.shift or event.alt):
        return None
    if scene.held is not None:
        return scene.held if _has_area(scene.held.shape) else None
    under = (pick.annotation_id for pick in scene.free_picks(Aim(event.xy_image, 0.0)))
    found = (scene.annotations[key] for key in under if key in scene.annotations)
    return next((each for each in found if _has_area(each.shape)), None)


def changed(shape: Shape, drawn: Polygon | Mask, *, subtracts: bool) -> Shape:
    """A shape with a drawn one added or taken out: a mask stays one, all else becomes a polygon, or stays a box."""
    if isinstance(drawn, Mask) and not isinstance(shape, Mask):
        drawn = smooth_outline(drawn)
    return combined("subtract" if subtracts else "union", shape, drawn)


def _has_area(shape: Shape) -> bool:
    return not isinstance(shape, Keypoints)
