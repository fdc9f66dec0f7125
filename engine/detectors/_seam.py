"""What every detector provides, and the values that go in and come out of a network.

Legend: N objects of one picture, K classes, M cells of a mask, P keypoints of the class that has most. Pictures are
(3, H, W) uint8 RGB tensors. Boxes are (N, 4) float32 x0, y0, x1, y1 in continuous pixels, of the picture they belong
with unless the name says more.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Generic, Protocol, TypeAlias, TypeVar, runtime_checkable

import torch
from torch import Tensor, nn

from engine.detectors._survey import Survey
from engine.nn import shares
from engine.nn.priors import Coverage
from engine.nn.scaling import FRAME_STEP
from engine.nn.shares import WHOLE, LossSums, Share
from engine.nn.weights import Official, WeightsReport

Losses: TypeAlias = dict[str, Tensor]
"""Scalar loss terms by name; their sum is what is minimised."""


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """The annotations of one picture as tensors.

    A mask is kept in the frame of its own object, (M, M) cells of coverage 0..255 that fill `mask_frames`: 500 objects
    cost 1.5 MB at any picture size, and flipping, scaling and cropping a picture leaves the cells as they are.
    """

    boxes: Tensor
    class_indices: Tensor
    """(N,) int64 in 0..K-1."""
    masks: Tensor
    """(N, M, M) uint8."""
    mask_frames: Tensor
    """(N, 4) float32 boxes that the mask cells fill; a crop cuts `boxes` but not these."""
    has_mask: Tensor
    """(N,) bool: False where only a box was annotated; such an object teaches boxes and no masks."""
    keypoints: Tensor
    """(N, P, 3) float32 x, y and visibility as shapes.Keypoints has it: 0 where a point is not given."""
    mirrors: Tensor
    """(N, P) int64: which point of the object each one becomes in a mirror, as a left eye becomes the right one."""

    def __len__(self) -> int:
        return len(self.boxes)

    def map(self, changed: Mapping[str, Tensor]) -> Truth:
        """The same truth with the tensors of these names changed."""
        return replace(self, **changed)

    def pick(self, chosen: Tensor) -> Truth:
        """The objects that a bool or index tensor chooses."""
        return Truth(*(getattr(self, each.name)[chosen] for each in fields(self)))

    @classmethod
    def joined(cls, parts: Sequence[Truth]) -> Truth:
        """The objects of several truths on one picture."""
        return cls(*(torch.cat([getattr(part, each.name) for part in parts]) for each in fields(cls)))

    def to(self, device: torch.device) -> Truth:
        """The same truth on another device."""
        return Truth(
            *(getattr(self, each.name).to(device, non_blocking=device.type == "cuda") for each in fields(self))
        )


@dataclass(frozen=True, slots=True, eq=False)
class Detected:
    """What a network finds on one picture, best score first, in pixels of the picture it was given."""

    boxes: Tensor
    scores: Tensor
    class_indices: Tensor
    masks: Tensor | None = None
    """(N, M, M) float probabilities; the cells fill the boxes. None from a detector of boxes."""
    keypoints: Tensor | None = None
    """(N, P, 3) x, y, visibility: 0 where the class has no such point. None from a detector without keypoints."""

    def cpu(self) -> Detected:
        """The same on the CPU."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return replace(self, **{name: value.cpu() for name, value in values.items() if value is not None})


@dataclass(frozen=True, slots=True)
class Normalisation:
    """What a network does to a picture's values first: divide, subtract the mean, divide by the deviation."""

    channels: str
    """Their order, as 'RGB'."""
    divisor: float
    mean: tuple[float, ...]
    deviation: tuple[float, ...]


class Network(nn.Module, ABC):
    """A detector built for its classes. Model space is the picture scaled by `scale`; losses are computed there."""

    normalisation: Normalisation

    @abstractmethod
    def scale(self, height: int, width: int) -> float:
        """Model pixels per image pixel for a whole picture of this size."""

    def loss(self, pictures_model: Sequence[Tensor], truths_model: Sequence[Truth], share: Share = WHOLE) -> Losses:
        """The loss terms of pictures and truths that are in model space already, as if they were the whole batch.

        In train mode only.
        """
        sums = self.loss_sums(pictures_model, truths_model, share)
        return shares.means(sums, shares.counts(sums))

    @abstractmethod
    def loss_sums(
        self, pictures_model: Sequence[Tensor], truths_model: Sequence[Truth], share: Share = WHOLE
    ) -> LossSums:
        """The loss terms of a batch, or of a share of one, as sums: the same terms in the same order each time.

        A picture may be any part of a scaled one, and have no objects. Nothing of one picture depends on another, but
        what `share` says, and norms where they are trained.
        """

    @abstractmethod
    def detect(self, pictures: Sequence[Tensor]) -> list[Detected]:
        """What is found on each picture, in its own pixels; in eval mode only."""

    @abstractmethod
    def hold(self) -> None:
        """Stop training what pretrained weights know best (stem, norms); called once, after they are in."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a network keeps of one picture, to be asked about boxes on it again and again."""

    features: Mapping[str, Tensor]
    """By level, each (1, C, h, w)."""
    model_size: tuple[int, int]
    """Height and width of the scaled picture, without what it is padded with."""
    size: tuple[int, int]
    """Height and width of the picture."""

    @property
    def n_bytes(self) -> int:
        """Memory of the features."""
        return sum(each.nbytes for each in self.features.values())


