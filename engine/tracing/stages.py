"""The kinds of stage that a forward pass is made of. Rows of a stage point at rows of the stage they were made from.

The usual orders, by the stages' names::

    two stages (R-CNN)   input, features, anchors, objectness, proposals, pooling, regions, detections,
                         and masks or keypoints where there is a head for them
    one stage            input, features, anchors, scores, detections
    training             input, anchors, taught_anchors (of YOLO taught_simota and taught_paper); of two stages also
                         taught_regions, and mask_targets where there is a head for masks

Legend as in the package. Arrays are never changed; some are mapped from a file and read when they are looked at.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.tracing.rules import Rules

Floats: TypeAlias = NDArray[np.float32]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Bytes: TypeAlias = NDArray[np.uint8]
Coding: TypeAlias = Literal["centre_size", "cell"]
"""How terms move an anchor: about its centre and in its size (Girshick et al. 2014), or in its cell (YOLO)."""
Activation: TypeAlias = Literal["sigmoid", "softmax", "product"]
"""Logits into scores; 'product': the sigmoid of the objectness times that of the class."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Stage:
    """One named value of a pass."""

    name: str


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Input(Stage):
    """The picture as the network sees it, scaled, before its values are normalised."""

    picture: Bytes
    """(h, w, 3) RGB in model space, without padding."""
    frame: tuple[int, int]
    """Height and width of what goes in, with padding at the right and below."""
    size: tuple[int, int]
    """Height and width of the picture itself."""
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    divisor: float
    channels: str

    @property
    def scale_xy(self) -> tuple[float, float]:
        """Model pixels per image pixel, across and down."""
        return self.picture.shape[1] / self.size[1], self.picture.shape[0] / self.size[0]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FeatureMaps(Stage):
    """What the backbone, with its pyramid, makes of the picture."""

    levels: tuple[Floats, ...]
    """Each (channels, h, w), finest first."""
    strides: tuple[float, ...]
    """Model pixels per cell."""
    level_names: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Anchors(Stage):
    """The boxes that every cell of every level guesses from: anchors, default boxes, priors."""

    boxes: Floats
    """(A, 4); `coding` 'cell': the prior about the middle of its cell."""
    level: Ints
    cell: Ints
    """(A, 2) column and row."""
    slot: Ints
    """(A,) which of the anchors of its cell: 0 to k-1."""
    grids: tuple[tuple[int, int, int], ...]
    """By level: rows, columns, anchors a cell."""
    strides: tuple[float, ...]
    """As of the feature maps. Where these do not divide the frame, torchvision's R-CNNs set anchors closer: `step`."""
    called: str
    """What this detector's papers call them: 'anchors', 'default boxes', 'priors', 'cells'."""

    def of_cell(self, level: int, column: int, row: int) -> Ints:
        """The rows of a cell's anchors, slot by slot: they stand level by level, and in each row by row of cells."""
        _, columns, k = self.grids[level]
        first = sum(math.prod(grid) for grid in self.grids[:level])
        return first + (row * columns + column) * k + np.arange(k)

    def step(self, level: int) -> tuple[float, float]:
        """Model pixels from the anchors of one cell to those of the next, across and down."""
        rows, columns, k = self.grids[level]
        first = sum(math.prod(grid) for grid in self.grids[:level])
        own = slice(first, first + rows * columns * k)
        corners = self.boxes[own, :2][self.slot[own] == 0]  # cells row by row, wherever their other anchors are
        right, below = min(columns - 1, 1), min(rows - 1, 1) * columns
        across, down = float(corners[right, 0] - corners[0, 0]), float(corners[below, 1] - corners[0, 1])
        return across or self.strides[level], down or self.strides[level]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Scores(Stage):
    """What a head says of N rows: scores, and boxes moved to where it sees an object.

    Of anchors ('objectness', with K = 1; 'scores') or of regions ('regions').
    """

    of: str
    """The stage that `parent` counts in: 'anchors', or 'objectness' for regions (whose rows are its anchors')."""
    parent: Ints
    """(N,)"""
    logits: Floats
    """(N, K), (N, K + 1) with the background first where the activation is 'softmax'."""
    scores: Floats
    """(N, K) after the activation, as the network itself computed them."""
    terms: Floats
    """(N, 4), or (N, K, 4) where every class has its own box: what moves the boxes; without the background's."""
    boxes: Floats
    """(N, 4) or (N, K, 4) decoded and cut to the picture, as the network itself computed them."""
    level: Ints
    """(N,) the level of the anchor that each goes back to."""
    activation: Activation
    coding: Coding
    weights: tuple[float, float, float, float]
    """By which terms are divided before they are used."""
    objectness: Floats | None = None
    """(N,) logits, where the activation is 'product'."""
    rank: Ints | None = None
    """(N, K) the order in which the network sorted equal scores, where it matters; larger comes later."""
    is_asked: Bools | None = None
    """(N,) False: the network itself never looked at this row, its head was asked afterwards. None: all True."""

    @property
    def n_classes(self) -> int:
        return int(self.scores.shape[1])

    @property
    def has_own_boxes(self) -> bool:
        """Whether every class has a box of its own."""
        return self.boxes.ndim == 3


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Selection(Stage):
    """Many scored boxes made into few: the network's own rules, and the rows that it kept itself, in its order."""

    of: str
    """The Scores it selects from."""
    rules: Rules
    kept_rows: Ints
    kept_classes: Ints
    """(M,) which class of the row; 0 for objectness."""
    kept_boxes: Floats
    """(M, 4) the network's own values, which the replay has to equal bit by bit."""
    kept_scores: Floats
    double_iou: bool = True
    """Whether IoU is compared with the threshold in double precision, as on a CPU; on a GPU it is not."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Pooling(Stage):
    """RoIAlign: each region's square of features, from the level that suits its size."""

    of: str
    """The Scores whose rows are pooled, before they are scored: 'regions'."""
    level: Ints
    """(R,) index into `strides`."""
    strides: tuple[float, ...]
    size: int
    """Output cells a side."""
    n_samples: int
    """Sample points per output cell and axis."""
    canonical_side: float
    canonical_level: int
    boxes: Floats
    """(R, 4) the regions."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Masks(Stage):
    """What the mask head says of each detection: logits of cells that fill its box."""

    logits: Floats
    """(M, S, S), of the detection's own class."""
    boxes: Floats


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class KeypointMaps(Stage):
    """What the keypoint head says of each detection: logits of where each point is."""

    logits: Floats
    """(M, P, S, S)"""
    boxes: Floats
    points: Floats
    """(M, P, 3) x, y in model pixels, and visibility."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Taught(Stage):
    """What training makes of N boxes, anchors or regions, on one picture: which stand for which of its T objects."""

    of: str
    """'anchors' or 'regions'."""
    by: str
    """Who decides, in words: 'IoU', 'SimOTA', 'responsible cell'."""
    boxes: Floats
    """(N, 4); of anchors those of that stage, in its order."""
    role: Ints
    """(N,) 1 on an object, 0 on background, -1 in between, which teaches nothing."""
    truth: Ints
    """(N,) the object that each stands for, -1 where it is on none."""
    is_chosen: Bools
    """(N,) whether the loss counts it: sampled, or among the hardest; where nothing is chosen, all but the ignored."""
    truth_boxes: Floats
    """(T, 4) model pixels."""
    truth_classes: Ints
    """(T,)"""
    bid_rows: Ints | None = None
    """(C,) SimOTA only: the anchors whose cell is near the centre of some object, which bid for it."""
    bid_costs: Floats | None = None
    """(T, C) how wrong each is about an object; the cheapest get it. Infinite where the cell is not near its centre."""
    bid_ious: Floats | None = None
    """(T, C) of its guess with the object; 0 where it is not near."""
    n_wanted: Ints | None = None
    """(T,) dynamic k: how many anchors an object gets, the sum of its ten best IoUs."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MaskTargets(Stage):
    """What the mask head is taught: in each region that was sampled on an object, the part of its mask there."""

    cells: Floats
    """(M, S, S) coverage 0..1."""
    boxes: Floats
    """(M, 4) the regions."""
    truth: Ints
    """(M,) the object."""
    truth_classes: Ints
    """(M,) its class."""


KINDS: tuple[type[Any], ...] = (
    Input, FeatureMaps, Anchors, Scores, Selection, Pooling, Masks, KeypointMaps, Taught, MaskTargets,
)  # fmt: skip


def count(stage: Stage) -> int:
    """How many rows a stage has: anchors, scored boxes, detections; levels of feature maps; the one picture."""
    match stage:
        case Input():
            return 1
        case FeatureMaps():
            return len(stage.levels)
        case Selection():
            return len(stage.kept_rows)
        case Anchors() | Scores() | Pooling() | Masks() | KeypointMaps() | Taught() | MaskTargets():
            return len(stage.boxes)
    raise TypeError(f"{type(stage).__name__} is no known kind of stage")
