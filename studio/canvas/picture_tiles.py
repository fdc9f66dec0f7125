"""PictureTiles: the picture resampled once per zoom onto tiles of the view's own pixels, so that a pan only copies."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter

from studio.canvas import paint
from studio.canvas.pyramid import Pyramid
from studio.canvas.tiles import SIDE, TilePlace, places
from studio.canvas.viewport import Viewport

_VIEWS = 3
"""Tiles of so many views are kept."""


class PictureTiles:
    """The tiles of one picture."""

    def __init__(self) -> None:
        self._pyramid: Pyramid | None = None
        self._tiles: OrderedDict[TilePlace, QImage] = OrderedDict()

    def paint(self, painter: QPainter, pyramid: Pyramid, view: Viewport) -> None:
        """Show the visible part of a picture."""
        if pyramid is not self._pyramid:
            self._pyramid = pyramid
            self._tiles.clear()
        (dx, dy), (width, height) = view.origin, (round(side * view.scale) for side in view.picture)
        visible = places(view, beyond=-1)
        for place in visible:
            x, y = place.corner
            part = QRect(0, 0, min(SIDE, width - x), min(SIDE, height - y))
            painter.drawImage(
                dx + x, dy + y, self._tile(pyramid, place, view.picture), 0, 0, part.width(), part.height()
            )
        while len(self._tiles) > _VIEWS * max(len(visible), 8):
            self._tiles.popitem(last=False)

    def _tile(self, pyramid: Pyramid, place: TilePlace, picture: tuple[int, int]) -> QImage:
        tile = self._tiles.get(place)
        if tile is None:
            tile = self._tiles[place] = QImage(SIDE, SIDE, QImage.Format.Format_RGB32)
            painter = QPainter(tile)
            x, y = place.corner
            paint.picture(painter, pyramid, Viewport(picture, (SIDE, SIDE), place.scale, -x, -y))
            painter.end()
        self._tiles.move_to_end(place)
        return tile
