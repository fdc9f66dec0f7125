"""The result of a trace that a box of the picture belongs to."""

import numpy as np
import pytest

from engine.tracing.nearest import nearest
from engine.tracing.stages import Selection
from engine.tracing.trace import Trace
from tests.engine.tracing.traces import one_stage, two_stages


@pytest.mark.parametrize("trace", [one_stage(), two_stages()], ids=["one", "two"])
def test_every_detection_is_nearest_to_itself(trace: Trace) -> None:
    stage = trace.all(Selection)[-1]
    scale = np.array(trace.input.scale_xy * 2)
    for row, index, box in zip(stage.kept_rows, stage.kept_classes, stage.kept_boxes, strict=True):
        x0, y0, x1, y1 = (box / scale).tolist()
        if (x1 - x0) * (y1 - y0) == 0:
            continue
        found = nearest(trace, (x0, y0, x1, y1), trace.origin.class_ids[index])
        assert found is not None
        same = (stage.kept_rows == found[1]) & (stage.kept_classes == found[2])
        assert found[2] == index
        assert np.allclose(stage.kept_boxes[same], box, atol=1e-3), row


def test_another_class_or_place_is_none_of_them() -> None:
    trace = two_stages()
    assert nearest(trace, (0, 0, 1, 1), 1) is None
    assert nearest(trace, (0, 0, 100, 100), 99) is None
