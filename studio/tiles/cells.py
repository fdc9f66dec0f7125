"""Where the cells of a grid lie, as arithmetic: from left to right, then down; as many columns as there is room for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cells:
    """`count` cells of one size in columns over a width, in pixels of the grid's whole content."""

    count: int
    width: int
    """Of the room there is."""
    cell: tuple[int, int]
    """Width and height of a cell."""
    gap: int
    """Between cells, and around them."""

    @property
    def columns(self) -> int:
        """At least one."""
        return max(1, (self.width - self.gap) // (self.cell[0] + self.gap))

    @property
    def lines(self) -> int:
        """How many lines of cells there are."""
        return -(-self.count // self.columns)

    @property
    def height(self) -> int:
        """Of everything."""
        return self.gap + self.lines * self._pitch if self.count else 0

    @property
    def _pitch(self) -> int:
        return self.cell[1] + self.gap

    @property
    def _step(self) -> int:
        """From column to column: what is left over is shared out between them."""
        return max(self.cell[0] + self.gap, (self.width - self.gap) // self.columns)

    @property
    def _left(self) -> int:
        return max(self.gap, (self.width - self._step * self.columns + self._step - self.cell[0]) // 2)

    def corner(self, index: int) -> tuple[int, int]:
        """The top left corner of a cell."""
        line, column = divmod(index, self.columns)
        return self._left + column * self._step, self.gap + line * self._pitch

    def at(self, x: int, y: int) -> int:
        """The cell that a point is in, or -1."""
        for index in self.within(x, y, x + 1, y + 1):
            return index[0]
        return -1

    def nearest(self, x: int, y: int) -> int:
        """The cell nearest to a point, in reading order; -1 where there is none."""
        column = min(max((x - self._left) // self._step, 0), self.columns - 1)
        line = max((y - self.gap) // self._pitch, 0)
        return min(line * self.columns + column, self.count - 1)

    def stepped(self, index: int, across: int, down: int) -> int:
        """The cell beside, above or below another; the same where there is none."""
        target = index + across + down * self.columns
        return target if 0 <= target < self.count else index

    def within(self, x0: int, y0: int, x1: int, y1: int) -> list[tuple[int, int]]:
        """The cells that a rectangle touches, as (first, last) of each line."""
        first_column = max(0, -(-(x0 - self._left - self.cell[0] + 1) // self._step))
        last_column = min(self.columns - 1, (x1 - 1 - self._left) // self._step)
        first_line = max(0, -(-(y0 - self.gap - self.cell[1] + 1) // self._pitch))
        last_line = min(self.lines - 1, (y1 - 1 - self.gap) // self._pitch)
        if first_column > last_column:
            return []
        starts = (line * self.columns for line in range(first_line, last_line + 1))
        found = ((start + first_column, min(start + last_column, self.count - 1)) for start in starts)
        return [(first, last) for first, last in found if first <= last]
