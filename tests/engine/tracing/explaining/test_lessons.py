"""What is said of training: the counts are those of the stage, and every printed sum comes out."""

import numpy as np

from engine.tracing.explaining import explained
from engine.tracing.stages import Anchors, MaskTargets, Taught
from engine.tracing.trace import Trace
from tests.engine.tracing import traces
from tests.engine.tracing.explaining.arithmetic import holds

PASS = traces.one_stage()


def lesson(*, has_bids: bool) -> Trace:
    """Of two objects; SimOTA's bids are of the first four anchors."""
    anchors = PASS.first(Anchors)
    n = len(anchors.boxes)
    role = np.zeros(n, np.int64)
    role[:3], role[3:8] = 1, -1
    ious = np.array([[0.9, 0.8, 0.7, 0.05], [0.0, 0.0, 0.2, 0.0]], np.float32)
    taught = Taught(
        name="taught", of="anchors", by="SimOTA" if has_bids else "IoU", boxes=anchors.boxes, role=role,
        truth=np.where(role == 1, 0, -1), is_chosen=role >= 0, truth_boxes=anchors.boxes[:2],
        truth_classes=np.zeros(2, np.int64), bid_rows=np.arange(4) if has_bids else None,
        bid_ious=ious if has_bids else None, n_wanted=np.array([2, 1]) if has_bids else None,
    )  # fmt: skip
    cells = np.zeros((1, 28, 28), np.float32)
    cells[0, :14] = 1.0
    masks = MaskTargets(name="masks", cells=cells, boxes=anchors.boxes[:1], truth=np.zeros(1, np.int64),
                        truth_classes=np.zeros(1, np.int64))  # fmt: skip
    return Trace(PASS.origin, (PASS.input, anchors, taught, masks))


def test_counts_and_sums() -> None:
    n = len(PASS.first(Anchors).boxes)
    for has_bids in (False, True):
        trace = lesson(has_bids=has_bids)
        for stage in trace.stages:
            assert all(holds(each) for each in explained(trace, stage.name).formulas if each.numbers), stage.name
        told = explained(trace, "taught")
        assert f"Here 3 stand for an object, {n - 8:,} for background, and 5 teach nothing." in told.text
        assert ("bid" in told.text) == has_bids
        assert told.formulas[0].numbers == f"3 + {n - 8:,} + 5 = {n:,}"
    assert explained(lesson(has_bids=True), "taught").formulas[1].numbers.endswith("= 2")
    assert explained(lesson(has_bids=False), "masks").formulas[0].numbers == "392 / 784 = 0.5"
