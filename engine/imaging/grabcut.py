"""A box to the mask of what is in it, without any trained network (after Rother, Kolmogorov and Blake 2004).

What lies outside the box shows the ground; what lies inside is split between object and ground by their colours, each
a mixture of Gaussians, by where objects lie in their boxes, and along borders of the picture: the minimum cut. Colours
and cut are found in turn a few times. A drawn box is tight: where the mask leaves a side of it free, the balance is
shifted towards the inside (Lempitsky and others 2009). Points said to be in or out are held to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.geometry.masks import empty, from_bitmap
from engine.geometry.shapes import XY, Bounds, Box, Mask
from engine.imaging import regions
from engine.imaging.colour import Lab, to_lab
from engine.imaging.min_cut import WAYS, Edges, Grid, edge_ends, minimum_cut
from engine.imaging.mixture import fit
from engine.imaging.patch import Bitmap, Patch


@dataclass(frozen=True, slots=True)
class Weighing:
    """How much each hint counts; what stands here was chosen on pictures of nuclei and of things."""

    n_colours: int = 3
    """Gaussians a side."""
    most_colour: float = 4.0
    """Nats; one pixel's colour counts no more than this for or against."""
    place: float = 3.0
    """Nats for a pixel in the middle of the box to be inside, none on the ellipse that fills it, minus beyond."""
    border: float = 1.5
    """Nats for a border between two equal neighbours; less the more they differ."""
    rounds: int = 2
    """Of colours and cut in turn."""
    biases: tuple[float, ...] = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
    """Nats for every pixel, tried in turn until the mask fills the box."""
    hole: float = 0.05
    """Holes of at most this share of the mask are filled."""
    island: float = 0.15
    """Regions of less than this share of the largest are dropped."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: an object about which this much is known, in image pixels."""

    box: Box
    inside: tuple[XY, ...] = ()
    """Points that are on the object."""
    outside: tuple[XY, ...] = ()
    """Points that are not."""
    point_radius: float = 1.5
    """How far around each point that holds."""
    weighing: Weighing = field(default_factory=Weighing)


MARGIN = 0.35
"""How much ground is looked at beyond each side of a box, in its longer sides."""
_LEAST_MARGIN = 4.0
_TIGHT = 0.05
"""How much of a side's length the mask may stay away from it; a pixel at least."""
_SURE = np.float32(1e3)


def surroundings(box: Box) -> Bounds:
    """The window of the picture that is looked at for a box."""
    margin = max(MARGIN * max(box.width, box.height), _LEAST_MARGIN)
    return (box.x0 - margin, box.y0 - margin, box.x1 + margin, box.y1 + margin)


def mask_in(patch: Patch, wanted: Wanted) -> Mask:
    """The mask of the object in the box, in image pixels; within the box but for points said to be inside, or empty."""
    given = _Given.of(patch, wanted)
    if not given.may_be.any():
        return empty()
    found = _tidied(_split(to_lab(patch.pixels), given, wanted.weighing), given.surely, wanted.weighing)
    return patch.on_picture(from_bitmap(found & given.may_be))


def _split(lab: Lab, given: _Given, weighing: Weighing) -> Bitmap:
    """Colours and cut in turn, then with a bias towards the inside, no larger than needed to fill the box."""
    weights = _weights(lab, weighing.border)
    inside, cut = given.first_guess, None
    for bias in (*[0.0] * weighing.rounds, *(weighing.biases if given.is_tight else ())):
        colour = _colour_costs(lab, inside, weighing)
        costs = given.held(colour - given.place - np.float32(bias))
        cut = minimum_cut(costs, weights, rounds=400, within=0.5, start=cut)
        if cut.bitmap.any():
            inside = cut.bitmap
        if bias and given.is_filled(inside):
            break
    return inside


