"""Curves: several lines over steps, in the theme's colours, drawn by pyqtgraph."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.project.classes import distinct_colour
from studio.theme import Theme

SMOOTHED = 15
"""Losses of so many points around each are averaged for the bold line; the single ones are drawn faintly behind."""
_DARK_COLOURS = ("#7aa7ff", "#f0b429", "#4cc38a", "#ff8f6b", "#c792ea", "#5ad1e6", "#ff6b9d", "#b8c34c")
_LIGHT_COLOURS = ("#2563eb", "#b45309", "#16794c", "#c2410c", "#7e22ce", "#0e7490", "#be185d", "#4d7c0f")


class Curves(QWidget):
    """Lines by name; points are added as they come."""

    def __init__(self, title: str, theme: Theme, *, low: float | None = None, high: float | None = None) -> None:
        """An empty chart; `low` and `high` fix the range of its values."""
        super().__init__()
        self._theme = theme
        self._title = title
        self._points: dict[str, dict[int, float]] = {}
        self._lines: dict[str, tuple[pg.PlotDataItem, pg.PlotDataItem]] = {}
        self._is_smoothed = low is None
        self.plot = pg.PlotWidget()
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(x=True, y=False)
        if low is not None and high is not None:
            self.plot.setYRange(low, high, padding=0.02)
        self._legend = self.plot.addLegend(offset=(-8, 4), labelTextSize="8pt", colCount=3, verSpacing=-4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.plot)
        theme.changed.connect(self._dress)
        self._dress()

    def follow(self, other: Curves) -> None:
        """Show the same steps as another chart."""
        self.plot.setXLink(other.plot)

    def clear(self) -> None:
        """Take all lines away."""
        self._points.clear()
        for faint, bold in self._lines.values():
            self.plot.removeItem(faint)
            self.plot.removeItem(bold)
        self._lines.clear()

    def add(self, points: Iterable[tuple[str, int, float]]) -> None:
        """Add points as (name of the line, step, value); a step that is there already takes the newer value."""
        touched = set[str]()
        for name, step, value in points:
            self._points.setdefault(name, {})[step] = value
            touched.add(name)
        for name in sorted(touched, key=lambda name: (name != "sum", name)):
            self._draw(name)

    def _draw(self, name: str) -> None:
        points = sorted(self._points[name].items())
        steps, values = np.array(points, dtype=np.float64).reshape(-1, 2).T
        if name not in self._lines:
            self._lines[name] = (self.plot.plot(antialias=True), self.plot.plot(name=name, antialias=True))
            self._dress_line(name)
        faint, bold = self._lines[name]
        if self._is_smoothed:
            faint.setData(steps, values)
            bold.setData(steps, smoothed(values, SMOOTHED))
        else:
            bold.setData(steps, values)

    def _dress(self) -> None:
        tones = self._theme.tones
        self.plot.setBackground(tones.surface)
        self.plot.setTitle(self._title, color=tones.faint, size="9pt")
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setPen(pg.mkPen(tones.line))
            axis.setTextPen(pg.mkPen(tones.faint))
        self.plot.getAxis("left").setWidth(44)
        self._legend.setLabelTextColor(tones.text)
        for name in self._lines:
            self._dress_line(name)

    def _dress_line(self, name: str) -> None:
        faint, bold = self._lines[name]
        colour = self._colour(name)
        veil = pg.mkColor(colour)
        veil.setAlpha(70)
        faint.setPen(pg.mkPen(veil, width=1))
        bold.setPen(pg.mkPen(colour, width=2.5 if name == "sum" else 1.6))
        if not self._is_smoothed:
            bold.setSymbol("o")
            bold.setSymbolSize(5)
            bold.setSymbolBrush(colour)
            bold.setSymbolPen(None)

    def _colour(self, name: str) -> str:
        colours = _DARK_COLOURS if self._theme.tones.tone == "dark" else _LIGHT_COLOURS
        at = list(self._lines).index(name)
        return colours[at] if at < len(colours) else distinct_colour(at)


def smoothed(values: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """The mean of up to `n` values that end with each: a moving mean that looks back, and is there from the start."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(0, ends - n)
    return np.asarray((sums[ends] - sums[starts]) / (ends - starts))
