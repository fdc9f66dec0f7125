"""Which priors answer for which objects of one picture: the responsible cell of the papers, or SimOTA.

Both are pure functions of where the priors are, what the network guesses there, and what is to be found.

Legend: A priors, N objects, K classes, P positive priors. Boxes are x0, y0, x1, y1 in model pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid
from torchvision.ops import box_iou

from engine.nn.prior_grid import Grid

_RADIUS = 1.5
"""Strides around an object's centre within which a cell may answer for it."""
_N_BEST = 10
"""The IoUs of so many best guesses, summed, say how many priors an object gets."""
_IOU_WEIGHT = 3.0
_IGNORED_FROM = 0.5
"""A guess with this IoU with an object is not taught to be background."""
_FAR = 1e6
_LEAST = 1e-8


@dataclass(frozen=True, slots=True, eq=False)
class Guessed:
    """What a network says at each prior of one picture, without gradients."""

    boxes: Tensor
    """(A, 4)."""
    objectness: Tensor
    """(A,) logits."""
    classes: Tensor
    """(A, K) logits."""


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """The objects of one picture."""

    boxes: Tensor
    """(N, 4)."""
    class_indices: Tensor
    """(N,) int64."""


@dataclass(frozen=True, slots=True, eq=False)
class Assigned:
    """What each prior is taught; those neither positive nor ignored are background."""

    rows: Tensor
    """(P,) int64, the positive priors, ascending."""
    objects: Tensor
    """(P,) int64, the object that each of them answers for."""
    is_ignored: Tensor
    """(A,) bool: taught nothing about objectness."""


@dataclass(frozen=True, slots=True, eq=False)
class Bids:
    """What each of C candidates would cost as the prior of each object; see `simota`."""

    rows: Tensor
    """(C,) the candidates among the priors."""
    may: Tensor
    """(N, C) bool: whether it may answer for the object."""
    iou: Tensor
    """(N, C) of its guess with the object, 0 where it may not."""
    cost: Tensor
    """(N, C)"""
    n_wanted: Tensor
    """(N,) how many priors each object gets."""


Assigner: TypeAlias = Callable[[Grid, Guessed, Wanted], Assigned]


def paper(grid: Grid, guessed: Guessed, wanted: Wanted) -> Assigned:
    """One prior an object: of the cell its centre lies in, the one most alike in shape (YOLOv3, section 2.1).

    Of objects that ask for the same prior, the one with the better shape gets it, then the first. Guesses that overlap
    an object well without answering for it are ignored.
    """
    alike = _shape_iou(wanted.boxes, grid.shapes).where(_is_cell_of(grid, wanted.boxes), -1.0)
    positive: dict[int, tuple[float, int]] = {}
    best, rows = alike.max(dim=1) if len(wanted.boxes) else (alike.sum(1), alike.sum(1).long())
    for number, (iou, row) in enumerate(zip(best.tolist(), rows.tolist(), strict=True)):
        if iou > positive.get(row, (-0.5, 0))[0]:
            positive[row] = (iou, number)
    chosen = sorted(positive)
    device = grid.cells.device
    found = torch.tensor(chosen, dtype=torch.int64, device=device)
    objects = torch.tensor([positive[row][1] for row in chosen], dtype=torch.int64, device=device)
    is_ignored = (box_iou(guessed.boxes, wanted.boxes) > _IGNORED_FROM).any(dim=1)
    is_ignored[found] = False
    return Assigned(found, objects, is_ignored)


def _is_cell_of(grid: Grid, boxes: Tensor) -> Tensor:
    """(N, A) whether a prior's cell holds the centre of a box."""
    cell = torch.floor((boxes[:, :2] + boxes[:, 2:])[:, None] / 2 / grid.strides[None, :, None])
    return (cell == grid.cells[None]).all(dim=-1)


def _shape_iou(boxes: Tensor, shapes: Tensor) -> Tensor:
    """(N, A) IoU of boxes and priors put on a common centre."""
    sides = (boxes[:, 2:] - boxes[:, :2])[:, None]
    common = torch.minimum(sides, shapes[None]).prod(dim=-1)
    return common / (sides.prod(dim=-1) + shapes.prod(dim=-1)[None] - common)


def simota(grid: Grid, guessed: Guessed, wanted: Wanted) -> Assigned:
    """As many priors an object as guess it well, the cheapest first (YOLOX, section 2.1).

    A prior may answer for an object around whose centre its cell lies; what that costs is how wrong class and box are
    there. A prior that several objects want goes to the one it costs least.
    """
    nothing = torch.zeros(len(grid.cells), dtype=torch.bool, device=grid.cells.device)
    made = bids(grid, guessed, wanted)
    if not len(made.rows):
        return Assigned(made.rows, made.rows, nothing)
    is_taken = _cheapest(made.cost.where(made.may, _FAR), made.n_wanted) & made.may
    wanting = made.cost.where(is_taken, torch.inf)
    positive = is_taken.any(dim=0)
    return Assigned(made.rows[positive], wanting.argmin(dim=0)[positive], nothing)


def bids(grid: Grid, guessed: Guessed, wanted: Wanted) -> Bids:
    """What `simota` decides from; without candidates where there are no objects."""
    may = _is_near(grid, wanted.boxes)
    rows = may.any(dim=0).nonzero().squeeze(1)
    may = may[:, rows]
    iou = box_iou(wanted.boxes, guessed.boxes[rows]).where(may, 0.0)
    cost = _class_cost(guessed, rows, wanted.class_indices) - _IOU_WEIGHT * (iou + _LEAST).log()
    return Bids(rows, may, iou, cost, _how_many(iou))


def _is_near(grid: Grid, boxes: Tensor) -> Tensor:
    """(N, A) whether a prior's cell lies within some strides of the centre of a box."""
    centres = (boxes[:, :2] + boxes[:, 2:])[:, None] / 2
    return ((grid.centres[None] - centres).abs() < _RADIUS * grid.strides[None, :, None]).all(dim=-1)


def _class_cost(guessed: Guessed, rows: Tensor, class_indices: Tensor) -> Tensor:
    """(N, rows) binary cross-entropy of the class scores, were the prior to answer for an object of that class.

    A score is sqrt(class * objectness). What all objects have in common, that every class is wrong, is computed once:
    500 objects among 80 classes would be half a gigabyte otherwise.
    """
    joint = (logsigmoid(guessed.classes[rows]) + logsigmoid(guessed.objectness[rows])[:, None]) / 2
    against = torch.log((1 - joint.exp()).clamp(min=_LEAST))
    own = (joint - against)[:, class_indices].T
    return -against.sum(dim=1)[None] - own


def _how_many(iou: Tensor) -> Tensor:
    """(N,) the number of priors of each object: the sum of its best IoUs, at least one."""
    best = iou.topk(min(_N_BEST, iou.shape[1]), dim=1).values
    return best.sum(dim=1).int().clamp(min=1)


def _cheapest(cost: Tensor, how_many: Tensor) -> Tensor:
    """(N, candidates) whether a candidate is among the `how_many` (N,) cheapest of an object; the first of equals."""
    order = cost.argsort(dim=1, stable=True)
    place = torch.empty_like(order).scatter_(1, order, torch.arange(cost.shape[1], device=cost.device).expand_as(order))
    return place < how_many[:, None]


ASSIGNERS: dict[str, Assigner] = {"simota": simota, "paper": paper}
