"""Polygons for formats that know rings only: holes cut away or reached by a seam, and the way back.

Two ways to write a polygon with holes and parts exactly:

- `cut`: several rings without holes that meet along vertical cuts (COCO); `joined` makes one polygon of them again.
- `one_ring`: a single ring that goes to every hole and part along a seam and returns along it, so that the seam has no
  area (YOLO, labelme, VIA); `of_one_ring` takes the seams out again.

Neither changes the area or the pixels covered. The vertices that a cut adds stay.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import reduce

import numpy as np
import shapely

from engine.geometry import planar
from engine.geometry.outlines import to_polygon
from engine.geometry.shapes import (
    XY,
    Box,
    Keypoints,
    Mask,
    Part,
    Polygon,
    Ring,
    RotatedBox,
    Shape,
    ring,
    ring_area,
)

Edge = tuple[XY, XY]
_UPRIGHT = 1e-9
"""Corners off by less (pixels) still make an upright rectangle."""


def cut(polygon: Polygon) -> tuple[Ring, ...]:
    """Rings without holes that cover exactly the polygon, without overlap; parts without holes stay as they are."""
    return tuple(piece for part in polygon.parts for piece in (_cut_part(part) if part.holes else (part.outer,)))


def joined(parts: Sequence[Part]) -> Polygon:
    """The union of parts; those that neither overlap nor share an edge stay as they are.

    A part inside another is no hole: it adds nothing. Parts without area are dropped.
    """
    if len(parts) == 1:
        return Polygon(tuple(parts))
    kept = [part for part in parts if ring_area(part.outer) != 0]
    outlines = [shapely.Polygon(part.outer, part.holes) for part in kept]
    if len(kept) < 2 or not _meet(outlines):
        return Polygon(tuple(kept))
    return planar.union(*(Polygon((part,)) for part in kept))


def one_ring(polygon: Polygon) -> Ring:
    """The whole polygon as one ring, holes and further parts reached by seams between the nearest vertices."""
    wholes = []
    for part in polygon.parts:
        whole = _signed(part.outer, 1)
        for hole in part.holes:
            whole = _seamed(whole, _signed(hole, -1))
        wholes.append(whole)
    return ring(reduce(_seamed, wholes))


def ring_of(shape: Shape) -> Ring | None:
    """Any shape with an area as one ring, None where it has none."""
    outline = as_polygon(shape)
    points = one_ring(outline) if outline else None
    return None if points is None or of_one_ring(points).is_empty else points


def of_one_ring(points: Ring) -> Polygon:
    """The polygon whose seams the ring runs along; a ring without seams is a part as it is."""
    edges = _without_seams(points)
    if len(edges) == len(points):
        return Polygon((Part(points),))
    loops = [loop for loop in map(ring, _loops(edges)) if ring_area(loop) != 0]
    if not loops:
        return Polygon(())
    largest = max(loops, key=lambda loop: abs(ring_area(loop)))
    sign = math.copysign(1, ring_area(largest))
    return _nested([_signed(loop, math.copysign(1, ring_area(loop)) * sign) for loop in loops])


def ellipse(centre: XY, radii: XY, radians: float = 0.0) -> Ring:
    """An ellipse as a ring, off by at most 0.05 pixels; `radians` turn it clockwise on screen."""
    sagitta = min(0.05 / max(*radii, 0.05), 1.0)
    n = min(max(16, math.ceil(math.pi / math.acos(1 - sagitta))), 720) if sagitta < 1 else 16
    angles = np.arange(n) * (2 * math.pi / n)
    x, y = radii[0] * np.cos(angles), radii[1] * np.sin(angles)
    cos, sin = math.cos(radians), math.sin(radians)
    return ring(np.stack([centre[0] + x * cos - y * sin, centre[1] + x * sin + y * cos], axis=1))


def as_polygon(shape: Shape) -> Polygon | None:
    """The outline of any shape with an area, of a mask the exact one; None where there is none."""
    match shape:
        case Box() | RotatedBox():
            outline = None if shape.is_empty else Polygon.of(shape.corners)
        case Polygon():
            outline = shape
        case Mask():
            outline = to_polygon(shape)
        case Keypoints():
            outline = None
    return None if outline is None or outline.is_empty else outline


def as_box(polygon: Polygon) -> Box | None:
    """The box that a polygon of four corners is, None for any other."""
    if polygon.n_vertices != 4 or len(polygon.parts) != 1 or polygon.parts[0].holes:
        return None
    box = Box(*polygon.bounds)
    points = polygon.parts[0].outer
    beside, across = np.roll(points, -1, axis=0), np.roll(points, -2, axis=0)
    on_corners = np.minimum(np.abs(points - (box.x0, box.y0)), np.abs(points - (box.x1, box.y1))) <= _UPRIGHT
    turns = (np.abs(points - beside) > _UPRIGHT).sum(axis=1) == 1
    opposite = (np.abs(points - across) > _UPRIGHT).all(axis=1)
    return box if on_corners.all() and turns.all() and opposite.all() else None


def _cut_part(part: Part) -> Iterable[Ring]:
    outline = planar.surface(Polygon((part,)))
    _, y0, _, y1 = outline.bounds
    lines = [shapely.LineString([(x, y0 - 1), (x, y1 + 1)]) for x in _cuts(part.holes)]
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all([outline.boundary, *lines])]))
    shapely.prepare(outline)
    inside = shapely.contains(outline, shapely.point_on_surface(faces))
    return [ring(shapely.get_coordinates(face.exterior)) for face in faces[inside]]


def _cuts(holes: Sequence[Ring]) -> list[float]:
    """The fewest vertical lines that pass through every hole, on pixel borders where a hole is wide enough."""
    cuts: list[float] = []
    for x1, x0 in sorted((float(hole[:, 0].max()), float(hole[:, 0].min())) for hole in holes):
        if x1 > x0 and not (cuts and x0 < cuts[-1] < x1):
            border = math.ceil(x1) - 1
            cuts.append(border if border > x0 else (x0 + x1) / 2)
    return cuts


def _meet(outlines: Sequence[shapely.Polygon]) -> bool:
    """Whether any two of them have more than single points in common."""
    first, second = shapely.STRtree(outlines).query(outlines, predicate="intersects")
    array = np.array(outlines, dtype=object)
    one, other = array[first[first < second]], array[second[first < second]]
    try:
        return bool((shapely.length(shapely.intersection(one, other)) > 0).any())
    except shapely.GEOSException:  # rings that cross themselves
        return True


def _signed(points: Ring, sign: float) -> Ring:
    """The ring, turned about where its area has the other sign."""
    return points if ring_area(points) * sign >= 0 else ring(points[::-1])


def _seamed(whole: Ring, points: Ring) -> Ring:
    """One ring of two, along the seam between their nearest vertices and back."""
    nearest, at, start = math.inf, 0, 0
    for index, point in enumerate(points):
        distances = np.square(whole - point).sum(axis=1)
        best = int(distances.argmin())
        if distances[best] < nearest:
            nearest, at, start = float(distances[best]), best, index
    there = np.concatenate([points[start:], points[: start + 1]])
    return np.concatenate([whole[: at + 1], there, whole[at:]])


def _without_seams(points: Ring) -> list[Edge]:
    """The ring's edges in order, without those that are also run along the other way."""
    vertices: list[XY] = [(x, y) for x, y in points.tolist()]
    if len(set(vertices)) == len(vertices):
        return list(zip(vertices, vertices[1:] + vertices[:1], strict=True))
    edges = [(a, b) for a, b in zip(vertices, vertices[1:] + vertices[:1], strict=True) if a != b]
    counts = Counter(edges)
    cancelled = Counter({(a, b): min(n, counts[b, a]) for (a, b), n in counts.items() if (b, a) in counts})
    kept = []
    for edge in edges:
        if cancelled[edge] > 0:
            cancelled[edge] -= 1
        else:
            kept.append(edge)
    return kept


