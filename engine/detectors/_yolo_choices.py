"""What can be chosen about a YOLO, and how it is chosen from the data, with reasons in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from msgspec import convert
from numpy.typing import NDArray

from engine.detectors._choices import Choice, Wish, limit, merged, reasons, side
from engine.detectors._seam import Suggestion
from engine.detectors._survey import Survey
from engine.nn.csp_network import STRIDES
from engine.nn.medians import Sides, k_medians
from engine.nn.priors import Coverage, coverage
from engine.options import option

_WISH = Wish(24.0, "longer", 416)
"""The smaller quarter of the objects on three cells of the finest level; YOLOX-Nano's own side at least."""
_BATCH_CPU, _BATCH_GPU = 4, 16
_THIN = 4.0
"""Half of the objects are so many times longer than wide: squares are no good guess then."""
_GROWTH = 2.0 ** (1 / 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be chosen about a YOLO."""

    size: Literal["nano", "tiny", "small"] = option(
        "nano", "How large the network is: nano trains on a CPU in minutes, tiny and small want more time or a GPU."
    )
    input_side: int = option(
        416, "Pictures are scaled so that their longer side has this many pixels, a multiple of 32; more sees smaller."
    )
    mode: Literal["anchor_free", "fitted_priors"] = option(
        "anchor_free", "Guess boxes from the cells of a grid, or from boxes of shapes that are fitted to your objects."
    )
    priors_per_cell: int = option(3, "Shapes that each cell guesses from, with fitted priors only.")
    prior_sides: tuple[tuple[float, float], ...] = option(
        (), "Widths and heights of fitted priors in pixels of the scaled picture, smallest first; empty fits them."
    )
    assigner: Literal["simota", "paper"] = option(
        "simota", "Who learns an object: all cells that guess it well, or the one its centre lies in as in YOLOv3."
    )
    box_loss: Literal["iou", "giou"] = option(
        "iou", "What makes a box wrong: IoU is quick to learn from, GIoU also helps where nothing overlaps yet."
    )
    score_threshold: float = option(0.02, "Detections less certain than this are dropped.")
    nms_iou: float = option(0.65, "Of two detections of a class that overlap more, the less certain one is dropped.")
    detections_per_image: int = option(300, "The most objects reported on one picture.")

    def __post_init__(self) -> None:
        """Raises ValueError for a size that does not divide into cells, or the wrong number of priors."""
        if self.input_side < STRIDES[-1] or self.input_side % STRIDES[-1]:
            raise ValueError(f"input_side {self.input_side} is no multiple of {STRIDES[-1]}")
        wanted = self.priors_per_cell * len(STRIDES)
        if self.priors_per_cell < 1 or len(self.prior_sides) not in (0, wanted):
            raise ValueError(f"prior_sides needs {wanted} priors, or none; it has {len(self.prior_sides)}")

    @property
    def n_priors(self) -> int:
        """Priors that each cell has."""
        return 1 if self.mode == "anchor_free" else self.priors_per_cell

    def level_sides(self) -> list[list[tuple[float, float]]]:
        """Width and height of the priors of each level's cells, in model pixels."""
        if self.mode == "anchor_free":
            return [[(float(stride), float(stride))] for stride in STRIDES]
        k = self.priors_per_cell
        sides = self.prior_sides or _usual(k)
        return [list(sides[at * k : (at + 1) * k]) for at in range(len(STRIDES))]


def _usual(k: int) -> Sides:
    """Squares that grow evenly through all levels: what priors are where there is nothing to fit them to."""
    sides = (2.0 * stride * _GROWTH ** (3 * at / k) for stride in STRIDES for at in range(k))
    return tuple((round(side, 2), round(side, 2)) for side in sides)


def suggested(survey: Survey, device: torch.device, given: Mapping[str, Any]) -> Suggestion[Options]:
    """Input size from the objects' sizes, network from the device, mode and priors from their shapes, limits from
    their number; around what is given.

    Raises msgspec.ValidationError where something given has no value it can have.
    """
    choices = [_size(device), _input_side(survey, device), _mode(survey), limit(survey)]
    options = convert({**merged(choices), **given}, Options)
    if options.mode == "fitted_priors":
        choices.append(_priors(survey, options))
    batch = _BATCH_CPU if device.type == "cpu" else _BATCH_GPU
    why = (*reasons(choices, given), f"{batch} pictures a step: steadier than one, and each costs no more so.")
    return Suggestion(convert({**merged(choices), **given}, Options), why, batch)


def _size(device: torch.device) -> Choice:
    if device.type == "cpu":
        return Choice({"size": "nano"}, "The smallest network, nano: it learns in minutes on a CPU.")
    return Choice({"size": "tiny"}, "The network of size tiny: a GPU has time for it, and few pictures fill it.")


def _input_side(survey: Survey, device: torch.device) -> Choice:
    """The longer side at which the smaller quarter of the objects is well seen."""
    chosen, why = side(survey, device, _WISH)
    return Choice({} if chosen is None else {"input_side": chosen}, why)


def _mode(survey: Survey) -> Choice:
    sides = survey.boxes[:, 2:] - survey.boxes[:, :2]
    sides = sides[(sides > 0).all(axis=1)]
    thinness = float(np.median(sides.max(axis=1) / sides.min(axis=1))) if len(sides) else 1.0
    if thinness >= _THIN:
        why = f"half of the objects are {thinness:.1f} times longer than wide, or more"
        return Choice({"mode": "fitted_priors"}, f"Boxes are guessed from fitted priors: {why}.")
    return Choice({"mode": "anchor_free"}, "No priors are needed: the objects are not thin.")


def _priors(survey: Survey, options: Options) -> Choice:
    """Priors fitted to the objects in model pixels."""
    k = options.priors_per_cell * len(STRIDES)
    found = k_medians(shapes_model(survey, options), k)
    if found is None:
        return Choice({}, f"Priors are squares of usual sizes: there are fewer than {k} different objects.")
    covers = f"mean best IoU {found.mean_best_iou:.2f}, {found.share_above_half:.0%} above 0.5"
    return Choice({"prior_sides": found.sides}, f"{k} priors are fitted to the objects' shapes: {covers}.")


def shapes_model(survey: Survey, options: Options) -> NDArray[np.float64]:
    """(N, 2) width, height of every object in model pixels."""
    boxes = survey.scaled(options.input_side / survey.sizes.max(axis=1))
    return np.asarray(boxes[:, 2:] - boxes[:, :2])


def covered(survey: Survey, options: Options) -> Coverage | None:
    """How well the priors cover the objects; None without priors."""
    if options.mode == "anchor_free":
        return None
    sides = np.array(options.level_sides(), dtype=np.float64).reshape(-1, 2)
    return coverage(shapes_model(survey, options), sides)
