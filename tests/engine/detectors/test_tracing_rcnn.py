"""Watched passes of the R-CNN family: nothing changes, every replay is the network's own, every box has its anchor."""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from engine.detectors import DETECTORS, Detected, Network
from engine.detectors._picking import places
from engine.detectors._rcnn import RcnnNetwork
from engine.detectors._rcnn_tracing import RcnnWatched
from engine.detectors._watching import watching
from engine.tracing.rules import LeastScore, LeastSide, Most, Nms, TopK
from engine.tracing.selecting import is_own, replay
from engine.tracing.stages import Anchors, FeatureMaps, Floats, Input, KeypointMaps, Masks, Pooling, Scores, Selection
from engine.tracing.trace import Origin, Trace
from tests.engine.detectors.scenes import Scenes
from tests.engine.detectors.test_contract import build

NAMES = ("mask_rcnn", "faster_rcnn", "keypoint_rcnn")
PICTURE = torch.from_numpy(Scenes().train[0].picture).permute(2, 0, 1)
ORIGIN = Origin("mask_rcnn", "Mask R-CNN", ("disk", "bar"), (7, 3), "cpu")


def spread(name: str, n_classes: int = 2, deviation: float = 2.0) -> RcnnNetwork:
    """A network with random weights whose heads say something else of every place; by how much their logits vary."""
    network = build(name, n_classes).eval()
    assert isinstance(network, RcnnNetwork)
    rpn, heads = network.rcnn.rpn.head, network.rcnn.roi_heads.box_predictor
    for layer, wanted in ((rpn.cls_logits, deviation), (rpn.bbox_pred, 0.5), (heads.cls_score, deviation),
                          (heads.bbox_pred, 2.0)):  # fmt: skip
        told: list[Tensor] = []
        handle = layer.register_forward_hook(lambda _, __, given, told=told: told.append(given.flatten()))
        untraced(network)
        handle.remove()
        with torch.no_grad():
            layer.weight.mul_(wanted / torch.cat(told).std())
    return network


@pytest.fixture(params=NAMES, scope="module")
def network(request: pytest.FixtureRequest) -> RcnnNetwork:
    return spread(request.param)


@torch.inference_mode()
def watched(network: RcnnNetwork, picture: Tensor = PICTURE) -> RcnnWatched:
    return network.watch(picture)


def trace_of(network: RcnnNetwork, picture: Tensor = PICTURE) -> Trace:
    return Trace(ORIGIN, watched(network, picture).stages())


@torch.inference_mode()
def untraced(network: Network, picture: Tensor = PICTURE) -> Detected:
    return network.detect([picture])[0]


def same(a: Detected, b: Detected) -> bool:
    pairs = [(getattr(a, each.name), getattr(b, each.name)) for each in fields(Detected)]
    return all(x is y if x is None or y is None else torch.equal(x, y) for x, y in pairs)


def replays_are_own(trace: Trace) -> bool:
    """Proposals from all anchors, detections from the regions."""
    found = True
    for selection in trace.all(Selection):
        scores = trace.scores_of(selection)
        rows = None if scores.is_asked is None else np.flatnonzero(scores.is_asked)
        found &= is_own(replay(scores, selection, rows), selection)
    return found


def test_a_watched_pass_finds_what_an_unwatched_one_does(network: RcnnNetwork) -> None:
    before = untraced(network)
    found = watched(network).detected
    assert len(found.boxes) > 20
    assert same(found, before)
    assert same(untraced(network), before)


def test_stages_come_by_name_in_the_order_of_the_pass(network: RcnnNetwork) -> None:
    order = ["input", "features", "anchors", "objectness", "proposals", "pooling", "regions", "detections"]
    trace = trace_of(network)
    names = [stage.name for stage in trace.stages]
    assert names[:8] == order
    layers = dict(network.rcnn.named_modules())
    assert names[8:] == [each for each in ("masks", "keypoints") if f"roi_heads.{each[:-1]}_predictor" in layers]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n_classes", [1, 7])
