"""Drags of the select tool: what each shows on the way, and what it comes to. Nothing leaves the picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from engine.geometry import shaping
from engine.geometry.picking import Pick
from engine.geometry.planar import repaired
from engine.geometry.shapes import XY, Bounds, Box, Keypoints, Polygon, RotatedBox, Shape
from engine.geometry.shaping import Handle, Place
from engine.project.edits import ChangeAnnotations
from engine.project.records import Annotation
from studio.tools import Outcome, Pointer, Preview, Scene, Select
from studio.tools._keypoints import with_points
from studio.tools._neighbours import placed, snapped_to

_SIDES: tuple[Handle, ...] = ("n", "e", "s", "w")
"""The handles of a box's edges, which count from its top, clockwise."""

_TURN = 15.0
"""Degrees."""


class Drag(Protocol):
    """Something held by the pointer."""

    def preview(self, event: Pointer) -> Preview:
        """What it looks like with the pointer there."""
        ...

    def outcome(self, event: Pointer) -> Outcome:
        """What letting go there does."""
        ...


@dataclass(frozen=True, slots=True)
class Reshape:
    """A vertex, an edge or a handle of one annotation."""

    scene: Scene
    annotation: Annotation
    shape_at: Callable[[XY], Shape]
    turns: bool = False
    """Whether it is the handle that turns a box: with Shift by steps of 15 degrees."""

    def preview(self, event: Pointer) -> Preview:
        """The shape with its part at the pointer."""
        shape = self._shape(event)
        told = f"{shape.angle:.0f}°, Shift: steps of 15°.  " if self.turns and isinstance(shape, RotatedBox) else ""
        shapes = with_points(replace(self.annotation, shape=shape))
        ids = frozenset({self.annotation.id})
        snap = None if self.turns else snapped_to(self.scene, event, self.annotation.id)
        return Preview(shapes, ids, cursor="cross", snap=snap, hint=f"{told}Let go to keep. Ctrl snaps, Esc: leave.")

    def outcome(self, event: Pointer) -> Outcome:
        """The annotation with that shape; nothing where no area is left."""
        return reshaped(self.annotation, self._shape(event))

    def _shape(self, event: Pointer) -> Shape:
        at = self.scene.within(event.xy_image) if self.turns else placed(self.scene, event, self.annotation.id)
        shape = self.shape_at(at)
        if self.turns and event.shift and isinstance(shape, RotatedBox):
            return _pushed_inside(self.scene, replace(shape, angle=round(shape.angle / _TURN) * _TURN))
        return shape


@dataclass(frozen=True, slots=True)
class Carry:
    """One or more annotations."""

    scene: Scene
    ids: frozenset[int]
    start: XY
    around: Bounds
    """Of all of them together."""
    lead: int
    """The one that is held."""

    @classmethod
    def of(cls, scene: Scene, ids: frozenset[int], lead: int, start: XY) -> Carry:
        """Take hold of annotations by one of them at a place."""
        return cls(scene, ids, start, _around(scene, ids), lead)

    def preview(self, event: Pointer) -> Preview:
        """All of them as far from where they were as the pointer is from its start."""
        way = self._way(event)
        hint = f"{way[0]:+.0f}, {way[1]:+.0f}.  Let go to keep, Esc to leave."
        if len(self.ids) > 1:
            return Preview(carried=self.ids, carried_by=way, lead=self.lead, cursor="move", hint=hint)
        shapes = tuple(shape for moved in _moved(self.scene, self.ids, way) for shape in with_points(moved))
        return Preview(shapes, self.ids, cursor="move", hint=hint)

    def outcome(self, event: Pointer) -> Outcome:
        """The annotations there."""
        return carried(self.scene, self.ids, self._way(event))

    def _way(self, event: Pointer) -> XY:
        way = (event.xy_image[0] - self.start[0], event.xy_image[1] - self.start[1])
        return _kept_inside(self.scene, self.around, way)


@dataclass(frozen=True, slots=True)
class Band:
    """A rubber band; it selects what lies wholly inside, besides what is selected already."""

    scene: Scene
    start: XY
    besides: Select

    def preview(self, event: Pointer) -> Preview:
        """The band from its start to the pointer."""
        return Preview(band=(self.start, event.xy_image), cursor="arrow", hint="Let go to select what lies inside.")

    def outcome(self, event: Pointer) -> Outcome:
        """The selection."""
        band = Box.between(self.start, event.xy_image)
        keys = {key for key, bounds in self.scene.bounds.items() if _holds(band, bounds)} - self.scene.locked
        return Select(
            self.besides.annotations | {key for key in keys if key > 0},
            self.besides.detections | {-key for key in keys if key < 0},
        )


