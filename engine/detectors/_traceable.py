"""What a network may be able to do besides: let one pass of it be watched, stage by stage.

Watching never changes what is found. What is kept are the tensors that the network made anyway, on its device; arrays
are made of them when `Watched.stages` is asked.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor

from engine.detectors._seam import Detected
from engine.tracing.stages import Floats, Ints, KeypointMaps, Masks, Stage


class Watched(ABC):
    """One pass of a network on one picture, while it is in memory."""

    detected: Detected
    """What `Network.detect` gives of the picture, bit by bit."""

    @abstractmethod
    def stages(self) -> tuple[Stage, ...]:
        """How it came about, by the names in `engine.tracing.stages`."""


class Askable(Watched):
    """A pass of two stages: its features are kept, and the second stage can be asked about other boxes on them.

    Questions cost no second pass through the backbone. Boxes are in model pixels.
    """

    @abstractmethod
    def asked_more(self) -> tuple[Stage, ...]:
        """`stages`, the heads asked about every candidate for a proposal.

        Those are the rows of 'objectness' that the first stage's top-k and least side leave. Rows of 'pooling' and
        'regions' begin with the network's own, as they are; the others follow with `is_asked` False.
        """

    @abstractmethod
    def asked_about(self, boxes: Floats, parent: Ints) -> tuple[Stage, ...]:
        """'pooling' and 'regions' of any (R, 4) boxes, one row each, in their order; none `is_asked`.

        `parent` (R,) are the rows of 'objectness' that they belong to.
        """

    @abstractmethod
    def masks_of(self, boxes: Floats, class_indices: Ints) -> Masks | None:
        """What the mask head says of any (M, 4) boxes as detections; None where there is no such head."""

    @abstractmethod
    def keypoints_of(self, boxes: Floats, class_indices: Ints) -> KeypointMaps | None:
        """What the keypoint head says of any (M, 4) boxes as detections; None where there is no such head."""


class Traceable(ABC):
    """A Network whose passes can be watched."""

    @abstractmethod
    def watch(self, picture: Tensor) -> Watched:
        """`detect` on one (3, H, W) picture, watched; in eval mode only, without gradients."""
