"""A mask head's logits as pixels: the mask that is reported, and those of other thresholds."""

import numpy as np
import pytest
import torch

from engine.geometry import masks as many_masks
from engine.nn.mask_cells import pasted
from engine.tracing.mask_pixels import box_image, mask_at, probabilities
from engine.tracing.stages import Input, Masks
from tests.engine.tracing.traces import Made, two_stages


def _made() -> tuple[Masks, Input]:
    trace = two_stages(Made(has_masks=True))
    return trace.first(Masks), trace.input


def test_probabilities_are_the_sigmoid_also_far_out() -> None:
    logits = np.array([[[-200.0, -1.0], [0.0, 200.0]]], dtype=np.float32)
    found = probabilities(Masks(name="masks", logits=logits, boxes=np.zeros((1, 4), np.float32)), 0)
    assert found == pytest.approx(torch.from_numpy(logits[0]).sigmoid().numpy(), abs=1e-7)


def test_at_a_half_it_is_the_mask_that_the_network_reports() -> None:
    masks, seen = _made()
    boxes = np.stack([box_image(box, seen) for box in masks.boxes])
    theirs = pasted(torch.from_numpy(masks.logits).sigmoid(), torch.from_numpy(boxes), *seen.size)
    for row in range(len(boxes)):
        ours = mask_at(masks, row, seen)
        disagreeing = many_masks.area(many_masks.union(ours, theirs[row])) - many_masks.area(
            many_masks.intersect(ours, theirs[row])
        )
        assert disagreeing <= 1, "but for a pixel on the very threshold"


def test_a_lower_threshold_takes_in_more() -> None:
    masks, seen = _made()
    found = [mask_at(masks, 0, seen, threshold) for threshold in (0.2, 0.5, 0.8)]
    areas = [many_masks.area(each) for each in found]
    assert areas[0] > areas[1] > areas[2] > 0
    assert many_masks.area(many_masks.subtract(found[1], found[0])) == 0


def test_nothing_is_certain_enough() -> None:
    masks, seen = _made()
    assert mask_at(masks, 0, seen, 1.1).is_empty
