"""Priors fitted by k-medians on 1 - IoU."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.nn.medians import k_medians
from engine.nn.priors import shape_iou


def clusters(seed: int, centres: np.ndarray, n: int = 200, spread: float = 0.08) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.concatenate([centre * np.exp(random.normal(0, spread, (n, 2))) for centre in centres])


CENTRES = np.array([[12.0, 30.0], [40.0, 16.0], [50.0, 60.0], [90.0, 200.0]])


@given(st.integers(0, 1000))
def test_priors_are_found_where_boxes_gather(seed: int) -> None:
    found = k_medians(clusters(seed, CENTRES), 4)
    assert found is not None
    assert shape_iou(CENTRES, np.array(found.sides)).max(axis=1).min() > 0.9
    assert found.mean_best_iou > 0.85
    assert found.share_above_half > 0.99


@given(st.integers(0, 1000), st.integers(1, 6))
def test_a_fit_measures_itself_and_is_ordered(seed: int, k: int) -> None:
    shapes = np.random.default_rng(seed).uniform(4, 200, (60, 2))
    found = k_medians(shapes, k)
    assert found is not None
    areas = [width * height for width, height in found.sides]
    assert areas == sorted(areas)
    best = [max(float(shape_iou(each[None], np.array([side]))[0, 0]) for side in found.sides) for each in shapes]
    assert found.mean_best_iou == pytest.approx(np.mean(best), abs=1e-3)
    assert found.share_above_half == pytest.approx(np.mean([value > 0.5 for value in best]), abs=0.05)


@given(st.integers(0, 1000))
def test_fitting_is_no_worse_than_where_it_begins(seed: int) -> None:
    shapes = np.random.default_rng(seed).lognormal(3, 0.8, (120, 2))
    ordered = shapes[np.argsort(shapes.prod(axis=1))]
    start = np.stack([np.median(part, axis=0) for part in np.array_split(ordered, 5)])
    found = k_medians(shapes, 5)
    assert found is not None
    assert found.mean_best_iou >= shape_iou(shapes, start).max(axis=1).mean() - 1e-3


def test_medians_cover_better_than_means_where_a_few_boxes_are_huge() -> None:
    shapes = np.concatenate([np.full((90, 2), 10.0), np.full((10, 2), 400.0)])
    shapes += np.random.default_rng(0).uniform(0, 0.5, shapes.shape)
    found = k_medians(shapes, 1)
    assert found is not None
    assert found.sides[0] == pytest.approx((10.25, 10.25), abs=0.1)


@pytest.mark.parametrize("shapes", [np.zeros((0, 2)), np.full((50, 2), 30.0), np.full((5, 2), -1.0)])
def test_too_few_different_boxes_give_none(shapes: np.ndarray) -> None:
    assert k_medians(shapes, 2) is None
