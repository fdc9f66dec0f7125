"""What errands are asked and what they answer: values that the window and its workers both know. No Qt, no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from engine.project.splits import AssignSplits

if TYPE_CHECKING:
    from engine.evaluation.agreement import Agreement
    from engine.interchange.exporting import ExportReport
    from engine.interchange.joining import JoinReport


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an import would bring, as far as can be told without taking it in."""

    format: str
    title: str
    n_pictures: int
    n_annotations: int
    classes: tuple[str, ...]
    splits: tuple[str, ...]
    skipped: tuple[str, ...]
    """What would be left out, and why, one line each."""


@dataclass(frozen=True, slots=True)
class FineTune:
    """How to train, as the dialog has it."""

    detector: str
    minutes: float | None
    epochs: int | None
    weights: str
    """'auto', 'none', or the path of a file."""
    device: str
    seed: int
    keep_back: AssignSplits | None = None
    """Images to keep for validation, where there are none yet: done as an edit before the training."""
    author_id: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    """Of the detector; what is left out is chosen from the data."""
    recipe: Mapping[str, Any] = field(default_factory=dict)
    """Of the Recipe; what is left out is as usual."""
    augmentation: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """The Recipe as it is kept in a Run, made without torch."""
        limit = {"epochs": self.epochs} if self.epochs else {"minutes": self.minutes}
        plain = {"detector": self.detector, "weights": self.weights, "device": self.device, "seed": self.seed}
        return msgspec.json.encode(
            plain | limit | dict(self.recipe) | {"options": self.options, "augmentation": self.augmentation}
        ).decode()


@dataclass(frozen=True, slots=True)
class TeachFaces:
    """How to train an embedder, as the dialog has it: everything is chosen by then."""

    recipe: Mapping[str, Any]
    """Of the FaceRecipe, by name."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Of the network, by name."""

    def to_json(self) -> str:
        """The FaceRecipe as it is kept in a Run, made without torch."""
        return msgspec.json.encode({**self.recipe, "embedder_options": self.options}).decode()


@dataclass(frozen=True, slots=True)
class DetectWay:
    """How to detect, as the dialog has it."""

    tiling: Literal["auto", "never", "always"] = "auto"
    """Large pictures in tiles."""
    flips: Literal["none", "horizontal", "both"] = "none"
    with_run_ids: tuple[int, ...] = ()
    """Other runs whose detections are fused with those of the run itself."""
    is_only_missing: bool = False


USUAL_WAY = DetectWay()


@dataclass(frozen=True, slots=True)
class RunBegan:
    """The training has a run in the project."""

    run_id: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a training has chosen, in sentences."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrainingSetWritten:
    """What was exported of what a run learned from."""

    export: ExportReport
    lost: tuple[str, ...]
    """Names of pictures that are not in the project any more."""


@dataclass(frozen=True, slots=True)
class TakenAway:
    """Weights that were written for use elsewhere."""

    run_id: int
    folder: Path
    files: tuple[str, ...]
    likeness: str
    """How far ONNX differs from torch, in words; '' where it was not written."""


@dataclass(frozen=True, slots=True)
class MergeOutlook:
    """What merging another person's project would do, and how far the two agree."""

    report: JoinReport
    agreement: Agreement
