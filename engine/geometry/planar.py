"""Shapes as shapely geometries and back, and what shapely does for polygons: repair, set operations, cuts, simplifying.

All of it takes and gives valid areas. A polygon that crosses itself is read by even-odd, as masks are drawn.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from engine.geometry.outlines import to_polygon
from engine.geometry.shapes import Box, Keypoints, Mask, Part, Polygon, Ring, RotatedBox, Shape, ring, ring_area

GRID = 2.0**-32
"""Pixels. Where outlines lie 1e-14 apart, GEOS finds that nothing is common to two shapes that are all but the same."""


def to_shapely(shape: Shape) -> shapely.Geometry:
    """The geometry of a shape, not repaired: a polygon or several, and points where the shape is keypoints."""
    match shape:
        case Box(x0, y0, x1, y1):
            return shapely.box(x0, y0, x1, y1)
        case RotatedBox():
            return shapely.polygons(shape.corners)
        case Polygon():
            return _from_parts(shape.parts)
        case Mask():
            return _from_parts(to_polygon(shape).parts)
        case Keypoints():
            return shapely.MultiPoint(shape.given)


def surface(shape: Shape) -> shapely.Geometry:
    """The geometry of a shape's area, valid, its vertices rounded to `GRID`; empty for keypoints."""
    # A mask's outline is valid by construction, on whole pixels, and long.
    return to_shapely(shape) if isinstance(shape, Mask) else _valid(_on_grid(to_shapely(shape)))


def from_shapely(geometry: shapely.Geometry) -> Polygon:
    """The areas of a geometry as one polygon, outer rings clockwise on screen; lines and points are left out."""
    pieces = shapely.get_parts(geometry, return_index=False)
    nested = [part for piece in pieces for part in shapely.get_parts(piece)]
    areas = [part for part in nested if isinstance(part, shapely.Polygon) and part.area > 0]
    return Polygon(tuple(_to_part(part) for part in areas))


def repaired(polygon: Polygon) -> Polygon:
    """The same area as simple rings: crossings resolved by even-odd, spikes and rings without area dropped.

    A valid polygon is given back as it is.
    """
    geometry = to_shapely(polygon)
    return polygon if shapely.is_valid(geometry) else from_shapely(_even_odd(geometry))


def union(*shapes: Shape) -> Polygon:
    """The area that any of the shapes covers."""
    return from_shapely(shapely.union_all([surface(shape) for shape in shapes]))


def intersect(a: Shape, b: Shape) -> Polygon:
    """The area that both cover."""
    return from_shapely(shapely.intersection(surface(a), surface(b)))


def subtract(a: Shape, b: Shape) -> Polygon:
    """The area of `a` that `b` does not cover."""
    return from_shapely(shapely.difference(surface(a), surface(b)))


def split(shape: Shape, line: ArrayLike) -> tuple[Polygon, ...]:
    """The pieces a shape falls into along a line of (N, 2) points, the largest first.

    Parts that the line does not cut stay with the largest piece; a line that cuts nothing leaves one piece.
    """
    knife = shapely.LineString(np.asarray(line, dtype=np.float64).reshape(-1, 2))
    whole: list[shapely.Geometry] = []
    pieces: list[shapely.Geometry] = []
    for part in shapely.get_parts(surface(shape)):
        faces = _faces(part, knife)
        whole += [part] if len(faces) == 1 else []
        pieces += faces if len(faces) > 1 else []
    if not pieces:
        return (from_shapely(shapely.MultiPolygon(whole)),)
    pieces.sort(key=shapely.area, reverse=True)
    return (from_shapely(shapely.MultiPolygon([pieces[0], *whole])), *map(from_shapely, pieces[1:]))


def simplify(polygon: Polygon, tolerance: float) -> Polygon:
    """Fewer vertices, the outline moved by `tolerance` pixels at most; no part or hole is lost."""
    exact = surface(polygon)
    simple = shapely.simplify(exact, tolerance, preserve_topology=True)
    pairs = list(zip(shapely.get_parts(exact), shapely.get_parts(simple), strict=True))
    mended = [_with_starts(part, simpler, tolerance) for part, simpler in pairs]
    if all(part is None for part in mended):
        return from_shapely(simple)
    near = shapely.multipolygons([part or simpler for part, (_, simpler) in zip(mended, pairs, strict=True)])
    return from_shapely(near if shapely.is_valid(near) else exact)


