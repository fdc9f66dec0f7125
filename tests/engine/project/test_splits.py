"""Stratified splits: exact numbers, classes in proportion, the same for one seed, and nothing moved that shall stay."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from engine.errors import UserError
from engine.geometry.shapes import Box
from engine.project import annotations, classes, images
from engine.project.history import History
from engine.project.records import SPLITS, Annotation, Split
from engine.project.splits import NOWHERE, AssignSplits, SplitPlan, propose, stratified
from engine.project.store import Project
from tests.engine.project.pictures import add_image
from tests.engine.project.reversing import assert_reversible

PRESENCE = st.tuples(st.integers(0, 40), st.integers(0, 5)).flatmap(lambda size: arrays.arrays(np.bool_, size))
SHARES = (
    st.lists(st.integers(0, 10), min_size=3, max_size=3).filter(any).map(lambda parts: np.array(parts, dtype=float))
)


def nowhere(n: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.full(n, NOWHERE, dtype=np.int64)


@given(presence=PRESENCE, shares=SHARES, seed=st.integers(0, 5))
def test_every_split_gets_its_share_to_the_image(
    presence: np.ndarray[tuple[int, int], np.dtype[np.bool_]],
    shares: np.ndarray[tuple[int], np.dtype[np.float64]],
    seed: int,
) -> None:
    n = len(presence)
    places = stratified(presence, shares, nowhere(n), seed)
    exact = shares / shares.sum() * n
    counts = np.bincount(places, minlength=3)
    assert counts.sum() == n
    assert (np.abs(counts - exact) < 1).all()
    assert (counts[shares == 0] == 0).all()
    assert np.array_equal(places, stratified(presence, shares, nowhere(n), seed))


@given(presence=PRESENCE.filter(lambda found: len(found) > 0), shares=SHARES, data=st.data(), seed=st.integers(0, 5))
def test_what_is_fixed_stays_and_the_rest_makes_up_for_it(
    presence: np.ndarray[tuple[int, int], np.dtype[np.bool_]],
    shares: np.ndarray[tuple[int], np.dtype[np.float64]],
    data: st.DataObject,
    seed: int,
) -> None:
    n = len(presence)
    fixed = np.array(data.draw(st.lists(st.integers(-1, 2), min_size=n, max_size=n)), dtype=np.int64)
    places = stratified(presence, shares, fixed, seed)
    assert np.array_equal(places[fixed != NOWHERE], fixed[fixed != NOWHERE])
    assert places.min() >= 0
    exact, held = shares / shares.sum() * n, np.bincount(fixed[fixed != NOWHERE], minlength=3)
    if (held <= exact).all():
        assert (np.abs(np.bincount(places, minlength=3) - exact) < 1).all()
    over = held > exact
    assert (np.bincount(places, minlength=3)[over] == held[over]).all()


@pytest.mark.parametrize("seed", range(5))
def test_classes_are_in_proportion_where_a_plain_draw_is_not(seed: int) -> None:
    rng = np.random.default_rng(seed)
    chances = np.array([0.5, 0.2, 0.1, 0.05, 0.02])
    presence = rng.random((600, 5)) < chances
    shares = np.array([0.7, 0.2, 0.1])
    drawn = rng.permutation(np.repeat(np.arange(3), [420, 120, 60]))

    def off(places: np.ndarray[tuple[int], np.dtype[np.int64]]) -> float:
        """The largest difference from the share of any class in any split, in images."""
        counts = np.array([[presence[places == split, k].sum() for k in range(5)] for split in range(3)])
        return float(np.abs(counts - shares[:, None] * presence.sum(axis=0)).max())

    assert off(stratified(presence, shares, nowhere(600), seed)) < 2
    assert off(stratified(presence, shares, nowhere(600), seed)) < off(drawn)


@pytest.fixture
def stocked(project: Project) -> Project:
    """Twenty images: every second one with class 1, every fifth one with class 2; the first four are in val."""
    with project.atomic():
        ids = [classes.add(project, name) for name in ("often", "rare")]
        for n in range(20):
            image_id = add_image(project, f"{n}.png", n, "val" if n < 4 else None)
            of = [class_id for class_id, every in zip(ids, (2, 5), strict=True) if n % every == 0]
            annotations.add(project, [Annotation(0, image_id, class_id, Box(0, 0, 5, 5)) for class_id in of])
    return project


def test_the_edit_does_what_the_preview_says(stocked: Project) -> None:
    plan = SplitPlan({"train": 6, "val": 2, "test": 2}, seed=3)
    proposal = propose(stocked, plan)
    assert proposal.n_images == {"train": 12, "val": 4, "test": 4}
    assert proposal.n_images_of_class == {
        1: {"train": 6, "val": 2, "test": 2},
        2: {"train": 2, "val": 1, "test": 1},
    }
    assert_reversible(stocked, AssignSplits(plan))
    assert images.by_split(stocked) == proposal.n_images
    for split in SPLITS:
        found = annotations.of_split(stocked, split)
        assert {id_ for id_, where in proposal.split_by_image.items() if where == split} == set(found)
        n_of_one = sum(any(one.class_id == 1 for one in each) for each in found.values())
        assert n_of_one == proposal.n_images_of_class[1][split]


def test_images_that_are_assigned_may_stay(stocked: Project) -> None:
    before = set(annotations.of_split(stocked, "val"))
    History(stocked).do(AssignSplits(SplitPlan(keep_assigned=True)))
    assert set(annotations.of_split(stocked, "val")) == before
    assert images.by_split(stocked) == {"train": 16, "val": 4}


def test_only_the_images_asked_for_are_divided(stocked: Project) -> None:
    History(stocked).do(AssignSplits(SplitPlan({"test": 1}, ids=(1, 20))))
    assert set(annotations.of_split(stocked, "test")) == {1, 20}
    assert set(annotations.of_split(stocked, "val")) == {2, 3, 4}


@pytest.mark.parametrize("shares", [{}, {"train": 0.0}, {"train": -1.0, "val": 2.0}, {"train": float("nan")}])
def test_a_plan_without_shares_is_refused(stocked: Project, shares: dict[Split, float]) -> None:
    with pytest.raises(UserError):
        propose(stocked, SplitPlan(shares))