def _loops(edges: Sequence[Edge]) -> list[list[XY]]:
    """The closed walks of three vertices or more that the edges make, split wherever a walk meets itself."""
    onward: dict[XY, list[XY]] = {}
    for start, end in reversed(edges):
        onward.setdefault(start, []).append(end)
    loops = []
    for first, _ in edges:
        path: list[XY] = [first]
        position = {first: 0}
        while onward.get(path[-1]):
            point = onward[path[-1]].pop()
            if point in position:
                loops.append(path[position[point] :])
                for left in path[position[point] + 1 :]:
                    del position[left]
                del path[position[point] + 1 :]
            else:
                position[point] = len(path)
                path.append(point)
    return [loop for loop in loops if len(loop) >= 3]


def _nested(loops: Sequence[Ring]) -> Polygon:
    """Parts of the rings of positive area, each with the rings of negative area that lie in it as holes."""
    outers = [points for points in loops if ring_area(points) > 0]
    holes: list[list[Ring]] = [[] for _ in outers]
    alone = []
    outlines = [shapely.Polygon(points) for points in outers]
    for points in loops:
        if ring_area(points) < 0:
            around = [index for index, outline in enumerate(outlines) if _is_in(points, outline)]
            if around:
                holes[min(around, key=lambda index: outlines[index].area)].append(points)
            else:
                alone.append(Part(_signed(points, 1)))
    return Polygon((*(Part(outer, tuple(own)) for outer, own in zip(outers, holes, strict=True)), *alone))


def _is_in(hole: Ring, outline: shapely.Polygon) -> bool:
    inner = shapely.Polygon(hole)
    return bool(outline.covers(inner.representative_point() if inner.is_valid else shapely.Point(hole[0])))
