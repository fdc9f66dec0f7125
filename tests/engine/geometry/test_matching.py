"""Pairs by falling IoU, compared with a naive search."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from engine.geometry import masks
from engine.geometry.matching import likeness, likenesses, pairs
from engine.geometry.overlap import iou
from engine.geometry.shapes import Box, Keypoints, Polygon, RotatedBox, Shape
from tests.engine.geometry.strategies import area_shapes

SHAPES: tuple[Shape, ...] = (
    Box(0, 0, 10, 10),
    RotatedBox(5, 5, 8, 8, 45),
    Polygon.of([(0, 0), (10, 0), (0, 10)]),
    masks.of_box(Box(2, 2, 12, 9)),
    Keypoints.of([(1, 1, 2), (9, 9, 2)]),
    Box(100, 100, 110, 110),
)

MATRICES = st.tuples(st.integers(0, 6), st.integers(0, 6)).flatmap(
    lambda size: arrays.arrays(np.float64, size, elements=st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.9, 1.0]))
)


def naive(matrix: "np.ndarray[tuple[int, int], np.dtype[np.float64]]", least: float) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    while True:
        best: tuple[float, int, int] | None = None
        for i in range(matrix.shape[0]):
            for j in range(matrix.shape[1]):
                free = all(i != row and j != column for row, column in found)
                enough = matrix[i, j] >= least and matrix[i, j] > 0
                if free and enough and (best is None or matrix[i, j] > best[0]):
                    best = (matrix[i, j], i, j)
        if best is None:
            return found
        found.append(best[1:])


@given(matrix=MATRICES, least=st.sampled_from([0.0, 0.1, 0.5, 0.95]))
def test_pairs_are_those_of_a_naive_search(
    matrix: "np.ndarray[tuple[int, int], np.dtype[np.float64]]", least: float
) -> None:
    assert pairs(matrix, least) == naive(matrix, least)


@given(matrix=MATRICES, data=st.data())
def test_what_is_not_allowed_is_as_if_it_were_apart(
    matrix: "np.ndarray[tuple[int, int], np.dtype[np.float64]]", data: st.DataObject
) -> None:
    allowed = data.draw(arrays.arrays(np.bool_, matrix.shape))
    assert pairs(matrix, 0.1, allowed) == naive(np.where(allowed, matrix, 0), 0.1)


def test_likeness_is_exact_but_where_a_box_says_no_more() -> None:
    matrix = likenesses(SHAPES, SHAPES)
    for i, a in enumerate(SHAPES):
        for j, b in enumerate(SHAPES):
            assert matrix[i, j] == likeness(a, b)
            says_no_more = any(isinstance(shape, Box | Keypoints) for shape in (a, b))
            exact = iou(Box(*a.bounds), Box(*b.bounds)) if says_no_more else iou(a, b)
            assert np.isclose(matrix[i, j], exact)
    assert matrix.diagonal().tolist() == [1.0] * len(SHAPES)
    assert likenesses([], SHAPES).shape == (0, 6)


@given(a=st.lists(area_shapes(), max_size=4), b=st.lists(area_shapes(), max_size=4), least=st.floats(0, 1))
def test_only_what_is_below_the_least_is_left_out(a: list[Shape], b: list[Shape], least: float) -> None:
    whole, some = likenesses(a, b), likenesses(a, b, least)
    assert np.array_equal(some[whole >= least], whole[whole >= least])
    assert ((some == whole) | (some == 0)).all()
    by_matrix = likenesses(a, b, np.full(whole.shape, least))
    assert np.array_equal(by_matrix, some)
