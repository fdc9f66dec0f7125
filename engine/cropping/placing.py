"""Where the face of an annotation or a detection is, and which classes are those of faces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.cropping.aligning import Place
from engine.cropping.landmarks import Landmarks, landmarks_of, names_landmarks
from engine.geometry.shapes import Box, Keypoints, RotatedBox, Shape
from engine.geometry.spaces import Affine
from engine.project.records import ClassRecord

_FACES = frozenset({"face", "faces", "head", "heads", "human face", "person face"})


def place_of(shape: Shape, keypoints: Keypoints | None, names: Sequence[str]) -> Place:
    """By landmarks where both eyes are given, else by the shape's box; `names` are those of the class's keypoints."""
    points = shape if isinstance(shape, Keypoints) else keypoints
    landmarks = None if points is None else landmarks_of(points, names)
    if landmarks is not None:
        return landmarks
    return shape if isinstance(shape, RotatedBox) else Box(*shape.bounds)


def shifted(place: Place, dx: float, dy: float) -> Place:
    """The same place in a piece of the picture."""
    match place:
        case Landmarks():
            return place.moved(Affine.translate(dx, dy))
        case Box():
            return Box(place.x0 + dx, place.y0 + dy, place.x1 + dx, place.y1 + dy)
        case RotatedBox():
            return replace(place, cx=place.cx + dx, cy=place.cy + dy)


def is_of_faces(record: ClassRecord) -> bool:
    """Whether a class marks faces: by its name, or since its keypoints are landmarks."""
    name = " ".join(record.name.lower().replace("_", " ").replace("-", " ").split())
    return name in _FACES or names_landmarks(record.keypoint_names)
