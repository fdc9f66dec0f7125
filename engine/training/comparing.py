"""Runs compared: the options that differ, as they were really used, and AP by class on what each has detected.

AP is of the detections that the project keeps, on the validation pictures, beside the annotations as they are now: the
same yardstick for all, also where the annotations have grown since a run was trained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import msgspec

from engine.detectors import DETECTORS, options_help
from engine.errors import UserError
from engine.evaluation.coco_tables import IouType
from engine.evaluation.stored import Evaluation, evaluate_run
from engine.progress import Work
from engine.project import classes, runs
from engine.project.records import Run
from engine.project.store import Project
from engine.training.augment import Augmentation
from engine.training.compared import ClassAp, Difference, RunsCompared
from engine.training.recipe import Recipe

_PLAIN_HELP = {
    "detector": "Which network learns.",
    "weights": "What it started from.",
    "epochs": "How many times through all pictures.",
    "minutes": "How long.",
    "device": "What it ran on.",
    "training pictures": "How many it learned from.",
    "validation pictures": "How many it was tried on.",
}
"""Of what is no option of a drop-in."""
_NOT_SAID_TWICE = frozenset({"detector", "options", "augmentation"})


@dataclass(frozen=True, slots=True)
class _Used:
    """One thing that a run was trained with."""

    help: str
    words: str


def compare_runs(project: Project, run_ids: Sequence[int]) -> Work[RunsCompared]:
    """Put runs side by side; raises UserError where one is not there, or is of no recipe."""
    found = [runs.get(project, run_id) for run_id in run_ids]
    used = [_used(project, run) for run in found]
    names = list(dict.fromkeys(name for each in used for name in each))
    differences = tuple(each for name in names if len(set((each := _difference(name, used)).values)) > 1)
    evaluations: list[Evaluation] = []
    for run_id in run_ids:
        evaluations.append((yield from evaluate_run(project, run_id, "val")))
    kind = _shared_kind(evaluations)
    return RunsCompared(
        tuple(run_ids),
        differences,
        len(names) - len(differences),
        ClassAp("All classes", tuple(_ap(each, kind, None) for each in evaluations)),
        tuple(
            ClassAp(each.name, tuple(_ap(one, kind, each.name) for one in evaluations))
            for each in classes.all_classes(project)
        ),
        "masks" if kind == "segm" else "boxes",
        tuple(len(each.image_ids) for each in evaluations),
    )


def _difference(name: str, used: Sequence[Mapping[str, _Used]]) -> Difference:
    told = next(each[name].help for each in used if name in each)
    return Difference(
        name[:1].upper() + name[1:], told, tuple(each[name].words if name in each else "" for each in used)
    )


def _used(project: Project, run: Run) -> dict[str, _Used]:
    """Everything a run was trained with, by name in words."""
    recipe = Recipe.from_json(run.recipe)
    detector = DETECTORS.get(recipe.detector)
    found = {"detector": _Used(_PLAIN_HELP["detector"], detector.title)}
    for each in fields(Recipe):
        if each.name not in _NOT_SAID_TWICE:
            told = str(each.metadata.get("help", _PLAIN_HELP.get(each.name, "")))
            found[_spaced(each.name)] = _Used(told, _in_words(getattr(recipe, each.name)))
    if run.device:
        found["device"] = _Used(_PLAIN_HELP["device"], run.device)
    for name, told in options_help(Augmentation).items():
        found[_spaced(name)] = _Used(told, _in_words(getattr(recipe.augmentation, name)))
    options = _options(project, run, recipe)
    for name, told in options_help(detector.options).items():
        if name in options:
            found[_spaced(name)] = _Used(told, _in_words(options[name]))
    return found | _pictures(project, run)


def _options(project: Project, run: Run, recipe: Recipe) -> Mapping[str, Any]:
    """The detector's options as they were chosen, where the run has come so far as to keep a checkpoint."""
    try:
        card = msgspec.json.decode(runs.checkpoint(project, run.id).card)
    except (UserError, msgspec.DecodeError):
        return recipe.options
    options = card.get("options") if isinstance(card, dict) else None
    return options if isinstance(options, dict) and options else recipe.options


def _pictures(project: Project, run: Run) -> dict[str, _Used]:
    splits = [split for _, split, _ in runs.images_of(project, run.id)]
    if not splits:
        return {}
    counted = {"training pictures": splits.count("train"), "validation pictures": splits.count("val")}
    return {name: _Used(_PLAIN_HELP[name], f"{n:,}") for name, n in counted.items()}


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _in_words(value: Any) -> str:
    if value is None:
        return "as chosen"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list | tuple):
        return ", ".join(_in_words(each) for each in value) or "none"
    return str(value)


def _shared_kind(evaluations: Sequence[Evaluation]) -> IouType:
    """Masks where every run that looked at anything has masks, so that like is compared with like."""
    kinds = [{judgement.iou_type for judgement in each.judgements} for each in evaluations if each.image_ids]
    return "segm" if kinds and all("segm" in each for each in kinds) else "bbox"


def _ap(evaluation: Evaluation, kind: IouType, class_name: str | None) -> float | None:
    if not evaluation.image_ids:
        return None
    scores = evaluation.judgement(kind).scores
    return scores.AP if class_name is None else scores.ap_by_class.get(class_name)
