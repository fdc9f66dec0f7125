"""Watched passes of the one-stage networks: nothing changes, every replay is the network's own, boxes have anchors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torchvision.ops import batched_nms

from engine import pictures
from engine.detecting import ready_made
from engine.detecting.ready_made import Foreign
from engine.detectors import DETECTORS, Network, Traceable, Watched
from engine.detectors._dense import DenseNetwork
from engine.detectors._picking import Limits, picked
from engine.detectors._yolo_choices import Options
from engine.detectors.yolo import DETECTOR as YOLO
from engine.detectors.yolo import Yolo
from engine.tracing.decoding import cut_to_picture, decoded
from engine.tracing.rules import LeastScore, Most, Nms, TopK
from engine.tracing.selecting import is_own, replay
from engine.tracing.stages import Anchors, FeatureMaps, Floats, Input, Scores, Selection
from engine.tracing.trace import Origin, Trace
from tests.engine.detectors.scenes import Scenes
from tests.engine.detectors.test_contract import build
from tests.engine.detectors.test_tracing_rcnn import same, untraced

PICTURE = torch.from_numpy(Scenes().train[0].picture).permute(2, 0, 1)
WIDE = torch.nn.functional.interpolate(PICTURE[None].float(), (70, 150))[0].byte()
ORIGIN = Origin("", "", ("disk", "bar", "ring"), (7, 3, 5), "cpu")
NAMES = ("ssd", "retinanet", "yolo", "yolo with priors")


def network(name: str) -> Network:
    """With random weights whose head says something else of every place, certain enough to be kept often."""
    torch.manual_seed(0)
    if name == "yolo with priors":
        found: Network = YOLO.build(Options(input_side=96, mode="fitted_priors", priors_per_cell=2), 3)
    else:
        found = build(name, 3)
    for own, layer in _last_layers(found):
        nn.init.normal_(layer.weight, std=0.4 if isinstance(found, Yolo) else 0.05)
        if layer.bias is not None:
            nn.init.constant_(layer.bias, 1.6 if "box_terms" in own else -0.5)
    return found.eval()


def _last_layers(found: Network) -> list[tuple[str, nn.Conv2d]]:
    head = found.body.head if isinstance(found, Yolo) else found.get_submodule("model.head")
    names = ("class_logits", "objectness", "box_terms", "cls_logits", "bbox_reg", "module_list")
    return [
        (name, each)
        for name, each in head.named_modules()
        if isinstance(each, nn.Conv2d) and each.kernel_size in ((1, 1), (3, 3)) and any(own in name for own in names)
    ]


@pytest.fixture(scope="module", params=NAMES)
def made(request: pytest.FixtureRequest) -> Network:
    return network(request.param)


@torch.inference_mode()
def watched(found: Network, picture: Tensor = PICTURE) -> Watched:
    assert isinstance(found, Traceable)
    return found.watch(picture)


def trace_of(found: Network, picture: Tensor = PICTURE) -> Trace:
    return Trace(ORIGIN, watched(found, picture).stages())


def parts(trace: Trace) -> tuple[Anchors, Scores, Selection]:
    return trace.first(Anchors), trace.first(Scores), trace.first(Selection)


def test_every_detector_can_be_watched() -> None:
    assert all(isinstance(build(name, 2), Traceable) for name in DETECTORS.names())


@pytest.mark.parametrize("picture", [PICTURE, WIDE])
def test_watching_changes_nothing(made: Network, picture: Tensor) -> None:
    before = untraced(made, picture)
    found = watched(made, picture)
    assert len(before.boxes) > 5
    assert same(found.detected, before)
    assert same(untraced(made, picture), before)


@pytest.mark.parametrize("picture", [PICTURE, WIDE])
def test_the_replay_is_the_networks_own(made: Network, picture: Tensor) -> None:
    trace = trace_of(made, picture)
    _, scores, own = parts(trace)
    assert [stage.name for stage in trace.stages] == ["input", "features", "anchors", "scores", "detections"]
    found = replay(scores, own)
    assert is_own(found, own)
    nms = next(at for at, rule in enumerate(own.rules) if isinstance(rule, Nms))
    assert found.n_cut(nms) > 0, "nothing was suppressed: the test says little"


def test_kept_values_are_those_of_their_rows(made: Network) -> None:
    _, scores, own = parts(trace_of(made))
    np.testing.assert_array_equal(scores.boxes[own.kept_rows], own.kept_boxes)
    np.testing.assert_array_equal(scores.scores[own.kept_rows, own.kept_classes], own.kept_scores)


@pytest.mark.parametrize("picture", [PICTURE, WIDE])
def test_every_box_is_its_anchor_moved_by_its_terms(made: Network, picture: Tensor) -> None:
    trace = trace_of(made, picture)
    anchors, scores, _ = parts(trace)
    strides = np.asarray(anchors.strides, np.float32)[anchors.level]
    boxes = decoded(scores, anchors.boxes[scores.parent], strides[scores.parent])
    if scores.coding == "centre_size":
        boxes = cut_to_picture(boxes, trace.input)
    np.testing.assert_allclose(boxes, scores.boxes, rtol=1e-4, atol=1e-3)
    np.testing.assert_array_equal(scores.level, anchors.level[scores.parent])


def test_every_anchor_stands_at_its_cell(made: Network) -> None:
    anchors, _, _ = parts(trace_of(made))
    strides = np.asarray(anchors.strides)[anchors.level]
    middles = (anchors.boxes[:, :2] + anchors.boxes[:, 2:]) / 2
    shift = 0.5 if isinstance(made, Yolo) else 0.0
    np.testing.assert_allclose(middles, (anchors.cell + shift) * strides[:, None], atol=1e-3)
    for level, (rows, columns, k) in enumerate(anchors.grids):
        places = np.column_stack([anchors.cell, anchors.slot])[anchors.level == level]
        assert len(np.unique(places, axis=0)) == len(places) == rows * columns * k
        assert (places.max(axis=0) == (columns - 1, rows - 1, k - 1)).all()
        shapes = (anchors.boxes[:, 2:] - anchors.boxes[:, :2])[anchors.level == level].round(3)
        assert len(np.unique(np.column_stack([places[:, 2], shapes]), axis=0)) == k, "a slot has one shape"


def test_cells_are_as_far_apart_as_their_level_says(made: Network) -> None:
    anchors, _, _ = parts(trace_of(made))
    for level, stride in enumerate(anchors.strides):
        assert anchors.step(level) == pytest.approx((stride, stride))


def test_scores_are_their_logits_activated(made: Network) -> None:
    _, scores, _ = parts(trace_of(made))
    logits = torch.from_numpy(scores.logits)
    expected = logits.softmax(1)[:, 1:] if scores.activation == "softmax" else logits.sigmoid()
    if scores.objectness is not None:
        expected = expected * torch.from_numpy(scores.objectness).sigmoid()[:, None]
    np.testing.assert_allclose(scores.scores, expected.numpy(), rtol=1e-5, atol=1e-7)


def test_the_picture_and_the_levels_are_as_the_network_saw_them(made: Network) -> None:
    trace = trace_of(made)
    seen, maps, anchors = trace.first(Input), trace.first(FeatureMaps), trace.first(Anchors)
    assert seen.size == (96, 96)
    assert seen.picture.shape[:2] == (96, 96)
    np.testing.assert_array_equal(seen.picture, PICTURE.permute(1, 2, 0).numpy())
    assert [level.shape[1:] for level in maps.levels] == [grid[:2] for grid in anchors.grids]
    assert maps.strides == anchors.strides
    for level, stride in zip(maps.levels, maps.strides, strict=True):
        assert abs(level.shape[1] * stride - seen.frame[0]) <= stride


def test_boxes_of_the_result_go_back_to_the_picture(made: Network) -> None:
    found = watched(made, WIDE)
    trace = Trace(ORIGIN, found.stages())
    own, (across, down) = trace.first(Selection), trace.input.scale_xy
    back = own.kept_boxes / np.asarray([across, down, across, down])
    height, width = trace.input.size
    back = back.clip(0, [width, height, width, height])
    np.testing.assert_allclose(back, found.detected.boxes.numpy(), atol=1e-3)


def test_each_family_says_what_its_cells_guess_from() -> None:
    called = {name: parts(trace_of(network(name)))[0].called for name in NAMES}
    wanted = {"ssd": "default boxes", "retinanet": "anchors", "yolo": "cells", "yolo with priors": "priors"}
    assert called == wanted


def test_the_rules_carry_the_networks_own_numbers() -> None:
    found = network("ssd")
    assert isinstance(found, DenseNetwork)
    options = found.options
    assert parts(trace_of(found))[2].rules == (
        LeastScore(options.score_threshold),
        TopK(2 * options.detections_per_image, "class"),
        Nms(options.nms_iou, "class", first_group=1),
        Most(options.detections_per_image),
    )


def _drawn(n: int, n_classes: int, steps: int) -> tuple[Tensor, Tensor]:
    torch.manual_seed(n)
    corner = torch.randint(0, 40, (n, 2)).float()
    boxes = torch.cat([corner, corner + torch.randint(4, 20, (n, 2))], dim=1)
    return boxes, torch.randint(0, steps, (n, n_classes)).float() / steps


@pytest.mark.parametrize("n_candidates", [20, 100, 5000])
def test_of_equal_scores_the_order_of_the_network_is_known(n_candidates: int) -> None:
    """Many scores are equal here, and the top-k cuts through them in an order of its own."""
    boxes, scores = _drawn(400, 3, 8)
    limits = Limits(0.3, n_candidates, 0.5, 100, first_class=0)
    rows, classes = (scores > limits.score).nonzero(as_tuple=True)
    best = scores[rows, classes].topk(min(len(rows), n_candidates))
    rows, classes = rows[best.indices], classes[best.indices]
    kept = batched_nms(boxes[rows], best.values, classes, limits.iou)[: limits.n_most]
    own = (boxes[rows[kept]], best.values[kept], classes[kept])
    found = picked(boxes, scores, [slice(0, scores.numel())], limits, own)
    assert torch.equal(found.rows, rows[kept])
    assert found.rank is not None
    stage = Scores(
        name="scores", of="anchors", parent=np.arange(400), logits=_floats(scores), scores=_floats(scores),
        terms=_floats(boxes), boxes=_floats(boxes), level=np.zeros(400, np.int64), activation="sigmoid",
        coding="centre_size", weights=(1.0, 1.0, 1.0, 1.0), rank=found.rank.numpy(),
    )  # fmt: skip
    rules = (LeastScore(limits.score), TopK(n_candidates, "all"), Nms(limits.iou, "class"), Most(limits.n_most))
    selection = Selection(
        name="detections", of="scores", rules=rules, kept_rows=found.rows.numpy(), kept_classes=own[2].numpy(),
        kept_boxes=_floats(own[0]), kept_scores=_floats(own[1]),
    )  # fmt: skip
    assert is_own(replay(stage, selection), selection)


def test_rows_are_found_by_their_values_where_the_steps_end_elsewhere() -> None:
    boxes, scores = _drawn(50, 2, 1000)
    limits = Limits(0.3, 40, 0.5, 100, first_class=0)
    first = picked(boxes, scores, [slice(0, 100)], limits, (boxes[:0], scores[:0, 0], torch.zeros(0).long()))
    best = scores.flatten().topk(3).indices.flip(0)
    own = (boxes[best // 2], scores.flatten()[best], best % 2)
    assert torch.equal(picked(boxes, scores, [slice(0, 100)], limits, own).rows, best // 2)
    assert len(first.rows) == 0


def _floats(values: Tensor) -> Floats:
    array: Floats = values.float().numpy()
    return array


def test_yolox_on_a_real_picture(shared: Path) -> None:
    found = ready_made.predictor(Foreign("yolo", shared / "weights" / "yolox_nano_coco.pth"), torch.device("cpu"))
    path = sorted((shared / "data").glob("coco_mini/**/*.jpg"))[0]
    picture = torch.from_numpy(pictures.decode(path)).permute(2, 0, 1)
    assert same(watched(found.network, picture).detected, untraced(found.network, picture))
    _, scores, own = parts(trace_of(found.network, picture))
    assert is_own(replay(scores, own), own)
    assert scores.n_classes == 80
