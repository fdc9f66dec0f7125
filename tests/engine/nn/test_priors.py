"""Anchors fitted to boxes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.nn.priors import Anchors, coverage, fit, shape_iou

shapes = st.integers(1, 6).flatmap(lambda n: arrays(np.float64, (n, 2), elements=st.floats(0.5, 500)))


@given(shapes, shapes)
def test_shape_iou_is_that_of_boxes_on_one_centre(a: np.ndarray, b: np.ndarray) -> None:
    found = shape_iou(a, b)
    for i, (w, h) in enumerate(a):
        for j, (v, g) in enumerate(b):
            common = min(w, v) * min(h, g)
            assert found[i, j] == pytest.approx(common / (w * h + v * g - common))


def test_anchors_found_again_from_boxes_of_their_own_shapes() -> None:
    wanted = Anchors((20.0, 40.0, 80.0, 160.0, 320.0), (0.6, 1.0, 1.7))
    boxes = np.repeat(wanted.shapes, 50, axis=0)
    found = fit(boxes)
    assert found.mean_best_iou > 0.9
    assert found.share_above_half == 1.0
    assert found.sides[0] == pytest.approx(20, rel=0.1)


def test_fitted_anchors_cover_small_boxes_better_than_the_usual_ones() -> None:
    boxes = np.exp(np.random.default_rng(0).normal(np.log(12), 0.3, (500, 2)))
    usual = shape_iou(boxes, Anchors().shapes).max(axis=1).mean()
    assert fit(boxes).mean_best_iou > usual + 0.05


@pytest.mark.parametrize("n", [0, 1, 19])
def test_too_few_boxes_change_nothing(n: int) -> None:
    found = fit(np.full((n, 2), 33.0))
    assert (found.sides, found.ratios) == (Anchors().sides, Anchors().ratios)


def test_empty_boxes_are_no_shapes() -> None:
    boxes = np.concatenate([np.full((50, 2), 30.0), np.zeros((50, 2)), np.full((5, 2), -1.0)])
    assert fit(boxes) == fit(np.full((50, 2), 30.0))


@given(shapes, shapes)
def test_coverage_is_that_of_the_best_prior_of_each_box(boxes: np.ndarray, priors: np.ndarray) -> None:
    found = coverage(boxes, priors)
    best = [max(_iou(box, prior) for prior in priors) for box in boxes]
    assert found.best_iou == pytest.approx(best)
    assert found.mean_best_iou == pytest.approx(sum(best) / len(best))
    assert [_iou(box, priors[at]) for box, at in zip(boxes, found.best, strict=True)] == pytest.approx(best)
    assert found.share_above_half == sum(iou > 0.5 for iou in found.best_iou) / len(best)


def _iou(a: np.ndarray, b: np.ndarray) -> float:
    common = min(a[0], b[0]) * min(a[1], b[1])
    return float(common / (a[0] * a[1] + b[0] * b[1] - common))


def test_coverage_of_boxes_without_an_area_is_that_of_nothing() -> None:
    found = coverage(np.array([[0.0, 5.0], [-1.0, 3.0]]), Anchors().shapes)
    assert (len(found.shapes), found.mean_best_iou, found.share_above_half) == (0, 0.0, 0.0)
    assert str(found) == "mean best IoU 0.00, 0% above 0.5"
