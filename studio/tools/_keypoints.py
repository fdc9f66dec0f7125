"""The keypoints that an annotation has beside its shape: found under the pointer, dragged, hidden and shown."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from engine.geometry import shaping
from engine.geometry.shapes import Keypoints, Shape
from engine.geometry.shaping import Place
from engine.project.edits import ChangeAnnotations
from engine.project.records import Annotation
from studio.tools import Outcome, Pointer, Preview, Scene

_HIDDEN, _VISIBLE = 1, 2


@dataclass(frozen=True, slots=True)
class Point:
    """One given keypoint of an annotation, held by the pointer."""

    scene: Scene
    annotation: Annotation
    at: int
    """Which one, in the order of the class's names."""

    @property
    def name(self) -> str:
        """As its class calls it."""
        record = self.scene.classes.get(self.annotation.class_id)
        names = record.keypoint_names if record else ()
        return names[self.at] if self.at < len(names) else f"Keypoint {self.at + 1}"

    def preview(self, event: Pointer) -> Preview:
        """The annotation with the keypoint at the pointer."""
        shapes = with_points(self._moved(event))
        hint = f"{self.name}.  Let go to keep, Esc to leave."
        return Preview(shapes, frozenset({self.annotation.id}), cursor="cross", hint=hint, compares=False)

    def outcome(self, event: Pointer) -> Outcome:
        """The annotation so; None where nothing moved."""
        moved = self._moved(event)
        return None if moved == self.annotation else ChangeAnnotations((moved,), verb="Reshape")

    def toggled(self) -> Outcome:
        """The keypoint hidden, or visible again."""
        points = list(_points(self.annotation).points)
        x, y, visibility = points[self.at]
        points[self.at] = (x, y, _HIDDEN if visibility == _VISIBLE else _VISIBLE)
        return ChangeAnnotations((_with(self.annotation, Keypoints(tuple(points))),), verb="Change")

    def _moved(self, event: Pointer) -> Annotation:
        to = self.scene.within(event.xy_image)
        return _with(self.annotation, shaping.move_vertex(_points(self.annotation), Place(self.at), to))


def point_under(scene: Scene, event: Pointer, reach: float) -> Point | None:
    """The nearest keypoint within `reach` image pixels of the annotation that is selected alone."""
    held = scene.held
    if held is None:
        return None
    near = [
        (math.dist((x, y), event.xy_image), at)
        for at, (x, y, visibility) in enumerate(_points(held).points)
        if visibility > 0
    ]
    distance, at = min(near, default=(math.inf, 0))
    return Point(scene, held, at) if distance <= reach else None


def with_points(annotation: Annotation) -> tuple[Shape, ...]:
    """All that an annotation shows."""
    return (annotation.shape,) if annotation.keypoints is None else (annotation.shape, annotation.keypoints)


def _points(annotation: Annotation) -> Keypoints:
    return annotation.shape if isinstance(annotation.shape, Keypoints) else annotation.keypoints or Keypoints(())


def _with(annotation: Annotation, points: Keypoints) -> Annotation:
    is_shape = isinstance(annotation.shape, Keypoints)
    return replace(annotation, shape=points) if is_shape else replace(annotation, keypoints=points)
