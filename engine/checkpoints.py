"""Checkpoints: tensors as safetensors bytes, with a card of JSON that says how to rebuild the network and go on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import safetensors
import torch
import torchvision
from safetensors.torch import load, save
from torch import Tensor

import engine
from engine.detectors import DETECTORS, Network, Normalisation
from engine.errors import UserError
from engine.nn.weights import WeightsReport

AVERAGE = "average."
"""Before the names of the averaged weights in the state of a training."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a training stands: what has to be known besides tensors to go on exactly."""

    step: int = 0
    """Steps taken."""
    epoch: int = 0
    batch: int = 0
    """Batches of the epoch that are done."""
    seconds: float = 0.0
    best: Mapping[str, float | None] = field(default_factory=dict)
    """Metrics of the best checkpoint so far."""
    n_at_once: int | None = None
    """Pictures of a step that are taken together; None is all, less is since memory ran out."""
    validated_step: int = -1
    """The step of the last validation."""
    validated_at: float = 0.0
    """In seconds of the training."""
    validation_seconds: float | None = None
    """How long the last validation took."""
    to_beat: float = -1.0
    """The score since which validations have been no better, and how many these are."""
    n_no_better: int = 0
    is_validating: bool = False
    """Whether a validation was due or under way, which is then begun anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a checkpoint is: everything but the tensors."""

    detector: str
    options: Mapping[str, Any]
    class_names: Mapping[str, str]
    """By class id (as text, for JSON has no other keys), in the order of the network's class indices."""
    normalisation: Normalisation
    metrics: Mapping[str, float | None]
    seed: int
    threads: int
    precision: str
    weights: WeightsReport
    """What the training started from."""
    adopted: tuple[str, ...]
    """Names of the tensors that came from there."""
    position: Position
    batch: int | None = None
    """Pictures in a step, where the detector chose it."""
    versions: Mapping[str, str] = field(
        default_factory=lambda: {
            "boxwright": engine.__version__, "torch": str(torch.__version__), "torchvision": torchvision.__version__,
        }
    )  # fmt: skip

    @property
    def class_ids(self) -> tuple[int, ...]:
        return tuple(int(class_id) for class_id in self.class_names)

    def to_json(self) -> str:
        """The card as it is kept beside the tensors."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_json(cls, text: str) -> Card:
        """The card of a checkpoint; raises UserError when it is none."""
        try:
            return msgspec.json.decode(text, type=cls)
        except msgspec.DecodeError as error:
            raise UserError(f"This is no checkpoint's card: {error}.") from error


def encode(tensors: Mapping[str, Tensor], card: Card) -> bytes:
    """Tensors and card in one safetensors file."""
    return save(dict(tensors), metadata={"card": card.to_json()})


def decode(weights: bytes) -> tuple[dict[str, Tensor], Card]:
    """Tensors and card of a checkpoint; raises UserError when the bytes are none."""
    try:
        return load(weights), Card.from_json(_metadata(weights).get("card", ""))
    except (safetensors.SafetensorError, ValueError, KeyError) as error:
        raise UserError(f"This is no checkpoint: {error}.") from error


def card_in(path: Path) -> Card | None:
    """The card in the header of a safetensors file; None where it has none, or is no such file."""
    if path.suffix != ".safetensors":
        return None
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            text = (file.metadata() or {}).get("card")
    except (OSError, safetensors.SafetensorError):
        return None
    return None if text is None else Card.from_json(text)


def _metadata(weights: bytes) -> dict[str, str]:
    """The metadata in the header of a safetensors file."""
    length = int.from_bytes(weights[:8], "little")
    header = msgspec.json.decode(weights[8 : 8 + length])
    metadata: dict[str, str] = header.get("__metadata__", {})
    return metadata


def averaged(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The averaged weights in a state."""
    return dict(under(state, AVERAGE))


def under(state: Mapping[str, Tensor], prefix: str) -> Iterator[tuple[str, Tensor]]:
    """The tensors under a prefix, without it."""
    return ((name.removeprefix(prefix), value) for name, value in state.items() if name.startswith(prefix))


def rebuild(card: Card) -> Network:
    """A network as the card says, with random weights."""
    detector = DETECTORS.get(card.detector)
    options = msgspec.convert(card.options, detector.options)
    return detector.build(options, len(card.class_names))
