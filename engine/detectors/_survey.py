"""Survey: what a project's training pictures and objects are like, from which a detector chooses its options."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """Sizes of the pictures one trains on and the boxes of their objects, in image pixels."""

    sizes: NDArray[np.float64]
    """(P, 2) height, width of each picture."""
    boxes: NDArray[np.float64]
    """(N, 4) x0, y0, x1, y1 of every object."""
    picture_of: NDArray[np.int64]
    """(N,) the row in `sizes` that each box lies on."""
    n_classes: int
    class_of: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """(N,) the class of each box, by its place among the network's classes; where there are none, it is not known."""
    n_keypoints: tuple[int, ...] = ()
    """By class, in the order of the network's classes: how many points each of its objects may have."""

    @property
    def sides(self) -> NDArray[np.float64]:
        """(N,) the side of a square as large as each box."""
        width, height = (self.boxes[:, 2:] - self.boxes[:, :2]).T
        return np.asarray(np.sqrt(np.maximum(width * height, 0)))

    @property
    def most_per_picture(self) -> int:
        """The largest number of objects on one picture."""
        return int(np.bincount(self.picture_of, minlength=1).max()) if len(self.boxes) else 0

    def scaled(self, scales: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N, 4) the boxes where each picture is scaled by its own factor: (P,) model pixels per image pixel."""
        return np.asarray(self.boxes * scales[self.picture_of, None])
