"""A matrix of counts, each cell the darker the larger its share: what was taken for what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QResizeEvent

from studio.charts.card import TITLE, Card
from studio.theme import GAP, Theme, readable_on

Shares: TypeAlias = Literal["counts", "rows", "columns"]
WIDE, HIGH = (10.0, 96.0), (20.0, 32.0)
"""Width and height of a cell, at least and at most."""
LABELS = 0.3
"""The part of the width that names may take."""
HEAD, TALL_HEAD = 22.0, 76.0
"""Height of the words over the columns: side by side, or standing where there is no room for that."""


class Matrix(Card):
    """Rows and columns of one set of names; counts, or shares of a row or of a column."""

    def __init__(self, title: str, theme: Theme, across: str, down: str) -> None:
        """An empty one; `across` is what columns are, `down` what rows are."""
        super().__init__(title, theme)
        self.names: tuple[str, ...] = ()
        self.counts: NDArray[np.int64] = np.zeros((0, 0), dtype=np.int64)
        self.shares: Shares = "counts"
        self._across, self._down = across, down

    def show_counts(self, names: Sequence[str], counts: NDArray[np.int64], note: str = "") -> None:
        """Show (N, N) counts."""
        self.names, self.counts, self.note, self.hovered = tuple(names), counts, note, -1
        self._fit()
        self.update()

    def show_shares(self, shares: Shares) -> None:
        """Show counts, or shares of the sum of each row or column."""
        self.shares = shares
        self.update()

    @property
    def values(self) -> NDArray[np.float64]:
        """(N, N) between 0 and 1: by these cells are painted."""
        counts = self.counts.astype(np.float64)
        if self.shares == "counts":
            return np.asarray(counts / max(1.0, float(counts.max(initial=0))))
        sums = counts.sum(axis=1 if self.shares == "rows" else 0, keepdims=True)
        return np.asarray(np.divide(counts, sums, out=np.zeros_like(counts), where=sums > 0))

    def sizeHint(self) -> QSize:
        """Room for a few classes."""
        return QSize(360, 240)

    def minimumSizeHint(self) -> QSize:
        """Small ones can still be read."""
        return QSize(200, 160)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As high as the cells then are."""
        super().resizeEvent(event)
        self._fit()

    @property
    def n_parts(self) -> int:
        """Every cell, row by row."""
        return self.counts.size

    def beside(self, part: int, across: int, down: int) -> int:
        """The cell there."""
        n = len(self.names)
        row, column = divmod(part, n)
        return (row + down) * n + column + across if 0 <= column + across < n else part

    def part_at(self, point: QPointF) -> int:
        """The cell there."""
        left, top, wide, high = self._grid()
        row, column = int((point.y() - top) // high), int((point.x() - left) // wide)
        n = len(self.names)
        return row * n + column if 0 <= row < n and 0 <= column < n else -1

    def told(self, part: int) -> str:
        """How many, and which share."""
        row, column = divmod(part, len(self.names))
        count, of = int(self.counts[row, column]), self.counts
        share = f", {count / of[row].sum():.0%} of the row" if of[row].sum() else ""
        return f"{self.names[row]} → {self.names[column]}: {count:,}{share}"

    def paint_parts(self, painter: QPainter) -> None:
        """Names and cells."""
        if not self.names:
            self.paint_nothing(painter)
            return
        left, top, wide, high = self._grid()
        metrics, values = QFontMetricsF(painter.font()), self.values
        painter.setPen(QColor(self.theme.tones.faint))
        painter.drawText(QRectF(1.5 * GAP, TITLE, left, HEAD), Qt.AlignmentFlag.AlignVCenter, f"{self._down} ↓")
        across = QRectF(left, TITLE, self.width() - left, HEAD)
        painter.drawText(across, Qt.AlignmentFlag.AlignVCenter, f"{self._across} →")
        for n, name in enumerate(self.names):
            self._paint_names(painter, metrics, n, name)
            for column in range(len(self.names)):
                place = QRectF(left + column * wide, top + n * high, wide, high).adjusted(1, 1, -1, -1)
                self._paint_cell(painter, place, (n, column), float(values[n, column]))

    def _paint_names(self, painter: QPainter, metrics: QFontMetricsF, n: int, name: str) -> None:
        left, top, wide, high = self._grid()
        row, column = divmod(self.hovered, len(self.names)) if self.hovered >= 0 else (-1, -1)
        tones = self.theme.tones
        painter.setPen(QColor(tones.text if n == row else tones.faint))
        room = left - 2.5 * GAP
        words = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(1.5 * GAP, top + n * high, room, high), Qt.AlignmentFlag.AlignVCenter, words)
        painter.setPen(QColor(tones.text if n == column else tones.faint))
        height = self._head()
        place = QRectF(left + n * wide, top - height, wide, height)
        if height == HEAD:
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, name)
            return
        painter.save()
        painter.translate(place.center().x(), place.bottom() - 3)
        painter.rotate(-90)
        short = metrics.elidedText(name, Qt.TextElideMode.ElideRight, height - 6)
        painter.drawText(QPointF(0, metrics.ascent() / 2 - 1), short)
        painter.restore()

    def _paint_cell(self, painter: QPainter, place: QRectF, at: tuple[int, int], value: float) -> None:
        tones, count = self.theme.tones, int(self.counts[at])
        ground, colour = QColor(tones.window), QColor(tones.accent if at[0] == at[1] else tones.bad)
        strength = value**0.6 if count else 0.0  # small shares are seen, too
        mixed = QColor.fromRgbF(*(
            a + (b - a) * strength
            for a, b in zip((ground.redF(), ground.greenF(), ground.blueF()),
                            (colour.redF(), colour.greenF(), colour.blueF()), strict=True)
        ))  # fmt: skip
        is_hovered = self.hovered == at[0] * len(self.names) + at[1]
        painter.setPen(QColor(tones.text) if is_hovered else Qt.PenStyle.NoPen)
        painter.setBrush(mixed)
        painter.drawRoundedRect(place, 3, 3)
        words = self._words(count, value)
        if words and QFontMetricsF(painter.font()).horizontalAdvance(words) <= place.width():
            painter.setPen(readable_on(mixed))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)

    def _words(self, count: int, value: float) -> str:
        if not count:
            return ""
        return f"{count:,}" if self.shares == "counts" else f"{100 * value:.0f}%"

    def _grid(self) -> tuple[float, float, float, float]:
        """Left, top, and the width and height of a cell."""
        metrics = QFontMetricsF(self.font())
        longest = max((metrics.horizontalAdvance(each) for each in self.names), default=0.0)
        left = min(max(longest, metrics.horizontalAdvance(f"{self._down} ↓")) + 2.5 * GAP, LABELS * self.width())
        n = max(1, len(self.names))
        wide = min(max((self.width() - left - 1.5 * GAP) / n, WIDE[0]), WIDE[1])
        return left, TITLE + HEAD + self._head(wide), wide, min(max(wide, HIGH[0]), HIGH[1])

    def _head(self, wide: float | None = None) -> float:
        """The height of the names over columns of a width; as they are, if none is given."""
        metrics = QFontMetricsF(self.font())
        longest = max((metrics.horizontalAdvance(each) for each in self.names), default=0.0)
        return HEAD if longest + GAP / 2 <= (self._grid()[2] if wide is None else wide) else TALL_HEAD

    def _fit(self) -> None:
        _, top, _, high = self._grid()
        wanted = int(top + high * max(2, len(self.names)) + 1.5 * GAP)
        if wanted != self.height() or self.minimumHeight() != wanted:
            self.setFixedHeight(wanted)
