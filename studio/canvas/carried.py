"""Carried: many items dragged together, painted once onto tiles of their own, which then move as a whole."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtGui import QPainter

from studio.canvas.overlay import Overlay
from studio.canvas.tile_painter import Guise
from studio.canvas.viewport import Viewport
from studio.tools import Preview

MANY = 24
"""Fewer are painted anew with every event, which needs no tiles first."""


class Carried:
    """What a preview carries, where that is much."""

    def __init__(self, overlay: Overlay) -> None:
        """Carry items of an overlay."""
        self._from = overlay
        self._keys: frozenset[int] = frozenset()
        self._overlay: Overlay | None = None
        self._view = Viewport((1, 1), (1, 1))

    def follow(self, preview: Preview, view: Viewport) -> None:
        """Show what this preview carries, as far as it carries it."""
        keys = preview.carried if len(preview.carried) >= MANY else frozenset[int]()
        if keys is not self._keys:
            self._keys = keys
            self._overlay = self._from.twin(Guise(selected=keys, only=keys)) if keys else None
        if self._overlay is not None:
            dx, dy = preview.carried_by
            self._view = replace(view, x=view.x + dx * view.scale, y=view.y + dy * view.scale)
            self._overlay.show(self._view)

    @property
    def is_complete(self) -> bool:
        """Whether all of it that is in sight is painted."""
        return self._overlay is None or self._overlay.is_complete

    def work(self, budget_s: float) -> None:
        """Paint tiles that are in sight for so many seconds at most."""
        if self._overlay is not None and not self._overlay.is_complete:
            self._overlay.work(budget_s)

    def paint(self, painter: QPainter) -> None:
        """Show what is painted."""
        if self._overlay is not None:
            self._overlay.paint(painter, self._view)
