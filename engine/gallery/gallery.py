"""The vectors of faces, and those of enrolled templates: what a probe is compared with.

Legend: N templates, D numbers of a vector, L people.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Metric: TypeAlias = Literal["euclidean", "cosine"]
"""How far two vectors are apart: the length of their difference; or 1 - their product, where all have length 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Vectors:
    """Faces as one embedder sees them, in the order of their templates' ids."""

    template_ids: NDArray[np.int64]
    """(N,), ascending."""
    vectors: NDArray[np.float32]
    """(N, D)."""
    metric: Metric

    def __len__(self) -> int:
        return len(self.template_ids)


@dataclass(frozen=True, slots=True, eq=False)
class Gallery(Vectors):
    """Enrolled templates: vectors, and whose they are."""

    identity_ids: NDArray[np.int64]
    """(N,)."""
    learned_ids: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    """(L,) people whom the embedder learned from: as strangers they would promise too much."""

    def part(self, rows: ArrayLike) -> Gallery:
        """Some of its templates: those in these rows, or where an (N,) mask holds."""
        rows = np.asarray(rows)
        ids, vectors, people = (each[rows] for each in (self.template_ids, self.vectors, self.identity_ids))
        return Gallery(ids, vectors, self.metric, people, self.learned_ids)
