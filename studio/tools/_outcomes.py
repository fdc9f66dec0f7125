"""What gestures come to: a new annotation, another shape for one that is there, or its end where nothing is left."""

from __future__ import annotations

from dataclasses import replace

from engine.geometry.planar import repaired
from engine.geometry.shapes import Polygon, Shape
from engine.project.edits import AddAnnotations, ChangeAnnotations, RemoveAnnotations
from engine.project.records import Annotation
from studio.tools import Outcome, Scene

LEAST_AREA = 1.0
"""Image pixels; less is a slip of the hand."""


def added(scene: Scene, shape: Shape) -> Outcome:
    """The shape as a new annotation of the class in hand; None where it is nothing, or there is no class."""
    if scene.class_id is None or shape.is_empty or shape.area < LEAST_AREA:
        return None
    return AddAnnotations((Annotation(0, scene.image_id, scene.class_id, shape, author_id=scene.author_id),))


def reshaped(annotation: Annotation, shape: Shape, verb: str) -> Outcome:
    """The annotation with this shape, crossings repaired; gone where nothing is left, None where nothing changes."""
    shape = repaired(shape) if isinstance(shape, Polygon) else shape
    if shape.is_empty or shape.area < LEAST_AREA:
        return RemoveAnnotations((annotation.id,))
    if shape == annotation.shape:
        return None
    return ChangeAnnotations((replace(annotation, shape=shape),), verb=verb)
