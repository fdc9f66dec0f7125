"""Any window of a picture at full resolution, however large the picture is."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.tiling.reading import TILE_SIDE, TileFile

_KEPT_BYTES = 256 << 20


class Windows(Protocol):
    """A picture that is read in parts."""

    def read(self, x0: int, y0: int, x1: int, y1: int) -> NDArray[np.uint8]:
        """Columns x0 up to x1 of rows y0 up to y1, all of them on the picture, as (height, width, 3) RGB."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class InMemory:
    """A picture that is there as a whole: (height, width, 3) RGB."""

    pixels: NDArray[np.uint8]

    def read(self, x0: int, y0: int, x1: int, y1: int) -> NDArray[np.uint8]:
        """See Windows."""
        return self.pixels[y0:y1, x0:x1]


class InFile:
    """A picture in a file of tiles; those read last are kept."""

    def __init__(self, file: TileFile) -> None:
        self._file = file
        self._kept: OrderedDict[tuple[int, int], NDArray[np.uint8]] = OrderedDict()

    def read(self, x0: int, y0: int, x1: int, y1: int) -> NDArray[np.uint8]:
        """See Windows."""
        rows = range(y0 // TILE_SIDE, -(-y1 // TILE_SIDE))
        columns = range(x0 // TILE_SIDE, -(-x1 // TILE_SIDE))
        strips = [np.concatenate([self._tile(column, row) for column in columns], axis=1) for row in rows]
        left, top = columns.start * TILE_SIDE, rows.start * TILE_SIDE
        return np.concatenate(strips)[y0 - top : y1 - top, x0 - left : x1 - left]

    def _tile(self, column: int, row: int) -> NDArray[np.uint8]:
        place = (column, row)
        if place not in self._kept:
            self._kept[place] = self._file.read(0, column, row)
        self._kept.move_to_end(place)
        while len(self._kept) * 3 * TILE_SIDE**2 > _KEPT_BYTES:
            self._kept.popitem(last=False)
        return self._kept[place]
