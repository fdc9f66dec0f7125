"""One picture of a made-up blood smear: red cells, white cells and platelets, with their outlines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from engine.samples.outline import Field, Outline

Colours = NDArray[np.float32]
"""(height, width, 3) RGB, 0 to 255."""

BACKGROUND = (238, 229, 224)


@dataclass(frozen=True, slots=True)
class Cell:
    """A drawn cell."""

    class_name: str
    outline: Outline


@dataclass(frozen=True, slots=True)
class Smear:
    """A drawn picture, (height, width, 3) RGB, and the cells on it."""

    pixels: NDArray[np.uint8]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """A class of cells: how many a picture has, how large they are (radius, pixels), how they are drawn."""

    class_name: str
    number: tuple[int, int]
    radius: tuple[float, float]
    roughness: float
    colours: Callable[[Generator, Field, Field], Colours]
    """(rng, distance from the centre, distance of the outline) of every pixel of a window -> its colours."""


def draw(rng: Generator, width: int, height: int) -> Smear:
    """Draw a picture of this size: the light, the cells without overlap, then what the lens and the sensor do."""
    canvas = _background(rng, width, height)
    cells = _placed(rng, width, height)
    colours_by_name = {kind.class_name: kind.colours for kind in KINDS}
    for cell in cells:
        _paint(rng, canvas, cell.outline, colours_by_name[cell.class_name])
    return Smear(_photographed(rng, canvas), cells)


def _placed(rng: Generator, width: int, height: int) -> tuple[Cell, ...]:
    """Cells at random places, wholly on the picture and apart from each other; the large kinds choose first."""
    cells: list[Cell] = []
    for kind in KINDS:
        for _ in range(int(rng.integers(*kind.number, endpoint=True))):
            outline = _find_room(rng, kind, (width, height), cells)
            if outline is not None:
                cells.append(Cell(kind.class_name, outline))
    return tuple(cells)


def _find_room(rng: Generator, kind: Kind, size: tuple[int, int], cells: list[Cell]) -> Outline | None:
    for _ in range(60):
        radius = float(rng.uniform(*kind.radius))
        margin = radius * 1.2 + 1
        xy = (float(rng.uniform(margin, size[0] - margin)), float(rng.uniform(margin, size[1] - margin)))
        outline = Outline.random(rng, xy, radius, kind.roughness)
        if outline.reach < margin and not any(_meet(outline, cell.outline) for cell in cells):
            return outline
    return None


def _meet(a: Outline, b: Outline) -> bool:
    return float(np.hypot(a.x - b.x, a.y - b.y)) < a.reach + b.reach


def _paint(
    rng: Generator, canvas: Colours, outline: Outline, colours: Callable[[Generator, Field, Field], Colours]
) -> None:
    """Lay a cell over the canvas, its edge blended over one pixel."""
    reach = int(np.ceil(outline.reach)) + 1
    x0, y0 = int(outline.x) - reach, int(outline.y) - reach
    x0, y0 = max(x0, 0), max(y0, 0)
    window = canvas[y0 : y0 + 2 * reach + 1, x0 : x0 + 2 * reach + 1]
    distance, edge = outline.distances(x0, y0, window.shape[:2])
    cover = np.clip(edge - distance + 0.5, 0, 1)[..., None]
    window[:] = window * (1 - cover) + colours(rng, distance, edge) * cover


def _red(rng: Generator, distance: Field, edge: Field) -> Colours:
    """A disc that is paler in its hollow middle and darkest near its rim."""
    depth = distance / edge
    hollow = np.exp(-((depth / rng.uniform(0.38, 0.52)) ** 2))
    rim = np.exp(-(((depth - 0.86) / 0.14) ** 2))
    tint = rng.normal(0, 6, 3)
    colours = _mix(_flat((214, 128, 132), distance), (240, 196, 192), hollow * float(rng.uniform(0.7, 1.0)))
    return _grained(rng, _mix(colours, (186, 92, 104), 0.55 * rim) + tint.astype(np.float32), 3)


def _white(rng: Generator, distance: Field, edge: Field) -> Colours:
    """A pale body full of fine grains around a dark nucleus of two to four lobes."""
    body = _mix(_flat((205, 190, 220), distance), (176, 156, 204), (distance / edge) ** 4)
    rows, columns = np.mgrid[0 : distance.shape[0], 0 : distance.shape[1]]
    x, y = (float(values[np.unravel_index(np.argmin(distance), distance.shape)]) for values in (columns, rows))
    radius = float(edge.mean())
    nucleus = np.zeros_like(distance)
    start, n_lobes = rng.uniform(0, 2 * np.pi), int(rng.integers(2, 5))
    for lobe in range(n_lobes):
        angle = start + lobe * rng.uniform(1.1, 1.7)
        lobe_x, lobe_y = x + 0.36 * radius * np.cos(angle), y + 0.36 * radius * np.sin(angle)
        size = radius * rng.uniform(0.26, 0.36)
        nucleus = np.maximum(nucleus, np.clip((size - np.hypot(columns - lobe_x, rows - lobe_y)) / 2 + 0.5, 0, 1))
    return _mix(_grained(rng, body, 7), _grained(rng, _flat((98, 56, 138), distance), 16), nucleus)


def _platelet(rng: Generator, distance: Field, edge: Field) -> Colours:
    """A small grainy body, darker inside."""
    colours = _mix(_flat((186, 150, 198), distance), (126, 78, 156), np.clip(1.1 - distance / edge, 0, 1))
    return _grained(rng, colours, 15)


KINDS = (
    Kind("white cell", (1, 2), (27, 34), 0.05, _white),
    Kind("red cell", (9, 15), (17, 22), 0.035, _red),
    Kind("platelet", (2, 5), (6.5, 9), 0.09, _platelet),
)
"""The three classes, large ones first."""


def _background(rng: Generator, width: int, height: int) -> Colours:
    """Light that falls off to one side, slightly uneven."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    slope = (columns / width - 0.5) * np.cos(angle) + (rows / height - 0.5) * np.sin(angle)
    light = 1 + 0.07 * slope + 0.012 * _clouds(rng, (height, width), 6)
    lit: Colours = _flat(BACKGROUND, light) * light[..., None]
    return lit


