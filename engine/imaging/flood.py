"""Colour wand and flood: the pixels that look like the one pointed at, those around it or all in the window.

How far every pixel is in colour is worked out once for a point; each tolerance then costs one threshold and one search
for the region, so that a tolerance can be dragged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.geometry import spans
from engine.geometry.masks import from_bitmap, to_bitmap
from engine.geometry.shapes import XY, Mask
from engine.imaging import regions
from engine.imaging.colour import Lab, to_lab
from engine.imaging.patch import Patch, Pixels

PER_UNIT = 2
"""Distances are kept to half a unit of Lab, up to 127."""
_BAND = 1 << 16
"""Pixels converted at a time: their colours stay in the processor's cache."""
_REACH = 1
"""Pixels around the one pointed at whose mean is its colour, for one pixel alone is noise."""


@dataclass(frozen=True, slots=True, eq=False)
class ColourField:
    """How far in colour every pixel of a patch is from the one pointed at."""

    patch: Patch
    cell: tuple[int, int]
    """Row and column of the pixel pointed at."""
    distances: NDArray[np.uint8]
    """(height, width) in half units of Lab; 255 stands for all beyond."""


def colour_field(patch: Patch, xy_image: XY) -> ColourField:
    """The distances from the colour about a point of the picture."""
    row, column = patch.cell(xy_image)
    about = patch.pixels[max(row - _REACH, 0) : row + _REACH + 1, max(column - _REACH, 0) : column + _REACH + 1]
    return ColourField(patch, (row, column), _distances(patch.pixels, to_lab(about).reshape(-1, 3).mean(axis=0)))


def region(field: ColourField, tolerance: float, *, contiguous: bool = True, hole: float = 0.0) -> Mask:
    """The pixels within `tolerance` units of Lab; where contiguous, those joined to the one pointed at.

    That one is always among them. Holes of at most the share `hole` of the region are filled. In image pixels.
    """
    row, column = field.cell
    near = field.distances <= min(max(tolerance, 0.0), 127.0) * PER_UNIT
    near[row, column] = True
    strips = regions.strips_of(near)
    found = spans.to_mask(regions.around(strips, column, row) if contiguous else strips)
    if hole:
        filled = regions.without_holes(to_bitmap(found), hole * found.area)
        found = from_bitmap(filled, found.x, found.y)
    return field.patch.on_picture(found)


def _distances(pixels: Pixels, colour: Lab) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    found = np.empty((height, width), dtype=np.uint8)
    rows = max(1, _BAND // max(width, 1))
    for top in range(0, height, rows):
        off = to_lab(pixels[top : top + rows]) - colour
        squares = np.einsum("ijk,ijk->ij", off, off)
        found[top : top + rows] = np.minimum(np.sqrt(squares) * PER_UNIT + np.float32(0.5), 255)
    return found
