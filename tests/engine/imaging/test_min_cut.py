"""The minimum cut against trying every border, and mixtures against what they were drawn from."""

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.imaging.min_cut import WAYS, Edges, Grid, cost_of, edge_shape, minimum_cut
from engine.imaging.mixture import Colours, fit

SIZES = st.sampled_from([(1, 1), (1, 5), (4, 1), (2, 3), (3, 3), (3, 4)])


def problem(seed: int, size: tuple[int, int], heavy: float) -> tuple[Grid, Edges]:
    rng = np.random.default_rng(seed)
    costs = rng.normal(0, 2, size).astype(np.float32)
    weights = tuple((rng.random(edge_shape(*size, way)) * heavy).astype(np.float32) for way in WAYS)
    return costs, weights


@settings(max_examples=60)
@given(st.integers(0, 9999), SIZES, st.sampled_from([0.0, 0.3, 1.0, 3.0]))
def test_no_border_is_cheaper(seed: int, size: tuple[int, int], heavy: float) -> None:
    costs, weights = problem(seed, size, heavy)
    cut = minimum_cut(costs, weights, rounds=4000)
    borders = (np.array(each).reshape(size) for each in product([False, True], repeat=size[0] * size[1]))
    best = min(cost_of(border, costs, weights) for border in borders)
    assert cost_of(cut.bitmap, costs, weights) - best < 1e-2
    assert cost_of(cut.bitmap, costs, weights) - cut.gap <= best + 1e-3


def test_the_gap_is_a_promise_and_a_start_saves_rounds() -> None:
    costs, weights = problem(3, (60, 60), 2.0)
    rough = minimum_cut(costs, weights, rounds=25)
    best = minimum_cut(costs, weights, rounds=4000)
    assert best.gap < 0.1
    rough_cost, best_cost = (cost_of(cut.bitmap, costs, weights) for cut in (rough, best))
    assert rough_cost - rough.gap <= best_cost <= rough_cost
    again = minimum_cut(costs, weights, rounds=25, start=best)
    assert cost_of(again.bitmap, costs, weights) <= best_cost + 0.1


def drawn(*centres: tuple[float, float, float], spread: float = 2.0, n: int = 300) -> Colours:
    rng = np.random.default_rng(0)
    return np.concatenate([rng.normal(centre, spread, (n, 3)) for centre in centres]).astype(np.float32)


def test_a_mixture_finds_its_clusters_and_prefers_their_colours() -> None:
    mixture = fit(drawn((20, 0, 0), (70, 30, 5), (50, -40, 20)), 3)
    assert sorted(np.rint(mixture.means[:, 0] / 10).tolist()) == [2, 5, 7]
    near, far = mixture.costs(np.array([[70, 30, 5], [95, 0, 0]], np.float32))
    assert near + 20 < far


def test_one_gaussian_is_its_density() -> None:
    colours = drawn((50, 10, -10), spread=3.0, n=4000)
    mixture = fit(colours, 1)
    at = np.array([[50, 10, -10], [56, 10, -10]], np.float32)
    costs = mixture.costs(at)
    variance = 9.0 + 1.0  # with what noise adds
    assert np.isclose(costs[1] - costs[0], 36 / variance / 2, rtol=0.1)


def test_equal_colours_and_a_single_one_are_no_trouble() -> None:
    for colours in (np.full((40, 3), 7, np.float32), np.zeros((1, 3), np.float32)):
        assert np.isfinite(fit(colours, 5).costs(colours)).all()