class Promptable(ABC):
    """What a Network may be able to do besides: say which pixels of a box that a person draws are the object."""

    @abstractmethod
    def look(self, picture: Tensor) -> Seen:
        """The slow part, done once for a picture; in eval mode only."""

    @abstractmethod
    def masks_in(self, seen: Seen, boxes: Tensor, class_indices: Tensor) -> Detected:
        """The mask in each of N boxes, in the order given, as if the network itself had found them.

        Boxes are in pixels of the picture and are cut to it; one that is left without area has cells all the same,
        which paint no pixel. `class_indices` (N,) says of which class each mask is, -1 that it is of the one that suits
        the box best. Scores are the probability of that class, among all classes and the background.
        """


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """What the pretrained body of a network makes of a batch of pictures; its other layers work on nothing else."""

    levels: Mapping[str, Tensor]
    """By level, each (B, C, h, w)."""
    sizes: tuple[tuple[int, int], ...]
    """Height and width of each picture in model pixels."""
    frame: tuple[int, int]
    """The same of the batch, with what its pictures are padded with."""

    @property
    def n_bytes(self) -> int:
        """Memory they take."""
        return sum(each.nbytes for each in self.levels.values())

    @classmethod
    def joined(cls, parts: Sequence[Features], least: tuple[int, int] = (0, 0)) -> Features:
        """The features of several batches as those of one, padded with nothing seen.

        There is room for a picture of the height and width `least` in any case.
        """
        steps = (FRAME_STEP * math.ceil(side / FRAME_STEP) for side in least)
        height, width = (max(least, *(each.frame[axis] for each in parts)) for axis, least in enumerate(steps))
        if len(parts) == 1 and parts[0].frame == (height, width):
            return parts[0]
        frame = (height, width)
        levels = {name: torch.cat([each._padded(name, frame) for each in parts]) for name in parts[0].levels}
        return cls(levels, tuple(size for each in parts for size in each.sizes), frame)

    def _padded(self, name: str, frame: tuple[int, int]) -> Tensor:
        """A level as it is in a larger frame, with zeros."""
        level = self.levels[name]
        down, right = (level.shape[2 + axis] * (frame[axis] - self.frame[axis]) // self.frame[axis] for axis in (0, 1))
        return nn.functional.pad(level, (0, right, 0, down))


class Warmable(ABC):
    """What a Network may be able to do besides: learn in two parts, so that features of a still body are made once."""

    @abstractmethod
    def features(self, pictures_model: Sequence[Tensor], share: Share = WHOLE) -> Features:
        """What the body, the part that pretrained weights know, makes of pictures in model space."""

    @abstractmethod
    def sums_on(self, features: Features, truths_model: Sequence[Truth], share: Share = WHOLE) -> LossSums:
        """The loss terms from there on: of `features(pictures)` they are exactly `loss_sums(pictures, truths)`."""


OptionsT = TypeVar("OptionsT")


@dataclass(frozen=True, slots=True)
class Suggestion(Generic[OptionsT]):
    """Options chosen from the data, and why, one sentence each."""

    options: OptionsT
    reasons: tuple[str, ...]
    batch: int | None = None
    """Pictures in a step that suit the network and the device; None is the recipe's own choice."""


class Detector(Protocol[OptionsT]):
    """One kind of detector. Each module of the seam holds one as `DETECTOR`."""

    title: str
    """What a user calls it, as 'Mask R-CNN'."""
    options: type[OptionsT]
    """A frozen dataclass whose fields are made by `option`; its defaults suit few pictures and a CPU."""
    has_masks: bool

    def suggest(self, survey: Survey, device: torch.device, given: Mapping[str, Any]) -> Suggestion[OptionsT]:
        """Options that suit these pictures and objects on this device, around those that are given by name.

        Raises msgspec.ValidationError where one of those has no value it can have.
        """
        ...

    def build(self, options: OptionsT, n_classes: int) -> Network:
        """A network with random weights."""
        ...

    def official(self, options: OptionsT) -> Official | None:
        """The pretrained weights that `weights="auto"` means, or None when there are none."""
        ...

    def adopt(self, network: Network, tensors: Mapping[str, Tensor]) -> tuple[WeightsReport, tuple[str, ...]]:
        """Take over the pretrained tensors that fit, by name and shape; what became of it, and their names here.

        Raises UserError where they are of another network.
        """
        ...


@runtime_checkable
class ReadyMade(Protocol):
    """What a Detector may be able to do besides: say what weights from elsewhere detect, and take only some of it."""

    def known_classes(self, tensors: Mapping[str, Tensor]) -> tuple[str, ...]:
        """The names of the classes that these weights tell apart, in their order; empty where that is not known."""
        ...

    def asked_options(self, tensors: Mapping[str, Tensor]) -> dict[str, Any]:
        """The options, by name, without which these weights do not fit; raises UserError where none would do."""
        ...

    def of_classes(self, tensors: Mapping[str, Tensor], indices: Sequence[int]) -> dict[str, Tensor]:
        """The same weights for these of their classes, in this order; -1 is a class that they do not know."""
        ...


@runtime_checkable
class Priored(Protocol):
    """What a Detector may be able to do besides: say how well the shapes it guesses from cover the objects."""

    def covered(self, survey: Survey, options: Any) -> Coverage | None:
        """Its priors beside the objects' shapes, in model pixels; None where these options need no priors."""
        ...
