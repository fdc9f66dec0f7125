"""Which priors answer for which objects: both assigners against loops that spell the papers out."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from engine.nn.assigning import Assigned, Guessed, Wanted, paper, simota
from engine.nn.prior_grid import Grid, grid

STRIDES = (8, 16, 32)
SIDE, N_CLASSES = 64, 3
FREE = torch.tensor([[[float(stride)] * 2] for stride in STRIDES])
FITTED = torch.tensor([[[6.0, 9.0], [14.0, 11.0]], [[20.0, 20.0], [30.0, 17.0]], [[50.0, 30.0], [60.0, 60.0]]])

seeds = st.integers(0, 2**31)
numbers_of_objects = st.integers(0, 6)
kinds_of_priors = st.sampled_from([FREE, FITTED])


def priors_of(shapes: Tensor) -> Grid:
    return grid([(SIDE // stride, SIDE // stride) for stride in STRIDES], STRIDES, shapes)


def situation(seed: int, n_objects: int, shapes: Tensor) -> tuple[Grid, Guessed, Wanted]:
    """Objects on a picture, and guesses some of which are near them."""
    random = torch.Generator().manual_seed(seed)
    priors = priors_of(shapes)
    corners = torch.rand(n_objects, 2, generator=random) * 50
    boxes = torch.cat([corners, corners + 1 + torch.rand(n_objects, 2, generator=random) * 40], dim=1).clamp(max=SIDE)
    guesses = priors.boxes(torch.randn(len(priors.cells), 4, generator=random) * 0.6)
    if n_objects:
        near = torch.randint(0, len(guesses), (12,), generator=random)
        guesses[near] = boxes[near % n_objects] + torch.randn(12, 4, generator=random).clamp(-0.4, 0.4)
    logits = torch.randn(len(guesses), N_CLASSES + 1, generator=random) * 2
    classes = torch.randint(0, N_CLASSES, (n_objects,), generator=random)
    return priors, Guessed(guesses, logits[:, 0], logits[:, 1:]), Wanted(boxes, classes)


def iou(a: list[float], b: list[float]) -> float:
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    common = max(width, 0) * max(height, 0)
    return common / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common)


def pairs(assigned: Assigned) -> dict[int, int]:
    assert assigned.rows.tolist() == sorted(set(assigned.rows.tolist()))
    return dict(zip(assigned.rows.tolist(), assigned.objects.tolist(), strict=True))


def naive_paper(priors: Grid, guessed: Guessed, wanted: Wanted) -> tuple[dict[int, int], set[int]]:
    chosen: dict[int, tuple[float, int]] = {}
    for number, box in enumerate(wanted.boxes.tolist()):
        width, height = box[2] - box[0], box[3] - box[1]
        best = (-1.0, -1)
        for row, ((x, y), stride, shape) in enumerate(
            zip(priors.cells.tolist(), priors.strides.tolist(), priors.shapes.tolist(), strict=True)
        ):
            holds = math.floor((box[0] + box[2]) / 2 / stride) == x and math.floor((box[1] + box[3]) / 2 / stride) == y
            alike = common_centre(width, height, shape) if holds else -1.0
            best = max(best, (alike, -row))
        row = -best[1]
        if best[0] >= 0 and best[0] > chosen.get(row, (-1.0, 0))[0]:
            chosen[row] = (best[0], number)
    ignored = {
        row
        for row, guess in enumerate(guessed.boxes.tolist())
        if row not in chosen and any(iou(guess, box) > 0.5 for box in wanted.boxes.tolist())
    }
    return {row: number for row, (_, number) in chosen.items()}, ignored


def common_centre(width: float, height: float, shape: list[float]) -> float:
    common = min(width, shape[0]) * min(height, shape[1])
    return common / (width * height + shape[0] * shape[1] - common)


def naive_simota(priors: Grid, guessed: Guessed, wanted: Wanted) -> dict[int, int]:
    taken: dict[int, tuple[float, int]] = {}
    scores = (guessed.classes.sigmoid() * guessed.objectness.sigmoid()[:, None]).sqrt().tolist()
    for number, box in enumerate(wanted.boxes.tolist()):
        costs, ious = [], []
        for row, ((x, y), stride) in enumerate(zip(priors.cells.tolist(), priors.strides.tolist(), strict=True)):
            away = max(abs((x + 0.5) * stride - (box[0] + box[2]) / 2), abs((y + 0.5) * stride - (box[1] + box[3]) / 2))
            if away >= 1.5 * stride:
                continue
            own = [k == int(wanted.class_indices[number]) for k in range(N_CLASSES)]
            wrong = -sum(
                math.log(score if is_own else 1 - score) for score, is_own in zip(scores[row], own, strict=True)
            )
            overlap = iou(guessed.boxes[row].tolist(), box)
            ious.append(overlap)
            costs.append((wrong - 3 * math.log(overlap + 1e-8), row))
        k = max(int(sum(sorted(ious, reverse=True)[:10])), 1)
        for cost, row in sorted(costs)[:k]:
            taken[row] = min(taken.get(row, (math.inf, -1)), (cost, number))
    return {row: number for row, (_, number) in taken.items()}


@given(seeds, numbers_of_objects, kinds_of_priors)
def test_the_papers_assigner_is_what_the_papers_say(seed: int, n_objects: int, shapes: Tensor) -> None:
    priors, guessed, wanted = situation(seed, n_objects, shapes)
    assigned = paper(priors, guessed, wanted)
    chosen, ignored = naive_paper(priors, guessed, wanted)
    assert pairs(assigned) == chosen
    assert set(assigned.is_ignored.nonzero().flatten().tolist()) == ignored


@given(seeds, numbers_of_objects, kinds_of_priors)
def test_simota_is_what_its_paper_says(seed: int, n_objects: int, shapes: Tensor) -> None:
    priors, guessed, wanted = situation(seed, n_objects, shapes)
    assigned = simota(priors, guessed, wanted)
    assert pairs(assigned) == naive_simota(priors, guessed, wanted)
    assert not assigned.is_ignored.any()


@pytest.mark.parametrize("shapes", [FREE, FITTED], ids=["free", "fitted"])
def test_a_good_guess_gives_an_object_more_priors(shapes: Tensor) -> None:
    priors, guessed, wanted = situation(3, 1, shapes)
    poor = simota(priors, Guessed(guessed.boxes * 0 + 200, guessed.objectness, guessed.classes), wanted)
    perfect = wanted.boxes.expand_as(guessed.boxes)
    good = simota(priors, Guessed(perfect, guessed.objectness, guessed.classes), wanted)
    assert len(poor.rows) == 1
    assert len(good.rows) == 10


def test_of_two_objects_in_a_cell_the_one_of_the_priors_shape_has_it() -> None:
    priors, guessed, _ = situation(0, 0, FREE)
    wanted = Wanted(torch.tensor([[0.0, 0, 5, 5], [0, 0, 8, 8]]), torch.tensor([0, 1]))
    assert pairs(paper(priors, guessed, wanted)) == {0: 1}
