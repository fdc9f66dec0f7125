"""What a training says while it runs: frozen values that cross a process border. Rates are per second."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from engine.progress import Progress
from engine.training.glimpses import Glimpse

if TYPE_CHECKING:  # so that whoever only hears of a training needs no torch
    from engine.nn.weights import WeightsReport


@dataclass(frozen=True, slots=True)
class Downloading:
    """Pretrained weights are on their way; `n_bytes` is None where the server does not say."""

    name: str
    n_bytes_done: int
    n_bytes: int | None

    @property
    def progress(self) -> Progress:
        """In megabytes."""
        total = None if self.n_bytes is None else self.n_bytes // 10**6
        return Progress(self.n_bytes_done // 10**6, total, f"Downloading {self.name}, MB")


@dataclass(frozen=True, slots=True)
class Started:
    """Everything is chosen and the first step is next."""

    n_train: int
    n_val: int
    class_names: tuple[str, ...]
    weights: WeightsReport
    device: str
    precision: str
    n_threads: int
    n_parameters: int
    options: str
    """The detector's options as JSON."""
    reasons: tuple[str, ...]
    """Why they were chosen, in sentences."""
    resumed_at_step: int = 0


_FINE = 1000
"""In so many parts the share of a training that is done is told."""


@dataclass(frozen=True, slots=True)
class StepDone:
    """Steps were taken since the last of these; losses are means over them."""

    step: int
    epoch: int
    losses: Mapping[str, float]
    learning_rate: float
    pictures_per_second: float
    share: float
    """0 to 1 of the whole budget."""
    eta_seconds: float
    gpu_bytes: int | None = None
    """The most memory of the GPU that torch held so far; None on a CPU."""
    process_bytes: int | None = None
    """Main memory of this process now; None where the system does not tell."""

    @property
    def progress(self) -> Progress:
        """As a share of the budget, with the time that is left."""
        words = f"Epoch {self.epoch + 1}, {self.pictures_per_second:.1f} pictures a second"
        left = self.eta_seconds if math.isfinite(self.eta_seconds) else None
        return Progress(round(_FINE * self.share), _FINE, words, left, is_counted=False)


@dataclass(frozen=True, slots=True)
class EpochDone:
    """Every training picture was seen once more; losses are means over the epoch."""

    step: int
    epoch: int
    losses: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Validating:
    """The averaged network is being tried on the validation pictures."""

    n_done: int
    n_pictures: int

    @property
    def progress(self) -> Progress:
        """In pictures."""
        return Progress(self.n_done, self.n_pictures, "Trying on validation pictures")


@dataclass(frozen=True, slots=True)
class ValidationDone:
    """The averaged network was tried on the validation pictures; `metrics` as 'segm/AP50', 'val/loss_mask'."""

    step: int
    epoch: int
    metrics: Mapping[str, float | None]
    seconds: float
    is_best: bool
    glimpses: tuple[Glimpse, ...] = ()
    """What it finds on a few of them, the same ones every time."""


@dataclass(frozen=True, slots=True)
class BatchHalved:
    """Memory ran out: from here on a step takes its pictures a few at a time, and still learns from all of them."""

    step: int
    n_at_once: int
    why: str
    """In a sentence, with what the memory was asked for."""

    @property
    def progress(self) -> Progress:
        """In words alone."""
        return Progress(0, None, f"Not enough memory: pictures are taken {self.n_at_once} at a time")


@dataclass(frozen=True, slots=True)
class Paused:
    """The training rests, its last checkpoint stored; said again and again until it goes on."""

    step: int

    @property
    def progress(self) -> Progress:
        """In words alone."""
        return Progress(0, None, f"Paused after step {self.step}")


@dataclass(frozen=True, slots=True)
class WentOn:
    """A paused training goes on."""

    step: int


@dataclass(frozen=True, slots=True)
class SetChanged:
    """A run went on with images that are others, or annotated otherwise, than before."""

    step: int
    words: str
    """What changed, and what the run does about it."""


@dataclass(frozen=True, slots=True)
class CheckpointReady:
    """Weights to keep: 'best' to detect with, 'last' to go on from exactly."""

    kind: Literal["best", "last"]
    step: int
    weights: bytes
    card: str
    metrics: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Ended:
    """The training is over: its budget is spent, it was asked to stop, or it got no better for long."""

    reason: Literal["done", "stopped", "settled"]
    step: int
    epoch: int
    seconds: float
    best: Mapping[str, float | None]
    """The metrics of the best checkpoint."""
    words: str = ""
    """Why, where the reason alone does not say it, as 'no better for 12 validations'."""


@dataclass(frozen=True, slots=True)
class RunBegan:
    """A run of the queue is next; `n_waiting` more wait behind it."""

    run_id: int
    n_waiting: int


Event: TypeAlias = (
    Downloading
    | Started
    | StepDone
    | EpochDone
    | Validating
    | ValidationDone
    | BatchHalved
    | Paused
    | WentOn
    | SetChanged
    | CheckpointReady
    | Ended
)
