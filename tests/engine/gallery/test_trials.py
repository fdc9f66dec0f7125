"""A gallery's own trials are the decisions about each template by a gallery without it."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from engine.gallery import RULES, Gallery, Metric, Rule, identify, left_out, pairs_left_out, verify, with_few
from engine.gallery import trials as trials_module
from engine.gallery.trials import N_FRESH
from tests.engine.gallery.galleries import galleries, gallery_of


def without(gallery: Gallery, row: int) -> Gallery:
    """The gallery without one template."""
    rest = np.arange(len(gallery)) != row
    return Gallery(gallery.template_ids[rest], gallery.vectors[rest], gallery.metric, gallery.identity_ids[rest])


@given(galleries(), st.sampled_from(RULES))
def test_trials_are_decisions_without_the_template(gallery: Gallery, rule: Rule) -> None:
    trials = left_out(gallery, rule)
    assert trials.template_ids.tolist() == gallery.template_ids.tolist()
    genuine: list[float] = []
    impostor: list[float] = []
    strangers: list[float] = []
    for row in range(len(gallery)):
        decision = identify(without(gallery, row), gallery.vectors[row], rule, 1)
        found = {each.identity_id: each.distance for each in decision.ranking}
        assert_allclose(trials.distances[row], [found.get(each, np.nan) for each in trials.column_ids], atol=1e-6)
        own = found.pop(int(gallery.identity_ids[row]), None)
        genuine += [] if own is None else [own]
        impostor += found.values()
        strangers.append(min(found.values(), default=np.inf))
    assert_allclose(np.sort(trials.genuine), np.sort(genuine), atol=1e-6)
    assert_allclose(trials.impostor, np.sort(impostor), atol=1e-6)
    assert_allclose(trials.strangers, strangers, atol=1e-6)
    counts = np.unique(gallery.identity_ids, return_counts=True)[1]
    assert (trials.n_people, trials.n_single) == (len(counts), (counts == 1).sum())


@given(galleries())
def test_each_pair_of_templates_counts_once(gallery: Gallery) -> None:
    genuine: list[float] = []
    impostor: list[float] = []
    for a, b in itertools.combinations(range(len(gallery)), 2):
        is_same = gallery.identity_ids[a] == gallery.identity_ids[b]
        (genuine if is_same else impostor).append(verify(gallery.vectors[a], gallery.vectors[b], gallery.metric))
    trials = pairs_left_out(gallery)
    assert_allclose(np.sort(trials.genuine), np.sort(genuine), atol=1e-6)
    assert_allclose(trials.impostor, np.sort(impostor), atol=1e-6)
    assert trials.n_single == (np.unique(gallery.identity_ids, return_counts=True)[1] == 1).sum()


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_of_a_large_gallery_templates_of_all_people_are_tried(
    rule: Rule, metric: Metric, monkeypatch: pytest.MonkeyPatch
) -> None:
    gallery = gallery_of(20, 9, metric=metric)
    whole = left_out(gallery, rule)
    monkeypatch.setattr(trials_module, "MAX_TRIALS", 20 * 40)
    monkeypatch.setattr(trials_module, "_AT_ONCE", 7)
    some = left_out(gallery, rule)
    assert len(some.template_ids) == 40
    assert np.unique(some.person_ids).tolist() == whole.column_ids.tolist()
    rows = np.searchsorted(whole.template_ids, some.template_ids)
    assert_allclose(some.distances, whole.distances[rows], atol=1e-9)


def test_pairs_of_a_large_gallery_count_once_too(monkeypatch: pytest.MonkeyPatch) -> None:
    gallery = gallery_of(20, 9)
    monkeypatch.setattr(trials_module, "MAX_TRIALS", 180 * 30)
    trials = pairs_left_out(gallery)
    assert len(trials.template_ids) == 30
    assert (~np.isnan(trials.distances)).sum() == 30 * 150 + 30 * 29 / 2


def test_no_templates_no_trials() -> None:
    empty = Gallery(np.empty(0, np.int64), np.empty((0, 3), np.float32), "cosine", np.empty(0, np.int64))
    for trials in (left_out(empty, "mean"), left_out(empty, "nearest"), pairs_left_out(empty)):
        assert (len(trials.genuine), len(trials.impostor), trials.n_people, trials.n_single) == (0, 0, 0, 0)


@given(galleries(min_people=3), st.sampled_from(RULES), st.sets(st.integers(1, 5)))
def test_people_whom_the_embedder_learned_from_are_compared_with_but_not_tried(
    gallery: Gallery, rule: Rule, learned: set[int]
) -> None:
    knowing = replace(gallery, learned_ids=np.array(sorted(learned), np.int64))
    every, found = left_out(gallery, rule), left_out(knowing, rule)
    people = set(gallery.identity_ids.tolist())
    if len(people - learned) < N_FRESH:
        assert found.person_ids.tolist() == every.person_ids.tolist()
        assert set(found.learned_ids.tolist()) == learned & people
        return
    rows = ~np.isin(every.person_ids, list(learned))
    assert not len(found.learned_ids)
    assert found.column_ids.tolist() == every.column_ids.tolist()
    assert_allclose(found.distances, every.distances[rows])
    assert (found.n_tried, found.n_people) == (len(people - learned), len(people))
    assert left_out(knowing, rule, is_of_all=True).person_ids.tolist() == every.person_ids.tolist()


@given(galleries(min_people=3), st.sets(st.integers(1, 5)))
def test_pairs_hold_somebody_whom_the_embedder_did_not_learn_from(gallery: Gallery, learned: set[int]) -> None:
    if len(set(gallery.identity_ids.tolist()) - learned) < N_FRESH:
        return
    trials = pairs_left_out(replace(gallery, learned_ids=np.array(sorted(learned), np.int64)))
    apart = [
        verify(gallery.vectors[a], gallery.vectors[b], gallery.metric)
        for a, b in itertools.combinations(range(len(gallery)), 2)
        if gallery.identity_ids[a] != gallery.identity_ids[b]
        and not {int(gallery.identity_ids[a]), int(gallery.identity_ids[b])} <= learned
    ]
    assert_allclose(trials.impostor, np.sort(apart), atol=1e-6)


@given(galleries(min_people=2), st.sampled_from(RULES), st.integers(1, 3))
def test_with_few_templates_the_others_are_decisions_by_the_first_ones(gallery: Gallery, rule: Rule, n: int) -> None:
    seen: dict[int, int] = {}
    first = []
    for row, whose in enumerate(gallery.identity_ids.tolist()):
        seen[whose] = seen.get(whose, 0) + 1
        if seen[whose] <= n:
            first.append(row)
    trials = with_few(gallery, rule, n)
    rest = [row for row in range(len(gallery)) if row not in first]
    assert trials.template_ids.tolist() == gallery.template_ids[rest].tolist()
    for at, row in enumerate(rest):
        decision = identify(gallery.part(first), gallery.vectors[row], rule, 1)
        found = {each.identity_id: each.distance for each in decision.ranking}
        assert_allclose(trials.distances[at], [found[each] for each in trials.column_ids], atol=1e-6)
