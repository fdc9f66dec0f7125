"""Weights from elsewhere put to work without any training: a network that detects the classes they know at once.

In a project they become a run of their own whose only checkpoint is 'imported', so that whatever is done with a trained
network (detecting, evaluating, looking inside) is done with them as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor

from engine.detectors import DETECTORS, Detector, Network, ReadyMade
from engine.errors import UserError
from engine.nn import weights
from engine.project import classes, contents, runs
from engine.project.runs import NewCheckpoint
from engine.project.store import Project
from engine.training import checkpoints
from engine.training.checkpoints import Card, Position
from engine.training.predicting import Predictor
from engine.training.recipe import Recipe
from engine.training.starting import classes_chosen, plain_name

_N_NAMED = 5


@dataclass(frozen=True, slots=True)
class Foreign:
    """Weights that somebody else trained: for which detector, and in which file."""

    detector: str
    path: Path


def predictor(foreign: Foreign, device: torch.device) -> Predictor:
    """The network for all classes that the weights know; class ids are their numbers in that order, from 0.

    Raises UserError where the file is not to be had, or not known well enough to detect with.
    """
    tensors, known = _read(foreign)
    network, card = _built(foreign, tensors, dict(enumerate(known)))
    return Predictor(network.to(device).eval().requires_grad_(False), card, device)


def import_run(project: Project, foreign: Foreign) -> int:
    """Keep the weights as a run of the project, for its classes that they know by name; returns the run's id.

    Weights that were imported so before are that run again. A project without any class gets those of the weights.
    Raises UserError as `predictor` does, or when there is no class in common.
    """
    tensors, known = _read(foreign)
    with project.atomic():
        chosen = _shared_classes(project, known) if classes.all_classes(project) else _added_classes(project, known)
        if not chosen:
            named = f"{', '.join(known[:_N_NAMED])} and {len(known) - _N_NAMED} more"
            raise UserError(f"{foreign.path} knows none of the project's classes.", f"It knows {named}.")
        network, card = _built(foreign, tensors, chosen)
        state = {name: value.contiguous() for name, value in network.state_dict().items()}
        return _kept(project, foreign, card, checkpoints.encode(state, card))


def _read(foreign: Foreign) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """Tensors, and the names of their classes."""
    tensors = weights.read(foreign.path)
    detector: Detector[Any] = DETECTORS.get(foreign.detector)
    known = detector.known_classes(tensors) if isinstance(detector, ReadyMade) else ()
    if not known:
        lack = f"It is not known which classes {foreign.path} is for"
        raise UserError(f"{lack}: {detector.title} cannot detect with it as it is.", "Train on top of it instead.")
    return tensors, known


def _built(foreign: Foreign, tensors: Mapping[str, Tensor], names: Mapping[int, str]) -> tuple[Network, Card]:
    """The network for these classes, every tensor of it from the file, and its card."""
    detector: Detector[Any] = DETECTORS.get(foreign.detector)
    asked = detector.asked_options(tensors) if isinstance(detector, ReadyMade) else {}
    options = msgspec.convert(asked, detector.options)
    network = detector.build(options, len(names))
    report, adopted = detector.adopt(network, classes_chosen(detector, tensors, tuple(names.values())))
    if report.n_matched < report.n_wanted:
        raise UserError(f"{foreign.path} is not whole: {report.n_matched} of {report.n_wanted} tensors.")
    card = Card(
        detector=foreign.detector, options=msgspec.to_builtins(options),
        class_names={str(class_id): name for class_id, name in names.items()}, normalisation=network.normalisation,
        metrics={}, seed=0, threads=1, precision="float32", weights=report, adopted=adopted, position=Position(),
    )  # fmt: skip
    return network, card


def _shared_classes(project: Project, known: tuple[str, ...]) -> dict[int, str]:
    """The project's classes, by id, whose names are among the known ones."""
    names = {plain_name(name) for name in known}
    return {each.id: each.name for each in classes.all_classes(project) if plain_name(each.name) in names}


def _added_classes(project: Project, known: tuple[str, ...]) -> dict[int, str]:
    return {classes.add(project, name): name for name in known}


def _kept(project: Project, foreign: Foreign, card: Card, state: bytes) -> int:
    """The run that has just these weights, or a new one."""
    content_id = contents.put(project, state)
    for run in runs.all_runs(project):
        is_imported = runs.has_checkpoint(project, run.id, "imported")
        if is_imported and runs.checkpoint(project, run.id, "imported").content_id == content_id:
            return run.id
    recipe = Recipe(detector=foreign.detector, weights=str(foreign.path), options=card.options)
    run_id = runs.add(project, "detector", foreign.detector, recipe.to_json())
    runs.add_checkpoint(project, run_id, NewCheckpoint("imported", 0, state, card.to_json()))
    runs.set_state(project, run_id, "done", message=f"Weights of {foreign.path.name}, not trained any further.")
    return run_id
