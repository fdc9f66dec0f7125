"""Painted: tiles as they were painted before, so that what comes back (undo, a selection given up) is there at once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtGui import QImage

from studio.canvas.contents import Item, Key
from studio.canvas.tiles import TilePlace

_MAX_KEPT = 160
"""40 MB at most, of which most is what the overlay shows anyway: twice to three times what a screen has in sight."""


class Likeness(NamedTuple):
    """All that a tile's looks depend on, but for pens and words."""

    place: TilePlace
    items: tuple[int, ...]
    """Which objects they are, in paint order: an item that did not change is the same object."""
    selected: frozenset[Key]
    locked: frozenset[Key]
    tags: tuple[tuple[int, str], ...]


class Painted:
    """The tiles that were painted last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Likeness, tuple[QImage, Sequence[Item]]] = OrderedDict()

    def get(self, wanted: Likeness) -> QImage | None:
        """A tile that looks just so, if one is kept."""
        if (kept := self._kept.get(wanted)) is None:
            return None
        self._kept.move_to_end(wanted)
        return kept[0]

    def put(self, likeness: Likeness, image: QImage, items: Sequence[Item]) -> None:
        """Keep a tile, and with it the items on it: none of them may be taken for another that comes after it."""
        self._kept[likeness] = (image, items)
        while len(self._kept) > _MAX_KEPT:
            self._kept.popitem(last=False)
