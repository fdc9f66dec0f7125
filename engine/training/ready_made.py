"""Weights from elsewhere put to work without any training: a network that detects the classes they know at once.

In a project they become a run of their own whose only checkpoint is 'imported', so that whatever is done with a trained
network (detecting, evaluating, looking inside) is done with them as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
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
from engine.training.learner import averaged
from engine.training.predicting import Predictor
from engine.training.recipe import Recipe
from engine.training.starting import classes_chosen, plain_name

_N_NAMED = 5


@dataclass(frozen=True, slots=True)
class Foreign:
    """Weights that were trained elsewhere: for which detector, and in which file.

    What `export-weights` wrote says itself for which detector and which classes it is.
    """

    detector: str | None
    path: Path


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
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
    known = _read(foreign)
    network, card = _built(foreign.path, known, dict(enumerate(known.class_names)))
    return Predictor(network.to(device).eval().requires_grad_(False), card, device)


def import_run(project: Project, foreign: Foreign) -> int:
    """Keep the weights as a run of the project, for its classes that they know by name; returns the run's id.

    Weights that were imported so before are that run again. A project without any class gets those of the weights.
    Raises UserError as `predictor` does, or when there is no class in common.
    """
    known = _read(foreign)
    names = known.class_names
    with project.atomic():
        chosen = _shared_classes(project, names) if classes.all_classes(project) else _added_classes(project, names)
        if not chosen:
            more = f" and {len(names) - _N_NAMED} more" if len(names) > _N_NAMED else ""
            named = ", ".join(names[:_N_NAMED]) + more
            raise UserError(f"{foreign.path} knows none of the project's classes.", f"It knows {named}.")
        network, card = _built(foreign.path, known, chosen)
        state = {name: value.contiguous() for name, value in network.state_dict().items()}
        return _kept(project, foreign.path, card, checkpoints.encode(state, card))


def _read(foreign: Foreign) -> _Known:
    """Tensors, and the names of their classes."""
    tensors = weights.read(foreign.path)
    own = checkpoints.card_in(foreign.path)
    if own is not None:
        if foreign.detector not in (None, own.detector):
            raise UserError(f"{foreign.path} is for {own.detector}, not for {foreign.detector}.")
        return _Known(own.detector, averaged(tensors) or tensors, tuple(own.class_names.values()), own)
    if foreign.detector is None:
        raise UserError(f"It is not known for which detector {foreign.path} is.", "Name it with --detector.")
    detector: Detector[Any] = DETECTORS.get(foreign.detector)
    names = detector.known_classes(tensors) if isinstance(detector, ReadyMade) else ()
    if not names:
        lack = f"It is not known which classes {foreign.path} is for"
        raise UserError(f"{lack}: {detector.title} cannot detect with it as it is.", "Train on top of it instead.")
    return _Known(foreign.detector, tensors, names, None)


def _built(path: Path, known: _Known, names: Mapping[int, str]) -> tuple[Network, Card]:
    """The network for these classes, every tensor of it from the file, and its card."""
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


def _rebuilt(path: Path, known: _Known, card: Card, names: Mapping[int, str]) -> tuple[Network, Card]:
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


def _shared_classes(project: Project, known: tuple[str, ...]) -> dict[int, str]:
    """The project's classes, by id, whose names are among the known ones."""
    names = {plain_name(name) for name in known}
    return {each.id: each.name for each in classes.all_classes(project) if plain_name(each.name) in names}


def _added_classes(project: Project, known: tuple[str, ...]) -> dict[int, str]:
    return {classes.add(project, name): name for name in known}


def _kept(project: Project, path: Path, card: Card, state: bytes) -> int:
    """The run that has just these weights, or a new one."""
    content_id = contents.put(project, state)
    for run in runs.all_runs(project):
        is_imported = runs.has_checkpoint(project, run.id, "imported")
        if is_imported and runs.checkpoint(project, run.id, "imported").content_id == content_id:
            return run.id
    recipe = Recipe(detector=card.detector, weights=str(path), options=card.options)
    run_id = runs.add(project, "detector", card.detector, recipe.to_json())
    runs.add_checkpoint(project, run_id, NewCheckpoint("imported", 0, state, card.to_json()))
    runs.set_state(project, run_id, "done", message=f"Weights of {path.name}, not trained any further.")
    return run_id
