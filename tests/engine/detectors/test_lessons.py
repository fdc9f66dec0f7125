"""What a picture teaches: the very choices that the loss is made of, for every detector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torchvision.ops import box_iou

from engine.detectors import DETECTORS, Network, Teaching, Truth, _rcnn_losses, ssd
from engine.detectors._yolo_choices import Options
from engine.detectors.yolo import DETECTOR as YOLO
from engine.feeding.batches import Batch, plain
from engine.nn import assigning
from engine.nn.assigning import Guessed, Wanted
from engine.nn.holding import held_in_training
from engine.nn.prior_grid import Grid
from engine.nn.shares import Share
from engine.tracing.stages import Anchors, Input, MaskTargets, Stage, Taught
from tests.engine.detectors.scenes import Scenes
from tests.engine.detectors.test_contract import build

EXAMPLE = Scenes().train[0]
SEED = Share(seeds=(5,))
RCNN = ("mask_rcnn", "faster_rcnn", "keypoint_rcnn")


def network(name: str) -> Network:
    torch.manual_seed(0)
    if name.startswith("yolo "):
        options: dict[str, Any] = {"mode": "fitted_priors", "priors_per_cell": 2} if "priors" in name else {}
        return YOLO.build(Options(input_side=96, assigner="paper", **options), 2).eval()
    return build(name, 2).eval()


@pytest.fixture(scope="module", params=[*DETECTORS.names(), "yolo paper", "yolo paper priors"])
def made(request: pytest.FixtureRequest) -> Network:
    return network(request.param)


def batch_of(found: Network) -> Batch:
    return plain([EXAMPLE], found)


def lessons(found: Network, truth: Truth | None = None) -> tuple[Stage, ...]:
    assert isinstance(found, Teaching)
    batch = batch_of(found)
    with held_in_training(found):
        return found.lessons(batch.pictures[0], batch.truths[0] if truth is None else truth, SEED)


def loss(found: Network) -> dict[str, Tensor]:
    batch = batch_of(found)
    with held_in_training(found):
        return found.loss(batch.pictures, batch.truths, SEED)


def taught(stages: tuple[Stage, ...]) -> list[Taught]:
    return [each for each in stages if isinstance(each, Taught)]


def recorded(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> list[Any]:
    """What a function of the loss gives from now on."""
    given: list[Any] = []
    original: Callable[..., Any] = getattr(owner, name)

    def told(*args: Any, **kwargs: Any) -> Any:
        found = original(*args, **kwargs)
        given.append(found)
        return found

    monkeypatch.setattr(owner, name, told)
    return given


def test_every_detector_says_what_it_is_taught(made: Network) -> None:
    stages = lessons(made)
    names = [each.name for each in stages]
    assert names[:2] == ["input", "anchors"]
    anchors = next(each for each in stages if isinstance(each, Anchors))
    truth = batch_of(made).truths[0]
    for each in taught(stages):
        assert len(each.boxes) == len(each.role) == len(each.truth) == len(each.is_chosen)
        if each.of == "anchors":
            np.testing.assert_array_equal(each.boxes, anchors.boxes)
        assert ((each.truth >= 0) == (each.role == 1)).all()
        assert set(np.unique(each.role)) <= {-1, 0, 1}
        assert not (each.is_chosen & (each.role < 0)).any()
        np.testing.assert_array_equal(each.truth_boxes, truth.boxes.numpy())
        np.testing.assert_array_equal(each.truth_classes, truth.class_indices.numpy())
        assert (each.role == 1).any()


def test_the_picture_is_as_training_sees_it(made: Network) -> None:
    seen = next(each for each in lessons(made) if isinstance(each, Input))
    (picture,) = batch_of(made).pictures
    np.testing.assert_array_equal(seen.picture, picture.permute(1, 2, 0).numpy())


def test_asking_teaches_nothing(made: Network) -> None:
    before = {name: value.clone() for name, value in made.state_dict().items()}
    first = loss(made)
    lessons(made)
    again = loss(made)
    assert not made.training
    assert all(torch.equal(value, before[name]) for name, value in made.state_dict().items())
    assert all(torch.equal(first[name], again[name]) for name in first)


def test_a_picture_without_objects_teaches_the_background(made: Network) -> None:
    truth = batch_of(made).truths[0].pick(torch.zeros(0, dtype=torch.int64))
    for each in taught(lessons(made, truth)):
        assert not each.role.any()
        assert (each.truth == -1).all()
        assert each.is_chosen.any()


@pytest.mark.parametrize("name", RCNN)
def test_anchors_and_regions_are_those_that_the_loss_samples(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = network(name)
    anchors = recorded(monkeypatch, _rcnn_losses, "anchor_lessons")
    regions = recorded(monkeypatch, _rcnn_losses, "region_lessons")
    masks = recorded(monkeypatch, _rcnn_losses, "mask_lessons")
    loss(found)
    stages = lessons(found)
    by_anchor, by_region = taught(stages)
    np.testing.assert_array_equal(np.flatnonzero(by_anchor.is_chosen), anchors[0].chosen[0].numpy())
    labels = anchors[0].matched[0].labels.numpy()
    np.testing.assert_array_equal(by_anchor.role, labels)
    np.testing.assert_array_equal(by_anchor.truth[labels > 0], anchors[0].matched[0].objects.numpy()[labels > 0])
    rows = regions[0].every[0].rows.numpy()
    np.testing.assert_array_equal(np.flatnonzero(by_region.is_chosen), rows)
    np.testing.assert_array_equal(by_region.boxes[rows], regions[0].regions[0].numpy())
    classes = np.where(by_region.role == 1, by_region.truth_classes[by_region.truth] + 1, 0)
    np.testing.assert_array_equal(classes[rows], regions[0].classes[0].numpy())
    targets = [each for each in stages if isinstance(each, MaskTargets)]
    assert len(targets) == (name == "mask_rcnn") == len(masks)
    if targets:
        np.testing.assert_array_equal(targets[0].cells, masks[0][0].numpy())
        assert len(targets[0].truth) == len(targets[0].cells) > 0
        assert targets[0].cells.shape[1:] == (28, 28)
        np.testing.assert_array_equal(targets[0].truth_classes, by_anchor.truth_classes[targets[0].truth])


def test_other_seeds_sample_others() -> None:
    found = network("faster_rcnn")
    batch = batch_of(found)
    assert isinstance(found, Teaching)
    chosen = []
    for seed in (1, 2):
        with held_in_training(found):
            stages = found.lessons(batch.pictures[0], batch.truths[0], Share(seeds=(seed,)))
        chosen.append(taught(stages)[0].is_chosen)
    assert (chosen[0] != chosen[1]).any()


@pytest.mark.parametrize("name", ["ssd", "retinanet"])
def test_anchors_are_matched_as_the_loss_matches_them(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = network(name)
    matched, learned = recorded(monkeypatch, found, "matched"), None
    if name == "ssd":
        learned = recorded(monkeypatch, ssd, "_hardest")
    loss(found)
    (by_anchor,) = taught(lessons(found))
    own = matched[0].numpy()
    np.testing.assert_array_equal(by_anchor.truth, np.maximum(own, -1))
    np.testing.assert_array_equal(by_anchor.role == -1, own == -2)
    if learned is None:
        np.testing.assert_array_equal(by_anchor.is_chosen, own != -2)
    else:
        np.testing.assert_array_equal(by_anchor.is_chosen, learned[0][0].numpy() | (own >= 0))


def test_retinanet_loses_what_torchvisions_own_matching_loses() -> None:
    found = network("retinanet")
    model: Any = found.get_submodule("model")
    batch = batch_of(found)
    with held_in_training(found):
        ours = found.loss(batch.pictures, batch.truths)
        features = found.features(batch.pictures)  # type: ignore[operator]
        levels = list(model.backbone.fpn(features.levels).values())
        anchors = model.anchor_generator(model.transform.batched(batch.pictures), levels)
        truths = [{"boxes": each.boxes, "labels": each.class_indices} for each in batch.truths]
        theirs = model.compute_loss(truths, model.head(levels), anchors)
    assert torch.equal(ours["loss_class"], theirs["classification"])
    assert torch.equal(ours["loss_box"], theirs["bbox_regression"])


@pytest.mark.parametrize("name", ["yolo", "yolo paper", "yolo paper priors"])
def test_priors_are_those_that_the_assigner_of_the_loss_chooses(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = network(name)
    own = found.options.assigner  # type: ignore[union-attr]
    given: list[Any] = []
    original = assigning.ASSIGNERS[str(own)]

    def told(*args: Any) -> Any:
        given.append(original(*args))
        return given[-1]

    monkeypatch.setitem(assigning.ASSIGNERS, str(own), told)
    loss(found)
    first, second = taught(lessons(found))
    assert {first.name, second.name} == {"taught_simota", "taught_paper"}
    assert first.name == f"taught_{own}"
    np.testing.assert_array_equal(np.flatnonzero(first.role == 1), given[0].rows.numpy())
    np.testing.assert_array_equal(first.truth[first.role == 1], given[0].objects.numpy())
    np.testing.assert_array_equal(first.role == -1, given[0].is_ignored.numpy())


def test_the_cheapest_bids_get_the_objects() -> None:
    """By hand: k of each object is the sum of its ten best IoUs, and the k cheapest answer; the cheaper one wins."""
    stages = lessons(network("yolo"))
    made = next(each for each in taught(stages) if each.by == "SimOTA")
    assert made.bid_rows is not None
    assert made.bid_costs is not None
    assert made.bid_ious is not None
    assert made.n_wanted is not None
    wanting: dict[int, list[tuple[float, int]]] = {}
    for at, (cost, iou, k) in enumerate(zip(made.bid_costs, made.bid_ious, made.n_wanted.tolist(), strict=True)):
        assert k == max(int(np.sort(iou)[::-1][:10].astype(np.float64).sum() + 1e-6), 1)
        for candidate in np.argsort(cost, kind="stable")[:k]:
            if np.isfinite(cost[candidate]):
                wanting.setdefault(int(made.bid_rows[candidate]), []).append((float(cost[candidate]), at))
    expected = {row: min(asked)[1] for row, asked in wanting.items()}
    rows = np.flatnonzero(made.role == 1)
    assert dict(zip(rows.tolist(), made.truth[rows].tolist(), strict=True)) == expected


def test_bids_are_of_cells_near_the_objects_centres() -> None:
    torch.manual_seed(1)
    cells = torch.stack(torch.meshgrid(torch.arange(8.0), torch.arange(8.0), indexing="xy"), -1).view(-1, 2)
    grid = Grid(cells, torch.full((64,), 8.0), torch.full((64, 2), 8.0))
    centres = grid.centres
    boxes = torch.cat([centres - 8, centres + 8], 1)
    wanted = Wanted(torch.tensor([[10.0, 12, 30, 30], [40, 40, 52, 60]]), torch.tensor([1, 0]))
    made = assigning.bids(grid, Guessed(boxes, torch.randn(64), torch.randn(64, 2)), wanted)
    for at, row in enumerate(made.rows.tolist()):
        for number, box in enumerate(wanted.boxes):
            near = bool(((centres[row] - (box[:2] + box[2:]) / 2).abs() < 12).all())
            assert bool(made.may[number, at]) == near
            iou = float(box_iou(boxes[row][None], box[None])) if near else 0.0
            assert float(made.iou[number, at]) == pytest.approx(iou)
    assert replace(made, rows=made.rows).may.any(dim=0).all()
