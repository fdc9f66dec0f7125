"""How the map draws faces: each person has a colour and a mark; many points at once, set pixel by pixel in an array.

One call of Qt's for each of ten thousand points would hold Python's lock, and with it the window.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter

from engine.project.classes import distinct_colour
from studio.canvas.still import Drawing
from studio.canvas.viewport import Viewport
from studio.faces.map_points import Floats, MapPoints, Rows
from studio.theme import Tones

N_MARKS = 6
"""Disc, square, diamond, triangle up and down, cross."""
_HALF = 6
"""Pixels from the middle of a mark to the edge of its stamp."""
_RING_HALF = 11
_FINE = 4
"""Parts of a pixel that a mark's edge is worked out with."""
_RADIUS = 4.6
_LINE = 1.5

Stamp = NDArray[np.float32]
"""(2 h + 1, 2 h + 1): how much of each pixel is covered, 0 to 1."""


def colour_of(person: int, tones: Tones) -> QColor:
    """The colour of a person's points."""
    return QColor(tones.faint if person < 0 else distinct_colour(person))


def drawing(points: MapPoints, chosen: Rows, tones: Tones, ratio: float) -> Drawing:
    """Draws all points; the chosen rows and the outliers are ringed. Of values that never change, for any thread."""
    groups = tuple(_groups(points))

    def draw(painter: QPainter, viewport: Viewport) -> None:
        width, height = viewport.view
        pixels = _Pixels(np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32))
        places = on_screen(points.places, viewport)
        _ring(pixels, places[points.is_outlier], QColor(tones.warn), ratio)
        for person, is_sure, rows in groups:
            stamp = _mark(person % N_MARKS if person >= 0 else 0, is_sure, ratio)
            pixels.press(places[rows], stamp, colour_of(person, tones))
        _ring(pixels, places[chosen], QColor(tones.text), ratio)
        painter.drawImage(QPointF(0, 0), pixels.image())

    return draw


def on_screen(places: Floats, viewport: Viewport) -> Floats:
    """Map coordinates in view pixels."""
    return np.asarray(places * viewport.scale + np.asarray(viewport.origin, np.float64))


def mark_image(person: int, tones: Tones, ratio: float) -> QImage:
    """The mark of a person alone, for a list."""
    stamp = _mark(person % N_MARKS if person >= 0 else 0, person >= 0, ratio)
    side = max(len(stamp), round((2 * _HALF + 1) * ratio))
    first, cover = side // 2 - len(stamp) // 2, np.zeros((side, side), np.float32)
    cover[first : first + len(stamp), first : first + len(stamp)] = stamp  # not pressed: pixel by pixel takes 2 ms
    image = _Pixels(cover[..., None] * _paint(colour_of(person, tones)), cover).image()
    image.setDevicePixelRatio(ratio)
    return image


def _groups(points: MapPoints) -> Iterator[tuple[int, bool, Rows]]:
    """Points that look the same, together: nobody's first, so that they lie below."""
    order = np.lexsort((points.is_sure, points.people))
    keys = 2 * points.people[order] + points.is_sure[order]
    for rows in np.split(order, np.flatnonzero(np.diff(keys)) + 1):
        if len(rows):
            yield int(points.people[rows[0]]), bool(points.is_sure[rows[0]]), rows


def _ring(pixels: _Pixels, places: Floats, colour: QColor, ratio: float) -> None:
    pixels.press(places, _ring_stamp(ratio), colour)


@dataclass(frozen=True, slots=True, eq=False)
class _Pixels:
    """Colours, premultiplied, and coverage of an image that is made."""

    colours: NDArray[np.float32]
    """(H, W, 3), 0 to 1."""
    cover: NDArray[np.float32]
    """(H, W), 0 to 1."""

    def press(self, places: Floats, stamp: Stamp, colour: QColor) -> None:
        """Set a stamp at each place; where two of one call meet, the last one counts."""
        half = len(stamp) // 2
        height, width = self.cover.shape
        at = np.floor(places).astype(np.int64)
        is_in = ((at >= half) & (at < (width - half, height - half))).all(axis=1)
        xs, ys = at[is_in, 0], at[is_in, 1]
        paint = _paint(colour)
        for down, across in np.argwhere(stamp > 0).tolist():
            cover, places_y, places_x = stamp[down, across], ys + down - half, xs + across - half
            self.colours[places_y, places_x] = self.colours[places_y, places_x] * (1 - cover) + paint * cover
            self.cover[places_y, places_x] = self.cover[places_y, places_x] * (1 - cover) + cover

    def image(self) -> QImage:
        """As Qt has it."""
        whole = np.concatenate([self.colours[..., ::-1], self.cover[..., None]], axis=2)
        rows = np.ascontiguousarray(np.rint(whole * 255).astype(np.uint8))
        height, width = self.cover.shape
        return QImage(rows.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied).copy()


def _paint(colour: QColor) -> NDArray[np.float32]:
    return np.array([colour.redF(), colour.greenF(), colour.blueF()], np.float32)


@lru_cache(maxsize=64)
def _mark(kind: int, is_full: bool, ratio: float) -> Stamp:
    """A mark with smooth edges; hollow where it is not full."""
    x, y = _grid(_HALF, ratio)
    outer, inner = _inside(kind, x, y, _RADIUS * ratio), _inside(kind, x, y, (_RADIUS - _LINE - 0.4) * ratio)
    return _smooth(outer if is_full else outer & ~inner)


@lru_cache(maxsize=8)
def _ring_stamp(ratio: float) -> Stamp:
    x, y = _grid(_RING_HALF, ratio)
    away = np.hypot(x, y)
    return _smooth((away <= 9.0 * ratio) & (away >= (9.0 - _LINE - 0.3) * ratio))


def _grid(half: int, ratio: float) -> tuple[Floats, Floats]:
    """Places within the pixels of a stamp, from its middle."""
    side = 2 * round(half * ratio) + 1
    at = (np.arange(side * _FINE) + 0.5) / _FINE - side / 2
    x, y = np.meshgrid(at, at)
    return x, y


def _smooth(inside: NDArray[np.bool_]) -> Stamp:
    side = len(inside) // _FINE
    return np.asarray(inside.reshape(side, _FINE, side, _FINE).mean(axis=(1, 3)), np.float32)


def _inside(kind: int, x: Floats, y: Floats, r: float) -> NDArray[np.bool_]:
    """Where a mark is, by its kind; all look about as large."""
    match kind:
        case 0:
            found = np.hypot(x, y) <= r
        case 1:
            found = np.maximum(abs(x), abs(y)) <= 0.87 * r
        case 2:
            found = abs(x) + abs(y) <= 1.2 * r
        case 3:
            found = (y <= 0.75 * r) & (abs(x) * 1.7 <= y + 1.15 * r)
        case 4:
            found = (y >= -0.75 * r) & (abs(x) * 1.7 <= 1.15 * r - y)
        case _:
            found = (np.minimum(abs(x), abs(y)) <= 0.36 * r) & (np.maximum(abs(x), abs(y)) <= 1.15 * r)
    return np.asarray(found)
