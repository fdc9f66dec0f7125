"""Networks with settings: what they detect is what a what-if of those settings shows, of every detector."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.detecting.settled import Settled, anchor_scale, settled, unsettled
from engine.detectors import Askable, Detected, Network, Traceable
from engine.tracing.numbers import Numbers, with_numbers
from engine.tracing.selecting import is_own, replay
from engine.tracing.stages import Selection
from engine.tracing.trace import Trace
from engine.tracing.whatif import Found, Settings, own, what_if
from tests.engine.detectors import test_tracing_dense, test_tracing_rcnn
from tests.engine.detectors.test_tracing_dense import ORIGIN, PICTURE

NAMES = ("mask_rcnn", "faster_rcnn", "keypoint_rcnn", *test_tracing_dense.NAMES)
PLAIN = Numbers(score=0.1, nms=0.3, most=12)
RICH = (
    Numbers(soft="linear", nms=0.3),
    Numbers(soft="gaussian", most=9),
    Numbers(score_by_class={0: 0.4}, nms_by_class={1: 0.2}),
    Numbers(score=0.1, soft="linear", score_by_class={1: 0.02}, nms_by_class={0: 0.7}),
)


@pytest.fixture(scope="module", params=NAMES)
def network(request: pytest.FixtureRequest) -> Network:
    is_dense = request.param in test_tracing_dense.NAMES
    made: Network = (test_tracing_dense.network if is_dense else test_tracing_rcnn.spread)(request.param)
    return made


@torch.inference_mode()
def _traced(network: Network) -> Trace:
    assert isinstance(network, Traceable)
    watched = network.watch(PICTURE)
    return Trace(ORIGIN, watched.asked_more() if isinstance(watched, Askable) else watched.stages())


@torch.inference_mode()
def _detected(network: Network, settings: Settings) -> Detected:
    return settled(deepcopy(network), settings).detect([PICTURE])[0]


def _equal(detected: Detected, found: Found) -> bool:
    pairs = ((detected.boxes, found.boxes_image), (detected.scores, found.scores),
             (detected.class_indices, found.class_indices))  # fmt: skip
    return all(np.array_equal(one.numpy(), other) for one, other in pairs)


def test_at_its_own_settings_nothing_changes(network: Network) -> None:
    trace = _traced(network)
    with torch.inference_mode():
        plain = network.detect([PICTURE])[0]
    assert _equal(plain, what_if(trace, own(trace)).found)
    assert _equal(_detected(network, own(trace)), what_if(trace, own(trace)).found)
    assert settled(network, None) is network


def test_numbers_are_set_on_the_network_itself(network: Network) -> None:
    trace = _traced(network)
    settings = with_numbers(own(trace), PLAIN)
    found = what_if(trace, settings).found
    assert len(found) != len(what_if(trace, own(trace)).found)
    assert not isinstance(settled(deepcopy(network), settings), Settled)
    assert _equal(_detected(network, settings), found)


@pytest.mark.parametrize("numbers", RICH)
def test_what_it_has_no_numbers_for_is_chosen_around_it(network: Network, numbers: Numbers) -> None:
    trace = _traced(network)
    settings = with_numbers(own(trace), numbers)
    outcome = what_if(trace, settings)
    detected = _detected(network, settings)
    assert len(outcome.found) > 3
    assert _equal(detected, outcome.found)


def test_other_proposals_are_looked_at(network: Network) -> None:
    trace = _traced(network)
    if not trace.has_proposals:
        with pytest.raises(LookupError, match="makes no proposals"):
            with_numbers(own(trace), Numbers(proposals=30))
        return
    for numbers in (Numbers(proposals=30, proposal_nms=0.5), Numbers(proposals=30, proposal_nms=0.5, soft="linear")):
        settings = with_numbers(own(trace), numbers)
        outcome = what_if(trace, settings)
        assert outcome.n_unasked == 0
        found, detected = outcome.found, _detected(network, settings)
        assert detected.class_indices.tolist() == found.class_indices.tolist()
        assert detected.boxes.numpy() == pytest.approx(found.boxes_image, abs=1e-3)
        assert detected.scores.numpy() == pytest.approx(found.scores, abs=1e-5)


def test_larger_anchors_are_those_of_the_network(network: Network) -> None:
    trace = _traced(network)
    settings = replace(own(trace), anchor_scale=1.25)
    assert (anchor_scale(network), anchor_scale(settled(deepcopy(network), settings))) == (1.0, 1.25)
    if trace.has_proposals:
        scaled = _traced(settled(deepcopy(network), settings))
        outcome = what_if(trace, settings)
        assert outcome.unasked.boxes_model == pytest.approx(scaled.all(Selection)[0].kept_boxes, abs=1e-3)
        return
    found, detected = what_if(trace, settings).found, _detected(network, settings)
    theirs = [detected.class_indices.numpy(), *detected.boxes.numpy().T]
    ours = [found.class_indices, *found.boxes_image.T]
    assert _in_order(theirs) == pytest.approx(_in_order(ours), abs=1e-3)


def _in_order(columns: list[np.ndarray]) -> np.ndarray:
    """Rows in an order that does not depend on which of equal scores comes first."""
    return np.stack(columns)[:, np.lexsort([np.round(each, 2) for each in columns])]


def test_masks_and_points_follow_the_detections(network: Network) -> None:
    """With a threshold for a class that changes nothing, what the heads say is what they said."""
    trace = _traced(network)
    settings = with_numbers(own(trace), Numbers(nms_by_class={99: 0.1}))
    plain, detected = _detected(network, own(trace)), _detected(network, settings)
    for one, other in ((plain.masks, detected.masks), (plain.keypoints, detected.keypoints)):
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            assert other.numpy() == pytest.approx(one.numpy(), abs=1e-3)


def test_its_trace_has_the_settings_rules_and_replays_to_its_own(network: Network) -> None:
    plain = _traced(network)
    settings = with_numbers(own(plain), Numbers(soft="linear", nms=0.3, score_by_class={0: 0.3}))
    around = settled(deepcopy(network), settings)
    assert isinstance(around, Settled)
    assert unsettled(around) is around.inner
    assert around.scale(50, 80) == network.scale(50, 80)
    trace = _traced(around)
    assert own(trace) == settings
    rows = None
    for stage in trace.all(Selection):
        scores = trace.scores_of(stage)
        if stage.of == "regions":
            rows = np.flatnonzero(np.isin(scores.parent, trace.all(Selection)[0].kept_rows))
        assert is_own(replay(scores, stage, rows), stage)
    assert _equal(_detected(network, settings), what_if(trace, settings).found)
