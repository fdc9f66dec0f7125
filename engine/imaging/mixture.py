"""Mixture: what colours one side has, as a few Gaussians, and how unlikely any colour is under them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Values: TypeAlias = NDArray[np.float64]
Colours: TypeAlias = NDArray[np.float32]
"""(N, D)."""

_MOST = 4000
"""Colours that are looked at; more of them tell no more."""
_ROUNDS = 8
_FLOOR = 1.0
"""Added to every variance: the square of what noise and compression add, in units of Lab."""


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """K Gaussians over D values."""

    log_weights: Values
    """(K,)."""
    means: Values
    """(K, D)."""
    whiteners: Values
    """(K, D, D) L with L^T L the inverse covariance."""
    log_dets: Values
    """(K,) of the whiteners."""

    def costs(self, colours: Colours) -> NDArray[np.float32]:
        """(N,) minus the logarithm of each colour's density, but for a constant."""
        exponents = np.empty((len(self.means), len(colours)), dtype=np.float32)
        for at, (mean, whitener) in enumerate(zip(self.means, self.whiteners, strict=True)):
            off = (colours - mean.astype(np.float32)) @ whitener.T.astype(np.float32)
            exponents[at] = self.log_weights[at] + self.log_dets[at] - np.einsum("ij,ij->i", off, off) / 2
        most = exponents.max(axis=0)
        return np.asarray(-(most + np.log(np.exp(exponents - most).sum(axis=0))), dtype=np.float32)


def fit(colours: Colours, n: int) -> Mixture:
    """At most `n` Gaussians for some colours, at least one of them; the same colours always give the same."""
    seen = colours[:: max(1, len(colours) // _MOST)].astype(np.float64)
    nearest = _clustered(seen, n)
    parts = [seen[nearest == at] for at in np.unique(nearest)]
    floor = np.eye(seen.shape[1]) * _FLOOR
    covariances = np.array([_covariance(part) + floor for part in parts])
    whiteners = np.linalg.inv(np.linalg.cholesky(covariances))
    weights = np.array([len(part) for part in parts]) / len(seen)
    means = np.array([part.mean(axis=0) for part in parts])
    return Mixture(np.log(weights), means, whiteners, np.linalg.slogdet(whiteners)[1])


def _covariance(part: Values) -> Values:
    off = part - part.mean(axis=0)
    return np.asarray(off.T @ off / len(part))


def _clustered(colours: Values, n: int) -> NDArray[np.int64]:
    """(N,) which of at most `n` clusters each colour is in: k-means from colours that lie far apart."""
    centres = _spread(colours, n)
    for _ in range(_ROUNDS):
        held = _squares(colours, centres).argmin(axis=1)
        centres = np.array([colours[held == at].mean(axis=0) for at in np.unique(held)])
    nearest: NDArray[np.int64] = _squares(colours, centres).argmin(axis=1)
    return nearest


def _spread(colours: Values, n: int) -> Values:
    """The mean, then again and again the colour at the far end of what is not yet near to one."""
    centres: Values = colours.mean(axis=0)[None]
    for _ in range(n - 1):
        far = _squares(colours, centres).min(axis=1)
        # Not the very farthest: that is an outlier.
        at = np.argsort(far, kind="stable")[int(0.95 * (len(far) - 1))]
        if far[at] == 0:
            break
        centres = np.concatenate([centres, colours[at][None]])
    return centres


def _squares(colours: Values, centres: Values) -> Values:
    return np.asarray(((colours[:, None] - centres) ** 2).sum(axis=2))
