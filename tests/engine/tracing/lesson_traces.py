"""Small synthetic traces of training, drawn by chance: of two stages with masks, and of one with two assigners."""

from __future__ import annotations

import numpy as np

from engine.tracing.selecting import overlaps
from engine.tracing.stages import Anchors, Floats, MaskTargets, Pooling, Taught
from engine.tracing.trace import Trace
from tests.engine.tracing.traces import Made, one_stage, two_stages

_TRUTHS = np.array([[10, 10, 40, 40], [60, 20, 110, 80]], np.float32)


def two_stage_lesson() -> Trace:
    """Anchors, regions and mask targets."""
    made = two_stages(Made(has_masks=True))
    anchors = made.first(Anchors)
    taught = _taught("taught_anchors", "anchors", "IoU", anchors.boxes)
    regions = _taught("taught_regions", "regions", "IoU", made.first(Pooling).boxes)
    on = np.flatnonzero(regions.role == 1)
    chance = np.random.default_rng(1)
    masks = MaskTargets(
        name="mask_targets", cells=chance.random((len(on), 28, 28)).astype(np.float32), boxes=regions.boxes[on],
        truth=regions.truth[on], truth_classes=np.zeros(len(on), np.int64),
    )  # fmt: skip
    return Trace(made.origin, (made.input, anchors, taught, regions, masks))


def one_stage_lesson() -> Trace:
    """Both assigners of a YOLO."""
    made = one_stage()
    anchors = made.first(Anchors)
    boxes = anchors.boxes
    paper, simota = (_taught(f"taught_{name}", "anchors", by, boxes) for name, by in
                     (("paper", "Responsible cell"), ("simota", "SimOTA")))  # fmt: skip
    rows = np.flatnonzero(simota.role == 1)
    costs = np.random.default_rng(2).random((2, len(rows))).astype(np.float32)
    costs[0, : len(rows) // 2] = np.inf
    bids = Taught(
        name=simota.name, of=simota.of, by=simota.by, boxes=boxes, role=simota.role, truth=simota.truth,
        is_chosen=simota.is_chosen, truth_boxes=simota.truth_boxes, truth_classes=simota.truth_classes,
        bid_rows=rows, bid_costs=costs, bid_ious=np.zeros_like(costs), n_wanted=np.array([2, 3]),
    )  # fmt: skip
    return Trace(made.origin, (made.input, anchors, bids, paper))


def _taught(name: str, of: str, by: str, boxes: Floats) -> Taught:
    ious = np.nan_to_num(overlaps(_TRUTHS, boxes))
    most = ious.max(axis=0)
    role = np.where(most >= 0.2, 1, np.where(most < 0.1, 0, -1))
    chance = np.random.default_rng(0)
    return Taught(
        name=name, of=of, by=by, boxes=boxes, role=role, truth=np.where(role == 1, ious.argmax(axis=0), -1),
        is_chosen=(role >= 0) & (chance.random(len(role)) < 0.7), truth_boxes=_TRUTHS,
        truth_classes=np.array([0, 1]),
    )  # fmt: skip
