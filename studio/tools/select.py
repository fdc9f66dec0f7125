"""The select tool: click to select (again: what lies under), drag to move or frame many, pull vertices and handles.

Shift adds to the selection, Alt+click takes out a vertex or hides a keypoint, pulling a polygon's edge puts one in,
arrows nudge.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass

from engine.geometry.picking import Aim, Pick
from engine.geometry.shapes import XY
from engine.geometry.shaping import Handle
from studio.tools import Cursor, Gesture, Outcome, Pointer, Preview, Scene, Select
from studio.tools._dragging import Band, Carry, Drag, carried, reshaping, with_vertex_removed
from studio.tools._keypoints import point_under

REACH = 7.0
"""Logical pixels by which a vertex, handle or edge may be missed."""
_DRAG_FROM = 3.0
_STEPS: Mapping[str, XY] = {"Left": (-1, 0), "Right": (1, 0), "Up": (0, -1), "Down": (0, 1)}
_CURSORS: Mapping[Handle, Cursor] = {
    "n": "size_v", "s": "size_v", "e": "size_h", "w": "size_h",
    "nw": "size_f", "se": "size_f", "ne": "size_b", "sw": "size_b", "turn": "hand",
}  # fmt: skip
_IDLE = "Click to select, drag to move, drag on free ground to frame several. Shift adds."
_OVER = "Click to select; click again for what lies under. Drag to move."
_PARTS = {
    "vertex": "Drag the vertex; Alt+click takes it out.",
    "edge": "Drag the edge to put in a vertex.",
    "handle": "Drag the handle.",
    "body": "Drag to move; arrows nudge by 1 pixel, with Shift by 10.",
}


@dataclass(frozen=True, slots=True)
class SelectTool:
    """Selects, moves and reshapes."""

    title: str = "Select"
    icon: str = "select"
    keys: tuple[str, ...] = ("V",)

    def gesture(self, scene: Scene) -> Gesture:
        """One click, one drag or one nudge."""
        event = yield from _waiting(scene)
        if event.kind == "key":
            return _nudged(scene, event)
        if event.alt and (point := point_under(scene, event, REACH * event.view_pixel)):
            return point.toggled()
        if event.alt and (pick := _held(scene, event)) and pick.kind == "vertex" and pick.place:
            return with_vertex_removed(scene.annotations[pick.annotation_id], pick.place)
        drag = _drag(scene, event)
        end = yield from _dragged(event, drag, Preview(selects=_at_once(scene, event, drag), cursor="arrow"))
        return _clicked(scene, event) if end is None else drag.outcome(end)


def _waiting(scene: Scene) -> Generator[Preview, Pointer, Pointer]:
    """Show what the pointer is over until something is asked for."""
    event = yield Preview(cursor="arrow", hint=_IDLE)
    while not (event.is_press or (event.kind == "key" and event.key in _STEPS and scene.selected_annotations)):
        event = yield _hover(scene, event)
    return event


def _dragged(pressed: Pointer, drag: Drag, still: Preview) -> Generator[Preview, Pointer, Pointer | None]:
    """Follow the drag; returns the event that ends it, None where it was a click."""
    preview, is_drag, start = still, False, pressed.xy_image
    while True:
        event = yield preview
        is_drag = is_drag or (event.is_drag and math.dist(event.xy_image, start) > _DRAG_FROM * event.view_pixel)
        if event.kind == "release" and event.button == "left":
            return event if is_drag else None
        if is_drag and event.kind == "move":
            preview = drag.preview(event)


def _hover(scene: Scene, event: Pointer) -> Preview:
    if event.kind == "leave":
        return Preview(cursor="arrow")
    if point := point_under(scene, event, REACH * event.view_pixel):
        return Preview(cursor="cross", hint=f"{point.name}: drag it; Alt+click hides it or shows it again.")
    if pick := _held(scene, event):
        cursor: Cursor = "move" if pick.kind == "body" else _CURSORS[pick.handle] if pick.handle else "cross"
        return Preview(cursor=cursor, hint=_PARTS[pick.kind])
    return Preview(cursor="arrow", hint=_OVER if _under(scene, event) else _IDLE)


def _held(scene: Scene, event: Pointer) -> Pick | None:
    """What the pointer has of the annotation that is selected alone: it offers its vertices, edges and handles."""
    if len(scene.selected_annotations) != 1 or scene.selected_detections:
        return None
    picks = scene.free_picks(Aim(event.xy_image, REACH * event.view_pixel, scene.selected_annotations))
    return next((pick for pick in picks if pick.annotation_id in scene.selected_annotations), None)


def _under(scene: Scene, event: Pointer) -> list[int]:
    """The keys of all under the pointer, best first, whatever is selected; annotations before suggestions."""
    picks = scene.free_picks(Aim(event.xy_image, REACH / 2 * event.view_pixel))
    return sorted((pick.annotation_id for pick in picks), key=lambda key: key < 0)


def _drag(scene: Scene, event: Pointer) -> Drag:
    """What dragging from here would do."""
    if point := point_under(scene, event, REACH * event.view_pixel):
        return point
    pick = _held(scene, event)
    if pick and pick.kind != "body" and (drag := reshaping(scene, scene.annotations[pick.annotation_id], pick)):
        return drag
    under = [key for key in _under(scene, event) if key in scene.annotations]
    if event.shift or not under:
        return Band(scene, event.xy_image, _selection(scene) if event.shift else Select())
    together = scene.selected_annotations & scene.annotations.keys()
    ids = together if together & set(under) else frozenset(under[:1])
    return Carry.of(scene, ids, next(key for key in under if key in ids), event.xy_image)


def _at_once(scene: Scene, event: Pointer, drag: Drag) -> Select | None:
    """A press on an annotation that is not selected selects it before it is dragged."""
    if isinstance(drag, Carry) and not drag.ids <= scene.selected_annotations and not event.shift:
        return Select(drag.ids)
    return None


def _clicked(scene: Scene, event: Pointer) -> Outcome:
    """Select what is under the pointer; where that is selected already, what lies under it."""
    under = _under(scene, event)
    now = _selection(scene)
    if not under:
        return now if event.shift else Select()
    if event.shift:
        return _toggled(now, under[0])
    keys = [*now.annotations, *(-id_ for id_ in now.detections)]
    at = under.index(keys[0]) + 1 if len(keys) == 1 and keys[0] in under else 0
    return _only(under[at % len(under)])


def _selection(scene: Scene) -> Select:
    return Select(scene.selected_annotations, scene.selected_detections)


def _only(key: int) -> Select:
    return Select(annotations=frozenset({key})) if key > 0 else Select(detections=frozenset({-key}))


def _toggled(now: Select, key: int) -> Select:
    one = _only(key)
    return Select(now.annotations ^ one.annotations, now.detections ^ one.detections)


def _nudged(scene: Scene, event: Pointer) -> Outcome:
    dx, dy = _STEPS[event.key]
    far = 10 if event.shift else 1
    return carried(scene, scene.selected_annotations & scene.annotations.keys(), (dx * far, dy * far))


TOOL = SelectTool()
