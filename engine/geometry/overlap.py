"""How much shapes overlap: exact IoU of any two, and live IoU of one moving shape against thousands."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from engine.geometry import surfaces
from engine.geometry.bounds_index import BoundsIndex
from engine.geometry.shapes import Box, Ring, Shape
from engine.geometry.surfaces import Surface

Step = TypeVar("Step")
OverlapWord: TypeAlias = Literal["poor", "fair", "good", "excellent"]

_PIECE = 2048
"""So many vertices are held against an outline at once: some milliseconds."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """How a shape lies on the one called `id`."""

    id: int
    iou: float
    giou: float
    """IoU less the share of the hull of both that neither covers, in [-1, 1]; see `giou`."""
    boundary_distance: float | None
    """Pixels from the vertex of either outline that lies farthest from the other; see `boundary_distance`.

    None while it is not worked out: see `OverlapIndex.steps`.
    """


def overlap_word(iou: float) -> OverlapWord:
    """What an IoU is called: poor, from 0.5 fair, from 0.7 good, from 0.9 excellent."""
    if iou >= 0.9:
        return "excellent"
    if iou >= 0.7:
        return "good"
    return "fair" if iou >= 0.5 else "poor"


def iou(a: Shape, b: Shape) -> float:
    """Exact intersection over union of the areas of any two shapes; 0 where both have none, as keypoints."""
    return surfaces.iou(Surface(a), Surface(b))


def giou(a: Shape, b: Shape) -> float:
    """Generalised IoU of the areas of any two shapes: IoU less the share of their hull that neither covers.

    The hull of boxes is the smallest upright box around both, as detectors have it, of other shapes the smallest convex
    polygon: a dented shape has less than 1 even with itself. Rezatofighi et al. 2019, algorithms 1 and 2.
    """
    one, other = Surface(a), Surface(b)
    return _giou(one, other, surfaces.iou(one, other))


def boundary_distance(a: Shape, b: Shape) -> float:
    """Pixels from the vertex of either outline that lies farthest from the other; infinite where one has no area.

    The Hausdorff distance at vertices; for masks it is good to a pixel, for their outlines are smoothed first.
    """
    distance = last(_distances(Surface(a), Surface(b)))
    return float("inf") if distance is None else distance


class OverlapIndex:
    """Shapes by id, asked again and again what a moving shape overlaps. Outlines are made when first needed."""

    def __init__(self, shapes_by_id: Mapping[int, Shape]) -> None:
        self._surfaces = {shape_id: Surface(shape) for shape_id, shape in shapes_by_id.items()}
        self._index = BoundsIndex({shape_id: shape.bounds for shape_id, shape in shapes_by_id.items()})

    def __len__(self) -> int:
        return len(self._surfaces)

    def put(self, shape_id: int, shape: Shape) -> None:
        """Add a shape, or replace one."""
        self._surfaces[shape_id] = Surface(shape)
        self._index.put(shape_id, shape.bounds)

    def drop(self, shape_id: int) -> None:
        """Forget a shape; raises KeyError where there is none."""
        del self._surfaces[shape_id]
        self._index.drop(shape_id)

    def best(self, shape: Shape, without: Container[int] = ()) -> Overlap | None:
        """The shape with the largest IoU (of equals the smallest id); None where nothing is overlapped.

        Those with an id in `without` are passed over. What cannot win by its area and bounds is never intersected, so
        that a large shape over many stays cheap.
        """
        return last(self.steps(shape, without))

    def steps(self, shape: Shape, without: Container[int] = ()) -> Iterator[Overlap | None]:
        """What `best` answers, which is the last; before it, where outlines are long, the same without their distance.

        Between two steps pass some milliseconds, except that the outline of a mask is found in one.
        """
        moving, best = Surface(shape), (0.0, 0)
        ids = [shape_id for shape_id in self._index.meeting(shape.bounds) if shape_id not in without]
        for hope, shape_id in _hopes(moving, [(self._surfaces[at], at) for at in ids]):
            if hope < best[0] or hope == 0:
                break
            best = max(best, (surfaces.iou(moving, self._surfaces[shape_id]), -shape_id))
        if best[0] > 0:
            yield from self._overlaps(moving, -best[1], best[0])
        else:
            yield None

    def all(self, shape: Shape) -> tuple[Overlap, ...]:
        """Every shape that is overlapped, by falling IoU."""
        moving = Surface(shape)
        ious = {
            shape_id: surfaces.iou(moving, self._surfaces[shape_id]) for shape_id in self._index.meeting(shape.bounds)
        }
        order = sorted((-value, shape_id) for shape_id, value in ious.items() if value > 0)
        return tuple(last(self._overlaps(moving, shape_id, -value)) for value, shape_id in order)

    def surface(self, shape_id: int) -> Surface:
        """One of the shapes, with what was worked out about it."""
        return self._surfaces[shape_id]

    def pairs(self, rows: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Of (N, 4) bounds, the rows and the ids of shapes whose bounds meet, pair by pair."""
        return self._index.pairs(rows)

    def outline(self, shape_id: int, tolerance: float = 0.0) -> tuple[Ring, ...]:
        """The closed rings of a shape's outline, as `boundary_distance` has them; kept true to so many pixels."""
        lines = shapely.simplify(self._surfaces[shape_id].outline, tolerance, preserve_topology=False)
        return tuple(shapely.get_coordinates(line) for line in shapely.get_parts(lines) if not line.is_empty)

    def _overlaps(self, moving: Surface, shape_id: int, value: float) -> Iterator[Overlap]:
        other = self._surfaces[shape_id]
        general = _giou(moving, other, value)
        return (Overlap(shape_id, value, general, distance) for distance in _distances(moving, other))


