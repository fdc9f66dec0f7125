"""Pictures on which every object has a colour of its own, and a network that sees them perfectly, whole or cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.geometry import masks
from engine.geometry.shapes import Box, Keypoints
from engine.project.records import Detection


@dataclass(frozen=True)
class Network:
    """Looks at the shorter side at 64 pixels."""

    side: int = 64

    def scale(self, height: int, width: int) -> float:
        return self.side / min(height, width)


@dataclass(frozen=True)
class Painted:
    """Finds each colour: its class is odd or even, its score is its own."""

    has_masks: bool = True
    has_points: bool = False
    shift: float = 0.0
    """Added to every x of boxes."""
    network: Any = Network()
    device: Any = None

    def detections_on(self, pictures: Sequence[NDArray[np.uint8]], batch: int | None = None) -> list[list[Detection]]:
        return [self.detections(each) for each in pictures]

    def detections(self, picture: NDArray[np.uint8]) -> list[Detection]:
        numbers = picture[..., 0].astype(int) * 256 + picture[..., 1]
        found = [self._one(numbers == each, int(each)) for each in np.unique(numbers) if each]
        return sorted(found, key=lambda each: -each.score)

    def _one(self, bitmap: NDArray[np.bool_], number: int) -> Detection:
        mask = masks.from_bitmap(bitmap)
        x0, y0, x1, y1 = mask.bounds
        points = Keypoints(((x0, y0, 2), (x1, y1, 2))) if self.has_points else None
        shape = mask if self.has_masks else Box(x0 + self.shift, y0, x1 + self.shift, y1)
        return Detection(0, 0, number % 2, 0.5 + (number % 97) / 200, shape, keypoints=points)


def painted(size: tuple[int, int], boxes: Sequence[tuple[int, int, int, int]], *, round_: bool) -> NDArray[np.uint8]:
    """A (height, width) picture with an ellipse or a rectangle in each box; a later one covers an earlier one."""
    picture = np.zeros((*size, 3), np.uint8)
    y, x = np.mgrid[: size[0], : size[1]] + 0.5
    for number, (x0, y0, x1, y1) in enumerate(boxes, 1):
        inside = (x >= x0) & (x < x1) & (y >= y0) & (y < y1)
        if round_:
            inside &= ((2 * x - x0 - x1) / (x1 - x0)) ** 2 + ((2 * y - y0 - y1) / (y1 - y0)) ** 2 <= 1
        picture[inside, 0], picture[inside, 1] = number // 256, number % 256
    return picture


def grid_of_boxes(random: np.random.Generator, size: tuple[int, int], cell: int) -> list[tuple[int, int, int, int]]:
    """A box in most cells of a grid, none touching another."""
    found = []
    for top in range(0, size[0] - cell + 1, cell):
        for left in range(0, size[1] - cell + 1, cell):
            width, height = random.integers(3, cell - 2, 2)
            x0 = left + int(random.integers(1, cell - width))
            y0 = top + int(random.integers(1, cell - height))
            if random.random() < 0.8:
                found.append((x0, y0, x0 + int(width), y0 + int(height)))
    return found
