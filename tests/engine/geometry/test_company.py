"""Shapes that move together against asking for each alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.geometry import overlap
from engine.geometry.bounds_index import BoundsIndex
from engine.geometry.company import Company
from engine.geometry.overlap import OverlapIndex
from engine.geometry.shapes import Bounds, Box, Keypoints, Shape
from engine.geometry.shaping import moved
from tests.engine.geometry.strategies import area_shapes, shapes

some = st.lists(shapes(), max_size=6)
ways = st.tuples(st.floats(-30, 30), st.floats(-30, 30)).map(lambda way: (round(way[0], 2), round(way[1], 2)))


def alone(shape: Shape, way: tuple[float, float], layer: dict[int, Shape], without: set[int]) -> float:
    """The largest IoU of one shape, pair by pair."""
    there = moved(shape, *way)
    return max((overlap.iou(there, other) for at, other in layer.items() if at not in without), default=0.0)


@given(some, some, ways, st.sets(st.integers(10, 15)))
def test_each_is_measured_as_if_it_moved_alone(
    company: list[Shape], layer: list[Shape], way: tuple[float, float], without: set[int]
) -> None:
    by_id = dict(enumerate(layer, start=10))
    made = Company(company)
    kept = [shape for shape in company if not isinstance(shape, Keypoints) and not shape.is_empty]
    assert len(made) == len(kept)
    found = made.ious(way, OverlapIndex(by_id), np.array(sorted(without), dtype=np.int64))
    assert found == pytest.approx([alone(shape, way, by_id, without) for shape in kept], abs=1e-6)


@given(st.lists(area_shapes(), min_size=1, max_size=9), some, ways)
def test_parts_make_the_whole(company: list[Shape], layer: list[Shape], way: tuple[float, float]) -> None:
    made, index, none = Company(company), OverlapIndex(dict(enumerate(layer))), np.zeros(0, dtype=np.int64)
    parts = [made.ious(way, index, none, slice(at, at + 2)) for at in range(0, len(made), 2)]
    assert np.concatenate(parts or [np.zeros(0)]).tolist() == made.ious(way, index, none).tolist()


def test_the_best_of_many_is_found_though_another_promised_more() -> None:
    """A ring of thin boxes fills the bounds of what moves; a modest one lies on it."""
    layer: dict[int, Shape] = {n: Box(n, 0, n + 1, 40) for n in range(40)}
    layer[50] = Box(0, 0, 30, 40)
    found = Company([Box(0, 0, 40, 40), Box(100, 0, 101, 40)]).ious((0.0, 0.0), OverlapIndex(layer), np.array([7]))
    assert found.tolist() == [0.75, 0.0]


rows = st.lists(st.builds(lambda x, y, w: (x, y, x + w, y + w), *(st.integers(0, 20),) * 3), max_size=8)


@given(rows, rows, rows)
def test_pairs_of_bounds_are_those_that_meet(first: list[Bounds], later: list[Bounds], asked: list[Bounds]) -> None:
    index = BoundsIndex(dict(enumerate(first)))
    index.put_all(dict(enumerate(later, start=4)))
    dropped = range(0, len(first), 3)
    index.drop_all(dropped)
    table = np.array(asked, dtype=np.float64).reshape(-1, 4)
    row, ids = index.pairs(table)
    found = sorted(zip(row.tolist(), ids.tolist(), strict=True))
    assert found == sorted((at, id_) for at, bounds in enumerate(asked) for id_ in index.meeting(bounds))
