"""Which of many anchors or regions of one picture are learned from: so many by chance, a share of them on objects."""

from __future__ import annotations

import torch
from torch import Tensor


def sampled(labels: Tensor, n_wanted: int, positive_share: float, chance: torch.Generator) -> Tensor:
    """(S,) int64 ascending indices of at most `n_wanted` labels: positive ones (>= 1) up to their share, then 0s.

    Negative labels are never chosen. `chance` lives where the labels do (Ren et al. 2015, section 3.1.3).
    """
    positive, negative = (labels >= 1).nonzero()[:, 0], (labels == 0).nonzero()[:, 0]
    n_positive = min(len(positive), int(n_wanted * positive_share))
    chosen = _some(positive, n_positive, chance), _some(negative, n_wanted - n_positive, chance)
    return torch.cat(chosen).sort().values


def _some(indices: Tensor, n_wanted: int, chance: torch.Generator) -> Tensor:
    order = torch.randperm(len(indices), generator=chance, device=indices.device)
    return indices[order[:n_wanted]]
