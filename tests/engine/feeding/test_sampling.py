"""Rare classes come up more often: as often as LVIS has it, with as many views in every epoch."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.detectors import Survey
from engine.feeding.augment import NO_AUGMENTATION
from engine.feeding.batches import Batches, generator
from engine.feeding.sampling import Views, balanced, reason
from tests.engine.detectors.scenes import Scenes
from tests.engine.detectors.test_contract import build

CLASSES = st.lists(st.lists(st.integers(0, 3), max_size=4), min_size=1, max_size=12)


def survey(classes: Sequence[Sequence[int]]) -> Survey:
    """Of pictures with objects of these classes."""
    n_boxes = sum(map(len, classes))
    return Survey(
        sizes=np.full((len(classes), 2), 64.0),
        boxes=np.tile([1.0, 1.0, 9.0, 9.0], (n_boxes, 1)),
        picture_of=np.repeat(np.arange(len(classes)), [len(each) for each in classes]),
        n_classes=4,
        class_of=np.array([each for found in classes for each in found], dtype=np.int64),
    )


def naive(classes: Sequence[Sequence[int]], rare: float) -> list[float]:
    """The paper's formula, picture by picture."""
    share = {k: sum(k in found for found in classes) / len(classes) for k in range(4)}
    seen = sorted(value for value in share.values() if value)
    threshold = min(rare, float(np.median(seen))) if seen else 0
    return [max([1.0, *(math.sqrt(threshold / share[k]) for k in found)]) for found in classes]


@given(CLASSES, st.floats(0.05, 1))
def test_factors_are_those_of_the_paper_made_up_to_a_whole_number(classes: list[list[int]], rare: float) -> None:
    views, wanted = balanced(survey(classes), rare), naive(classes, rare)
    assert len(views) == math.ceil(sum(wanted) - 1e-9)
    assert np.allclose(views.factors / views.factors.sum(), np.array(wanted) / sum(wanted))


@given(CLASSES, st.integers(0, 50))
def test_every_epoch_has_as_many_views_and_every_picture_its_share(classes: list[list[int]], seed: int) -> None:
    views = balanced(survey(classes), 1.0)
    counts = np.zeros(len(classes))
    for epoch in range(60):
        order = views.order(generator(seed, epoch))
        assert len(order) == len(views)
        found = np.bincount(order, minlength=len(classes))
        assert (np.abs(found - views.factors) < 1 + 1e-6).all()
        counts += found
    assert np.abs(counts / 60 - views.factors).max() < 0.25


def test_balanced_classes_are_shown_alike() -> None:
    even = survey([[0, 1], [0, 2], [1, 2]])
    assert balanced(even, 0.1).are_even
    assert reason(even, balanced(even, 0.1)) is None
    assert sorted(Views.even(5).order(generator(1))) == [0, 1, 2, 3, 4]


def test_the_reason_names_the_rarest_class() -> None:
    rare = survey([[0]] * 39 + [[0, 1]])
    found = reason(rare, balanced(rare, 0.1))
    assert found is not None
    assert "1 of 40 pictures" in found
    assert "2.0 times" in found


def test_nothing_is_balanced_where_classes_are_not_known_or_it_is_not_wanted() -> None:
    known = survey([[0]] * 39 + [[0, 1]])
    assert balanced(known, 0).are_even
    unknown = Survey(known.sizes, known.boxes, known.picture_of, 4)
    assert balanced(unknown, 0.1).are_even
    assert balanced(survey([[], []]), 0.1).are_even


@pytest.mark.parametrize("size", [1, 2])
def test_batches_show_a_rare_picture_in_two_variants(size: int) -> None:
    scenes = Scenes(3).train
    views = Views(np.array([1.0, 1.0, 2.0]))
    batches = Batches(scenes, build("mask_rcnn"), NO_AUGMENTATION, size, 0, views=views)
    assert len(batches) == 4 / size
    names = [name for batch in batches.epoch(0) for name in batch.names]
    assert sorted(names) == sorted([*(each.name for each in scenes), scenes[2].name])
