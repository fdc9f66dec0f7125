"""PictureLayer: the shown picture as it is painted: whole from memory where it is shown as it is, else by tiles."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np
from PIL import Image
from PySide6.QtCore import QObject, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QRegion

from engine.geometry.shapes import XY, Bounds
from engine.imaging.levels import Levels
from engine.imaging.patch import Patch
from engine.tiling.reading import TILE_SIDE, TileLevel
from studio.canvas import paint
from studio.canvas.picture_tiles import PictureTiles, adjusted
from studio.canvas.pictures import Tiled
from studio.canvas.pyramid import Level, Pixels, Pyramid
from studio.canvas.tile_source import Cells, FiledSource, HeldSource, Spot, TileSource, level_for
from studio.canvas.viewport import Viewport

_BASE_SIDE = 1024
"""Pixels a side, at most, of what is shown until tiles come, where it has to be adjusted within a frame."""
_AROUND = 1
"""So many tiles around the view are made ready."""


class PictureLayer(QObject):
    """Paints one picture, and reads windows of it for the tools."""

    touched = Signal()
    """Something in sight looks different."""

    def __init__(self) -> None:
        super().__init__()
        self._tiles = PictureTiles()
        self._tiles.arrived.connect(self._on_arrived)
        self._picture: Pyramid | Tiled | None = None
        self._base: Pyramid | None = None
        """What is shown where tiles are missing."""
        self._levels = Levels()
        self._view = Viewport((1, 1), (1, 1))
        self._in_sight: list[Spot] = []

    @property
    def is_complete(self) -> bool:
        """Whether all that is in sight is there as it is to be shown."""
        return all(self._tiles.is_good(spot) for spot in self._in_sight)

    @property
    def is_covered(self) -> bool:
        """Whether there is something to paint wherever the picture is."""
        return self._picture is not None and self._base is not None

    def show(self, picture: Pyramid | Tiled | None, thumbnail: Pyramid | None) -> None:
        """Show a picture, for which the thumbnail stands until there are tiles of it."""
        if picture is not self._picture:
            self._picture = picture
            self._begin(thumbnail)

    def adjust(self, levels: Levels, thumbnail: Pyramid | None) -> None:
        """Show the picture so from now on."""
        was_plain, self._levels = self._levels.is_plain, levels
        if self._tiles.source is None or (levels.is_plain and not was_plain and isinstance(self._picture, Pyramid)):
            self._begin(thumbnail)
        else:
            self._base = self._based(thumbnail)
            self._tiles.adjust(levels)
        self.touched.emit()

    def look(self, view: Viewport) -> None:
        """Have the tiles in sight made, what lies in the middle first, then those around."""
        self._view = view
        source = self._tiles.source
        if source is None:
            self._in_sight = []
            return
        level = level_for(source.levels, view.scale)
        side = TILE_SIDE * source.levels[level].step
        x0, y0, x1, y1 = view.visible
        middle = ((x0 + x1) / 2 / side, (y0 + y1) / 2 / side)
        self._in_sight = _nearest(Cells.under(source.levels, level, (x0, y0, x1, y1)).spots(), middle)
        wide = (x0 - _AROUND * side, y0 - _AROUND * side, x1 + _AROUND * side, y1 + _AROUND * side)
        around = _nearest(Cells.under(source.levels, level, wide).spots(), middle)
        self._tiles.want(list(dict.fromkeys([*self._in_sight, *around])))

    def paint(self, painter: QPainter, view: Viewport) -> None:
        """Paint the visible part."""
        source = self._tiles.source
        if source is None:
            if self._base is not None:
                paint.picture(painter, self._base, view)
            return
        missing = self._paint_tiles(painter, view, self._in_sight)
        if not missing.isEmpty():
            painter.save()
            painter.setClipRegion(missing)
            self._fill(painter, view, source)
            painter.restore()

    def patch(self, bounds: Bounds, most: int) -> Patch | None:
        """The pixels of a window as they are stored, at most `most` a side; None until its tiles are read."""
        source = self._tiles.source
        if source is None:
            return None
        side = max(bounds[2] - bounds[0], bounds[3] - bounds[1])
        levels = source.levels
        wanted = next((n for n, level in enumerate(levels) if side <= most * level.step), len(levels) - 1)
        frame = _window(levels[wanted], bounds)
        if frame.isEmpty():
            return None
        found = self._assembled(source, wanted, frame)
        if found is None and wanted > 0:  # what is in sight may be finer by one
            twice = QRect(2 * frame.x(), 2 * frame.y(), 2 * frame.width(), 2 * frame.height())
            finer = self._assembled(source, wanted - 1, twice.intersected(_whole(levels[wanted - 1])))
            found = None if finer is None else np.asarray(_pillow(finer).reduce(2))
        if found is None:
            self._tiles.want([*Cells.under(levels, wanted, bounds).spots(), *self._in_sight])
            return None
        step = levels[wanted].step
        return Patch(found[..., 2::-1], frame.x() * step, frame.y() * step, step)

    def finish(self) -> None:
        """End the threads."""
        self._tiles.finish()

    def _begin(self, thumbnail: Pyramid | None) -> None:
        picture = self._picture
        source: TileSource | None = None
        if isinstance(picture, Tiled):
            source = FiledSource(picture.file)
        elif isinstance(picture, Pyramid) and not self._levels.is_plain:
            source = HeldSource(picture)
        self._base = self._based(thumbnail)
        self._tiles.begin(source, self._levels)
        self.look(self._view)

    def _based(self, thumbnail: Pyramid | None) -> Pyramid | None:
        base = self._picture if isinstance(self._picture, Pyramid) else thumbnail
        if base is None or self._levels.is_plain:
            return base
        coarse = base.levels[-1]
        every = -(-max(coarse.pixels.shape[:2]) // _BASE_SIDE)
        pixels = np.ascontiguousarray(coarse.pixels[::every, ::every])
        return Pyramid((Level(adjusted(pixels, self._levels), coarse.step * every),))

    def _paint_tiles(self, painter: QPainter, view: Viewport, spots: Iterable[Spot]) -> QRegion:
        """Paint the tiles that are there; returns where there is none."""
        source, missing = self._tiles.source, QRegion()
        if source is None:
            return missing
        painter.save()
        (dx, dy), (width, height) = view.origin, view.picture
        # The last column of a coarser level may stand for less than a whole step.
        room = QRectF(dx, dy, width * view.scale, height * view.scale)
        painter.setClipRect(room, Qt.ClipOperation.IntersectClip)
        for spot in spots:
            part, target = _lies(source.levels[spot.level], spot, view)
            tile = self._tiles.get(spot)
            if tile is None:
                missing += target
                continue
            scale = view.scale * source.levels[spot.level].step
            is_smooth = scale < paint.CRISP_FROM and scale != 1.0
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_smooth)
            painter.drawImage(target, tile.image, part)
        painter.restore()
        return missing

    def _fill(self, painter: QPainter, view: Viewport, source: TileSource) -> None:
        """What there is of other levels, the coarsest first; under it all the thumbnail."""
        if self._base is not None:
            paint.picture(painter, self._base, view)
        now = level_for(source.levels, view.scale)
        for level in (*range(len(source.levels) - 1, now, -1), *range(now - 1, now - 2, -1)):
            if level >= 0:
                there = Cells.under(source.levels, level, view.visible).spots()
                self._paint_tiles(painter, view, there)

    def _assembled(self, source: TileSource, level: int, frame: QRect) -> Pixels | None:
        """A window of a level, put together from its tiles; None where one is not there."""
        if frame.isEmpty():
            return None
        step = source.levels[level].step
        x0, y0 = frame.x(), frame.y()
        bounds = (x0 * step, y0 * step, (x0 + frame.width()) * step, (y0 + frame.height()) * step)
        tiles = {spot: self._tiles.get(spot) for spot in Cells.under(source.levels, level, bounds).spots()}
        found: Pixels = np.empty((frame.height(), frame.width(), 4), np.uint8)
        for spot, tile in tiles.items():
            if tile is None:
                return None
            left, top = spot.column * TILE_SIDE, spot.row * TILE_SIDE
            height, width, _ = tile.stored.shape
            part = frame.intersected(QRect(left, top, width, height))
            x, y = part.x() - left, part.y() - top
            found[part.y() - y0 :, part.x() - x0 :][: part.height(), : part.width()] = tile.stored[
                y : y + part.height(), x : x + part.width()
            ]
        return found

    def _on_arrived(self, spot: Spot) -> None:
        if spot in self._in_sight:
            self.touched.emit()


def _nearest(spots: Iterator[Spot], middle: XY) -> list[Spot]:
    return sorted(spots, key=lambda spot: math.hypot(spot.column + 0.5 - middle[0], spot.row + 0.5 - middle[1]))


def _lies(level: TileLevel, spot: Spot, view: Viewport) -> tuple[QRect, QRect]:
    """The part of a tile to paint, in its pixels, and where it lies in the view: neighbours share their edges.

    Where pixels are squares in sight the part is what can be seen, lest it be more of them than Qt can count.
    """
    (dx, dy), scale = view.origin, view.scale * level.step
    corner = (spot.column * TILE_SIDE, spot.row * TILE_SIDE)
    whole = QRect(*corner, TILE_SIDE, TILE_SIDE).intersected(_whole(level))
    if scale >= paint.CRISP_FROM:
        x0, y0, x1, y1 = (at / level.step for at in view.visible)
        seen = QRect(math.floor(x0), math.floor(y0), math.ceil(x1 - x0) + 2, math.ceil(y1 - y0) + 2)
        whole = whole.intersected(seen)
    left, top = dx + round(whole.x() * scale), dy + round(whole.y() * scale)
    right, bottom = dx + round((whole.x() + whole.width()) * scale), dy + round((whole.y() + whole.height()) * scale)
    return whole.translated(-corner[0], -corner[1]), QRect(left, top, max(right - left, 1), max(bottom - top, 1))


def _window(level: TileLevel, bounds: Bounds) -> QRect:
    """The pixels of a level under a rectangle in image pixels."""
    left, top = (max(0, math.floor(at / level.step)) for at in bounds[:2])
    right, bottom = math.ceil(bounds[2] / level.step), math.ceil(bounds[3] / level.step)
    return QRect(left, top, right - left, bottom - top).intersected(_whole(level))


def _whole(level: TileLevel) -> QRect:
    return QRect(0, 0, level.width, level.height)


def _pillow(pixels: Pixels) -> Image.Image:
    height, width, _ = pixels.shape
    return Image.frombuffer("RGBX", (width, height), pixels, "raw", "RGBX", 0, 1)
