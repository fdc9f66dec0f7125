"""What may be wrong in a gallery: templates under the wrong name, and one person under two.

Both are said only where the distances are unlike the gallery's own, so that an embedder that tells people badly does
not doubt everything. On 30 people of ten pictures each, with eight templates under wrong names, embedders that suit the
pictures find seven or eight and doubt one or two of the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.gallery.distances import Floats
from engine.gallery.gallery import Gallery
from engine.gallery.rates import percent
from engine.gallery.trials import LeftOut, left_out

Naming: TypeAlias = Callable[[int], str]
"""The name of an identity."""

_MAX_TRIALS = 20_000_000
_UNUSUAL = 3.0
"""Robust standard deviations from which on a distance is unlike a person's others."""
_STRANGE = 0.1
"""A template is far that is farther from its own person than this share of other people's faces is."""
_ROOM = 1.1
"""Two people are one also where they are a little farther apart than one of them is wide."""
_COMMON = 0.05
"""What a larger share of other people's comparisons comes as near as says nothing."""
_CONSISTENT = 1.4826
"""The median absolute deviation times this is the standard deviation of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Outlier:
    """A template that may not be of its person."""

    template_id: int
    identity_id: int
    kind: Literal["other", "far"]
    """Nearer to somebody else; or as far from its own person as other people are."""
    distance: float
    """The mean distance to the rest of its person's templates."""
    other_id: int
    """Who is nearest by the mean distance."""
    other_distance: float

    def words(self, name: Naming) -> str:
        """Why it is doubted."""
        own, other = name(self.identity_id), name(self.other_id)
        if self.kind == "other":
            return (
                f"Nearer to {other} ({self.other_distance:.3g}) than to the other faces of {own} ({self.distance:.3g})."
            )
        return f"As far from the other faces of {own} ({self.distance:.3g}) as other people are."


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two identities that are probably one person."""

    identity_ids: tuple[int, int]
    """The lower one first."""
    distance: float
    """The mean distance between their templates."""
    own_distance: float | None
    """The larger mean distance within one of them; None where each has but one template."""
    n_nearer: int
    """Comparisons of other people with each other that are as near."""
    n_compared: int

    @property
    def far(self) -> float:
        """The false accept rate at which the two would be taken for one, from the other people's comparisons."""
        return self.n_nearer / self.n_compared if self.n_compared else 0.0

    def words(self, name: Naming) -> str:
        """Why they are taken for one."""
        one, other = (name(each) for each in self.identity_ids)
        within = "" if self.own_distance is None else f", faces of one of them {self.own_distance:.3g}"
        rarity = f"{self.n_nearer:,} of {self.n_compared:,} comparisons of other people are as near"
        if not self.n_nearer and self.n_compared:
            rarity = f"none of {self.n_compared:,} comparisons of other people is as near"
        elif self.n_nearer:
            rarity += f" ({percent(self.far)})"
        said = f"{one} and {other} are {self.distance:.3g} apart{within}"
        return f"{said}; {rarity}." if self.n_compared else f"{said}."


def outliers(gallery: Gallery) -> tuple[Outlier, ...]:
    """Templates that may be under a wrong name, the most doubtful first.

    One is doubted that is unusually far from the rest of its person, and either nearer to somebody else, both in the
    mean and by the nearest template, or as far as strangers are. Of two templates none can be told to be the wrong one.
    """
    trials = left_out(gallery, "mean", _MAX_TRIALS, is_of_all=True)
    if trials.n_people < 2 or not np.isfinite(trials.own).any():
        return ()
    nearest = left_out(gallery, "nearest", _MAX_TRIALS, is_of_all=True)
    unusual = _unusual(trials)
    is_unusual = unusual > _UNUSUAL
    is_other = is_unusual & (trials.own > trials.strangers) & (nearest.own > nearest.strangers)
    is_far = is_unusual & ~is_other & (trials.own > np.quantile(trials.impostor, _STRANGE))
    rows = np.flatnonzero(is_other | is_far)
    return tuple(_outlier(trials, row, bool(is_other[row])) for row in rows[np.argsort(-unusual[rows], kind="stable")])


