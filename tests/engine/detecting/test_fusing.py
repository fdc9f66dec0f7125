"""Weighted boxes fusion against the paper's steps as plain loops; masks and keypoints along with the boxes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.detecting.fusing import fused
from engine.geometry import masks
from engine.geometry.shapes import Box, Keypoints, Mask
from engine.project.records import Detection


def box(x0: float, y0: float, x1: float, y1: float, score: float = 0.5, class_id: int = 1) -> Detection:
    return Detection(0, 0, class_id, score, Box(x0, y0, x1, y1))


def iou(a: Sequence[float], b: Sequence[float]) -> float:
    width = max(min(a[2], b[2]) - max(a[0], b[0]), 0)
    height = max(min(a[3], b[3]) - max(a[1], b[1]), 0)
    both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - width * height
    return width * height / both if both else 0.0


def by_the_paper(looks: Sequence[Sequence[Detection]], limit: float) -> list[tuple[float, int, list[float]]]:
    """Section 3, steps 1 to 6: lists B, L and F, and scores scaled by how many looks found it."""
    pooled = sorted((each for look in looks for each in look), key=lambda each: -each.score)
    lists: list[list[Detection]] = []
    means: list[list[float]] = []
    for each in pooled:
        best, best_iou = -1, limit
        for at, mean in enumerate(means):
            overlap = iou(mean, each.shape.bounds)
            if lists[at][0].class_id == each.class_id and overlap > best_iou:
                best, best_iou = at, overlap
        if best < 0:
            lists.append([])
            means.append([])
        lists[best].append(each)
        total = sum(one.score for one in lists[best])
        means[best] = [sum(one.score * one.shape.bounds[at] for one in lists[best]) / total for at in range(4)]
    rows = []
    for own, mean in zip(lists, means, strict=True):
        score = sum(one.score for one in own) / len(own) * min(len(own), len(looks)) / len(looks)
        rows.append((score, own[0].class_id, mean))
    return rows


corners = st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(4, 20), st.integers(4, 20))
found = st.builds(
    lambda corner, score, class_id: box(
        corner[0], corner[1], corner[0] + corner[2], corner[1] + corner[3], score, class_id
    ),
    corners,
    st.floats(0.05, 1.0),
    st.integers(1, 2),
)


@given(st.lists(st.lists(found, max_size=8), min_size=2, max_size=4))
def test_boxes_are_fused_as_the_paper_says(looks: list[list[Detection]]) -> None:
    ours = fused(looks, 0.55)
    theirs = by_the_paper(looks, 0.55)
    assert [each.score for each in ours] == sorted((each.score for each in ours), reverse=True)
    rows = sorted((round(each.score, 9), each.class_id, *np.round(each.shape.bounds, 6)) for each in ours)
    wanted = sorted((round(score, 9), class_id, *np.round(mean, 6)) for score, class_id, mean in theirs)
    assert np.allclose(rows, wanted, atol=1e-5)


def test_one_look_stays_as_it_is() -> None:
    look = [box(0, 0, 9, 9, 0.9), box(0, 0, 9, 8, 0.3)]
    assert fused([look]) == look


def test_what_one_of_two_looks_found_is_half_as_certain() -> None:
    assert fused([[box(0, 0, 9, 9, 0.8)], []])[0].score == pytest.approx(0.4)


def test_a_pixel_is_in_the_mask_where_half_of_the_scores_are_for_it() -> None:
    bitmaps = np.zeros((3, 12, 12), np.bool_)
    bitmaps[0, 1:9, 1:9] = bitmaps[1, 2:10, 1:9] = bitmaps[2, 1:9, 2:10] = True
    scores = (0.9, 0.5, 0.3)
    looks = [
        [Detection(0, 0, 1, score, masks.from_bitmap(bitmap))] for score, bitmap in zip(scores, bitmaps, strict=True)
    ]
    (one,) = fused(looks)
    assert isinstance(one.shape, Mask)
    votes = sum(score * bitmap for score, bitmap in zip(scores, bitmaps, strict=True))
    assert (masks.paint(one.shape, 12, 12) == (votes >= sum(scores) / 2)).all()


def test_keypoints_are_averaged_where_they_are_given() -> None:
    looks = [
        [Detection(0, 0, 1, score, Box(0, 0, 9, 9), keypoints=Keypoints(points))]
        for score, points in (
            (0.6, ((1.0, 2.0, 2), (0.0, 0.0, 0))),
            (0.2, ((5.0, 2.0, 2), (4.0, 4.0, 1))),
        )
    ]
    (one,) = fused(looks)
    assert one.keypoints is not None
    assert np.allclose(one.keypoints.points, [(2, 2, 2), (4, 4, 1)])