def _with_starts(part: shapely.Polygon, simple: shapely.Polygon, tolerance: float) -> shapely.Polygon | None:
    """A simplified part that has first vertices of its rings again, where it needs them; None where it needs none.

    When GEOS leaves out the vertex that a ring begins with, it asks how far that one lies off the new edge, and not how
    far those do that it left out before, on both sides of it.
    """
    pairs = zip(shapely.get_rings(part), shapely.get_rings(simple), strict=True)
    rings = [(_with_start(shapely.get_coordinates(a), shapely.get_coordinates(b), tolerance), b) for a, b in pairs]
    if all(mended is None for mended, _ in rings):
        return None
    outer, *holes = [shapely.linearrings(mended) if mended is not None else ring for mended, ring in rings]
    return shapely.Polygon(outer, holes)


def _with_start(line: Ring, simple: Ring, tolerance: float) -> Ring | None:
    """Closed rings (N, 2) and (M, 2), as `_with_starts` has them."""
    if not len(simple) or (line[0] == simple[0]).all():
        return None
    edge = simple[:2]  # from the last vertex of the line, over the one that was left out
    begin, end = (np.flatnonzero((line[:-1] == corner).all(axis=1)) for corner in edge)
    passed = np.concatenate([line[begin[-1] : -1], line[: end[0] + 1]])
    if shapely.distance(shapely.LineString(edge), shapely.points(passed)).max() <= tolerance:
        return None
    return np.concatenate([edge[:1], line[:1], simple[1:]])


def _faces(part: shapely.Polygon, knife: shapely.LineString) -> list[shapely.Geometry]:
    """The areas between a part's outline and a line; the part alone where it is not cut."""
    if not shapely.intersects(part, knife):
        return [part]
    lines = shapely.node(shapely.GeometryCollection([part.boundary, knife]))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    inside = [face for face in faces if shapely.contains_properly(part, shapely.point_on_surface(face))]
    return inside if len(inside) > 1 else [part]


def _on_grid(geometry: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(geometry, lambda points: np.round(points / GRID) * GRID)


def _valid(geometry: shapely.Geometry) -> shapely.Geometry:
    is_area = isinstance(geometry, (shapely.Polygon, shapely.MultiPolygon))
    return geometry if is_area and shapely.is_valid(geometry) else _even_odd(geometry)


def _even_odd(geometry: shapely.Geometry) -> shapely.Geometry:
    """The faces between the rings of an area from which a ray crosses the rings an odd number of times, joined.

    Not shapely.make_valid: its "linework" takes an edge that is run through twice for a border, its "structure" knows
    no even-odd.
    """
    outlines = shapely.get_parts(shapely.boundary(geometry))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.node(shapely.MultiLineString([*outlines])))))
    edges = [coordinates for outline in outlines if len(coordinates := shapely.get_coordinates(outline)) > 1]
    inner = shapely.get_coordinates(shapely.point_on_surface(faces))
    is_inside = np.array([_crossings(edges, x, y) % 2 == 1 for x, y in inner], dtype=np.bool_)
    return shapely.union_all(faces[is_inside])


def _crossings(outlines: list[NDArray[np.float64]], x: float, y: float) -> int:
    """How often a ray from a point to the right crosses closed outlines of (N, 2) points."""
    n = 0
    for points in outlines:
        (x0, y0), (x1, y1) = points[:-1].T, points[1:].T
        is_crossed = (y0 > y) != (y1 > y)
        dx, dy = (x1 - x0)[is_crossed], (y1 - y0)[is_crossed]
        n += int(np.count_nonzero(x0[is_crossed] + (y - y0[is_crossed]) * dx / dy > x))
    return n


def _from_parts(parts: tuple[Part, ...]) -> shapely.Geometry:
    polygons = [shapely.polygons(part.outer, [shapely.linearrings(h) for h in part.holes] or None) for part in parts]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _to_part(geometry: shapely.Polygon) -> Part:
    holes = (_wound(hole, clockwise=False) for hole in geometry.interiors)
    return Part(_wound(geometry.exterior, clockwise=True), tuple(holes))


def _wound(line: shapely.LinearRing, *, clockwise: bool) -> Ring:
    points = ring(shapely.get_coordinates(line))
    return points if (ring_area(points) > 0) == clockwise else ring(points[::-1])