def duplicates(gallery: Gallery) -> tuple[Duplicate, ...]:
    """Pairs of identities that are probably one person, the nearest first.

    Each is the other's nearest, they are hardly farther apart than the templates of one of them are, and few other
    people come as near. A person with one template is taken to be as wide as the others usually are; where all have
    one, the two must stand out from all pairs.
    """
    trials = left_out(gallery, "mean", _MAX_TRIALS, is_of_all=True)
    if trials.n_people < 3:
        return ()
    apart, within = _between_people(trials)
    np.fill_diagonal(apart, np.inf)
    nearest = apart.argmin(axis=1)
    first = np.flatnonzero((nearest[nearest] == np.arange(len(nearest))) & (np.arange(len(nearest)) < nearest))
    limit = _limits(apart, within, first, nearest[first])
    found = [(int(a), int(nearest[a])) for a, most in zip(first, limit, strict=True) if apart[a, nearest[a]] <= most]
    found.sort(key=lambda pair: (apart[pair], pair))
    said = (_duplicate(trials, apart, within, pair) for pair in found)
    return tuple(each for each in said if each.far <= _COMMON)


def _unusual(trials: LeftOut) -> Floats:
    """(P,) how far each template is from its person beyond that person's others, in robust standard deviations."""
    rows = np.searchsorted(trials.column_ids, trials.person_ids)
    middles = np.array([_median(trials.own[rows == row]) for row in range(len(trials.column_ids))])
    beyond = trials.own - middles[rows]
    spread = _CONSISTENT * _median(np.abs(beyond))
    scaled = np.divide(beyond, spread, out=np.where(beyond > 0, np.inf, 0.0), where=spread > 0)
    return np.asarray(np.where(np.isnan(beyond), 0.0, scaled), np.float64)


def _median(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else np.nan


def _outlier(trials: LeftOut, row: int, is_other: bool) -> Outlier:
    others = np.where(trials.column_ids == trials.person_ids[row], np.inf, trials.distances[row])
    return Outlier(
        template_id=int(trials.template_ids[row]),
        identity_id=int(trials.person_ids[row]),
        kind="other" if is_other else "far",
        distance=float(trials.own[row]),
        other_id=int(trials.column_ids[others.argmin()]),
        other_distance=float(others.min()),
    )


def _between_people(trials: LeftOut) -> tuple[Floats, Floats]:
    """(I, I) mean distances between the templates of people, and (I,) within each; NaN of a single template."""
    rows = np.searchsorted(trials.column_ids, trials.person_ids)
    order = np.argsort(rows, kind="stable")
    _, starts, counts = np.unique(rows[order], return_index=True, return_counts=True)
    means = np.add.reduceat(trials.distances[order], starts, axis=0) / counts[:, None]
    return (means + means.T) / 2, np.diag(means).copy()


def _limits(apart: Floats, within: Floats, first: NDArray[np.int64], second: NDArray[np.int64]) -> Floats:
    """How far apart two people may be and still be taken for one."""
    if np.isnan(within).all():
        pairs = apart[np.triu_indices(len(apart), 1)]
        middle = np.median(pairs)
        spread = _CONSISTENT * np.median(pairs[pairs >= middle] - middle)
        return np.full(len(first), middle - _UNUSUAL * spread)
    widths = np.where(np.isnan(within), _median(within), within)
    return np.asarray(_ROOM * np.maximum(widths[first], widths[second]), np.float64)


def _duplicate(trials: LeftOut, apart: Floats, within: Floats, pair: tuple[int, int]) -> Duplicate:
    ids, columns = trials.column_ids[list(pair)], list(pair)
    is_theirs = np.isin(trials.person_ids, ids)
    own = trials.distances[is_theirs][trials.person_ids[is_theirs][:, None] != trials.column_ids]
    of_them = np.concatenate([own, trials.distances[~is_theirs][:, columns].ravel()])
    distance = float(apart[pair])
    n_nearer = np.searchsorted(trials.impostor, distance, side="right") - (of_them <= distance).sum()
    widths = within[columns]
    widest = None if np.isnan(widths).all() else float(np.nanmax(widths))
    n_compared = len(trials.impostor) - len(of_them)
    return Duplicate((int(ids[0]), int(ids[1])), distance, widest, int(n_nearer), n_compared)
