"""PictureTiles: tiles of the shown picture, read and given their brightness and colours on threads, within a budget."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from engine.errors import UserError
from engine.imaging.levels import Levels
from studio.canvas.pyramid import Pixels
from studio.canvas.tile_source import Spot, TileSource

BUDGET_BYTES = 288 << 20
"""Enough for a view of 3840 x 2160 at its least favourable zoom, twice over where pictures are shown as they are."""
N_THREADS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """A tile as it is stored and as it is shown."""

    stored: Pixels
    shown: Pixels
    image: QImage
    """Of what is shown; it reads the memory of `shown`."""
    levels: Levels

    @property
    def nbytes(self) -> int:
        return self.stored.nbytes + (self.shown.nbytes if self.shown is not self.stored else 0)


@dataclass(frozen=True, slots=True, eq=False)
class _Order:
    """What the threads make now; another value with every change, so that what comes too late is known by it."""

    source: TileSource | None = None
    levels: Levels = field(default_factory=Levels)


class PictureTiles(QObject):
    """The tiles of one picture at a time."""

    arrived = Signal(object)
    """Spot: its tile is there now."""
    _made = Signal(object)

    def __init__(self, budget_bytes: int = BUDGET_BYTES) -> None:
        """No picture, and no threads until there is one."""
        super().__init__()
        self._budget_bytes = budget_bytes
        self._order = _Order()
        self._held: OrderedDict[Spot, Tile] = OrderedDict()
        self._held_bytes = 0
        self._wanted: tuple[Spot, ...] = ()
        self._waiting: list[tuple[Spot, Pixels | None]] = []
        self._running: set[tuple[_Order, Spot]] = set()
        self._failed: set[Spot] = set()
        self._is_over = False
        self._turn = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._made.connect(self._on_made)

    @property
    def source(self) -> TileSource | None:
        """Where the tiles come from."""
        return self._order.source

    @property
    def held_bytes(self) -> int:
        """Memory of the tiles that are there."""
        return self._held_bytes

    def begin(self, source: TileSource | None, levels: Levels) -> None:
        """Show another picture, or none."""
        self._order = _Order(source, levels)
        self._held.clear()
        self._failed.clear()
        self._held_bytes = 0
        self.want(())
        if source is not None and not self._threads:
            self._start()

    def adjust(self, levels: Levels) -> None:
        """Show the same picture otherwise; the tiles that are there stay in sight until they are made anew."""
        self._order = _Order(self._order.source, levels)
        self.want(self._wanted)

    def want(self, spots: Sequence[Spot]) -> None:
        """Have these tiles, the first ones first, and no others."""
        self._wanted = tuple(spots)
        for spot in reversed(self._wanted):
            if spot in self._held:
                self._held.move_to_end(spot)
        waiting = [(spot, self._stored(spot)) for spot in self._wanted if not self.is_good(spot)]
        with self._turn:
            self._waiting = waiting
            self._turn.notify_all()

    def get(self, spot: Spot) -> Tile | None:
        """A tile, possibly as it was shown before the last adjustment."""
        return self._held.get(spot)

    def is_good(self, spot: Spot) -> bool:
        """Whether a tile is there as it is shown now, or cannot be had."""
        tile = self._held.get(spot)
        return spot in self._failed or (tile is not None and tile.levels == self._order.levels)

    def finish(self) -> None:
        """Drop what waits and end the threads."""
        with self._turn:
            self._waiting, self._is_over = [], True
            self._turn.notify_all()
        for thread in self._threads:
            thread.join()

    def _stored(self, spot: Spot) -> Pixels | None:
        tile = self._held.get(spot)
        return None if tile is None else tile.stored

    def _start(self) -> None:
        names = (f"tiles {number}" for number in range(N_THREADS))
        self._threads = [threading.Thread(target=self._work, name=name, daemon=True) for name in names]
        for thread in self._threads:
            thread.start()

    def _work(self) -> None:
        while (task := self._next()) is not None:
            order, spot, stored = task
            tile = None if order.source is None else _tile(order.source, spot, stored, order.levels)
            with self._turn:
                self._running.discard((order, spot))
                is_over = self._is_over
            if not is_over:
                self._made.emit((order, spot, tile))

    def _next(self) -> tuple[_Order, Spot, Pixels | None] | None:
        with self._turn:
            while not self._is_over:
                order = self._order
                for at, (spot, stored) in enumerate(self._waiting):
                    if (order, spot) not in self._running:
                        del self._waiting[at]
                        self._running.add((order, spot))
                        return order, spot, stored
                self._turn.wait()
            return None

    def _on_made(self, made: tuple[_Order, Spot, Tile | None]) -> None:
        order, spot, tile = made
        if order.source is not self._order.source:
            return
        if tile is None:
            self._failed.add(spot)
        elif order is self._order or not self.is_good(spot):
            self._keep(spot, tile)
        if order is not self._order:  # what is shown next has been waiting for it
            self.want(self._wanted)
        self.arrived.emit(spot)

    def _keep(self, spot: Spot, tile: Tile) -> None:
        if (before := self._held.pop(spot, None)) is not None:
            self._held_bytes -= before.nbytes
        self._held[spot] = tile
        self._held_bytes += tile.nbytes
        while self._held_bytes > self._budget_bytes and len(self._held) > 1:
            _, gone = self._held.popitem(last=False)
            self._held_bytes -= gone.nbytes


def adjusted(pixels: Pixels, levels: Levels) -> Pixels:
    """BGRX pixels as they are shown; the same array where that is as they are."""
    if levels.is_plain:
        return pixels
    if levels.channel == "all":
        # What the table makes of the fourth byte is never looked at.
        return np.take(levels.table(), pixels, mode="clip")
    grey = levels.apply(pixels[..., 2::-1])[..., :1]
    return np.ascontiguousarray(np.broadcast_to(grey, pixels.shape))


def image_of(pixels: Pixels) -> QImage:
    """BGRX pixels as Qt's image, which reads their memory."""
    height, width, _ = pixels.shape
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)


def _tile(source: TileSource, spot: Spot, stored: Pixels | None, levels: Levels) -> Tile | None:
    """Make a tile; None where it cannot be read: what is coarser stays in sight there."""
    try:
        pixels = source.read(spot) if stored is None else stored
    except UserError:
        return None
    shown = adjusted(pixels, levels)
    return Tile(pixels, shown, image_of(shown), levels)
