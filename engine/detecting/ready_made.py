"""Weights from elsewhere put to work without any training: a network that detects the classes they know at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor

from engine import checkpoints
from engine.checkpoints import Card, Position
from engine.detecting.predicting import Predictor
from engine.detectors import DETECTORS, Detector, Network, ReadyMade, classes_chosen, plain_name
from engine.errors import UserError
from engine.nn import weights


@dataclass(frozen=True, slots=True)
class Foreign:
    """Weights that were trained elsewhere: for which detector, and in which file.

    What `export-weights` wrote says itself for which detector and which classes it is.
    """

    detector: str | None
    path: Path


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Weights, and what is known of them."""

    detector: str
    tensors: Mapping[str, Tensor]
    class_names: tuple[str, ...]
    card: Card | None
    """Their own, where they were trained here."""


def predictor(foreign: Foreign, device: torch.device) -> Predictor:
    """The network for all classes that the weights know; class ids are their numbers in that order, from 0.

    Raises UserError where the file is not to be had, or not known well enough to detect with.
    """
    known = read(foreign)
    network, card = built(foreign.path, known, dict(enumerate(known.class_names)))
    return Predictor(network.to(device).eval().requires_grad_(False), card, device)


def read(foreign: Foreign) -> Known:
    """Tensors, and the names of their classes; raises UserError where the classes are not known."""
    tensors = weights.read(foreign.path)
    own = checkpoints.card_in(foreign.path)
    if own is not None:
        if foreign.detector not in (None, own.detector):
            raise UserError(f"{foreign.path} is for {own.detector}, not for {foreign.detector}.")
        return Known(own.detector, checkpoints.averaged(tensors) or tensors, tuple(own.class_names.values()), own)
    if foreign.detector is None:
        raise UserError(f"It is not known for which detector {foreign.path} is.", "Name it with --detector.")
    detector: Detector[Any] = DETECTORS.get(foreign.detector)
    names = detector.known_classes(tensors) if isinstance(detector, ReadyMade) else ()
    if not names:
        lack = f"It is not known which classes {foreign.path} is for"
        raise UserError(f"{lack}: {detector.title} cannot detect with it as it is.", "Train on top of it instead.")
    return Known(foreign.detector, tensors, names, None)


def built(path: Path, known: Known, names: Mapping[int, str]) -> tuple[Network, Card]:
    """The network for these classes, every tensor of it from the file, and its card; raises UserError for a lack."""
    if known.card is not None:
        return _rebuilt(path, known, known.card, names)
    detector: Detector[Any] = DETECTORS.get(known.detector)
    asked = detector.asked_options(known.tensors) if isinstance(detector, ReadyMade) else {}
    options = msgspec.convert(asked, detector.options)
    network = detector.build(options, len(names))
    report, adopted = detector.adopt(network, classes_chosen(detector, known.tensors, tuple(names.values())))
    if report.n_matched < report.n_wanted:
        raise UserError(f"{path} is not whole: {report.n_matched} of {report.n_wanted} tensors.")
    card = Card(
        detector=known.detector, options=msgspec.to_builtins(options),
        class_names=_by_id(names), normalisation=network.normalisation,
        metrics={}, seed=0, threads=1, precision="float32", weights=report, adopted=adopted, position=Position(),
    )  # fmt: skip
    return network, card


def _rebuilt(path: Path, known: Known, card: Card, names: Mapping[int, str]) -> tuple[Network, Card]:
    """A network that was trained here, as it was; raises UserError where some of its classes are not wanted."""
    wanted = {plain_name(name): (class_id, name) for class_id, name in names.items()}
    missing = [name for name in known.class_names if plain_name(name) not in wanted]
    if missing:
        raise UserError(f"The project lacks classes that {path} knows: {', '.join(missing)}.", "Add them first.")
    chosen = dict(wanted[plain_name(name)] for name in known.class_names)
    card = replace(card, class_names=_by_id(chosen))
    network = checkpoints.rebuild(card)
    try:
        network.load_state_dict(dict(known.tensors))
    except RuntimeError as error:
        raise UserError(f"{path} is not whole: its tensors are not those of its card.") from error
    return network, card


def _by_id(names: Mapping[int, str]) -> dict[str, str]:
    return {str(class_id): name for class_id, name in names.items()}
