"""A decision in words: who a probe is or why nobody, how clear that is, and what a distance means. No Qt.

A distance is never told as a per cent of likeness: it is told beside its threshold, and by how many of other people's
faces come as near, with how many were tried.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.gallery import Decision, Rule

Naming = Callable[[int], str]
"""The name of an identity."""
NOBODY_ENROLLED = "Nobody is enrolled yet: drop a folder for each person on People."
_TOO_FEW = 5
RULE_TITLES: dict[Rule, str] = {
    "mean": "Mean of all templates",
    "nearest": "Nearest template",
    "centroid": "Middle of the templates",
    "nearest_few": "Mean of the three nearest",
}
RULE_TIPS: dict[Rule, str] = {
    "mean": "A person is as far as the mean distance to all of their templates: the rule of the lectures.",
    "nearest": "A person is as far as the nearest of their templates.",
    "centroid": "A person is as far as the mean of their templates' vectors.",
    "nearest_few": "A person is as far as the mean distance to the three nearest of their templates.",
}


def verdict(decision: Decision, name: Naming) -> str:
    """Who it is, in a few words."""
    if not decision.ranking:
        return "No identification"
    return "No identification" if decision.identity_id is None else name(decision.identity_id)


def reason(decision: Decision, name: Naming) -> str:
    """Why, with the distances of the nearest two people."""
    if not decision.ranking:
        return NOBODY_ENROLLED
    first, *others = decision.ranking
    if decision.identity_id is None:
        return (
            f"The nearest, {name(first.identity_id)}, is at {number(first.distance)}: "
            f"farther than the threshold of {number(decision.threshold)}."
        )
    said = f"{name(first.identity_id)} is at {number(first.distance)}, within the threshold of "
    said += number(decision.threshold)
    if not others:
        return f"{said}; nobody else is enrolled."
    return f"{said}; the next is {name(others[0].identity_id)} at {number(others[0].distance)}."


def margin(decision: Decision) -> str:
    """How much farther the second person is."""
    if decision.margin is None:
        return "There is no second person to compare with."
    words = f"Margin to the next person: {number(decision.margin)}"
    first = decision.ranking[0].distance
    if first > 0 and decision.margin < 0.1 * first:
        return f"{words}; that is close: look at both."
    return f"{words}."


def rarity(distance: float, others: NDArray[np.floating], who: str = "strangers") -> str:
    """How often somebody else comes as near, of the distances of other people (ascending); `who` they are, as many."""
    n = len(others)
    if not n:
        return "Nothing is known of how near others come: enrol a second person."
    n_near = int(np.searchsorted(others, distance, side="right"))
    if not n_near and n <= _TOO_FEW:
        return f"None of {n} {who} came this near; so few say nothing."
    if not n_near:
        return f"None of {n:,} {who} came this near, so at most {_one_in(n, 3)} does (95 % sure)."
    if n_near == n:
        return f"All of {n:,} {who} come this near."
    if 2 * n_near > n:
        return f"{n_near:,} of {n:,} {who} come this near."
    return f"{_one_in(n, n_near)} {who} comes this near ({n_near:,} of {n:,} tried)."


def _one_in(n: int, n_near: int) -> str:
    """A share as '1 in 400', rounded to two figures so that it claims no more than it knows."""
    ratio = n / n_near
    if ratio < 10:
        return f"1 in {ratio:.2g}"
    digits = 10 ** max(0, len(str(int(ratio))) - 2)
    return f"1 in {round(ratio / digits) * digits:,}"


def number(distance: float) -> str:
    """A distance in three figures: '0.314', '12.3', '1,240'."""
    if abs(distance) >= 1000:
        return f"{distance:,.0f}"
    figures = f"{distance:.3g}" if abs(distance) >= 1 else f"{distance:.3f}"
    return f"{float(figures):g}" if "e" in figures else figures