def test_replays_are_the_networks_own_also_where_scores_tie_by_the_hundred(name: str, n_classes: int) -> None:
    """A fresh network gives nearly every anchor the same score; cut and trained ones tie at 0 and 1."""
    fresh, sure = build(name, n_classes).eval(), spread(name, n_classes, deviation=40)
    for each in (fresh, sure, spread(name, n_classes)):
        assert isinstance(each, RcnnNetwork)
        trace = trace_of(each)
        assert replays_are_own(trace)
        for selection in trace.all(Selection):
            scores = trace.scores_of(selection)
            own = (selection.kept_rows, selection.kept_classes)
            boxes = scores.boxes[own] if scores.has_own_boxes else scores.boxes[selection.kept_rows]
            assert np.array_equal(boxes, selection.kept_boxes)
            assert np.array_equal(scores.scores[own], selection.kept_scores)
    assert (scores_of(trace_of(sure), "objectness").scores == 1).sum() > 100


def test_a_network_of_constant_scores_is_replayed() -> None:
    network = spread("faster_rcnn")
    with torch.no_grad():
        network.rcnn.rpn.head.cls_logits.weight.zero_()
        network.rcnn.roi_heads.box_predictor.cls_score.weight.zero_()
    trace = trace_of(network)
    assert len(np.unique(scores_of(trace, "objectness").scores)) <= 3
    assert replays_are_own(trace)


def scores_of(trace: Trace, name: str) -> Scores:
    found = trace.named(name)
    assert isinstance(found, Scores)
    return found


def selection_of(trace: Trace, name: str) -> Selection:
    found = trace.named(name)
    assert isinstance(found, Selection)
    return found


