"""What trials say: who is accepted at which threshold. Accepted is a distance of at most the threshold.

Legend: n comparisons, T distinct distances, B draws, I people.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from engine.evaluation.verification.drawing import (
    N_DRAWS,
    ROUNDING,
    Figure,
    Statistic,
    measured,
    measured_all,
    too_few,
    weighted_share,
)
from engine.evaluation.verification.trials import Trials
from engine.gallery.distances import Floats
from engine.gallery.people import Ids


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Rates at every distinct distance as the threshold, from strict to loose; the first accepts nothing."""

    thresholds: Floats
    """(1 + T,), the first is minus infinity."""
    far: Floats
    """(1 + T,) share of impostors that are accepted."""
    tar: Floats
    """(1 + T,) share of genuine trials that are."""

    def at(self, threshold: float) -> tuple[float, float]:
        """FAR and TAR of a threshold."""
        row = int(np.searchsorted(self.thresholds, threshold, side="right")) - 1
        return float(self.far[row]), float(self.tar[row])


def roc(trials: Trials) -> Curve:
    """The receiver operating characteristic; NaN where there are no trials of a kind."""
    far, frr = trials.errors(np.ones((1, len(trials.people))))
    return Curve(np.append(-np.inf, trials.distances[trials.ends]), far[0], 1 - frr[0])


def det(curve: Curve) -> tuple[Floats, Floats]:
    """The detection error trade-off: normal deviates of the FAR and of the false reject rate, where both are finite."""
    frr = 1 - curve.tar
    shown = (curve.far > 0) & (curve.far < 1) & (frr > 0) & (frr < 1)
    return deviates(curve.far[shown]), deviates(frr[shown])


def deviates(shares: Floats) -> Floats:
    """Of how many standard deviations a normal tail has each share, which is between 0 and 1."""
    normal = NormalDist()
    return np.array([normal.inv_cdf(each) for each in shares.tolist()], np.float64)


def eer(trials: Trials) -> Statistic:
    """Where as many impostors are accepted as genuine trials are rejected, interpolated between thresholds."""

    def of(people: Floats) -> Floats:
        return _crossing(*trials.errors(people))

    return _statistic(trials, of, min(trials.n_genuine, trials.n_impostor), _lacking(trials))


def tar_at_far(trials: Trials, far: float) -> Statistic:
    """The share of genuine trials accepted at the loosest threshold that accepts no more than `far` of impostors.

    It can be shown only where that is one impostor at least.
    """

    def of(people: Floats) -> Floats:
        false_accepts, frr = trials.errors(people)
        return np.asarray(1 - np.take_along_axis(frr, _last_within(false_accepts, far)[:, None], axis=1)[:, 0])

    return _statistic(trials, of, trials.n_genuine, _lacking(trials) or too_few(far, trials.n_impostor, "impostors"))


def threshold_at_far(trials: Trials, far: float) -> float | None:
    """Half-way between the last impostor that may be accepted and the next: the loosest threshold with room.

    None where `far` is less than one impostor.
    """
    impostor = trials.impostor
    if too_few(far, len(impostor), ""):
        return None
    return between_steps(impostor, far)


def between_steps(ascending: Floats, share: float) -> float:
    """A threshold that no more than a share of ascending distances keep to, in the middle of the gap that allows it."""
    first_out = min(int(share * len(ascending) + ROUNDING), len(ascending) - 1)
    limit = ascending[first_out]
    below = ascending[ascending < limit]
    return float((below[-1] + limit) / 2) if len(below) else float(np.nextafter(limit, -np.inf))


def accepted_within(trials: Trials, threshold: float) -> Statistic:
    """The share of impostors that a threshold accepts: FAR."""
    return _share_within(trials, threshold, is_genuine=False)


def found_within(trials: Trials, threshold: float) -> Statistic:
    """The share of genuine trials that a threshold accepts: TAR."""
    return _share_within(trials, threshold, is_genuine=True)


def far_of(trials: Trials, distance: float, seed: int = 0) -> Figure:
    """How rare a distance is among different people: the share of impostors that are as near or nearer."""
    return measured(accepted_within(trials, distance), seed)


def in_words(far: Figure) -> str:
    """As '1 in 400 strangers comes as near (1 in 1,200 to 1 in 150, of 24,000 comparisons)'."""
    if far.value is None:
        return far.reason
    n = f"{far.n:,} {'comparison' if far.n == 1 else 'comparisons'}"
    if far.value == 0:
        return f"none of {n} with strangers came as near: at most {_one_in(far.high)} does"
    between = f"{_one_in(far.low)} to {_one_in(far.high)}" if far.low > 0 else f"at most {_one_in(far.high)}"
    return f"{_one_in(far.value)} strangers comes as near ({between}, of {n})"


def roc_between(trials: Trials, fars: Sequence[float], seed: int = 0, n_draws: int = N_DRAWS) -> tuple[Figure, ...]:
    """The TAR at each of some FARs with what it is between; not shown where there are too few impostors."""
    return measured_all([tar_at_far(trials, each) for each in fars], seed, n_draws)


def order(same: Floats, different: Floats) -> float | None:
    """The share of (same, different) pairs of distances in which the same is smaller, a tie counting half.

    That is the area under the ROC curve; None where there are none of a kind.
    """
    if not len(same) or not len(different):
        return None
    ranked = np.sort(different)
    n_below, n_up_to = (np.searchsorted(ranked, same, side=side) for side in ("left", "right"))
    return float(1 - np.mean(n_below + n_up_to) / 2 / len(ranked))


def _share_within(trials: Trials, threshold: float, *, is_genuine: bool) -> Statistic:
    is_counted = trials.is_genuine if is_genuine else ~trials.is_genuine
    is_hit = (trials.distances <= threshold)[is_counted]
    n = int(is_counted.sum())
    what = "two faces of one person" if is_genuine else "two people"
    reason = "" if n else f"There are no {what} to compare."
    return _statistic(trials, lambda people: weighted_share(is_hit, trials.weights(people)[:, is_counted]), n, reason)


def _statistic(trials: Trials, of: Callable[[Floats], Floats], n: int, reason: str) -> Statistic:
    return Statistic(of, len(trials.people), n, len(trials.distances), reason)


def _crossing(far: Floats, frr: Floats) -> Floats:
    """(B,) where ascending FAR meets descending FRR, each row by itself."""
    row = np.argmax(far >= frr, axis=1)  # at the loosest threshold it always is
    rows = np.arange(len(far))
    far1, frr1 = far[rows, row], frr[rows, row]
    far0, frr0 = far[rows, row - 1], frr[rows, row - 1]
    gap = (frr0 - far0) + (far1 - frr1)
    part = np.divide(frr0 - far0, gap, out=np.ones(len(far)), where=gap > 0)
    found = far0 + part * (far1 - far0)
    return np.asarray(np.where(np.isnan(far).any(axis=1) | np.isnan(frr).any(axis=1), np.nan, found), np.float64)


def _last_within(far: Floats, limit: float) -> Ids:
    """(B,) the last column of ascending rates that keeps the limit; the first always does."""
    return np.asarray(np.maximum((far <= limit + ROUNDING).sum(axis=1) - 1, 0), np.int64)


def _lacking(trials: Trials) -> str:
    if not trials.n_genuine:
        return "Nobody has two faces to compare."
    return "" if trials.n_impostor else "There are no two people to compare."


def _one_in(share: float) -> str:
    return f"1 in {1 / share:,.0f}" if share <= 0.1 else f"1 in {1 / share:.1f}"
