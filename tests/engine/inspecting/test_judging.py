"""An outcome beside the annotations, on pictures small enough to count by hand."""

from __future__ import annotations

import numpy as np
import pytest

from engine.geometry.shapes import Box
from engine.inspecting.judging import Truths, judged
from engine.project.records import Annotation
from engine.tracing.trace import Origin
from engine.tracing.whatif import Found

ORIGIN = Origin("yolo", "YOLO", ("cell", "platelet"), (11, 12), "cpu", 1, 7)


def _truths(*rows: tuple[int, int, tuple[float, float, float, float]], crowd: tuple[int, ...] = ()) -> Truths:
    own = tuple(Annotation(id_, 7, class_id, Box(*box), is_crowd=id_ in crowd) for id_, class_id, box in rows)
    return Truths(7, 100, 100, own, {11: "cell", 12: "platelet"})


def _found(*rows: tuple[int, float, tuple[float, float, float, float]]) -> Found:
    boxes = np.array([box for _, _, box in rows], dtype=np.float32).reshape(-1, 4)
    scores = np.array([score for _, score, _ in rows], dtype=np.float32)
    return Found(boxes, boxes, scores, np.array([index for index, _, _ in rows], dtype=np.int64), np.arange(len(rows)))


def test_right_wrong_and_missed() -> None:
    truths = _truths((5, 11, (0, 0, 10, 10)), (6, 12, (50, 50, 60, 60)), (8, 11, (80, 80, 90, 90)))
    found = _found((0, 0.9, (0, 0, 10, 9)), (0, 0.8, (50, 50, 60, 60)), (1, 0.7, (50, 50, 60, 58)))
    told = judged(ORIGIN, found, truths)
    assert told.is_right == (True, False, True)
    assert told.annotation_ids == (5, 0, 6)
    assert told.missed_ids == (8,)
    assert (told.n_right, told.n_wrong, told.n_missed) == (2, 1, 1)
    assert told.ap_at_iou == pytest.approx((51 / 101 + 1) / 2)
    assert told.ap is not None
    assert 0.3 < told.ap < 0.75


def test_a_detection_on_a_crowd_is_neither() -> None:
    truths = _truths((5, 11, (0, 0, 50, 50)), crowd=(5,))
    told = judged(ORIGIN, _found((0, 0.9, (0, 0, 20, 20))), truths)
    assert (told.n_right, told.n_wrong, told.n_missed) == (0, 0, 0)
    assert told.ap is None


def test_nothing_found_and_nothing_annotated() -> None:
    told = judged(ORIGIN, _found(), _truths())
    assert (told.n_right, told.n_wrong, told.n_missed, told.ap, told.ap_at_iou) == (0, 0, 0, None, None)
    told = judged(ORIGIN, _found(), _truths((5, 11, (0, 0, 9, 9))))
    assert (told.n_missed, told.ap) == (1, 0.0)


def test_another_iou_asks_for_more() -> None:
    truths, found = _truths((5, 11, (0, 0, 10, 10))), _found((0, 0.9, (0, 0, 10, 6)))
    assert judged(ORIGIN, found, truths, 0.5).n_right == 1
    assert judged(ORIGIN, found, truths, 0.7).n_right == 0
