"""The synthetic traces: what other tests rely on is so, and a decoded box is what the formula of the papers says."""

import math

import numpy as np
import pytest

from engine.tracing.decoding import decoded, scaled
from engine.tracing.selecting import is_own, replay
from engine.tracing.stages import Anchors, Scores, Selection
from engine.tracing.trace import Trace
from tests.engine.tracing.traces import Made, one_stage, two_stages


@pytest.mark.parametrize(
    "trace", [two_stages(), two_stages(Made(3, 5, has_masks=True)), one_stage(), one_stage(Made(2, 80))]
)
def test_a_replay_of_every_selection_is_its_own(trace: Trace) -> None:
    for own in trace.all(Selection):
        assert len(own.kept_rows) > 5
        assert is_own(replay(trace.scores_of(own), own), own)


def test_rows_point_at_the_rows_that_they_came_from() -> None:
    trace = two_stages()
    anchors, regions = trace.first(Anchors), trace.named("regions")
    proposals = trace.named("proposals")
    assert isinstance(regions, Scores) and isinstance(proposals, Selection)
    assert np.array_equal(regions.parent, proposals.kept_rows)
    assert np.array_equal(regions.level, anchors.level[regions.parent])
    assert sum(rows * columns * slots for rows, columns, slots in anchors.grids) == len(anchors.boxes)


def test_a_box_is_moved_about_its_centre_and_in_its_size() -> None:
    scores = two_stages().named("objectness")
    assert isinstance(scores, Scores)
    anchors = two_stages().first(Anchors).boxes
    boxes = decoded(scores, anchors)
    for at in range(0, len(anchors), 97):
        x0, y0, x1, y1 = anchors[at].tolist()
        t_x, t_y, t_w, t_h = scores.terms[at].tolist()
        width, height = (x1 - x0) * math.exp(t_w), (y1 - y0) * math.exp(t_h)
        x, y = (x0 + x1) / 2 + t_x * (x1 - x0), (y0 + y1) / 2 + t_y * (y1 - y0)
        expected = [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
        assert boxes[at] == pytest.approx(expected, abs=1e-3)


def test_scaled_anchors_keep_their_centres() -> None:
    boxes = np.array([[10, 20, 30, 60]], dtype=np.float32)
    assert scaled(boxes, 2.0).tolist() == [[0, 0, 40, 80]]
    assert scaled(boxes, 1.0).tolist() == boxes.tolist()


def test_the_anchors_of_a_cell_are_found_by_their_place() -> None:
    anchors = one_stage().first(Anchors)
    for level, (rows, columns, k) in enumerate(anchors.grids):
        for row in range(rows):
            for column in range(columns):
                is_own = (anchors.level == level) & (anchors.cell == (column, row)).all(axis=1)
                found = anchors.of_cell(level, column, row)
                assert found.tolist() == np.flatnonzero(is_own).tolist()
                assert anchors.slot[found].tolist() == list(range(k))
