"""Strips: those of masks that were shown or painted last, so that tools, tiles and live layer need not find them again.

To find the strips of a ragged mask over a large picture takes a fifth of a frame.
"""

from __future__ import annotations

from collections import OrderedDict

from engine.geometry import spans
from engine.geometry.shapes import Mask
from engine.geometry.spans import Spans

_MOST = 12


class KnownStrips:
    """Masks with their strips, the last few; a mask is known as the very same object."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, tuple[Mask, Spans]] = OrderedDict()

    def of(self, mask: Mask) -> Spans:
        """The strips of a mask."""
        known = self._known.get(id(mask))
        if known is None or known[0] is not mask:
            self.put(mask, spans.of_mask(mask))
        self._known.move_to_end(id(mask))
        return self._known[id(mask)][1]

    def put(self, mask: Mask, strips: Spans) -> None:
        """Know a mask's strips, as someone found them before."""
        self._known[id(mask)] = (mask, strips)
        self._known.move_to_end(id(mask))
        while len(self._known) > _MOST:
            self._known.popitem(last=False)
