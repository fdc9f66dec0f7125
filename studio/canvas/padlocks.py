"""Padlocks: where the mark of a locked item lies, in units of the screen, and which one is under the pointer."""

from __future__ import annotations

import numpy as np

from engine.geometry.shapes import XY, Bounds
from studio.canvas.contents import Key
from studio.canvas.sight import Seen

SIDE, INSET = 13.0, 2.0
"""Logical pixels."""
_LEAST = 1.6 * SIDE
"""A smaller item has no room for one."""


def corner(bounds: Bounds, pixel: float) -> XY | None:
    """The upper left corner of a padlock in an item's upper right corner; None where there is no room.

    `bounds` are in any units, of which a logical pixel has `pixel`.
    """
    if min(bounds[2] - bounds[0], bounds[3] - bounds[1]) < _LEAST * pixel:
        return None
    return bounds[2] - (SIDE + INSET) * pixel, bounds[1] + INSET * pixel


class Padlocks:
    """Those of one image; worked out anew when something else is seen or locked."""

    def __init__(self) -> None:
        """None yet."""
        self._of: Seen | None = None
        self._keys: list[Key] = []
        self._bounds = np.empty((0, 4))

    def under(self, seen: Seen, xy_image: XY, view_pixel: float) -> Key | None:
        """The item whose padlock is at a point of the picture, the last one painted; `view_pixel` as in Pointer."""
        if not seen.locked:
            return None
        if self._of is not seen:
            self._of = seen
            self._keys = [key for key in seen.views.bounds if key in seen.locked]
            self._bounds = np.array([seen.views.bounds[key] for key in self._keys], dtype=float).reshape(-1, 4)
        x0, y0, x1, y1 = self._bounds.T
        left, top = x1 - (SIDE + INSET) * view_pixel, y0 + INSET * view_pixel
        across, down = xy_image[0] - left, xy_image[1] - top
        side = SIDE * view_pixel
        hit = (across >= 0) & (across <= side) & (down >= 0) & (down <= side)
        hit &= np.minimum(x1 - x0, y1 - y0) >= _LEAST * view_pixel
        rows = np.flatnonzero(hit)
        return self._keys[rows[-1]] if rows.size else None
