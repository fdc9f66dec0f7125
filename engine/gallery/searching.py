"""The nearest faces of a probe among very many: exact, without an index.

A product of matrices in float32 says nearly how far every face is. Whatever may be among the nearest given the rounding
error that such a product can have at most (any order of summation: Higham, Accuracy and Stability, section 3.1) is
looked at again in float64, so the answer is that of a loop over all faces in float64, to the last bit.

Legend: P probes, N faces, D numbers of a vector.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.gallery.distances import Floats, exactly
from engine.gallery.gallery import Vectors

_BYTES_AT_ONCE = 1 << 23
"""How much of the vectors is looked at together; the products of a portion stay in the processor's cache."""
_PROBES_AT_ONCE = 256
_ROUNDING = float(np.finfo(np.float32).eps)
"""Twice the unit of rounding: room for the rounding of what is put around the products."""
Ids = NDArray[np.int64]
Singles = NDArray[np.float32]


def search(vectors: Vectors, probes: ArrayLike, k: int) -> tuple[Ids, Floats]:
    """The ids (P, k) and distances (P, k) of the faces nearest to (P, D) probes, near to far; ties by the lower id.

    Where there are fewer than k faces, the answer has as many columns as there are. Who searches the same faces often
    keeps a Searcher.
    """
    return Searcher.of(vectors).nearest(probes, k)


@dataclass(frozen=True, slots=True, eq=False)
class Searcher:
    """Faces made ready to be searched often: their lengths are known."""

    vectors: Vectors
    squares: Singles
    """(N,) squared lengths; empty by cosine, where they are not needed."""
    longest: float
    """The greatest length: no rounding error is larger than its products'."""

    @classmethod
    def of(cls, vectors: Vectors) -> Searcher:
        """One pass over the vectors."""
        squares = np.einsum("nd,nd->n", vectors.vectors, vectors.vectors)
        longest = float(np.sqrt(squares.max(initial=0))) * 1.001
        return cls(vectors, squares if vectors.metric == "euclidean" else squares[:0], longest)

    def nearest(self, probes: ArrayLike, k: int) -> tuple[Ids, Floats]:
        """As `search`."""
        wide = np.atleast_2d(np.asarray(probes))
        wanted = max(0, min(k, len(self.vectors)))
        ids, far = np.empty((len(wide), wanted), np.int64), np.empty((len(wide), wanted))
        for start in range(0, len(wide), _PROBES_AT_ONCE):
            portion = wide[start : start + _PROBES_AT_ONCE]
            for row, rows in enumerate(self._candidates(portion.astype(np.float32), wanted) if wanted else (), start):
                ids[row], far[row] = self._ranked(rows, wide[row], wanted)
        return ids, far

    def _ranked(self, rows: Ids, probe: NDArray[np.floating], k: int) -> tuple[Ids, Floats]:
        apart = exactly(self.vectors.vectors[rows], probe, self.vectors.metric)
        ids = self.vectors.template_ids[rows]
        first = np.lexsort((ids, apart))[:k]
        return ids[first], apart[first]

    def _candidates(self, probes: Singles, k: int) -> list[Ids]:
        """For each probe the rows that may be among its k nearest."""
        slack = self._slack(probes)
        kept = [_Nearest(k, each) for each in slack]
        data = self.vectors.vectors
        step = max(1, _BYTES_AT_ONCE // max(1, 4 * max(data.shape[1], len(probes))))
        for start in range(0, len(data), step):
            part = slice(start, start + step)
            for row, near in enumerate(self._nearly(data[part], self.squares[part], probes)):
                kept[row].add(near, start)
        return [each.rows() for each in kept]

    def _nearly(self, rows: Singles, squares: Singles, probes: Singles) -> Singles:
        """(P, rows) distances by cosine, squared distances less the probe's own square else; rounded."""
        products: Singles = (rows @ probes[0])[None] if len(probes) == 1 else probes @ rows.T
        if self.vectors.metric == "cosine":
            return np.asarray(np.maximum(np.float32(1) - products, 0), np.float32)
        products *= np.float32(-2)
        products += squares
        return products

    def _slack(self, probes: Singles) -> Floats:
        """(P,) how far two of these numbers may stand in the wrong order: twice the largest error of one."""
        lengths = np.linalg.norm(probes.astype(np.float64), axis=1) * 1.001
        terms = probes.shape[1] + 4
        if self.vectors.metric == "cosine":
            return np.asarray(2 * terms * _ROUNDING * (lengths * self.longest + 1), np.float64)
        return np.asarray(2 * terms * _ROUNDING * np.square(lengths + self.longest), np.float64)


class _Nearest:
    """The rows nearest to one probe so far, and all within the slack of the farthest of them."""

    def __init__(self, k: int, slack: float) -> None:
        self.k, self.slack = k, slack
        self.limit = np.float32(np.inf)
        self.found = np.empty(0, np.int64)
        self.near: Singles = np.empty(0, np.float32)

    def add(self, near: Singles, start: int) -> None:
        """Look at what stands at rows from `start` on."""
        within = np.flatnonzero(near <= self.limit)
        if not len(within):
            return
        self.found = np.concatenate([self.found, within + start])
        self.near = np.concatenate([self.near, near[within]])
        if len(self.near) > self.k:
            farthest = float(np.partition(self.near, self.k - 1)[self.k - 1])
            self.limit = np.nextafter(np.float32(farthest + self.slack), np.float32(np.inf))
            stays = self.near <= self.limit
            self.found, self.near = self.found[stays], self.near[stays]

    def rows(self) -> Ids:
        """What may be among the nearest."""
        return self.found