def _photographed(rng: Generator, canvas: Colours) -> NDArray[np.uint8]:
    """The canvas as a camera sees it: a little out of focus, exposed and tinted differently each time, with noise."""
    exposed = canvas * rng.normal(0.98, 0.03) * rng.normal(1, 0.012, 3)
    picture = Image.fromarray(np.clip(exposed, 0, 255).astype(np.uint8))
    soft = np.asarray(picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.4, 0.9)))), dtype=np.float32)
    noisy = soft + rng.normal(0, 2.5, soft.shape)
    return np.clip(np.round(noisy), 0, 255).astype(np.uint8)


def _clouds(rng: Generator, shape: tuple[int, int], n: int) -> Field:
    """Smooth noise with standard deviation about 1 and some `n` bumps across."""
    coarse = Image.fromarray(rng.normal(0, 1.4, (n, n)).astype(np.float32))
    return np.asarray(coarse.resize((shape[1], shape[0]), Image.Resampling.BICUBIC), dtype=np.float32)


def _grained(rng: Generator, colours: Colours, strength: float) -> Colours:
    """The colours with a grain of about three pixels."""
    height, width = colours.shape[:2]
    grain = _clouds(rng, (height, width), max(3, max(height, width) // 3))
    grained: Colours = colours + strength * grain[..., None]
    return grained


def _flat(colour: tuple[int, int, int], like: Field) -> Colours:
    return np.broadcast_to(np.array(colour, dtype=np.float32), (*like.shape, 3))


def _mix(colours: Colours, other: tuple[int, int, int] | Colours, share: Field) -> Colours:
    """`colours` where share is 0, `other` where it is 1."""
    mixed: Colours = colours + (np.asarray(other, dtype=np.float32) - colours) * share[..., None]
    return mixed