def last(steps: Iterator[Step]) -> Step:
    """What something that is worked out in steps comes to."""
    *_, found = steps
    return found


def _hopes(moving: Surface, others: Sequence[tuple[Surface, int]]) -> Iterator[tuple[float, int]]:
    """No less than the IoU with each: as if the smaller lay in the other, as far as their bounds meet; largest first.

    Of equals the largest id comes first.
    """
    ids = np.array([shape_id for _, shape_id in others], dtype=np.int64)
    bounds = np.array([surface.bounds for surface, _ in others], dtype=np.float64).reshape(-1, 4)
    areas = np.array([surface.area for surface, _ in others], dtype=np.float64)
    sides = np.minimum(bounds[:, 2:], moving.bounds[2:]) - np.maximum(bounds[:, :2], moving.bounds[:2])
    common = np.minimum(np.maximum(sides, 0).prod(axis=1), np.minimum(areas, moving.area))
    hopes = common / np.maximum(moving.area + areas - common, np.finfo(np.float64).tiny)
    order = np.lexsort((ids, hopes))[::-1]
    return zip(hopes[order].tolist(), ids[order].tolist(), strict=True)


def _giou(a: Surface, b: Surface, value: float) -> float:
    hull = _hull(a, b)
    either = (a.area + b.area) / (1 + value)
    return value - (hull - either) / hull if hull else value


def _hull(a: Surface, b: Surface) -> float:
    """The area of the smallest of its kind around both: an upright box around boxes, else a convex polygon."""
    if isinstance(a.shape, Box) and isinstance(b.shape, Box):
        width = max(a.shape.x1, b.shape.x1) - min(a.shape.x0, b.shape.x0)
        return width * (max(a.shape.y1, b.shape.y1) - min(a.shape.y0, b.shape.y0))
    return float(shapely.area(shapely.convex_hull(shapely.geometrycollections([a.convex, b.convex]))))


def _distances(a: Surface, b: Surface) -> Iterator[float | None]:
    """The boundary distance, after None for every piece of work on the way to it."""
    if a.is_long or b.is_long:
        yield None  # before their outlines are looked for
    far = 0.0
    if not len(a.vertices) or not len(b.vertices):
        far = float("inf")
    else:
        for vertices, outline in ((a.vertices, b.outline), (b.vertices, a.outline)):
            for start in range(0, len(vertices), _PIECE):
                far = _farthest(vertices[start : start + _PIECE], outline, far)
                if len(vertices) > _PIECE:
                    yield None
    yield far


def _farthest(vertices: NDArray[np.float64], outline: shapely.Geometry, far: float) -> float:
    """How far the farthest of (N, 2) vertices lies from a prepared outline, or `far` where none lies farther.

    `dwithin` uses the outline's index, unlike `distance`: so what lies no farther than one that was measured is left
    out by it, and a few are measured.
    """
    beyond = np.asarray(shapely.points(vertices))
    while len(beyond := beyond[~shapely.dwithin(outline, beyond, far)]):
        middle, beyond = beyond[len(beyond) // 2], np.delete(beyond, len(beyond) // 2)
        far = max(far, float(shapely.distance(outline, middle)))
    return far
