"""What a network is taught about one picture, as stages: which anchors and regions stand for which objects.

Every network takes its lessons from the functions that its own loss takes them from.

Legend: A anchors, T objects.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.detectors._arrays import floats, ints
from engine.detectors._seam import Truth
from engine.nn.shares import WHOLE, Share
from engine.tracing.stages import Bools, Stage, Taught


class Teaching(ABC):
    """A Network that can say what a picture teaches it."""

    @abstractmethod
    def lessons(self, picture_model: Tensor, truth_model: Truth, share: Share = WHOLE) -> tuple[Stage, ...]:
        """How `loss` looks at a picture, by the names in `engine.tracing.stages`: 'input', 'anchors', then lessons.

        As `loss`, of what is in model space, in train mode. What is sampled is sampled by the seed of `share`.
        """


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What was decided about each of A boxes."""

    matched: Tensor
    """(A,) the object that it stands for: -1 for the background, -2 for nothing."""
    is_chosen: Tensor
    """(A,) bool: whether the loss counts it."""
    by: str
    """Who decided, in words."""
    name: str = "taught_anchors"
    of: str = "anchors"


def taught_anchors(boxes: Tensor, lesson: Lesson, truth: Truth) -> Taught:
    """A lesson about (A, 4) boxes as a stage."""
    matched = ints(lesson.matched)
    return Taught(
        name=lesson.name, of=lesson.of, by=lesson.by, boxes=floats(boxes),
        role=np.where(matched >= 0, 1, matched + 1), truth=np.maximum(matched, -1), is_chosen=bools(lesson.is_chosen),
        truth_boxes=floats(truth.boxes), truth_classes=ints(truth.class_indices),
    )  # fmt: skip


def matched_of(labels: Tensor, objects: Tensor) -> Tensor:
    """(A,) matches of labels that are 1 on an object, 0 on background and -1 on nothing."""
    return torch.where(labels > 0, objects, labels.long() - 1)


def bools(values: Tensor) -> Bools:
    """The same as an array."""
    array: Bools = values.detach().bool().cpu().numpy()
    return array


def grids_of(levels: Sequence[Tensor], n_anchors: int) -> tuple[tuple[int, int, int], ...]:
    """Rows, columns and anchors a cell of (1, C, h, w) levels whose cells all have as many."""
    sizes = [(level.shape[-2], level.shape[-1]) for level in levels]
    k = n_anchors // sum(h * w for h, w in sizes)
    return tuple((h, w, k) for h, w in sizes)
