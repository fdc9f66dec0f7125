"""On real pictures, of every detector: at its own settings a what-if is the network's result, bit by bit.

Also where the cuts are all made again, as a threshold is added that is of no class.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine import pictures
from engine.detectors import Network, Traceable
from engine.tracing import files
from engine.tracing.numbers import Numbers, with_numbers
from engine.tracing.trace import Trace
from engine.tracing.whatif import own, what_if
from tests.engine.detectors import test_tracing_dense, test_tracing_rcnn
from tests.engine.detectors.test_tracing_dense import ORIGIN

NAMES = (*test_tracing_rcnn.NAMES, *test_tracing_dense.NAMES)
FOLDERS = ("nuclei", "bccd", "coco_mini")


def _network(name: str) -> Network:
    is_dense = name in test_tracing_dense.NAMES
    made: Network = (test_tracing_dense.network if is_dense else test_tracing_rcnn.spread)(name)
    return made


@pytest.mark.parametrize("name", NAMES)
@torch.inference_mode()
def test_what_if_at_its_own_settings_is_what_it_detects(name: str, shared: Path, tmp_path: Path) -> None:
    network = _network(name)
    assert isinstance(network, Traceable)
    for folder in FOLDERS:
        some = [each for each in sorted((shared / "data" / folder).rglob("*")) if each.suffix in (".png", ".jpg")][:2]
        assert some
        for path in some:
            picture = torch.from_numpy(np.ascontiguousarray(pictures.decode(path))).permute(2, 0, 1)
            detected = network.detect([picture])[0]
            files.save(Trace(ORIGIN, network.watch(picture).stages()), tmp_path / "one.trace")
            trace = files.load(tmp_path / "one.trace")
            found = what_if(trace, own(trace)).found
            assert np.array_equal(found.boxes_image, detected.boxes.numpy())
            assert np.array_equal(found.scores, detected.scores.numpy())
            assert np.array_equal(found.class_indices, detected.class_indices.numpy())
            again = what_if(trace, with_numbers(own(trace), Numbers(nms_by_class={99: 0.1}))).found
            assert np.array_equal(again.boxes_image, found.boxes_image)
