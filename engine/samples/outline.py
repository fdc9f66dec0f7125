"""The outline of a drawn cell: a circle with a few waves on it, known as a formula, so that its polygon is exact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from engine.geometry.shapes import Polygon

Field = NDArray[np.float32]
"""One number for each pixel of a window."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The curve at distance `radius` * (1 + waves) around (x, y), in image pixels."""

    x: float
    y: float
    radius: float
    waves: tuple[tuple[int, float, float], ...]
    """(how many around the circle, amplitude as a share of the radius, phase) each."""

    @classmethod
    def random(cls, rng: Generator, xy: tuple[float, float], radius: float, roughness: float) -> Outline:
        """An outline around `xy` whose waves add up to about `roughness` of its radius."""
        waves = [(k, float(rng.normal(0, roughness / k)), float(rng.uniform(0, 2 * np.pi))) for k in (2, 3, 4, 5)]
        return cls(*xy, radius, tuple(waves))

    @property
    def reach(self) -> float:
        """No point of the outline is farther than this from its centre."""
        return self.radius * (1 + sum(abs(amplitude) for _, amplitude, _ in self.waves))

    def radius_at(self, angles: NDArray[np.floating]) -> NDArray[np.floating]:
        """The distance of the outline from its centre in these directions, in pixels."""
        waves = np.zeros_like(angles)
        for k, amplitude, phase in self.waves:
            waves += amplitude * np.cos(k * angles + phase)
        return self.radius * (1 + waves)

    def polygon(self, n_vertices: int) -> Polygon:
        """The outline through this many points."""
        angles = np.linspace(0, 2 * np.pi, n_vertices, endpoint=False)
        radii = self.radius_at(angles)
        return Polygon.of(np.stack([self.x + radii * np.cos(angles), self.y + radii * np.sin(angles)], axis=1))

    def distances(self, x0: int, y0: int, shape: tuple[int, int]) -> tuple[Field, Field]:
        """For the window of `shape` (height, width) at (x0, y0): distance from the centre, and of the outline there."""
        rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32) + 0.5
        dx, dy = columns + (x0 - self.x), rows + (y0 - self.y)
        return np.hypot(dx, dy), self.radius_at(np.arctan2(dy, dx)).astype(np.float32)
