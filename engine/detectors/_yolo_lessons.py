"""What the priors of a YOLO are taught about one picture: by either assigner, with what SimOTA decides from.

Legend: A priors, T objects, C candidates.
"""

from __future__ import annotations

from dataclasses import replace

import torch

from engine.detectors._arrays import floats, ints
from engine.detectors._lessons import Lesson, taught_anchors
from engine.detectors._seam import Truth
from engine.nn import assigning
from engine.nn.assigning import ASSIGNERS, Assigned, Bids, Guessed, Wanted
from engine.nn.dense_losses import Told
from engine.nn.prior_grid import Grid
from engine.tracing.stages import Taught

_TITLES = {"simota": "SimOTA", "paper": "Responsible cell"}


def guessed_of(told: Told) -> Guessed:
    """What assigners look at."""
    return Guessed(told.boxes.detach(), told.objectness.detach(), told.classes.detach())


def wanted_of(truth: Truth) -> Wanted:
    """The objects as assigners look at them."""
    return Wanted(truth.boxes, truth.class_indices)


def assigner_lesson(name: str, grid: Grid, guessed: Guessed, truth: Truth) -> Taught:
    """What an assigner makes of every prior."""
    assigned = ASSIGNERS[name](grid, guessed, wanted_of(truth))
    halves = grid.shapes / 2
    boxes = torch.cat([grid.centres - halves, grid.centres + halves], dim=1)
    lesson = Lesson(_matched(assigned), ~assigned.is_ignored, _TITLES[name], f"taught_{name}")
    taught = taught_anchors(boxes, lesson, truth)
    return _with_bids(taught, assigning.bids(grid, guessed, wanted_of(truth))) if name == "simota" else taught


def _matched(assigned: Assigned) -> torch.Tensor:
    matched = torch.where(assigned.is_ignored, -2, -1)
    matched[assigned.rows] = assigned.objects
    return matched


def _with_bids(taught: Taught, made: Bids) -> Taught:
    costs = floats(made.cost.where(made.may, torch.inf))
    return replace(
        taught, bid_rows=ints(made.rows), bid_costs=costs, bid_ious=floats(made.iou), n_wanted=ints(made.n_wanted)
    )
