"""Which detection is counted for which annotation, as an autopsy is told."""

from dataclasses import replace

import numpy as np

from engine.geometry.shapes import Box
from engine.inspecting.picture_autopsy import PictureAutopsy
from engine.project.records import Annotation
from engine.tracing.rules import LeastScore
from engine.tracing.stages import Selection
from engine.tracing.whatif import Settings, what_if
from tests.engine.tracing.traces import one_stage


def test_of_two_annotations_under_one_detection_one_is_found_and_the_other_told_so() -> None:
    trace = one_stage()
    own = trace.all(Selection)[-1]
    has_room = (own.kept_boxes[:, 2:] > own.kept_boxes[:, :2] + 8).all(axis=1)
    at = int(np.flatnonzero(has_room)[0])
    least = LeastScore(float(own.kept_scores[at]), is_inclusive=True)
    outcome = what_if(trace, Settings({"detections": (least, *own.rules[1:])}))
    box, index = own.kept_boxes[at], int(own.kept_classes[at])
    x, y = trace.input.scale_xy
    exact = Box(*(box / [x, y, x, y]).tolist())
    poorer = Box(exact.x0, exact.y0, exact.x1, exact.y1 - 0.2 * (exact.y1 - exact.y0))
    first = Annotation(11, 7, trace.origin.class_ids[index], exact)
    truths = [replace(first, id=12, shape=poorer), first]
    autopsy = PictureAutopsy.of(trace, outcome, truths)
    assert autopsy.missed == (12,)
    assert autopsy.wanted[11].found == (int(own.kept_rows[at]), index)
    verdict = autopsy.verdict(12)
    assert (verdict.loss, verdict.row) == ("taken", int(own.kept_rows[at]))
    assert autopsy.wanted[12].others.ids[verdict.other] == 11
    np.testing.assert_allclose(autopsy.wanted[11].box_model, box, rtol=1e-5, atol=1e-4)
