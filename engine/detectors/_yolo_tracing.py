"""The stages of a watched pass of our YOLO.

Legend: A priors over all levels, level by level, prior by prior, cells row by row; K classes, M detections.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from engine.detectors._arrays import Kept, feature_stage, floats, input_stage, ints, selection_stage
from engine.detectors._picking import Limits, Picked, picked
from engine.detectors._seam import Detected, Normalisation
from engine.detectors._traceable import Watched
from engine.detectors._watching import Calls
from engine.nn.csp_network import STRIDES, Terms
from engine.nn.prior_grid import Grid
from engine.tracing.rules import LeastScore, Most, Nms, TopK
from engine.tracing.stages import Anchors, FeatureMaps, Input, Scores, Selection, Stage

WATCHED = ("_resized", "body", "body.head", "grid", "chosen")
"""What to watch of a YOLO while it detects."""
_LEVEL_NAMES = ("N3", "N4", "N5")
"""As the path aggregation network (Liu et al. 2018) calls them; numbers as of a pyramid's levels."""


@dataclass(frozen=True, slots=True)
class Manners:
    """What has to be known of such a network besides its tensors."""

    called: str
    """What its papers call what it guesses from: 'cells' without anchors, else 'priors'."""
    normalisation: Normalisation
    limits: Limits


@dataclass(eq=False)
class YoloWatched(Watched):
    """One pass of such a network on one picture."""

    manners: Manners
    calls: Calls
    size: tuple[int, int]
    """Height and width of the picture."""
    detected: Detected

    @torch.inference_mode()
    def stages(self) -> tuple[Stage, ...]:
        """All of them, in the order of the pass."""
        return (self.input, self.features, self.anchors, self.scores, self.detections)

    @property
    def input(self) -> Input:
        """The picture as it went in."""
        model = self.calls["_resized"].given
        (frame,) = self.calls["body"].args
        return input_stage(frame, (model.shape[-2], model.shape[-1]), self.size, self.manners.normalisation)

    @property
    def features(self) -> FeatureMaps:
        """The levels of the pyramid, on which the head works."""
        (levels,) = self.calls["body.head"].args
        return feature_stage(list(levels), STRIDES, _LEVEL_NAMES)

    @cached_property
    def anchors(self) -> Anchors:
        """(A,) about the middles of their cells."""
        return prior_stage(self._grid, self._terms.sizes, self.manners.called)

    @property
    def scores(self) -> Scores:
        """What the head says of them."""
        boxes, scores = self._told
        terms, rank = self._terms, self._picked.rank
        return Scores(
            name="scores", of="anchors", parent=np.arange(len(boxes)), logits=floats(terms.classes[0]),
            scores=floats(scores), terms=floats(terms.boxes[0]), boxes=floats(boxes), level=self.anchors.level,
            activation="product", coding="cell", weights=(1.0, 1.0, 1.0, 1.0),
            objectness=floats(terms.objectness[0]), rank=None if rank is None else ints(rank),
        )  # fmt: skip

    @property
    def detections(self) -> Selection:
        """(M,) what the network keeps."""
        limits, own = self.manners.limits, self._own
        rules = (
            LeastScore(limits.score), TopK(limits.n_candidates, "all"), Nms(limits.iou, "class"), Most(limits.n_most),
        )  # fmt: skip
        kept = Kept(ints(self._picked.rows), own.boxes, own.scores, own.class_indices)
        return selection_stage("detections", "scores", rules, kept)

    @property
    def _terms(self) -> Terms:
        terms: Terms = self.calls["body"].given
        return terms

    @property
    def _grid(self) -> Grid:
        found: Grid = self.calls["grid"].given
        return found

    @property
    def _told(self) -> tuple[Tensor, Tensor]:
        """Boxes and scores of all priors."""
        boxes, scores = self.calls["chosen"].args
        return boxes, scores

    @property
    def _own(self) -> Detected:
        found: Detected = self.calls["chosen"].given
        return found

    @cached_property
    def _picked(self) -> Picked:
        boxes, scores = self._told
        own = (self._own.boxes, self._own.scores, self._own.class_indices)
        return picked(boxes, scores, [slice(0, scores.numel())], self.manners.limits, own)


def prior_stage(grid: Grid, sizes: Sequence[tuple[int, int]], called: str) -> Anchors:
    """The priors about the middles of their cells; `sizes` are height and width in cells of each level."""
    halves = grid.shapes / 2
    boxes = torch.cat([grid.centres - halves, grid.centres + halves], dim=1)
    k = len(boxes) // sum(rows * columns for rows, columns in sizes)
    n_cells = [rows * columns for rows, columns in sizes]
    return Anchors(
        name="anchors", boxes=floats(boxes), level=np.repeat(np.arange(len(sizes)), np.multiply(n_cells, k)),
        cell=ints(grid.cells), slot=np.concatenate([np.repeat(np.arange(k), n) for n in n_cells]),
        grids=tuple((*size, k) for size in sizes), strides=tuple(map(float, STRIDES)), called=called,
    )  # fmt: skip
