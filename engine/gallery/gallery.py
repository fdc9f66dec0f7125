"""The vectors of faces, and those of enrolled templates: what a probe is compared with.

Legend: N templates, D numbers of a vector.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

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
