"""Edits that make other shapes of annotations: joined, subtracted, cut, holed, converted, simplified, repaired.

Each is worked out at once from the annotations given, so that a screen can say what it does to the area before it is
done. The first annotation keeps its id, class, attributes and history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from numpy.typing import ArrayLike

from engine.errors import UserError
from engine.geometry import planar
from engine.geometry.combining import AreaKind, Operation, combined, converted, pieces, true_area
from engine.geometry.shapes import Mask, Polygon, Shape
from engine.geometry.views import parts_of, smooth_outline, without_holes
from engine.project.edits import AddAnnotations, ChangeAnnotations, RemoveAnnotations, Together
from engine.project.records import Annotation
from engine.project.restoring import Restore
from engine.project.store import Project

_VERBS: dict[Operation, str] = {"union": "Join", "subtract": "Subtract", "intersect": "Intersect"}


@dataclass(frozen=True, slots=True)
class Reshape:
    """Annotations given other shapes, and some more or fewer of them, as one step."""

    title: str
    changed: tuple[Annotation, ...]
    added: tuple[Annotation, ...] = ()
    removed: tuple[int, ...] = ()
    area_before: float = 0.0
    """Square pixels that the annotations cover, each counted by itself."""
    area_after: float = 0.0

    @property
    def area_change(self) -> float:
        """As a share of the area before: 0.1 is a tenth more."""
        return self.area_after / self.area_before - 1 if self.area_before else 0.0

    def apply(self, project: Project) -> Restore:
        """Do all of it; the inverse takes all of it back."""
        parts = (ChangeAnnotations(self.changed), AddAnnotations(self.added), RemoveAnnotations(self.removed))
        return Together(self.title, parts).apply(project)


def combine(operation: Operation, annotations: Sequence[Annotation], *, keep_others: bool = False) -> Reshape:
    """The first annotation joined with the others, less them, or cut to what all cover; the others go, or stay.

    Raises UserError where nothing would be left, or they are not all on one image.
    """
    first, *others = _several(annotations)
    shape = _worked_out(combined, operation, first.shape, *(one.shape for one in others))
    return _reshape(
        f"{_VERBS[operation]} {len(annotations)} annotations",
        annotations if not keep_others else [first],
        [replace(first, shape=shape)],
        removed=() if keep_others else tuple(one.id for one in others),
    )


def split(annotation: Annotation, line: ArrayLike) -> Reshape:
    """An annotation cut in pieces along a line of (N, 2) points: the largest keeps its place, the others are new.

    Raises UserError where the line cuts nothing.
    """
    shapes = _cut(annotation.shape, line)
    if len(shapes) < 2:
        raise UserError("The line cuts nothing.", "Draw it right across.")
    largest, *others = shapes
    added = [_fresh(annotation, shape) for shape in others]
    return _reshape(f"Split into {len(shapes)}", [annotation], [replace(annotation, shape=largest)], added)


def cut_hole(annotation: Annotation, hole: Shape) -> Reshape:
    """An annotation with a hole of another shape in it; raises UserError where that misses it or leaves nothing."""
    shape = _worked_out(combined, "subtract", annotation.shape, hole)
    found = _reshape("Make hole", [annotation], [replace(annotation, shape=shape)])
    if found.area_after >= found.area_before:
        raise UserError("The hole lies beside the annotation.", "Draw it inside.")
    return found


def convert(annotations: Sequence[Annotation], kind: AreaKind, *, smooth: bool = False) -> Reshape:
    """Annotations as another kind of shape; those of that kind stay. Raises UserError for keypoints.

    Where `smooth`, masks become polygons of few vertices, that differ from them by less than a pixel.
    """
    changing = [one for one in annotations if one.shape.kind != kind]
    work = _smoothly if smooth and kind == "polygon" else converted
    changed = [replace(one, shape=_worked_out(work, one.shape, kind)) for one in changing]
    return _reshape(f"Convert to {kind.replace('_', ' ')}", changing, changed)


def give(title: str, annotations: Sequence[Annotation], shapes: Sequence[Shape]) -> Reshape:
    """Annotations with these shapes, one each; those stay whose new shape would be empty."""
    pairs = [(one, shape) for one, shape in zip(annotations, shapes, strict=True) if not shape.is_empty]
    return _reshape(title, [one for one, _ in pairs], [replace(one, shape=shape) for one, shape in pairs])


def simplify(annotations: Sequence[Annotation], tolerance: float) -> Reshape:
    """Polygons with fewer vertices, no outline moved by more than so many pixels; other kinds stay."""
    changing = [one for one in annotations if isinstance(one.shape, Polygon)]
    simpler = [(one, planar.simplify(one.shape, tolerance)) for one in changing if isinstance(one.shape, Polygon)]
    fewer = [(one, shape) for one, shape in simpler if shape.n_vertices < _n_vertices(one.shape)]
    return _reshape("Simplify", [one for one, _ in fewer], [replace(one, shape=shape) for one, shape in fewer])


def fill_holes(annotations: Sequence[Annotation]) -> Reshape:
    """Polygons and masks without their holes; all others stay."""
    filled = [(one, without_holes(one.shape)) for one in annotations]
    holed = [(one, shape) for one, shape in filled if true_area(shape) > true_area(one.shape)]
    return _reshape("Fill holes", [one for one, _ in holed], [replace(one, shape=shape) for one, shape in holed])


def separate(annotations: Sequence[Annotation]) -> Reshape:
    """Annotations of several parts as one each: the largest part keeps its place, the others are new."""
    cut = [(one, parts) for one in annotations if len(parts := parts_of(one.shape)) > 1]
    added = [_fresh(one, shape) for one, parts in cut for shape in parts[1:]]
    changed = [replace(one, shape=parts[0]) for one, parts in cut]
    return _reshape("Separate parts", [one for one, _ in cut], changed, added)


def repair(annotations: Sequence[Annotation]) -> Reshape:
    """Polygons that cross themselves as valid ones of the same area (by even-odd); all others stay."""
    mended = [(one, planar.repaired(one.shape)) for one in annotations if isinstance(one.shape, Polygon)]
    broken = [(one, shape) for one, shape in mended if shape is not one.shape]
    return _reshape("Repair", [one for one, _ in broken], [replace(one, shape=shape) for one, shape in broken])


def _reshape(
    title: str,
    before: Iterable[Annotation],
    changed: Sequence[Annotation],
    added: Sequence[Annotation] = (),
    *,
    removed: tuple[int, ...] = (),
) -> Reshape:
    if any(one.shape.is_empty for one in (*changed, *added)):
        raise UserError("Nothing would be left of it.", "Delete it, if that is what you want.")
    area_before = sum(true_area(one.shape) for one in before)
    area_after = sum(true_area(one.shape) for one in (*changed, *added))
    return Reshape(title, tuple(changed), tuple(added), removed, area_before, area_after)


def _several(annotations: Sequence[Annotation]) -> Sequence[Annotation]:
    if len(annotations) < 2:
        raise UserError("Select at least two annotations.")
    if len({one.image_id for one in annotations}) > 1:
        raise UserError("The annotations lie on different images.")
    return annotations


def _fresh(annotation: Annotation, shape: Shape) -> Annotation:
    """A new annotation like this one, which nobody has accepted from a run or measured."""
    return replace(annotation, id=0, shape=shape, keypoints=None, detection_id=None, seconds=None)


def _cut(shape: Shape, line: ArrayLike) -> tuple[Shape, ...]:
    try:
        return pieces(shape, line)
    except ValueError as error:
        raise UserError(f"That cannot be split: {error}.") from error


def _worked_out(work: Callable[..., Shape], *arguments: object) -> Shape:
    try:
        return work(*arguments)
    except ValueError as error:
        raise UserError(f"That cannot be done: {error}.") from error


def _smoothly(shape: Shape, kind: AreaKind) -> Shape:
    return smooth_outline(shape) if isinstance(shape, Mask) else converted(shape, kind)


def _n_vertices(shape: Shape) -> int:
    return shape.n_vertices if isinstance(shape, Polygon) else 0
