"""What a training sees: pictures with their truth, and the sequences they come from.

The loop knows `Data` and nothing of where it comes from; `project_data` makes one from a project.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, overload

import numpy as np
import torch
from numpy.typing import NDArray

from engine.detectors import Survey, Truth
from engine.feeding import augment, keypoint_truth
from engine.feeding.room import Room
from engine.geometry import masks
from engine.geometry.mirrors import Mirror
from engine.geometry.shapes import Box, Keypoints
from engine.nn import mask_cells
from engine.nn.scaling import model_size
from engine.project.records import Annotation

MUCH_SMALLER = 0.75
"""A picture that is needed at less than this share of its size is kept so: at half, a quarter of the memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One picture to learn from, or to be tried on."""

    image_id: int
    name: str
    picture: NDArray[np.uint8]
    """(H, W, 3) RGB, upright."""
    annotations: tuple[Annotation, ...]
    """All of them, crowds too: what detections are judged by."""
    truth: Truth
    """Those that are learned from."""


class Data(Protocol):
    """Everything a training sees."""

    @property
    def class_names(self) -> Mapping[int, str]:
        """By class id; their order gives the class indices of the network."""
        ...

    @property
    def train(self) -> Sequence[Example]:
        """Pictures to learn from."""
        ...

    @property
    def val(self) -> Sequence[Example]:
        """Pictures to be tried on, possibly none."""
        ...

    def survey(self) -> Survey:
        """What the training pictures and their objects are like."""
        ...


def truth_of(annotations: Sequence[Annotation], class_ids: Sequence[int], mirrors: Sequence[Mirror] = ()) -> Truth:
    """The truth that annotations of one picture teach: crowds, empty shapes and bare keypoints teach nothing.

    A box annotation teaches a box and no mask. `mirrors` says of each class, in their order, which keypoints it has.
    """
    index = {class_id: at for at, class_id in enumerate(class_ids)}
    taught = [each for each in annotations if teaches(each) and each.class_id in index]
    rows = [_mask_row(each) for each in taught]
    n_points = max(map(len, mirrors), default=0)
    own_mirrors = [mirrors[index[each.class_id]] if mirrors else () for each in taught]
    cells = np.stack([cells for cells, _, _ in rows]) if rows else np.zeros((0, mask_cells.CELLS, mask_cells.CELLS))
    return Truth(
        boxes=torch.tensor([each.shape.bounds for each in taught], dtype=torch.float32).reshape(-1, 4),
        class_indices=torch.tensor([index[each.class_id] for each in taught], dtype=torch.int64),
        masks=torch.from_numpy(cells.astype(np.uint8)),
        mask_frames=torch.tensor([frame for _, frame, _ in rows], dtype=torch.float32).reshape(-1, 4),
        has_mask=torch.tensor([has_mask for _, _, has_mask in rows], dtype=torch.bool),
        keypoints=keypoint_truth.rows([each.keypoints for each in taught], n_points),
        mirrors=keypoint_truth.mirror_rows(own_mirrors, n_points),
    )


def teaches(annotation: Annotation) -> bool:
    """Whether an annotation is learned from."""
    x0, y0, x1, y1 = annotation.shape.bounds
    is_bare = isinstance(annotation.shape, Keypoints)
    return not annotation.is_crowd and not is_bare and x1 > x0 and y1 > y0


def _mask_row(annotation: Annotation) -> tuple[NDArray[np.uint8], tuple[float, float, float, float], bool]:
    """Mask cells of one annotation, the frame they fill, and whether they mean anything."""
    if not isinstance(annotation.shape, Box):
        mask = masks.of_shape(annotation.shape)
        if not mask.is_empty:
            return mask_cells.cells_of(mask), mask.bounds, True
    return np.zeros((mask_cells.CELLS, mask_cells.CELLS), np.uint8), annotation.shape.bounds, False


def shrunk(example: Example, ratio: float) -> Example:
    """The example with its picture and truth made smaller; its annotations stay as they are."""
    height, width = example.picture.shape[:2]
    picture = torch.from_numpy(example.picture).permute(2, 0, 1)
    picture, truth = augment.resized(picture, example.truth, model_size(height, width, ratio))
    return replace(example, picture=np.ascontiguousarray(picture.permute(1, 2, 0).numpy()), truth=truth)


class Kept(Sequence[Example]):
    """Examples made on demand and kept while there is room: the first to come stay, as each epoch needs all.

    `ratio` gives of a picture's height and width how large it is needed at most, as a share of what it is: pictures
    that are needed much smaller are shrunk before they are kept.
    """

    def __init__(
        self,
        make: Callable[[int], Example],
        n_examples: int,
        room: Room | None = None,
        ratio: Callable[[int, int], float] = lambda height, width: 1.0,
    ) -> None:
        self._make = make
        self._n_examples = n_examples
        self.room = Room() if room is None else room
        self.ratio = ratio
        self._kept: dict[int, Example] = {}

    def fitted(self, ratio: Callable[[int, int], float]) -> Kept:
        """The same examples as large as they are needed; nothing of what was kept so far is."""
        return Kept(self._make, self._n_examples, self.room, ratio)

    def __len__(self) -> int:
        return self._n_examples

    @overload
    def __getitem__(self, at: int) -> Example: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Example]: ...
    def __getitem__(self, at: int | slice) -> Example | Sequence[Example]:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        if not -len(self) <= at < len(self):
            raise IndexError(at)
        return self._one(at % len(self))

    def _one(self, at: int) -> Example:
        if at in self._kept:
            return self._kept[at]
        example = self._make(at)
        if (ratio := self.ratio(*example.picture.shape[:2])) < MUCH_SMALLER:
            example = shrunk(example, ratio)
        if self.room.take(example.picture.nbytes + example.truth.masks.nbytes):
            self._kept[at] = example
        return example