@dataclass(frozen=True, slots=True, eq=False)
class _Given:
    """What is known of every pixel of a patch before colours are looked at."""

    may_be: Bitmap
    """In the box, and not said to be outside."""
    surely: Bitmap
    """Said to be inside."""
    place: Grid
    """Nats for being inside for where it lies."""
    is_tight: bool
    """Whether the object is as large as its box: not where something in there was said to be outside."""

    @classmethod
    def of(cls, patch: Patch, wanted: Wanted) -> _Given:
        rows, columns = np.mgrid[: patch.height, : patch.width]
        x, y = patch.x + (columns + 0.5) * patch.step, patch.y + (rows + 0.5) * patch.step
        box, radius = wanted.box, max(wanted.point_radius, patch.step)
        surely, never = (_discs((x, y), points, radius) for points in (wanted.inside, wanted.outside))
        in_box = (x >= box.x0) & (x < box.x1) & (y >= box.y0) & (y < box.y1)
        across, down = (2 * x - box.x0 - box.x1) / box.width, (2 * y - box.y0 - box.y1) / box.height
        place = wanted.weighing.place * (1 - across**2 - down**2)
        return cls((in_box | surely) & ~never, surely & ~never, place.astype(np.float32), not wanted.outside)

    @property
    def first_guess(self) -> Bitmap:
        return self.may_be & ((self.place > 0) | self.surely)

    def is_filled(self, inside: Bitmap) -> bool:
        """Whether a mask comes near to all four sides of what it may be in: a drawn box is tight."""
        return bool(inside.any()) and all(
            abs(ours - whole) <= max(1, _TIGHT * (limits[-1] + 1 - limits[0]))
            for limits, found in zip(_limits(self.may_be), _limits(inside), strict=True)
            for ours, whole in zip(found, limits, strict=True)
        )

    def held(self, costs: Grid) -> Grid:
        """Costs of being inside with what is sure."""
        return np.where(self.surely, -_SURE, np.where(self.may_be, costs, _SURE))


def _discs(at: tuple[np.ndarray, np.ndarray], points: Sequence[XY], radius: float) -> Bitmap:
    x, y = at
    found = np.zeros(x.shape, dtype=np.bool_)
    for px, py in points:
        found |= (x - px) ** 2 + (y - py) ** 2 <= radius**2
    return found


def _limits(bitmap: Bitmap) -> tuple[tuple[int, int], ...]:
    """First and last row, first and last column that hold a pixel."""
    places = [np.flatnonzero(bitmap.any(axis=axis)) for axis in (1, 0)]
    return tuple((int(at[0]), int(at[-1])) for at in places)


def _colour_costs(lab: Lab, inside: Bitmap, weighing: Weighing) -> Grid:
    """Nats by which each pixel's colour speaks against its being inside."""
    if inside.all() or not inside.any():
        return np.zeros(inside.shape, dtype=np.float32)
    colours = lab.reshape(-1, 3)
    sides = [fit(lab[side], weighing.n_colours).costs(colours) for side in (inside, ~inside)]
    most = np.float32(weighing.most_colour)
    costs: Grid = np.clip((sides[0] - sides[1]).reshape(inside.shape), -most, most)
    return costs


def _weights(lab: Lab, border: float) -> Edges:
    """What a border between neighbours costs: much between equal colours, little where the picture has one."""
    squares = []
    for way in WAYS:
        first, second = edge_ends(lab, way)
        squares.append(((first - second) ** 2).sum(axis=2))
    mean = float(np.mean([each.mean() for each in squares])) or 1.0
    return tuple(
        (np.float32(border / np.hypot(*way)) * np.exp(-each / np.float32(2 * mean))).astype(np.float32)
        for each, way in zip(squares, WAYS, strict=True)
    )


def _tidied(bitmap: Bitmap, surely: Bitmap, weighing: Weighing) -> Bitmap:
    """Without small islands, but for those with a point in them, and small holes."""
    strips = regions.strips_of(bitmap)
    kept = regions.to_bitmap(regions.large(strips, weighing.island), bitmap.shape)
    return regions.without_holes(kept | (bitmap & surely), weighing.hole * kept.sum())
