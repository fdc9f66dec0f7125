"""Painter paths of shapes, against even-odd membership of points."""

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF

from engine.geometry.masks import from_bitmap, paint
from engine.geometry.shapes import Box, Keypoints, Part, Polygon, RotatedBox, ring
from studio.canvas.paths import path_of

PLACES = [
    (x + 0.3714159, y + 0.5327182) for x in range(0, 40, 3) for y in range(0, 40, 3)
]  # on no line of small integers


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=3, max_size=9))
def test_a_path_holds_what_the_polygon_holds_by_even_odd(points):
    path = path_of(Polygon.of(points) if len(dict.fromkeys(points)) >= 3 else Polygon.of([(0, 0), (9, 0), (9, 9)]))
    rings = points if len(dict.fromkeys(points)) >= 3 else [(0, 0), (9, 0), (9, 9)]
    for x, y in PLACES:
        crossings = sum(
            (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0
            for (x0, y0), (x1, y1) in zip(rings, rings[1:] + rings[:1], strict=True)
        )
        assert path.contains(QPointF(x, y)) == bool(crossings % 2)


def test_holes_and_parts():
    hole = ring([(10, 10), (20, 10), (20, 20), (10, 20)])
    square = Part(ring([(5, 5), (25, 5), (25, 25), (5, 25)]), (hole,))
    path = path_of(Polygon((square, Part(ring([(30, 30), (38, 30), (38, 38)])))))
    assert [path.contains(QPointF(*xy)) for xy in ((7, 7), (15, 15), (37, 32), (27, 27))] == [True, False, True, False]


def test_a_mask_is_outlined_along_its_pixels():
    bitmap = np.random.default_rng(1).random((40, 40)) < 0.5
    mask = from_bitmap(bitmap)
    path = path_of(mask)
    assert all(path.contains(QPointF(x, y)) == paint(mask, 40, 40)[int(y), int(x)] for x, y in PLACES)


def test_boxes_and_points():
    assert path_of(Box(1, 2, 3, 4)).boundingRect().getRect() == (1, 2, 2, 2)
    turned = path_of(RotatedBox(20, 20, 10, 4, 30))
    outline = shapely.Polygon([(turned.elementAt(n).x, turned.elementAt(n).y) for n in range(4)])
    assert abs(outline.area - 40) < 1e-9
    assert path_of(Keypoints.of([(1, 1, 2)])).isEmpty()