def naive_box(anchor: Floats, terms: Floats, weights: tuple[float, ...], size: tuple[int, int]) -> list[float]:
    """An anchor moved by its terms and cut to the picture, number by number."""
    x0, y0, x1, y1 = (float(each) for each in anchor)
    dx, dy, dw, dh = (float(term) / weight for term, weight in zip(terms, weights, strict=True))
    limit = math.log(1000 / 16)
    x, y = x0 + (x1 - x0) / 2 + dx * (x1 - x0), y0 + (y1 - y0) / 2 + dy * (y1 - y0)
    w, h = math.exp(min(dw, limit)) * (x1 - x0), math.exp(min(dh, limit)) * (y1 - y0)
    edges = (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
    return [min(max(edge, 0), size[1 - at % 2]) for at, edge in enumerate(edges)]


def test_every_detection_goes_back_to_its_cell_and_is_made_again_from_its_anchor(network: RcnnNetwork) -> None:
    trace = trace_of(network)
    anchors, first, second = trace.first(Anchors), scores_of(trace, "objectness"), scores_of(trace, "regions")
    size = trace.input.picture.shape[:2]
    detections = selection_of(trace, "detections")
    assert len(detections.kept_rows) > 20
    for row, kind, box in zip(detections.kept_rows, detections.kept_classes, detections.kept_boxes, strict=True):
        anchor = first.parent[second.parent[row]]
        assert anchors.level[anchor] == second.level[row]
        guess = naive_box(anchors.boxes[anchor], first.terms[anchor], first.weights, (size[0], size[1]))
        assert guess == pytest.approx(first.boxes[anchor].tolist(), abs=1e-3)
        again = naive_box(first.boxes[anchor], second.terms[row, kind], second.weights, (size[0], size[1]))
        assert again == pytest.approx(box.tolist(), abs=1e-3)


def test_anchors_lie_on_the_corner_of_their_cell_with_the_shape_of_their_slot(network: RcnnNetwork) -> None:
    anchors = trace_of(network).first(Anchors)
    height, width = 96, 96
    at = 0
    for level, (rows, columns, k) in enumerate(anchors.grids):
        side = network.options.anchor_sides[level]
        for row in range(rows):
            for column in range(columns):
                for slot in range(k):
                    ratio = network.options.anchor_ratios[slot]
                    half = [round(side / math.sqrt(ratio) / 2), round(side * math.sqrt(ratio) / 2)]
                    x, y = column * (width // columns), row * (height // rows)
                    expected = [x - half[0], y - half[1], x + half[0], y + half[1]]
                    assert anchors.boxes[at].tolist() == expected
                    assert (anchors.level[at], *anchors.cell[at], anchors.slot[at]) == (level, column, row, slot)
                    at += 1
    assert at == len(anchors.boxes)


def test_scores_are_the_activation_of_their_logits(network: RcnnNetwork) -> None:
    trace = trace_of(network)
    first, second = scores_of(trace, "objectness"), scores_of(trace, "regions")
    assert np.allclose(first.scores, 1 / (1 + np.exp(-first.logits.astype(np.float64))))
    powers = np.exp(second.logits.astype(np.float64))
    assert np.allclose(second.scores, (powers / powers.sum(axis=1, keepdims=True))[:, 1:])


def test_regions_are_the_proposals_and_are_looked_up_where_the_network_does(network: RcnnNetwork) -> None:
    seen = watched(network)
    trace = Trace(ORIGIN, seen.stages())
    pooling, proposals = trace.first(Pooling), selection_of(trace, "proposals")
    assert np.array_equal(scores_of(trace, "regions").parent, proposals.kept_rows)
    assert np.array_equal(pooling.boxes, proposals.kept_boxes)
    maps = trace.first(FeatureMaps).levels
    for box, level in zip(pooling.boxes, pooling.level, strict=True):
        side = math.sqrt((box[2] - box[0]) * (box[3] - box[1]))
        wanted = math.floor(pooling.canonical_level + math.log2(side / pooling.canonical_side) + 1e-6)
        assert level == min(max(wanted - 2, 0), len(pooling.strides) - 1)
        assert pooling.strides[level] == 96 / maps[level].shape[1]


def test_the_input_is_the_scaled_picture(network: RcnnNetwork) -> None:
    picture = PICTURE[:, :60, :90]
    seen = trace_of(network, picture).first(Input)
    assert (seen.size, seen.frame) == ((60, 90), (96, 160))
    expected = interpolate(picture[None].float(), (96, 144), mode="bilinear", align_corners=False)[0]
    assert np.abs(seen.picture.transpose(2, 0, 1).astype(float) - expected.numpy()).max() <= 0.6
    assert seen.scale_xy == (1.6, 1.6)


def test_what_is_seen_is_what_the_network_computes_on(network: RcnnNetwork) -> None:
    maps = trace_of(network).first(FeatureMaps)
    with torch.inference_mode():
        batch, _ = network.rcnn.transform([PICTURE.float() / 255])
        levels = list(network.rcnn.backbone(batch.tensors).values())
    assert [each.shape[0] for each in maps.levels] == [32] * 5
    assert maps.strides == (4, 8, 16, 32, 64)
    assert all(np.array_equal(a, b[0].numpy()) for a, b in zip(maps.levels, levels, strict=True))


@torch.inference_mode()
def given_to(network: RcnnNetwork, boxes: Floats) -> Tensor:
    """The class logits of regions that the second stage is really given, by torchvision's own way through it."""
    batch, _ = network.rcnn.transform([PICTURE.float() / 255])
    features, heads = network.rcnn.backbone(batch.tensors), network.rcnn.roi_heads
    with watching(heads, ["postprocess_detections"]) as calls:
        heads(features, [torch.from_numpy(boxes)], batch.image_sizes)
    logits: Tensor = calls["postprocess_detections"].args[0]
    return logits


def test_rules_are_those_of_the_options(network: RcnnNetwork) -> None:
    trace, options = trace_of(network), network.options
    n = options.proposals_detect
    assert selection_of(trace, "proposals").rules == (
        TopK(2 * n, "level"), LeastSide(1e-3), LeastScore(0.0, is_inclusive=True), Nms(0.7, "level"), Most(n),
    )  # fmt: skip
    assert selection_of(trace, "detections").rules == (
        LeastScore(options.score_threshold), LeastSide(1e-2), Nms(options.nms_iou, "class", first_group=1),
        Most(options.detections_per_image),
    )  # fmt: skip


def test_asked_more_adds_every_candidate_as_the_network_would_judge_it(network: RcnnNetwork) -> None:
    seen = watched(network)
    trace, more = Trace(ORIGIN, seen.stages()), Trace(ORIGIN, seen.asked_more())
    own, asked = scores_of(trace, "regions"), scores_of(more, "regions")
    n = len(own.parent)
    assert asked.is_asked is not None and asked.is_asked.tolist() == [True] * n + [False] * (len(asked.parent) - n)
    for name in ("parent", "logits", "scores", "terms", "boxes", "level"):
        assert np.array_equal(getattr(asked, name)[:n], getattr(own, name))
    first = scores_of(more, "objectness")
    assert np.array_equal(more.first(Pooling).boxes, first.boxes[asked.parent])
    assert np.allclose(given_to(network, first.boxes[asked.parent[n:]]), asked.logits[n:], atol=1e-4)
    assert set(asked.parent.tolist()) == naive_candidates(trace)
    assert len(set(asked.parent.tolist())) == len(asked.parent) > n
    assert replays_are_own(more)


def naive_candidates(trace: Trace) -> set[int]:
    """The best of each level by logit, in so far as they have a width and a height."""
    first, proposals = scores_of(trace, "objectness"), selection_of(trace, "proposals")
    top, least = proposals.rules[0], proposals.rules[1]
    assert isinstance(top, TopK) and isinstance(least, LeastSide)
    found = set[int]()
    for level in set(first.level.tolist()):
        rows = [row for row in range(len(first.level)) if first.level[row] == level]
        found |= set(sorted(rows, key=lambda row: -first.logits[row, 0])[: top.n])
    sides = first.boxes[:, 2:] - first.boxes[:, :2]
    return {row for row in found if min(sides[row]) >= least.value}


def test_any_boxes_can_be_asked_about(network: RcnnNetwork) -> None:
    seen = watched(network)
    trace = Trace(ORIGIN, seen.stages())
    boxes, parent = selection_of(trace, "proposals").kept_boxes, selection_of(trace, "proposals").kept_rows
    pooling, regions = seen.asked_about(boxes[::-1], parent[::-1])
    assert isinstance(pooling, Pooling) and isinstance(regions, Scores)
    own = scores_of(trace, "regions")
    assert np.array_equal(pooling.level[::-1], trace.first(Pooling).level)
    assert np.array_equal(regions.parent[::-1], own.parent)
    assert np.allclose(regions.scores[::-1], own.scores, atol=1e-5)
    assert np.allclose(regions.boxes[::-1], own.boxes, atol=1e-3)
    assert regions.is_asked is not None and not regions.is_asked.any()


def test_more_boxes_than_are_asked_about_at_once(network: RcnnNetwork) -> None:
    seen = watched(network)
    boxes = np.tile(scores_of(Trace(ORIGIN, seen.stages()), "objectness").boxes[:7], (300, 1))
    _, regions = seen.asked_about(boxes, np.tile(np.arange(7), 300))
    assert isinstance(regions, Scores)
    assert np.allclose(regions.scores, np.tile(regions.scores[:7], (300, 1)), atol=1e-5)


def test_nothing_can_be_asked_about_nothing(network: RcnnNetwork) -> None:
    seen = watched(network)
    none, rows = np.zeros((0, 4), np.float32), np.zeros(0, np.int64)
    _, regions = seen.asked_about(none, rows)
    assert isinstance(regions, Scores)
    assert regions.scores.shape == (0, 2) and regions.boxes.shape == (0, 2, 4)
    for asked in (seen.masks_of(none, rows), seen.keypoints_of(none, rows)):
        assert asked is None or len(asked.logits) == 0


def test_what_the_last_heads_say_is_what_was_found() -> None:
    masks, points = (watched(spread(name)) for name in ("mask_rcnn", "keypoint_rcnn"))
    logits = Trace(ORIGIN, masks.stages()).first(Masks).logits
    assert masks.detected.masks is not None and points.detected.keypoints is not None
    assert torch.equal(torch.from_numpy(logits).sigmoid(), masks.detected.masks)
    maps = Trace(ORIGIN, points.stages()).first(KeypointMaps)
    assert maps.logits.shape == (len(points.detected.boxes), 2, 56, 56)
    assert np.array_equal(maps.points, points.detected.keypoints)  # the picture has the size of the model's


def test_keypoints_are_in_model_pixels() -> None:
    seen = watched(spread("keypoint_rcnn"), PICTURE[:, :60, :90])
    maps = Trace(ORIGIN, seen.stages()).first(KeypointMaps)
    assert seen.detected.keypoints is not None
    assert np.allclose(maps.points[..., :2] / 1.6, seen.detected.keypoints[..., :2], atol=1e-3)
    assert np.array_equal(maps.points[..., 2], seen.detected.keypoints[..., 2])
    assert set(maps.points[..., 2].ravel().tolist()) == {0.0, 2.0}


def test_masks_and_points_of_other_boxes_are_those_that_the_network_would_give() -> None:
    for name in ("mask_rcnn", "keypoint_rcnn", "faster_rcnn"):
        seen = watched(spread(name))
        trace = Trace(ORIGIN, seen.stages())
        own = selection_of(trace, "detections")
        boxes, classes = np.repeat(own.kept_boxes, 4, axis=0), np.repeat(own.kept_classes, 4)
        masks, maps = seen.masks_of(boxes, classes), seen.keypoints_of(boxes, classes)
        assert (masks is not None, maps is not None) == (name == "mask_rcnn", name == "keypoint_rcnn")
        if masks is not None:
            assert np.allclose(masks.logits[::4], trace.first(Masks).logits, atol=1e-4)
        if maps is not None:
            assert np.allclose(maps.logits[::4], trace.first(KeypointMaps).logits, atol=1e-4)
            assert np.array_equal(maps.points[::4], trace.first(KeypointMaps).points)


def test_a_keypoint_network_whose_classes_have_no_points_is_one_of_boxes() -> None:
    options = DETECTORS.get("keypoint_rcnn").options(min_side=96, n_keypoints=(0, 0))
    network = DETECTORS.get("keypoint_rcnn").build(options, 2).eval()
    assert isinstance(network, RcnnNetwork)
    assert trace_of(network).stages[-1].name == "detections"


@pytest.mark.parametrize("size", [(1, 1), (3, 700), (700, 3), (33, 40), (1500, 1100)])
def test_the_strangest_pictures_are_traced(network: RcnnNetwork, size: tuple[int, int]) -> None:
    picture = torch.randint(0, 255, (3, *size), dtype=torch.uint8, generator=torch.Generator().manual_seed(3))
    seen = watched(network, picture)
    trace = Trace(ORIGIN, seen.stages())
    assert same(seen.detected, untraced(network, picture))
    assert replays_are_own(trace)
    assert replays_are_own(Trace(ORIGIN, seen.asked_more()))
    assert trace.input.size == size
    assert sum(rows * columns * k for rows, columns, k in trace.first(Anchors).grids) == len(trace.first(Anchors).boxes)


def test_no_proposals_make_no_detections(network: RcnnNetwork) -> None:
    rpn, before = network.rcnn.rpn, network.rcnn.rpn.score_thresh
    rpn.score_thresh = 2.0
    try:
        seen = watched(network)
        trace, more = Trace(ORIGIN, seen.stages()), Trace(ORIGIN, seen.asked_more())
        assert same(seen.detected, untraced(network))
    finally:
        rpn.score_thresh = before
    regions = scores_of(trace, "regions")
    assert (len(regions.scores), regions.boxes.shape, regions.terms.shape) == (0, (0, 2, 4), (0, 2, 4))
    assert [len(each.kept_rows) for each in trace.all(Selection)] == [0, 0]
    assert replays_are_own(trace) and replays_are_own(more)
    asked = scores_of(more, "regions")
    assert asked.is_asked is not None and len(asked.scores) > 100 and not asked.is_asked.any()


def test_no_detections_leave_all_the_rest(network: RcnnNetwork) -> None:
    heads, before = network.rcnn.roi_heads, network.rcnn.roi_heads.score_thresh
    heads.score_thresh = 1.5
    try:
        trace = trace_of(network)
    finally:
        heads.score_thresh = before
    assert len(selection_of(trace, "detections").kept_rows) == 0
    assert len(scores_of(trace, "regions").scores) == 100
    assert all(len(stage.logits) == 0 for stage in trace.stages if isinstance(stage, Masks | KeypointMaps))
    assert replays_are_own(trace)


def test_the_network_is_left_as_it_was(network: RcnnNetwork) -> None:
    def marks() -> list[object]:
        hooks = [len(module._forward_hooks) for module in network.modules()]
        owners = (
            network.rcnn.rpn,
            network.rcnn.roi_heads,
            network.rcnn.rpn.box_coder,
            network.rcnn.roi_heads.box_coder,
        )
        return [hooks, [sorted(vars(each)) for each in owners]]

    before = marks()
    watched(network)
    assert marks() == before
    with pytest.raises(ValueError, match="3d tensors"):
        watched(network, PICTURE[None])
    assert marks() == before


def test_rows_are_found_by_value_where_the_steps_end_elsewhere() -> None:
    values = [torch.tensor([[0.0, 0, 1, 1], [2, 2, 3, 3], [4, 4, 5, 5]]), torch.tensor([0.5, 0.5, 0.7])]
    own = [each[[2, 0]] for each in values]
    assert places(values, torch.tensor([2, 0]), own).tolist() == [2, 0]
    assert places(values, torch.tensor([0, 1]), own).tolist() == [2, 0]
    assert places(values, torch.tensor([0]), own).tolist() == [2, 0]


def test_what_is_kept_is_shared_and_not_copied() -> None:
    seen = watched(spread("faster_rcnn"))
    maps = Trace(ORIGIN, seen.stages()).first(FeatureMaps).levels
    kept = list(seen.calls["backbone"].given.values())
    assert all(a.__array_interface__["data"][0] == b.data_ptr() for a, b in zip(maps, kept, strict=True))
