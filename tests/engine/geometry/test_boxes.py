"""Arrays of boxes against loops over single boxes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.geometry import boxes
from engine.geometry.shapes import Box
from tests.engine.geometry.strategies import box_shapes, points

many = st.lists(st.one_of(box_shapes(), st.builds(Box.between, points, points)), max_size=5)


def rows(found: list[Box]) -> NDArray[np.float64]:
    return boxes.as_boxes([box.bounds for box in found])


def common_area(a: Box, b: Box) -> float:
    width, height = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
    return width * height if width > 0 and height > 0 else 0.0


def naive_iou(a: Box, b: Box) -> float:
    common = common_area(a, b)
    either = a.area + b.area - common
    return common / either if either else 0.0


def naive_giou(a: Box, b: Box) -> float:
    hull = Box(min(a.x0, b.x0), min(a.y0, b.y0), max(a.x1, b.x1), max(a.y1, b.y1)).area
    either = a.area + b.area - common_area(a, b)
    return naive_iou(a, b) - ((hull - either) / hull if hull else 0.0)


@given(many, many)
def test_iou_and_giou_are_those_of_every_pair(a: list[Box], b: list[Box]) -> None:
    ious, gious = boxes.iou(rows(a), rows(b)), boxes.giou(rows(a), rows(b))
    assert ious.shape == gious.shape == (len(a), len(b))
    for row, one in enumerate(a):
        for column, other in enumerate(b):
            assert ious[row, column] == pytest.approx(naive_iou(one, other), abs=1e-12)
            assert gious[row, column] == pytest.approx(naive_giou(one, other), abs=1e-12)


@given(box_shapes(), many)
def test_one_against_many(box: Box, others: list[Box]) -> None:
    assert boxes.iou_one(box.bounds, rows(others)).tolist() == boxes.iou(rows([box]), rows(others))[0].tolist()


@given(many)
def test_area_and_validity(found: list[Box]) -> None:
    assert boxes.area(rows(found)).tolist() == [box.area for box in found]
    assert boxes.valid(rows(found)).tolist() == [not box.is_empty for box in found]


@pytest.mark.parametrize(
    "row", [(0, 0, 0, 5), (3, 0, 1, 5), (0, 0, math.nan, 5), (0, 0, math.inf, 5), (-math.inf, 0, 3, 5)]
)
def test_no_box(row: tuple[float, ...]) -> None:
    assert boxes.valid(boxes.as_boxes([row, (0, 0, 1, 1)])).tolist() == [False, True]


def test_a_box_turned_inside_out_overlaps_nothing() -> None:
    inside_out, box = boxes.as_boxes((5, 5, 1, 1)), boxes.as_boxes((0, 0, 9, 9))
    assert boxes.area(inside_out).tolist() == [0] and boxes.iou(inside_out, box).tolist() == [[0]]


@given(many, st.integers(0, 40), st.integers(0, 40))
def test_clip(found: list[Box], width: int, height: int) -> None:
    cut = boxes.clip(rows(found), width, height)
    for row, box in zip(cut, found, strict=True):
        assert boxes.area(row[None])[0] == common_area(box, Box(0, 0, width, height))
        assert Box(*row).x1 <= width and Box(*row).y1 <= height and min(row) >= 0


@given(many)
def test_conversions_come_back(found: list[Box]) -> None:
    assert np.array_equal(boxes.from_xywh(boxes.to_xywh(rows(found))), rows(found))
    assert np.array_equal(boxes.from_cxcywh(boxes.to_cxcywh(rows(found))), rows(found))
    for row, centred, box in zip(boxes.to_xywh(rows(found)), boxes.to_cxcywh(rows(found)), found, strict=True):
        assert row.tolist() == [box.x0, box.y0, box.width, box.height]
        assert centred.tolist() == [(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2, box.width, box.height]
