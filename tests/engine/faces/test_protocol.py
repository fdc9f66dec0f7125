"""The protocol by which embedders and rules are judged."""

from dataclasses import replace

import numpy as np
import pytest

from engine.evaluation.verification import mean_of, measured
from engine.faces.protocol import FIGURES, REALISED, Plan, triable, tried
from engine.gallery import RULES, Gallery, people_distances
from tests.engine.evaluation.verification.made import between


def faces(n_people=10, n_each=7, apart=1.5, seed=0, first=0) -> Gallery:
    """Faces that scatter around their people."""
    rng = np.random.default_rng(seed)
    middles = rng.normal(size=(n_people, 1, 6)) * apart
    vectors = (middles + rng.normal(size=(n_people, n_each, 6))).reshape(-1, 6).astype(np.float32)
    ids = np.arange(first, first + len(vectors))
    return Gallery(ids, vectors, "euclidean", np.repeat(np.arange(n_people) + first, n_each))


def values(found):
    return {name: each.value for name, each in found.figures.items()}


def shown(statistic) -> float:
    assert statistic.value is not None
    return float(statistic.value)


def naive_rank1(of, plan):
    """Faces drawn as the plan draws them; for each probe the nearest person by the rule, in plain loops."""
    shares = []
    for repeat in range(plan.n_repeats):
        rng = np.random.default_rng([plan.seed, repeat, plan.n_templates])
        templates, probes = {}, []
        for person in sorted(set(of.identity_ids.tolist())):
            rows = rng.permutation(np.flatnonzero(of.identity_ids == person))
            templates[person] = rows[: plan.n_templates]
            probes += [(row, person) for row in rows[plan.n_templates :]]
        n_right = 0
        for row, person in probes:
            apart = {
                other: [float(np.linalg.norm(of.vectors[row].astype(np.float64) - of.vectors[each])) for each in own]
                for other, own in templates.items()
            }
            reduced = {other: (min(own) if plan.rule == "nearest" else np.mean(own)) for other, own in apart.items()}
            n_right += min(reduced, key=reduced.__getitem__) == person
        shares.append(n_right / len(probes))
    return np.mean(shares)


@pytest.mark.parametrize(("k", "rule"), [(1, "nearest"), (5, "nearest"), (5, "mean")])
def test_rank_1_is_that_of_a_plain_loop(k, rule):
    of, plan = faces(6), Plan(k, rule, n_repeats=3)
    assert tried(of, None, plan).figures["rank1"].value == pytest.approx(naive_rank1(of, plan))


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_gives_all_figures_and_their_rates(rule):
    found = tried(faces(), faces(8, seed=1, first=500), Plan(3, rule, n_repeats=3))
    assert tuple(found.figures) == FIGURES
    assert tuple(found.realised) == REALISED
    assert (found.n_people, found.n_probes, found.n_set_on) == (10, 40, 8)
    for each in (*found.figures.values(), *found.realised.values()):
        figure = measured(each, n_draws=100)
        assert figure.value is not None
        assert 0 <= figure.low <= figure.value <= figure.high <= 1


def test_draws_are_those_of_the_seed():
    of, plan = faces(), Plan(1, n_repeats=3)
    assert values(tried(of, None, plan)) == values(tried(of, None, plan))
    assert values(tried(of, None, plan)) != values(tried(of, None, replace(plan, seed=1)))


def test_other_people_do_not_change_the_figures_but_their_thresholds_do():
    of, plan = faces(), Plan(2, n_repeats=3)
    near, far = (tried(of, faces(8, apart=apart, seed=1, first=500), plan) for apart in (0.7, 3.0))
    assert values(near) == values(far)
    for name in ("tar", "far"):
        assert shown(near.realised[name]) < shown(far.realised[name])


def test_thresholds_are_never_set_on_who_is_tried():
    """What the tried people's strangers look like changes nothing of the threshold that others set."""
    of, others, plan = faces(), faces(8, seed=1, first=500), Plan(1, n_repeats=2)
    moved = replace(of, vectors=of.vectors * np.float32(100))
    assert tried(moved, others, plan).realised["far"].value == 0
    assert tried(moved, others, plan).realised["tar"].value == 0


def test_half_of_the_people_set_them_where_there_is_nobody_else():
    found = tried(faces(20), None, Plan(1, n_repeats=4))
    assert found.n_set_on == 10
    assert found.realised["far"].value == pytest.approx(0.01, abs=0.03)


def test_too_few_people_for_thresholds_leave_the_figures():
    found = tried(faces(3), None, Plan(1, n_repeats=2))
    assert found.realised == {}
    assert found.figures["rank1"].value is not None


def test_people_with_no_face_left_to_search_are_not_tried():
    of = faces(4, 3)
    short = Gallery(of.template_ids[1:], of.vectors[1:], of.metric, of.identity_ids[1:])
    assert triable(short, 2).tolist() == [1, 2, 3]
    assert tried(short, None, Plan(2, n_repeats=2)).n_people == 3


def test_splits_are_joined_over_all_their_people():
    of, plan = faces(12), Plan(1, n_repeats=2)
    people = np.arange(12)
    parts = []
    for half in (people[:6], people[6:]):
        rows = np.isin(of.identity_ids, half)
        part = Gallery(of.template_ids[rows], of.vectors[rows], of.metric, of.identity_ids[rows])
        parts.append(tried(part, None, plan, people).figures["eer"])
    joined = measured(mean_of(parts))
    assert joined.value == pytest.approx(np.mean([each.value for each in parts]))
    assert joined.low < between(joined) < joined.high


def test_an_embedder_that_knows_people_is_found_perfect():
    of = faces(apart=100.0)
    assert values(tried(of, None, Plan(1, n_repeats=2))) == {
        "rank1": 1, "eer": 0, "tar_at_far_1pct": 1, "fnir_at_fpir_10pct": 0,
    }  # fmt: skip
    assert people_distances(of, of.vectors[:1], "nearest")[1].argmin() == 0
