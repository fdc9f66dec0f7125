"""Pictures are no larger than they are ever seen."""

from __future__ import annotations

import pytest

from engine.feeding.augment import Augmentation
from engine.feeding.needed_sizes import most_needed
from tests.engine.detectors.test_contract import build


@pytest.mark.parametrize("largest", [1.0, 1.33])
def test_pictures_are_as_large_as_they_are_ever_seen(largest: float) -> None:
    network = build("mask_rcnn")
    how = Augmentation(largest_scale=largest)
    scale = network.scale(4000, 3000)
    assert most_needed(network, how, 4000, 3000) == pytest.approx(scale * largest)
    assert most_needed(network, how, 10, 10) == 1
