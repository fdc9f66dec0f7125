"""Runs compared: the options that differ, as they were really used, and AP by class on what each has detected.

AP is of the detections that the project keeps, on the validation pictures, beside the annotations as they are now: the
same yardstick for all, also where the annotations have grown since a run was trained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from engine.detectors import DETECTORS, options_help
from engine.errors import UserError
from engine.evaluation.coco_tables import IouType
from engine.evaluation.stored import Evaluation, evaluate_run
from engine.feeding.augment import Augmentation
from engine.progress import Work
from engine.project import classes, runs
from engine.project.records import Run
from engine.project.store import Project
from engine.training.compared import ClassAp, Difference, RunsCompared
from engine.training.plan import choosables, titled
from engine.training.recipe import Recipe

_PLAIN_HELP = {
    "detector": "Which network learns.",
    "weights": "What it started from.",
    "until": "How long it goes on.",
    "device": "What it ran on.",
    "training_pictures": "How many it learned from.",
    "validation_pictures": "How many it was tried on.",
}
"""Of what is no option of a drop-in."""


@dataclass(frozen=True, slots=True)
class _Used:
    """One thing that a run was trained with."""

    help: str
    words: str


def compare_runs(project: Project, run_ids: Sequence[int]) -> Work[RunsCompared]:
    """Put runs side by side; raises UserError where one is not there, or is of no recipe."""
    found = [runs.detector(project, run_id) for run_id in run_ids]
    used = [_used(project, run) for run in found]
    names = [name for name in used[0] if all(name in each for each in used)] if used else []
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
    return Difference(titled(name), used[0][name].help, tuple(each[name].words for each in used))


def _used(project: Project, run: Run) -> dict[str, _Used]:
    """Everything that is known of how a run was trained, by name."""
    recipe = Recipe.from_json(run.recipe)
    detector = DETECTORS.get(recipe.detector)
    until = f"{recipe.epochs:,} epochs" if recipe.epochs is not None else f"{recipe.budget_minutes:g} minutes"
    plain = {
        "detector": detector.title,
        "weights": recipe.weights if recipe.weights in ("auto", "none") else Path(recipe.weights).name,
        "until": until,
        "device": run.device or recipe.device,
    } | _pictures(project, run)
    found = {name: _Used(_PLAIN_HELP[name], words) for name, words in plain.items()}
    options = _options(project, run, recipe)
    for kind, values in ((Recipe, recipe), (Augmentation, recipe.augmentation)):
        for each in choosables(kind, values):
            found[each.name] = _Used(each.help, _in_words(each.value))
    for name, told in options_help(detector.options).items():
        if name in options:
            found[name] = _Used(told, _in_words(options[name]))
    return found


def _options(project: Project, run: Run, recipe: Recipe) -> Mapping[str, Any]:
    """The detector's options as they were chosen, where the run has come so far as to keep a checkpoint."""
    try:
        card = msgspec.json.decode(runs.checkpoint(project, run.id).card)
    except (UserError, msgspec.DecodeError):
        return recipe.options
    options = card.get("options") if isinstance(card, dict) else None
    return options if isinstance(options, dict) and options else recipe.options


def _pictures(project: Project, run: Run) -> dict[str, str]:
    splits = [split for _, split, _ in runs.images_of(project, run.id)]
    counted = {"training_pictures": splits.count("train"), "validation_pictures": splits.count("val")}
    return {name: f"{n:,}" for name, n in counted.items()} if splits else {}


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
