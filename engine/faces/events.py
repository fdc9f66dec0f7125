"""What the training of an embedder says while it runs: frozen values that cross a process border."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from engine.progress import Progress

if TYPE_CHECKING:  # so that whoever only hears of a training needs no torch
    from engine.faces.trying import HardPair

_FINE = 1000
"""In so many parts the share of a training that is done is told."""


@dataclass(frozen=True, slots=True)
class FacesRunBegan:
    """The training has a run in the project."""

    run_id: int


@dataclass(frozen=True, slots=True)
class FacesStarted:
    """Everything is chosen and the first step is next."""

    n_faces: int
    n_people: int
    n_tried_people: int
    """People whom the network is tried on and never learns from; 0 where there are too few for that."""
    n_parameters: int
    n_threads: int
    resumed_at_step: int = 0
    n_clicked: int = 0
    """Pairs that are learned of which a person said whether they are of one person."""
    n_clicked_tried: int = 0
    """Such pairs that are never learned from."""
    tried_rows: tuple[int, ...] = ()
    """Which of the crops that the training was given are never learned from."""


@dataclass(frozen=True, slots=True)
class FacesStepDone:
    """Steps were taken since the last of these; losses are means over them."""

    step: int
    losses: Mapping[str, float]
    """Loss terms by name, and 'apart', the mean distance between strangers."""
    faces_per_second: float
    share: float
    """0 to 1 of the whole budget."""
    eta_seconds: float

    @property
    def progress(self) -> Progress:
        """As a share of the budget, with the time that is left."""
        left = self.eta_seconds if math.isfinite(self.eta_seconds) else None
        words = f"{self.faces_per_second:.0f} faces a second"
        return Progress(round(_FINE * self.share), _FINE, words, left, is_counted=False)


@dataclass(frozen=True, slots=True)
class FacesTried:
    """The averaged network was tried on people it never learned from, or where there are none, on its own."""

    step: int
    metrics: Mapping[str, float | None]
    """'val/rank1', 'val/order', 'val/apart'; 'train/...' where there are no other people. Of a pair head also
    'val/order_of_head'; where pairs that a person clicked are kept back, 'val/order_of_clicked'."""
    hardest: tuple[HardPair, ...]


@dataclass(frozen=True, slots=True)
class HardFaces:
    """Two faces of a project that the network is wrong about, or nearly so."""

    first_template_id: int
    second_template_id: int
    distance: float
    is_same: bool
    """One person's, yet far apart; else strangers, yet near."""


@dataclass(frozen=True, slots=True)
class HardestFaces:
    """FacesTried, as it is told where the faces are those of a project."""

    step: int
    metrics: Mapping[str, float | None]
    pairs: tuple[HardFaces, ...]
    """Of strangers the nearest first, then of one person the farthest first."""


@dataclass(frozen=True, slots=True)
class Collapsed:
    """All faces have become one: strangers are no farther apart than this. Said once."""

    step: int
    apart: float
    words: str


@dataclass(frozen=True, slots=True)
class FacesCheckpoint:
    """The averaged network to embed with, and what is needed to go on from here exactly.

    One is the best that is at least nearly as good as every one before: the later of equals, for steps become finer.
    """

    step: int
    weights: bytes
    """A file of the embedder, as `engine.embedders.decode` reads it."""
    card: str
    """The card in that file, as JSON."""
    state: bytes
    metrics: Mapping[str, float | None]
    is_best: bool = True


@dataclass(frozen=True, slots=True)
class FacesEnded:
    """The training is over: its budget is spent, or it was asked to stop."""

    reason: Literal["done", "stopped"]
    step: int
    seconds: float
    metrics: Mapping[str, float | None]
    """Of the best checkpoint."""


FaceEvent: TypeAlias = FacesStarted | FacesStepDone | FacesTried | Collapsed | FacesCheckpoint | FacesEnded
