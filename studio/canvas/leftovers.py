"""Leftovers: what is of no use any more, let go of little by little. Ten thousand paths at once take half a frame."""

from __future__ import annotations

from collections import deque
from collections.abc import MutableMapping
from typing import Any

_AT_ONCE = 512
"""Entries; half a millisecond for paths."""
_MOST = 50_000
"""What is more is let go of at once: memory counts for more then."""


class Leftovers:
    """Mappings that are emptied in pieces."""

    def __init__(self) -> None:
        self._lots: deque[MutableMapping[Any, Any]] = deque()

    def __len__(self) -> int:
        """Entries that are still there."""
        return sum(map(len, self._lots))

    def add(self, lot: MutableMapping[Any, Any]) -> None:
        """Empty this mapping by and by; whoever hands it over does without it."""
        if lot:
            self._lots.append(lot)
            self.shed(len(self) - _MOST)

    def shed(self, n: int = _AT_ONCE) -> bool:
        """Let go of so many entries; returns whether any are left."""
        while self._lots and n > 0:
            lot = self._lots[0]
            while lot and n > 0:
                lot.popitem()
                n -= 1
            if not lot:
                self._lots.popleft()
        return bool(self._lots)
