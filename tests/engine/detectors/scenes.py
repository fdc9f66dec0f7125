"""Small made-up pictures with disks and bars on a noisy ground, as data to train on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.detectors import Survey
from engine.feeding.data import Example, truth_of
from engine.geometry import masks
from engine.geometry.shapes import Mask
from engine.project.records import Annotation

SIDE = 96
CLASS_NAMES = {7: "disk", 3: "bar"}
"""Ids that are neither in order nor contiguous, and not from 0."""


class Scenes:
    """As many pictures as asked for, the same for the same seed."""

    def __init__(self, n_train: int = 4, n_val: int = 2, *, n_objects: int = 4, seed: int = 0) -> None:
        self.class_names: Mapping[int, str] = CLASS_NAMES
        random = np.random.default_rng(seed)
        self.train: Sequence[Example] = [scene(random, number + 1, n_objects) for number in range(n_train)]
        self.val: Sequence[Example] = [scene(random, 100 + number, n_objects) for number in range(n_val)]

    def survey(self) -> Survey:
        return survey_of(self.train, len(self.class_names))


def survey_of(examples: Sequence[Example], n_classes: int) -> Survey:
    boxes = [example.truth.boxes.numpy().astype(np.float64) for example in examples]
    return Survey(
        sizes=np.array([example.picture.shape[:2] for example in examples], dtype=np.float64),
        boxes=np.concatenate(boxes) if boxes else np.zeros((0, 4)),
        picture_of=np.repeat(np.arange(len(boxes)), [len(each) for each in boxes]),
        n_classes=n_classes,
    )


def scene(random: np.random.Generator, image_id: int, n_objects: int) -> Example:
    """A picture with objects on a grid, so that none covers another; disks are bright, bars dark."""
    picture = random.integers(90, 130, (SIDE, SIDE, 3)).astype(np.uint8)
    cells = random.permutation(9)[:n_objects]
    annotations = [_object(random, picture, image_id, int(cell)) for cell in cells]
    return example(image_id, picture, annotations)


def example(image_id: int, picture: NDArray[np.uint8], annotations: Sequence[Annotation]) -> Example:
    return Example(image_id, f"{image_id}.png", picture, tuple(annotations), truth_of(annotations, tuple(CLASS_NAMES)))


def _object(random: np.random.Generator, picture: NDArray[np.uint8], image_id: int, cell: int) -> Annotation:
    centre = (np.array([cell % 3, cell // 3]) + 0.5) * SIDE / 3 + random.uniform(-3, 3, 2)
    class_id = int(random.choice(list(CLASS_NAMES)))
    bitmap = _disk(centre, random.uniform(8, 12)) if class_id == 7 else _bar(centre, random.uniform(7, 11))
    picture[bitmap] = (230, 220, 60) if class_id == 7 else (20, 30, 60)
    return Annotation(0, image_id, class_id, mask_of(bitmap))


def mask_of(bitmap: NDArray[np.bool_]) -> Mask:
    return masks.from_bitmap(bitmap)


def _disk(centre: NDArray[np.float64], radius: float) -> NDArray[np.bool_]:
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5
    return np.asarray((x - centre[0]) ** 2 + (y - centre[1]) ** 2 < radius**2)


def _bar(centre: NDArray[np.float64], half: float) -> NDArray[np.bool_]:
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5
    return np.asarray((abs(x - centre[0]) < half) & (abs(y - centre[1]) < half / 2))
