"""Settings in words."""

from engine.tracing.numbers import Numbers, with_numbers
from engine.tracing.rule_words import in_words
from engine.tracing.whatif import own
from tests.engine.tracing.traces import one_stage, two_stages


def test_every_number_that_was_chosen_is_told() -> None:
    told = in_words(with_numbers(own(two_stages()), Numbers(0.3, 0.4, "gaussian", {1: 0.6}, {}, 7, 99, 1033, 0.8, 1.5)))
    assert told == (
        "least score 0.3 (another for 1 class), overlap 0.4 (soft, Gaussian), at most 7; "
        "proposals: the best 99, overlap 0.8, at most 1,033; anchors 1.5 times as large"
    )
    assert in_words(own(one_stage())) == "least score 0.05, the best 80, overlap 0.5, at most 20"
