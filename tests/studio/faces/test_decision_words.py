"""Decisions in words: who, why, how clear, and how rare; never a per cent."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.gallery import RULES, Candidate, Decision
from studio.faces.decision_words import RULE_TIPS, RULE_TITLES, margin, number, rarity, reason, verdict

NAMES = {1: "Anna", 2: "Bob"}


def decision(*distances: float, threshold: float = 0.44) -> Decision:
    ranking = tuple(Candidate(n + 1, each, 10 + n, 2) for n, each in enumerate(distances))
    who = ranking[0].identity_id if ranking and ranking[0].distance <= threshold else None
    return Decision(who, ranking, threshold, "nearest")


def test_who_it_is_is_told_with_the_next_one() -> None:
    made = decision(0.31, 0.52)
    assert verdict(made, NAMES.__getitem__) == "Anna"
    assert (
        reason(made, NAMES.__getitem__) == "Anna is at 0.310, within the threshold of 0.440; the next is Bob at 0.520."
    )
    assert margin(made) == "Margin to the next person: 0.210."


def test_nobody_is_told_with_the_nearest() -> None:
    made = decision(0.5, 0.52)
    assert verdict(made, NAMES.__getitem__) == "No identification"
    assert reason(made, NAMES.__getitem__) == "The nearest, Anna, is at 0.500: farther than the threshold of 0.440."
    assert "look at both" in margin(made)


def test_a_gallery_of_one_or_none_is_told() -> None:
    assert reason(decision(0.1), NAMES.__getitem__).endswith("nobody else is enrolled.")
    assert "no second person" in margin(decision(0.1))
    assert "Nobody is enrolled yet" in reason(decision(), NAMES.__getitem__)
    assert verdict(decision(), NAMES.__getitem__) == "No identification"


@pytest.mark.parametrize(
    ("n_near", "n", "words"),
    [
        (3, 1200, "1 in 400 strangers comes this near (3 of 1,200 tried)."),
        (1, 1234, "1 in 1,200 strangers comes this near (1 of 1,234 tried)."),
        (40, 100, "1 in 2.5 strangers comes this near (40 of 100 tried)."),
        (50, 50, "All of 50 strangers come this near."),
        (49, 50, "49 of 50 strangers come this near."),
        (0, 1200, "None of 1,200 strangers came this near, so at most 1 in 400 does (95 % sure)."),
        (0, 2, "None of 2 strangers came this near; so few say nothing."),
        (0, 0, "Nothing is known of how near others come: enrol a second person."),
    ],
)
def test_how_rare_a_distance_is(n_near: int, n: int, words: str) -> None:
    others = np.sort(np.r_[np.full(n_near, 0.2), np.full(n - n_near, 0.9)])
    assert rarity(0.3, others) == words


@given(st.floats(0, 2), st.lists(st.floats(0, 2), min_size=1, max_size=200))
def test_the_count_is_that_of_a_loop_and_no_per_cent_of_likeness_is_told(distance: float, others: list[float]) -> None:
    said = rarity(distance, np.sort(np.array(others)))
    n_near = sum(each <= distance for each in others)
    assert (f"({n_near} of {len(others)} tried)" in said) == (0 < n_near <= len(others) / 2)
    assert (f"{n_near} of {len(others)} strangers" in said) == (len(others) / 2 < n_near < len(others))
    assert "%" not in said.replace("95 % sure", "")


@given(st.floats(0, 1e6))
def test_distances_are_short_and_never_in_powers(distance: float) -> None:
    said = number(distance)
    assert "e" not in said
    assert float(said.replace(",", "")) == pytest.approx(distance, rel=0.006, abs=6e-4)


def test_every_rule_has_words() -> None:
    assert set(RULE_TITLES) == set(RULE_TIPS) == set(RULES)
