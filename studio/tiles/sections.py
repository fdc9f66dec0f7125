"""Where tiles lie in sections under one another, each with a heading across the whole width."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from studio.tiles.cells import Cells


@dataclass(frozen=True, slots=True)
class Sections:
    """Cells of one size, numbered through all sections, in pixels of the whole content."""

    parts: tuple[Cells, ...]
    heading: int
    """Pixels from a section's top to that of its cells."""
    starts: tuple[int, ...]
    """The number of each section's first cell."""
    tops: tuple[int, ...]
    """Where each section begins, its heading first."""

    @classmethod
    def of(cls, counts: Sequence[int], cells: Cells, heading: int) -> Sections:
        """Sections of so many cells each, at least one, that lie as `cells` do."""
        parts = tuple(replace(cells, count=count) for count in counts)
        starts = tuple(accumulate(counts, initial=0))[:-1]
        tops = tuple(accumulate((heading + part.height for part in parts), initial=0))[:-1]
        return cls(parts, heading, starts, tops)

    @property
    def count(self) -> int:
        """Of all cells."""
        return self.starts[-1] + self.parts[-1].count if self.parts else 0

    @property
    def height(self) -> int:
        """Of everything."""
        return self.tops[-1] + self.heading + self.parts[-1].height if self.parts else 0

    @property
    def cell(self) -> tuple[int, int]:
        """Width and height of a cell."""
        return self.parts[0].cell if self.parts else (1, 1)

    @property
    def width(self) -> int:
        """Of the room there is."""
        return self.parts[0].width if self.parts else 0

    @property
    def columns(self) -> int:
        """At least one."""
        return self.parts[0].columns if self.parts else 1

    def section_of(self, index: int) -> int:
        """The section that a cell is in."""
        return bisect_right(self.starts, index) - 1

    def corner(self, index: int) -> tuple[int, int]:
        """The top left corner of a cell."""
        section = self.section_of(index)
        x, y = self.parts[section].corner(index - self.starts[section])
        return x, y + self.tops[section] + self.heading

    def at(self, x: int, y: int) -> int:
        """The cell that a point is in, or -1."""
        return next((first for first, _ in self.within(x, y, x + 1, y + 1)), -1)

    def within(self, x0: int, y0: int, x1: int, y1: int) -> list[tuple[int, int]]:
        """The cells that a rectangle touches, as (first, last) of each line."""
        found = []
        for section in self._between(y0, y1):
            down, start = self.tops[section] + self.heading, self.starts[section]
            lines = self.parts[section].within(x0, y0 - down, x1, y1 - down)
            found += [(start + first, start + last) for first, last in lines]
        return found

    def headings(self, y0: int, y1: int) -> list[tuple[int, int]]:
        """The headings between two heights, as (section, top)."""
        return [(n, self.tops[n]) for n in self._between(y0, y1) if self.tops[n] + self.heading > y0]

    def heading_at(self, y: int) -> int:
        """The section whose heading is at this height, or -1."""
        return next((section for section, _ in self.headings(y, y + 1)), -1)

    def stepped(self, index: int, across: int, down: int) -> int:
        """The cell beside, above or below another, also in the next section; the same where there is none."""
        if across:
            return index + across if 0 <= index + across < self.count else index
        section = self.section_of(index)
        part, local = self.parts[section], index - self.starts[section]
        column, line = local % part.columns, local // part.columns + down
        if not 0 <= line < part.lines:
            section += down
            if not 0 <= section < len(self.parts):
                return index
            part = self.parts[section]
            line = 0 if down > 0 else part.lines - 1
        return self.starts[section] + min(line * part.columns + column, part.count - 1)

    def _between(self, y0: int, y1: int) -> Iterator[int]:
        """The sections that lie, at least in part, between two heights."""
        first = max(0, bisect_right(self.tops, y0) - 1)
        return (n for n in range(first, len(self.parts)) if self.tops[n] < y1)
