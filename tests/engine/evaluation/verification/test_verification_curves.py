"""ROC, DET, equal error rate and rates at thresholds, beside plain loops."""

import numpy as np
import pytest
from hypothesis import given

from engine.evaluation.verification import (
    Trials,
    accepted_within,
    det,
    eer,
    far_of,
    found_within,
    in_words,
    measured,
    roc,
    roc_between,
    tar_at_far,
    threshold_at_far,
)
from engine.evaluation.verification.curves import deviates
from engine.gallery import Gallery, left_out
from tests.engine.evaluation.verification.made import between, compared, flat, naive_eer, naive_tar, of_normal, rates


@given(compared())
def test_the_equal_error_rate_is_that_of_a_walk_over_thresholds(made):
    assert eer(Trials.of(*made)).value == pytest.approx(naive_eer(*flat(*made)), abs=1e-12)


@given(compared())
def test_every_point_of_the_curve_is_counted_one_by_one(made):
    curve = roc(Trials.of(*made))
    for threshold, far, tar in zip(curve.thresholds[1:], curve.far[1:], curve.tar[1:], strict=True):
        assert (far, 1 - tar) == pytest.approx(rates(threshold, *flat(*made)))
    assert (curve.far[0], curve.tar[0]) == (0, 0)
    assert (curve.far[-1], curve.tar[-1]) == (1, 1)


@given(compared())
def test_curves_only_rise(made):
    curve = roc(Trials.of(*made))
    assert (np.diff(curve.far) >= 0).all()
    assert (np.diff(curve.tar) >= 0).all()
    assert (np.diff(curve.thresholds) > 0).all()


@given(compared())
def test_only_the_order_of_distances_counts(made):
    distances, probes, columns = made
    trials, bent = Trials.of(*made), Trials.of(np.exp(3 * distances) - 7, probes, columns)
    assert eer(bent).value == eer(trials).value
    assert 0 <= (eer(trials).value or 0) <= 1
    assert tar_at_far(bent, 0.5).value == tar_at_far(trials, 0.5).value


@given(compared())
def test_true_accepts_at_a_rate_are_the_most_that_any_threshold_gives(made):
    trials = Trials.of(*made)
    for wanted in (0.1, 0.25, 0.5):
        found = tar_at_far(trials, wanted)
        if wanted * trials.n_impostor >= 1:
            assert found.value == pytest.approx(naive_tar(wanted, *flat(*made)))
        else:
            assert found.value is None
            assert "are needed" in found.reason


@given(compared())
def test_a_threshold_for_a_rate_keeps_it(made):
    trials = Trials.of(*made)
    threshold = threshold_at_far(trials, 0.3)
    if threshold is None:
        assert 0.3 * trials.n_impostor < 1
        return
    far, frr = rates(threshold, *flat(*made))
    assert far <= 0.3
    assert accepted_within(trials, threshold).value == pytest.approx(far)
    assert found_within(trials, threshold).value == pytest.approx(1 - frr)


def test_a_worked_example_with_a_tie():
    distances = np.array([[1.0, 3.0], [2.0, 2.0], [4.0, 3.0], [2.0, 5.0]])
    trials = Trials.of(distances, np.array([1, 1, 2, 1]), np.array([1, 2]))
    assert trials.genuine.tolist() == [1, 2, 2, 3]
    assert trials.impostor.tolist() == [2, 3, 4, 5]
    # At 2: FAR 1/4, FRR 1/4.
    assert eer(trials).value == pytest.approx(0.25)
    assert tar_at_far(trials, 0.25).value == pytest.approx(0.75)
    assert tar_at_far(trials, 0.5).value == 1


def test_what_is_not_compared_does_not_count():
    distances = np.array([[np.nan, 3.0], [2.0, np.nan]])
    trials = Trials.of(distances, np.array([1, 2]), np.array([1, 2]))
    assert (trials.n_genuine, trials.n_impostor) == (0, 2)
    assert eer(trials).value is None
    assert measured(eer(trials)).reason == "Nobody has two faces to compare."


def test_no_trials_at_all_are_no_figure():
    trials = Trials.of(np.zeros((0, 0)), np.zeros(0, np.int64), np.zeros(0, np.int64))
    assert measured(eer(trials)).value is None
    assert measured(accepted_within(trials, 1.0)).value is None


def test_normal_deviates_are_those_of_the_tables():
    assert deviates(np.array([0.5, 0.025, 0.01])) == pytest.approx([0, -1.959964, -2.326348], abs=1e-6)


def test_det_leaves_out_what_has_no_deviate():
    far, frr = det(roc(of_normal()[0]))
    assert len(far) == len(frr) > 0
    assert np.isfinite(far).all()
    assert (np.diff(far) >= 0).all()
    assert (np.diff(frr) <= 0).all()


def test_how_rare_a_distance_is_is_said_in_words():
    trials = of_normal(apart=1.0)[0]
    near = float(trials.impostor[3])
    found = far_of(trials, near)
    assert found.value == pytest.approx(4 / trials.n_impostor)
    between(found)
    assert in_words(found).startswith(f"1 in {trials.n_impostor / 4:.0f} strangers comes as near")
    none = far_of(trials, 0.0)
    assert (none.value, none.high) == (0, pytest.approx(3 / trials.n_impostor))
    assert in_words(none) == "none of 396 comparisons with strangers came as near: at most 1 in 132 does"


def test_bands_hold_the_curve_and_say_what_cannot_be_shown():
    trials = of_normal(apart=1.0)[0]
    few, some = roc_between(trials, [1e-6, 0.1])
    assert few.value is None
    between(some)
    assert some.low < some.high


def test_a_gallery_is_tried_against_itself():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(12, 4)).astype(np.float32)
    gallery = Gallery(np.arange(12), vectors, "euclidean", np.repeat([5, 7, 9], 4))
    trials = left_out(gallery, "nearest")
    found = Trials.of_gallery(trials)
    assert found.genuine.tolist() == trials.genuine.tolist()
    assert found.impostor.tolist() == trials.impostor.tolist()
    assert found.people.tolist() == [5, 7, 9]
