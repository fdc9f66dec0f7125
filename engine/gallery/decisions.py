"""What is decided about a probe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Rule: TypeAlias = Literal["mean", "nearest", "centroid", "nearest_few"]
"""How far a person is: the mean distance to all templates (the lectures' rule), the distance to the nearest one, to the
mean of the templates, or the mean distance to the few nearest."""
RULES: tuple[Rule, ...] = ("mean", "nearest", "centroid", "nearest_few")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One person as a probe sees them."""

    identity_id: int
    distance: float
    """By the rule."""
    nearest_template_id: int
    n_templates: int


@dataclass(frozen=True, slots=True)
class Decision:
    """Who a probe is, or nobody, and why."""

    identity_id: int | None
    """None: no identification, as nobody is near enough."""
    ranking: tuple[Candidate, ...]
    """People from near to far; empty where nobody is enrolled."""
    threshold: float
    """A person is accepted whose distance is at most this."""
    rule: Rule

    @property
    def distance(self) -> float | None:
        """That of the nearest person, accepted or not; None where nobody is enrolled."""
        return self.ranking[0].distance if self.ranking else None

    @property
    def margin(self) -> float | None:
        """How much farther the second person is than the first; None where there is no second."""
        return self.ranking[1].distance - self.ranking[0].distance if len(self.ranking) > 1 else None