def reshaping(scene: Scene, annotation: Annotation, pick: Pick) -> Reshape | None:
    """The drag of a picked vertex, edge or handle; None where the shape has no such part to pull."""
    shape, place = annotation.shape, pick.place
    if isinstance(shape, (Box, RotatedBox)):
        handle = pick.handle or (_SIDES[place.vertex % 4] if place else None)
        if handle is None:
            return None
        return Reshape(scene, annotation, _handle_at(scene, shape, handle), turns=handle == "turn")
    if place is None:
        return None
    if isinstance(shape, (Polygon, Keypoints)) and pick.kind == "vertex":
        return Reshape(scene, annotation, _vertex_at(shape, place))
    if isinstance(shape, Polygon) and pick.kind == "edge":
        return Reshape(scene, annotation, lambda xy: shaping.insert_vertex(shape, place, xy))
    return None


def reshaped(annotation: Annotation, shape: Shape) -> Outcome:
    """The edit that gives an annotation this shape, crossings repaired; None where nothing changes or is left."""
    shape = repaired(shape) if isinstance(shape, Polygon) else shape
    if shape.is_empty or shape == annotation.shape:
        return None
    return ChangeAnnotations((replace(annotation, shape=shape),), verb="Reshape")


def with_vertex_removed(annotation: Annotation, place: Place) -> Outcome:
    """The edit that takes a vertex out; None where the shape has none to spare."""
    if not isinstance(annotation.shape, Polygon):
        return None
    return reshaped(annotation, shaping.remove_vertex(annotation.shape, place))


def carried(scene: Scene, ids: frozenset[int], way: XY) -> Outcome:
    """The edit that moves annotations together, as far as the picture goes; None where they cannot move."""
    if not ids:
        return None
    dx, dy = _kept_inside(scene, _around(scene, ids), way)
    if dx == 0 and dy == 0:
        return None
    return ChangeAnnotations(_moved(scene, ids, (dx, dy)), verb="Move")


def _moved(scene: Scene, ids: frozenset[int], way: XY) -> tuple[Annotation, ...]:
    return tuple(_moved_one(scene.annotations[id_], way) for id_ in sorted(ids))


def _moved_one(annotation: Annotation, way: XY) -> Annotation:
    points = annotation.keypoints
    return replace(
        annotation,
        shape=shaping.moved(annotation.shape, *way),
        keypoints=None if points is None else _moved_points(points, way),
    )


def _moved_points(points: Keypoints, way: XY) -> Keypoints:
    moved = shaping.moved(points, *way)
    return moved if isinstance(moved, Keypoints) else points


def _around(scene: Scene, ids: frozenset[int]) -> Bounds:
    boxes = [scene.bounds[id_] for id_ in ids]
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return (min(x0), min(y0), max(x1), max(y1))


def _kept_inside(scene: Scene, around: Bounds, way: XY) -> XY:
    """The part of a way that these bounds can go without leaving the picture (or leaving it farther)."""
    dx, dy = (
        round(min(max(step, min(0.0, -low)), max(0.0, side - high)), 2)
        for step, low, high, side in zip(way, around[:2], around[2:], (scene.width, scene.height), strict=True)
    )
    return dx, dy


def _holds(band: Box, bounds: Bounds) -> bool:
    return band.x0 <= bounds[0] and band.y0 <= bounds[1] and bounds[2] <= band.x1 and bounds[3] <= band.y1


def _handle_at(scene: Scene, box: Box | RotatedBox, handle: Handle) -> Callable[[XY], Shape]:
    if isinstance(box, Box):
        return lambda xy: shaping.drag_handle(box, handle, xy)
    return lambda xy: _pushed_inside(scene, shaping.drag_handle(box, handle, xy))


def _pushed_inside(scene: Scene, box: RotatedBox) -> RotatedBox:
    """A rotated box whose corners left the picture, moved back as far as needed where it has the room."""
    x0, y0, x1, y1 = box.bounds
    dx, dy = max(0.0, -x0) + min(0.0, scene.width - x1), max(0.0, -y0) + min(0.0, scene.height - y1)
    return replace(box, cx=box.cx + dx, cy=box.cy + dy)


def _vertex_at(shape: Polygon | Keypoints, place: Place) -> Callable[[XY], Shape]:
    if isinstance(shape, Polygon):
        return lambda xy: shaping.move_vertex(shape, place, xy)
    return lambda xy: shaping.move_vertex(shape, place, xy)
