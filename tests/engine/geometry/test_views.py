"""Box, polygon and mask of one object agree, whichever is made of which; parts and holes."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.geometry import masks, planar, views
from engine.geometry.combining import AreaKind, converted
from engine.geometry.shapes import XY, Box, Mask, Polygon, Shape

SIDE = 40


def blobs(seed: int, n: int, holes: bool) -> np.ndarray:
    """A bitmap of some ellipses, some of them cut out: parts, holes, thin necks."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5
    bitmap = np.zeros((SIDE, SIDE), bool)
    for at in range(n):
        centre, radii, turn = rng.uniform(4, SIDE - 4, 2), rng.uniform(1, 13, 2), rng.uniform(0, math.pi)
        across = (x - centre[0]) * math.cos(turn) + (y - centre[1]) * math.sin(turn)
        along = (y - centre[1]) * math.cos(turn) - (x - centre[0]) * math.sin(turn)
        inside = (across / radii[0]) ** 2 + (along / radii[1]) ** 2 <= 1
        bitmap = bitmap & ~inside if holes and at % 3 == 2 else bitmap | inside
    return bitmap


MASKS = st.builds(
    lambda seed, n, holes: masks.from_bitmap(blobs(seed, n, holes)),
    st.integers(0, 99_999), st.integers(1, 8), st.booleans(),
)  # fmt: skip
NOISE = st.builds(
    lambda seed, share: masks.from_bitmap(np.random.default_rng(seed).random((12, 12)) < share, 5, 5),
    st.integers(0, 999), st.floats(0.1, 0.9),
)  # fmt: skip


def border(mask: Mask) -> np.ndarray:
    """The pixels with a neighbour, corners included, on the other side."""
    wide = np.pad(masks.paint(mask, SIDE, SIDE), 1)
    shifted = [np.roll(wide, (down, right), (0, 1)) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    found: np.ndarray = (np.any(shifted, axis=0) & ~np.all(shifted, axis=0))[1:-1, 1:-1]
    return found


@settings(max_examples=100)
@given(MASKS | NOISE)
def test_a_mask_as_a_polygon_and_back_changes_at_its_border_alone(mask: Mask) -> None:
    back = masks.of_polygon(views.smooth_outline(mask))
    changed = masks.paint(mask, SIDE, SIDE) ^ masks.paint(back, SIDE, SIDE)
    assert not (changed & ~border(mask)).any()


@settings(max_examples=30)
@given(MASKS, st.integers(0, 9999), st.floats(-3, 3), st.floats(-3, 3))
def test_a_vertex_moved_there_and_back_changes_at_the_border_alone(mask: Mask, at: int, dx: float, dy: float) -> None:
    polygon = views.smooth_outline(mask)
    if not polygon.parts:
        return
    outer = polygon.parts[0].outer.copy()
    outer[at % len(outer)] += (dx, dy)
    outer[at % len(outer)] -= (dx, dy)
    edited = Polygon((type(polygon.parts[0])(outer, polygon.parts[0].holes), *polygon.parts[1:]))
    changed = masks.paint(mask, SIDE, SIDE) ^ masks.paint(masks.of_polygon(edited), SIDE, SIDE)
    assert not (changed & ~border(mask)).any()


@settings(max_examples=40)
@given(MASKS)
@example(masks.from_bitmap(blobs(2602, 5, False)))  # here GEOS alone goes too far, where a ring begins
def test_the_polygon_is_valid_near_the_outline_and_has_fewer_vertices(mask: Mask) -> None:
    polygon, outline = views.smooth_outline(mask), masks.to_polygon(mask)
    assert len(polygon.parts) == len(outline.parts) or mask.is_empty
    assert polygon.n_vertices <= outline.n_vertices
    geometry = planar.to_shapely(polygon) if polygon.parts else shapely.Polygon()
    assert shapely.is_valid(geometry)
    if polygon.parts:
        assert shapely.hausdorff_distance(geometry.boundary, planar.to_shapely(outline).boundary) <= views.SMOOTH + 1e-9


@settings(max_examples=40)
@given(MASKS)
def test_the_box_is_that_of_all_views(mask: Mask) -> None:
    if mask.is_empty:
        return
    exact = converted(mask, "box")
    assert exact == converted(masks.to_polygon(mask), "box")
    smooth = converted(views.smooth_outline(mask), "box")
    assert max(abs(a - b) for a, b in zip(smooth.bounds, exact.bounds, strict=True)) <= views.SMOOTH + 1e-9


@given(st.tuples(*[st.integers(0, 30)] * 2), st.tuples(*[st.integers(1, 10)] * 2))
def test_a_box_of_whole_pixels_is_the_same_in_every_view(at: XY, size: XY) -> None:
    box = Box(at[0], at[1], at[0] + size[0], at[1] + size[1])
    kinds: list[AreaKind] = ["mask", "polygon", "rotated_box", "box"]
    for kind in kinds:
        for other in kinds:
            shape = converted(converted(box, kind), other)
            assert shape.bounds == pytest.approx(box.bounds) and shape.area == pytest.approx(box.area)


@settings(max_examples=40)
@given(MASKS | NOISE)
def test_parts_make_up_the_whole_and_lie_apart(mask: Mask) -> None:
    parts = views.parts_of(mask)
    assert sum(part.area for part in parts) == mask.area
    assert [part.area for part in parts] == sorted((part.area for part in parts), reverse=True)
    for shape in parts:
        assert isinstance(shape, Mask) and (shape.is_empty or len(masks.to_polygon(shape).parts) == 1)


RINGED = Polygon.of([(0, 0), (20, 0), (20, 20), (0, 20)], [(5, 5), (5, 10), (10, 10), (10, 5)])


@pytest.mark.parametrize("shape", [RINGED, masks.of_polygon(RINGED)])
def test_holes_are_filled(shape: Shape) -> None:
    filled = views.without_holes(shape)
    assert filled.area == 400 and filled.kind == shape.kind


@settings(max_examples=40)
@given(MASKS | NOISE)
def test_filling_takes_nothing_away(mask: Mask) -> None:
    filled = views.without_holes(mask)
    assert isinstance(filled, Mask) and masks.subtract(mask, filled).is_empty
    assert not any(part.holes for part in masks.to_polygon(filled).parts)
