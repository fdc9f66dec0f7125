"""Overlay: items painted once onto tiles of the view's own pixels, and shown again and again.

Rasterising thousands of outlines takes many frames' time, so it is done in slices under a budget, what lies in the
middle of the view first. Until a tile is there its place is filled from tiles of another zoom, stretched.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter

from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter, QPainterPath, QRegion

from studio.canvas.contents import Item, Key
from studio.canvas.holding import Difference, Holding
from studio.canvas.leftovers import Leftovers
from studio.canvas.looks import Looks
from studio.canvas.tile_painter import Guise, TilePainter, TileWork
from studio.canvas.tiles import TilePlace, meets_any, places
from studio.canvas.viewport import Viewport

BUDGET_TILES = 640
"""160 MB: enough for a screen of 3840 x 2160 with its surroundings at two zooms."""
_OVERVIEW_SIDE = 1024
_MANY_AREAS = 256


@dataclass(slots=True)
class _Tile:
    """A painted tile; `image` None where no item lies."""

    image: QImage | None
    is_stale: bool = False


class Overlay:
    """The tiles of one image's items."""

    def __init__(self) -> None:
        self._holding = Holding()
        self._guise = Guise()
        self._painter = TilePainter(self._holding, Looks({}))
        self._tiles: OrderedDict[TilePlace, _Tile] = OrderedDict()
        self._visible: list[TilePlace] = []
        self._spare: list[TilePlace] = []
        self._work: tuple[TilePlace, TileWork] | None = None
        self._leftovers = Leftovers()

    def begin(self, holding: Holding, looks: Looks) -> None:
        """Show other contents: nothing of the old stays; nothing is painted until `show`."""
        self._painter.leave(self._leftovers)
        self._holding = holding
        self._painter = TilePainter(holding, looks)
        self._tiles.clear()
        self._visible, self._spare, self._work = [], [], None

    def restyle(self, looks: Looks) -> None:
        """Show the same in another look."""
        self._painter.looks = looks
        self.invalidate(Difference(everywhere=True))

    def twin(self, guise: Guise) -> Overlay:
        """Another overlay of the same items in another guise; they share what was worked out of them."""
        other = Overlay()
        other._holding, other._painter, other._guise = self._holding, self._painter, guise
        return other

    def path(self, item: Item) -> QPainterPath:
        """The item's path in image pixels."""
        return self._painter.path(item)

    def wear(self, guise: Guise) -> int:
        """Hide, select or name items; only the tiles of those concerned are painted anew. Returns how many are."""
        if guise == self._guise:
            return 0
        before, self._guise = self._guise, guise
        keys = _differing(before, guise)
        areas = tuple(self._holding.items[key].bounds for key in keys if key in self._holding.items)
        others = (before.with_names, before.only) != (guise.with_names, guise.only)
        self.invalidate(Difference(areas, everywhere=others))
        return len(areas)

    def invalidate(self, difference: Difference) -> None:
        """Paint anew what looks different; until then the old tiles stay in sight."""
        if not (difference.areas or difference.everywhere):
            return
        self._painter.forget_gone(self._leftovers)
        everywhere = difference.everywhere or len(difference.areas) > _MANY_AREAS
        for place, tile in self._tiles.items():
            if everywhere or meets_any(place.reach(self._painter.reach), difference.areas):
                tile.is_stale = True
        self._work = None

    def show(self, view: Viewport) -> None:
        """Say what is in sight: tiles there are painted first, then those around it, then coarse ones of the whole."""
        x, y = (room / 2 - at for room, at in zip(view.view, view.origin, strict=True))
        self._visible = sorted(places(view), key=lambda place: place.distance_to((x, y)))
        in_sight = set(self._visible)
        self._spare = [place for place in places(view, margin=1) if place not in in_sight] + _overview(view)
        for place in reversed([*self._visible, *self._spare]):
            if place in self._tiles:
                self._tiles.move_to_end(place)

    @property
    def is_complete(self) -> bool:
        """Whether all that is in sight is painted as it is now."""
        return all(self._is_good(place) for place in self._visible)

    def work(self, budget_s: float) -> bool:
        """Paint tiles for so many seconds and one item at most, then clear up; returns whether anything is left."""
        deadline = perf_counter() + budget_s
        while (work := self._next_work()) is not None:
            place, steps = work
            try:
                while True:
                    next(steps)
                    if perf_counter() > deadline:
                        return True
            except StopIteration as stop:
                self._finish(place, stop.value)
            if perf_counter() > deadline:
                return True
        return self._leftovers.shed()

    def paint(self, painter: QPainter, view: Viewport) -> None:
        """Show what is painted; where tiles of this zoom are missing, those of others."""
        missing = QRegion()
        for place in self._visible:
            tile = self._tiles.get(place)
            if tile is None:
                left, top, right, bottom = place.target(view)
                missing += QRect(left, top, right - left, bottom - top)
            elif tile.image is not None:
                left, top, *_ = place.target(view)
                painter.drawImage(left, top, tile.image)
        if not missing.isEmpty():
            self._fill(painter, view, missing)

    def _fill(self, painter: QPainter, view: Viewport, missing: QRegion) -> None:
        """Stretch tiles of other zooms over a region, the zoom that was seen last first."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for scale in self._other_scales(view.scale):
            covered = QRegion()
            for place, tile in self._at_scale(scale):
                left, top, right, bottom = place.target(view)
                target = QRect(left, top, right - left, bottom - top)
                if not missing.intersects(target):
                    continue
                covered += target
                if tile.image is not None:
                    painter.setClipRegion(missing.intersected(target))
                    painter.drawImage(target, tile.image)
            missing -= covered
            if missing.isEmpty():
                break
        painter.restore()

    def _other_scales(self, scale: float) -> Iterable[float]:
        return dict.fromkeys(place.scale for place in reversed(self._tiles) if place.scale != scale)

    def _at_scale(self, scale: float) -> list[tuple[TilePlace, _Tile]]:
        return [(place, tile) for place, tile in self._tiles.items() if place.scale == scale]

    def _is_good(self, place: TilePlace) -> bool:
        tile = self._tiles.get(place)
        return tile is not None and not tile.is_stale

    def _next_work(self) -> tuple[TilePlace, TileWork] | None:
        if self._work is not None and (self._work[0] in self._visible or self.is_complete):
            return self._work
        place = next((place for place in (*self._visible, *self._spare) if not self._is_good(place)), None)
        self._work = None if place is None else (place, self._painter.paint(place, self._guise))
        return self._work

    def _finish(self, place: TilePlace, image: QImage | None) -> None:
        self._tiles[place] = _Tile(image)
        self._tiles.move_to_end(place)
        self._work = None
        while len(self._tiles) > BUDGET_TILES:
            self._tiles.popitem(last=False)


def _differing(before: Guise, after: Guise) -> set[Key]:
    """The items that look different; sets that are one and the same, as most are, are not gone through."""
    keys: set[Key] = set()
    for a, b in (
        (before.hidden, after.hidden),
        (before.selected, after.selected),
        (before.veiled, after.veiled),
        (before.locked, after.locked),
    ):
        if a is not b:
            keys |= a ^ b
    return keys


def _overview(view: Viewport) -> list[TilePlace]:
    """Coarse tiles of the whole picture, so that every zoom has something to stretch."""
    scale = min(1.0, _OVERVIEW_SIDE / max(view.picture))
    return places(Viewport(view.picture, (_OVERVIEW_SIDE, _OVERVIEW_SIDE), scale))
