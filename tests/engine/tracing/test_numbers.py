"""Numbers in words reach the rule that they are of, and only that."""

from dataclasses import replace

import pytest

from engine.tracing.numbers import LEAST_LEFT, Numbers, with_numbers
from engine.tracing.rules import LeastScore, LeastSide, Most, Nms, TopK
from engine.tracing.whatif import own
from tests.engine.tracing.traces import DENSE_RULES, PROPOSAL_RULES, REGION_RULES, one_stage, two_stages


def test_nothing_asked_for_changes_nothing() -> None:
    for trace in (one_stage(), two_stages()):
        assert with_numbers(own(trace), Numbers()) == own(trace)


def test_all_numbers_of_two_stages() -> None:
    numbers = Numbers(0.3, 0.4, "linear", {1: 0.6}, {0: 0.2}, 7, 99, 33, 0.8, 1.5)
    changed = with_numbers(own(two_stages()), numbers)
    assert changed.anchor_scale == 1.5
    assert changed.rules["detections"] == (
        LeastScore(0.3, by_class={1: 0.6}), LeastSide(1e-2),
        Nms(0.4, "class", "linear", least_score=LEAST_LEFT, by_class={0: 0.2}, first_group=1), Most(7),
    )  # fmt: skip
    assert changed.rules["proposals"] == (TopK(99, "level"), *PROPOSAL_RULES[1:3], Nms(0.8, "level"), Most(33))


def test_of_one_stage_the_most_certain_are_those_of_the_only_selection() -> None:
    changed = with_numbers(own(one_stage()), Numbers(top=5, most=2))
    assert changed.rules["detections"] == (DENSE_RULES[0], replace(TopK(5, "level")), DENSE_RULES[2], Most(2))


def test_what_a_detector_does_not_have_is_said() -> None:
    with pytest.raises(LookupError, match="makes no proposals"):
        with_numbers(own(one_stage()), Numbers(proposals=5))
    assert len(REGION_RULES) == 4
