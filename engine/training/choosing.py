"""One click means one click: detector, options, time and augmentation chosen from a project, with reasons in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine import hardware
from engine.detectors import DETECTORS, Detector, Priored, ReadyMade, Suggestion, Survey
from engine.errors import UserError
from engine.feeding.augment import Augmentation
from engine.feeding.project_data import ProjectData
from engine.nn import weights
from engine.project import classes, listings, runs
from engine.project.material import kinds_of_shapes
from engine.project.placement import class_sides
from engine.project.store import Project
from engine.training.plan import AUTO, Choosable, Covered, Plan, PlanRequest, choosables
from engine.training.recipe import Recipe
from engine.training.starting import refuse_nothing, suggested
from engine.training.variety import variety

_WORTH_MASKS = 0.1
"""Of the objects so many have outlines: then they are worth learning."""
_MANY_PICTURES = 2000
"""So many annotated pictures teach a network from nothing."""
_VIEWS = 40
"""How often each picture should be seen."""
_FEWEST_MINUTES, _USUAL_MINUTES, _MOST_MINUTES = 5, 10, 120
_MOST_DOTS = 1500


@dataclass(frozen=True, slots=True)
class Suited:
    """A detector, its weights, and why it is chosen."""

    detector: str
    weights: str
    reason: str


def planned(project: Project, request: PlanRequest) -> Plan:
    """What a training would be, around what is decided already.

    Raises UserError where that cannot be, or where there is nothing to train on.
    """
    device, data = hardware.device(request.device), ProjectData(project)
    refuse_nothing(data)
    suited, survey = suited_detector(project, request, device), data.survey()
    detector = DETECTORS.get(suited.detector)
    recipe = Recipe(detector=suited.detector, options=request.options, weights=suited.weights, device=request.device)
    chosen = suggested(detector, recipe, data, device)
    augmentation, why_varied = variety(data.class_names.values(), {}, class_sides(project))
    minutes, why_minutes = _minutes(project, suited.detector, device, len(data.train_images))
    official = detector.official(chosen.options)
    return Plan(
        detector=suited.detector,
        title=detector.title,
        weights=suited.weights,
        device=_device_words(device),
        official=official.name if official else "",
        is_cached=official is not None and (weights.cache_folder() / official.file_name).exists(),
        minutes=minutes,
        reasons=(suited.reason, *chosen.reasons, *why_varied, why_minutes),
        options=choosables(detector.options, chosen.options),
        recipe=_of_recipe(recipe, chosen, device),
        augmentation=choosables(Augmentation, augmentation),
        covered=_covered(detector, survey, chosen.options),
        detectors=tuple((name, each.title) for name, each in DETECTORS),
    )


def decided(project: Project, recipe: Recipe, given: Mapping[str, Any]) -> tuple[Recipe, tuple[str, ...]]:
    """A recipe with what is left open chosen from the project, and why: detector 'auto', and what of its augmentation
    is not `given` by name."""
    names = [each.name for each in classes.all_classes(project)]
    augmentation, why_varied = variety(names, given, class_sides(project))
    recipe = replace(recipe, augmentation=augmentation)
    if recipe.detector != AUTO:
        return recipe, why_varied
    request = PlanRequest(options=recipe.options, weights=recipe.weights, device=recipe.device)
    suited = suited_detector(project, request, hardware.device(recipe.device))
    return replace(recipe, detector=suited.detector), (suited.reason, *why_varied)


def suited_detector(project: Project, request: PlanRequest, device: torch.device) -> Suited:
    """The detector that is asked for, or else one by the weights that are given, or by what is annotated."""
    if request.detector != AUTO:
        title = DETECTORS.get(request.detector).title
        return Suited(request.detector, request.weights, f"{title}, as you chose.")
    if found := _by_weights(request.weights):
        return found
    kinds = kinds_of_shapes(project)
    n_objects = sum(kinds.values())
    n_outlined, n_with_points = kinds.get("polygon", 0) + kinds.get("mask", 0), kinds.get("keypoints", 0)
    if n_with_points and 2 * n_with_points >= n_objects:
        return _suited("keypoint_rcnn", request, f"{n_with_points:,} of {n_objects:,} objects have keypoints")
    if n_outlined and n_outlined >= _WORTH_MASKS * n_objects:
        return _suited(
            "mask_rcnn", request, f"{n_outlined:,} of {n_objects:,} objects have outlines, so masks are learned"
        )
    return _of_boxes(project, request, device)


def _of_boxes(project: Project, request: PlanRequest, device: torch.device) -> Suited:
    n_pictures = len(ProjectData(project).train_images)
    file = request.files.get("yolo", "")
    if request.weights == AUTO and file and Path(file).is_file():
        found = _suited("yolo", request, "objects are boxes, and you have weights for it: those used last")
        return replace(found, weights=file)
    if device.type == "cuda" and n_pictures >= _MANY_PICTURES:
        why = f"objects are boxes, and {n_pictures:,} pictures on a GPU are enough to begin without pretrained weights"
        return _suited("yolo", request, why)
    why = "objects are boxes, and it begins from official pretrained weights; YOLO does so with a file of them"
    return _suited("faster_rcnn", request, why)


def _suited(name: str, request: PlanRequest, why: str) -> Suited:
    return Suited(name, request.weights, f"{DETECTORS.get(name).title}: {why}.")


def _by_weights(given: str) -> Suited | None:
    """The detector that a file of weights was made for, where one knows it."""
    if given in (AUTO, "none"):
        return None
    tensors = weights.read(Path(given))
    for name, detector in DETECTORS:
        if isinstance(detector, ReadyMade) and _fits(detector, tensors):
            return Suited(name, given, f"{detector.title}: {Path(given).name} holds weights of it.")
    return None


def _fits(detector: ReadyMade, tensors: Mapping[str, Any]) -> bool:
    try:
        return bool(detector.asked_options(tensors))
    except UserError:
        return False


def _minutes(project: Project, detector: str, device: torch.device, n_pictures: int) -> tuple[int, str]:
    """How long a training should take, by how fast the last one like it was, and why."""
    rate = _rate(project, detector, device)
    if rate is None:
        return _USUAL_MINUTES, f"{_USUAL_MINUTES} minutes as a beginning: nothing like it was trained here before."
    wanted = _VIEWS * n_pictures / rate / 60
    minutes = int(min(max(_FEWEST_MINUTES * round(wanted / _FEWEST_MINUTES), _FEWEST_MINUTES), _MOST_MINUTES))
    views = minutes * 60 * rate / max(n_pictures, 1)
    return minutes, f"{minutes} minutes: at {rate:.1f} pictures a second, as last time, each is seen {views:.0f} times."


def _rate(project: Project, detector: str, device: torch.device) -> float | None:
    """Pictures a second of the newest run of the detector on such a device."""
    like = (each for each in runs.all_runs(project) if each.network == detector and each.device.startswith(device.type))
    rates = (listings.last_value(project, each.id, "train/pictures_per_second") for each in like)
    return next((rate for rate in rates if rate), None)


def _of_recipe(recipe: Recipe, chosen: Suggestion[Any], device: torch.device) -> tuple[Choosable, ...]:
    batch = chosen.batch or recipe.batch_on(device.type)
    return choosables(Recipe, replace(recipe, batch=batch))


def _covered(detector: Detector[Any], survey: Survey, options: Any) -> Covered | None:
    found = detector.covered(survey, options) if isinstance(detector, Priored) else None
    if found is None:
        return None
    few = found.shapes[:: -(-len(found.shapes) // _MOST_DOTS) or 1]
    return Covered(
        tuple((float(width), float(height)) for width, height in few), len(found.shapes),
        tuple((float(width), float(height)) for width, height in found.priors),
        tuple(np.bincount(found.best, minlength=len(found.priors)).tolist()),
        found.mean_best_iou, found.share_above_half,
    )  # fmt: skip


def _device_words(device: torch.device) -> str:
    return torch.cuda.get_device_name() if device.type == "cuda" else f"CPU, {hardware.n_cores()} cores"
