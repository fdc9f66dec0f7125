"""Which pictures an epoch shows, and in which order: those with rare classes more often.

Repeat factors as of LVIS (Gupta et al. 2019, appendix B): a class that a share f of the pictures show asks for
max(1, sqrt(t / f)) views of each of them, and a picture is shown as often as its rarest class asks. Fractions are made
up for from epoch to epoch, by systematic sampling: every epoch has the same number of views, and over many epochs each
picture has its share of them.

Legend: P pictures, K classes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from engine.detectors import Survey


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """How often each picture is shown in an epoch, on average."""

    factors: NDArray[np.float64]
    """(P,) at least 1 each; their sum is a whole number."""

    def __len__(self) -> int:
        """Views in an epoch, the same in each."""
        return round(float(self.factors.sum()))

    @classmethod
    def even(cls, n_pictures: int) -> Views:
        """Every picture once."""
        return cls(np.ones(n_pictures))

    @property
    def are_even(self) -> bool:
        """Whether every picture is shown once."""
        return bool((self.factors == 1).all())

    def order(self, generator: torch.Generator) -> list[int]:
        """The pictures of one epoch, in the order in which they are shown."""
        start = 0.0 if self.are_even else float(torch.rand((), generator=generator, dtype=torch.float64))
        ends = np.floor(np.cumsum(self.factors) + start + _TINY)
        ends[-1] = len(self)
        counts = np.diff(np.concatenate([[0.0], np.minimum(ends, len(self))])).astype(np.int64)
        shown = torch.from_numpy(np.repeat(np.arange(len(counts)), counts))
        return shown[torch.randperm(len(shown), generator=generator)].tolist()


_TINY = 1e-9
"""Sums of factors that should be whole numbers may be a little less."""


def balanced(survey: Survey, rare: float) -> Views:
    """Views by class, where a class is rare that fewer than the share `rare` of the pictures show.

    Where most classes are, those are rare that fewer pictures show than half of the classes do.
    """
    n_pictures = len(survey.sizes)
    if rare <= 0 or not len(survey.boxes) or len(survey.class_of) != len(survey.boxes):
        return Views.even(n_pictures)
    shares = class_shares(survey)
    seen = shares[shares > 0]
    asked = np.sqrt(np.maximum(min(rare, float(np.median(seen))) / np.maximum(shares, 1e-12), 1))
    factors = np.ones(n_pictures)
    np.maximum.at(factors, survey.picture_of, asked[survey.class_of])
    whole = math.ceil(float(factors.sum()) - _TINY)
    return Views(factors * (whole / factors.sum()))


def class_shares(survey: Survey) -> NDArray[np.float64]:
    """(K,) the share of the pictures that show each class."""
    pairs = np.unique(np.stack([survey.class_of, survey.picture_of]), axis=1)
    return np.asarray(np.bincount(pairs[0], minlength=survey.n_classes) / max(len(survey.sizes), 1))


def reason(survey: Survey, views: Views) -> str | None:
    """What is shown more often and why; None where all are alike."""
    if views.are_even:
        return None
    n_more = int((views.factors > 1.05).sum())
    rarest = class_shares(survey)
    least = round(float(rarest[rarest > 0].min()) * len(survey.sizes))
    often = float(views.factors.max())
    pictures = f"{n_more} pictures with rare classes are shown up to {often:.1f} times as often"
    return f"{pictures}: the rarest class is on {least} of {len(survey.sizes)} pictures."
