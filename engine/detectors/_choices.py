"""Options chosen from the data: input size, anchors, limits. Each choice comes with its reason in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.detectors._survey import Survey
from engine.nn import priors
from engine.nn.priors import Anchors

_SMALLEST_SIDE, _LARGEST_SIDE_CPU, _LARGEST_SIDE_GPU = 320, 640, 1024
_FEWEST, _MOST = 300, 2000


@dataclass(frozen=True, slots=True)
class Choice:
    """Some options chosen from the data, and why."""

    chosen: Mapping[str, Any]
    reason: str


def merged(choices: Sequence[Choice]) -> dict[str, Any]:
    """The options of several choices."""
    return {name: value for choice in choices for name, value in choice.chosen.items()}


def reasons(choices: Sequence[Choice], given: Mapping[str, Any]) -> tuple[str, ...]:
    """Why, except where one of the options is given anyway."""
    return tuple(choice.reason for choice in choices if not choice.chosen.keys() & given.keys())


def input_size(survey: Survey, device: torch.device, wanted: float) -> Choice:
    """The shorter side, a multiple of 32, at which all but the smallest quarter of the objects have `wanted` pixels."""
    if not len(survey.boxes):
        return Choice({}, "Pictures are scaled as usual: there are no objects to choose a size from.")
    most = _LARGEST_SIDE_CPU if device.type == "cpu" else _LARGEST_SIDE_GPU
    small = max(float(np.quantile(survey.sides, 0.25)), 1.0)
    ideal = wanted / small * float(np.median(survey.sizes.min(axis=1)))
    side = int(np.clip(round(ideal / 32) * 32, _SMALLEST_SIDE, most))
    why = f"a quarter of the objects is smaller than {small:.0f} pixels"
    chosen = {"min_side": side, "max_side": 2 * side}
    return Choice(chosen, f"Pictures are scaled to a shorter side of {side} pixels: {why}.")


def shapes_model(survey: Survey, min_side: int, max_side: int) -> NDArray[np.float64]:
    """(N, 2) width, height of every object in model pixels."""
    shorter, longer = survey.sizes.min(axis=1), survey.sizes.max(axis=1)
    boxes = survey.scaled(np.minimum(min_side / shorter, max_side / longer))
    return np.asarray(boxes[:, 2:] - boxes[:, :2])


def fitted_anchors(shapes: NDArray[np.float64], scales: Sequence[float] = (1.0,)) -> Choice:
    """One side for each of five levels and three ratios, fitted to objects of these shapes.

    A network that has boxes of several `scales` on each level covers them better, and the reason says how well.
    """
    anchors = priors.fit(shapes)
    every = Anchors(tuple(side * scale for side in anchors.sides for scale in scales), anchors.ratios)
    best = priors.shape_iou(shapes, every.shapes).max(axis=1)
    sides = ", ".join(f"{side:.0f}" for side in anchors.sides)
    chosen = {"anchor_sides": anchors.sides, "anchor_ratios": anchors.ratios}
    if not len(best):
        return Choice(chosen, f"Anchors of {sides} pixels as usual: there are no objects to fit them to.")
    covers = f"mean best IoU {best.mean():.2f}, {(best > 0.5).mean():.0%} above 0.5"
    return Choice(chosen, f"Anchors of {sides} pixels cover the objects' shapes: {covers}.")


def limit(survey: Survey) -> Choice:
    """Room for twice as many detections as the fullest picture has objects."""
    most = survey.most_per_picture
    room = int(np.clip(100 * np.ceil(2 * most / 100), _FEWEST, _MOST))
    return Choice(
        {"detections_per_image": room}, f"Up to {room} detections a picture: the fullest one has {most} objects."
    )
