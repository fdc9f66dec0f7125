"""Options chosen from the data: input size, anchors, limits. Each choice comes with its reason in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from engine.detectors._survey import Survey
from engine.detectors._torchvision import TorchvisionOptions
from engine.nn import priors
from engine.nn.priors import Anchors, Coverage

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


@dataclass(frozen=True, slots=True)
class Wish:
    """What a detector wants pictures scaled to."""

    pixels: float
    """Model pixels a side that all but the smallest quarter of the objects shall have."""
    side: Literal["shorter", "longer"] = "shorter"
    """Which side of a picture is spoken of."""
    least: int = _SMALLEST_SIDE


def side(survey: Survey, device: torch.device, wish: Wish) -> tuple[int | None, str]:
    """The side, a multiple of 32, at which the wish comes true as far as the device allows, and why.

    None where there are no objects to choose it from.
    """
    if not len(survey.boxes):
        return None, "Pictures are scaled as usual: there are no objects to choose a size from."
    most = _LARGEST_SIDE_CPU if device.type == "cpu" else _LARGEST_SIDE_GPU
    small = max(float(np.quantile(survey.sides, 0.25)), 1.0)
    sides = survey.sizes.min(axis=1) if wish.side == "shorter" else survey.sizes.max(axis=1)
    ideal = wish.pixels / small * float(np.median(sides))
    chosen = int(np.clip(round(ideal / 32) * 32, wish.least, most))
    why = f"a quarter of the objects is smaller than {small:.0f} pixels"
    return chosen, f"Pictures are scaled to a {wish.side} side of {chosen} pixels: {why}."


def input_size(survey: Survey, device: torch.device, wanted: float) -> Choice:
    """The shorter side at which all but the smallest quarter of the objects have `wanted` pixels."""
    chosen, why = side(survey, device, Wish(wanted))
    return Choice({} if chosen is None else {"min_side": chosen, "max_side": 2 * chosen}, why)


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
    every = Anchors(tuple(each * scale for each in anchors.sides for scale in scales), anchors.ratios)
    found = priors.coverage(shapes, every.shapes)
    sides = ", ".join(f"{each:.0f}" for each in anchors.sides)
    chosen = {"anchor_sides": anchors.sides, "anchor_ratios": anchors.ratios}
    if not len(found.shapes):
        return Choice(chosen, f"Anchors of {sides} pixels as usual: there are no objects to fit them to.")
    return Choice(chosen, f"Anchors of {sides} pixels cover the objects' shapes: {found}.")


def covered(survey: Survey, options: TorchvisionOptions, scales: Sequence[float] = (1.0,)) -> Coverage:
    """How well the anchors of a network with these options cover the objects."""
    every = Anchors(tuple(each * scale for each in options.anchor_sides for scale in scales), options.anchor_ratios)
    return priors.coverage(shapes_model(survey, options.min_side, options.max_side), every.shapes)


def limit(survey: Survey) -> Choice:
    """Room for twice as many detections as the fullest picture has objects."""
    most = survey.most_per_picture
    room = int(np.clip(100 * np.ceil(2 * most / 100), _FEWEST, _MOST))
    return Choice(
        {"detections_per_image": room}, f"Up to {room} detections a picture: the fullest one has {most} objects."
    )
