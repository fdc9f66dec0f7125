"""Curves: several lines over steps, painted by ourselves: a chart must not cost the window a single late frame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from engine.project.classes import distinct_colour
from studio.charts.axes import paint_level
from studio.charts.scale import Values, averaged, banded, in_words, smoothed, thinned, ticks
from studio.theme import GAP, Theme

SMOOTHED = 15
"""Losses of so many points before each are averaged for the bold line; the single ones are drawn faintly behind."""
LEFT, RIGHT, TOP, BOTTOM = 44.0, 12.0, 26.0, 22.0
ROOM_PER_TICK_X, ROOM_PER_TICK_Y = 72, 30
MOST_OUTSIDE = 0.05
"""So large a share of a line may run out of the chart above: the first steps would press all later ones flat."""
FEW = 40
"""Lines of fewer points are shown whole."""
PIXELS_PER_STRETCH = 3
"""So many pixels share the lowest and the highest of their points."""
_DARK_COLOURS = ("#7aa7ff", "#f0b429", "#4cc38a", "#ff8f6b", "#c792ea", "#5ad1e6", "#ff6b9d", "#b8c34c")
_LIGHT_COLOURS = ("#2563eb", "#b45309", "#16794c", "#c2410c", "#7e22ce", "#0e7490", "#be185d", "#4d7c0f")


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is drawn: its steps, the values as they came, and those that are shown boldly."""

    steps: Values
    values: Values
    shown: Values

    def at(self, step: float) -> float:
        """The shown value at the step that is nearest."""
        return float(self.shown[int(np.argmin(np.abs(self.steps - step)))])


def merged(line: Line, steps: Values, values: Values) -> tuple[Values, Values]:
    """The steps and values of a line with those that came, which take the place of those of the same step."""
    kept = int(np.searchsorted(line.steps, steps[0]))
    steps, values = np.concatenate([line.steps, steps]), np.concatenate([line.values, values])
    if kept == len(line.steps):
        return steps, values
    newest = len(steps) - 1 - np.unique(steps[::-1], return_index=True)[1]
    return steps[newest], values[newest]


class Curves(QWidget):
    """Lines by name; points are added as they come. Values under the pointer are told in the legend.

    A click on a name in the legend, or in the menu of the chart, takes its line away and brings it back.
    """

    def __init__(self, title: str, theme: Theme, *, limits: tuple[float, float] | None = None) -> None:
        """An empty chart; `limits` fix the range of its values, which are then shown as they are, unsmoothed."""
        super().__init__()
        self._theme = theme
        self._title = title
        self._limits = limits
        self._lines: dict[str, Line] = {}
        self._hover: float | None = None
        self.hidden: set[str] = set()
        """The lines that are not drawn."""
        self.setMouseTracking(True)
        self.setMinimumSize(160, 96)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(title)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Room for a few ticks."""
        return QSize(360, 160)

    @property
    def lines(self) -> dict[str, Line]:
        """The lines by name, in the order of their colours."""
        return self._lines

    def clear(self) -> None:
        """Take all lines away."""
        self._lines.clear()
        self.update()

    def add(self, points: Iterable[tuple[str, int, float]]) -> None:
        """Add points as (name of the line, step, value); a step that is there already takes the newer value."""
        by_name: dict[str, dict[int, float]] = {}
        for name, step, value in points:
            by_name.setdefault(name, {})[step] = value
        for name in sorted(by_name):
            steps, values = np.array(sorted(by_name[name].items()), dtype=np.float64).T
            self.extend(name, steps, values)

    def extend(self, name: str, steps: Values, values: Values) -> None:
        """The same for many points of one line, by rising steps: of a hundred thousand it takes a few milliseconds."""
        if not len(steps):
            return
        if name in self._lines:
            steps, values = merged(self._lines[name], steps, values)
        self._lines[name] = Line(steps, values, values if self._limits else smoothed(values, SMOOTHED))
        self.update()

    def toggle(self, name: str) -> None:
        """Take a line away, or bring it back."""
        self.hidden ^= {name}
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Toggle the line whose name is clicked."""
        for name, place in self._legend(None).items():
            if place.contains(event.position()) and event.button() == Qt.MouseButton.LeftButton:
                self.toggle(name)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer every line."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in self._lines:
            action = menu.addAction(name, partial(self.toggle, name))
            action.setCheckable(True)
            action.setChecked(name not in self.hidden)
        menu.popup(event.globalPos())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the values under the pointer."""
        self._hover = event.position().x()
        self.update()

    def leaveEvent(self, _: QEvent) -> None:
        """Tell none."""
        self._hover = None
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paint ground, axes, lines and legend."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.tones.surface))
        painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        frame = self._frame()
        if self._lines:
            self._paint_axes(painter, frame)
            for name in self._lines:
                if name not in self.hidden:
                    self._paint_line(painter, frame, name)
        self._paint_words(painter, frame)
        painter.end()

    def _frame(self) -> _Frame:
        area = QRectF(self.rect()).adjusted(LEFT, TOP, -RIGHT, -BOTTOM)
        if not self._lines:
            return _Frame(area, 0, 1, 0, 1)
        last = max(line.steps[-1] for line in self._lines.values())
        shown = [line for name, line in self._lines.items() if name not in self.hidden]
        low, high = self._limits or (0.0, max((_highest(line.shown) for line in shown), default=1.0))
        return _Frame(area, 0.0, max(1.0, float(last)), low, high if high > low else low + 1)

    def _paint_axes(self, painter: QPainter, frame: _Frame) -> None:
        tones, area = self._theme.tones, frame.area
        for value in ticks(frame.low, frame.high, max(2, int(area.height() / ROOM_PER_TICK_Y))):
            paint_level(painter, area, frame.y(value), value, tones)
        for step in ticks(frame.first, frame.last, max(2, int(area.width() / ROOM_PER_TICK_X))):
            place = QRectF(frame.x(step) - 40, area.bottom() + 2, 80, BOTTOM - 2)
            painter.drawText(place, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, in_words(step))

    def _paint_line(self, painter: QPainter, frame: _Frame, name: str) -> None:
        line, colour = self._lines[name], self._colour(name)
        points = frame.polygon(line.steps, line.shown)
        painter.save()
        painter.setClipRect(frame.area.adjusted(-4, -4, 4, 4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._limits is None:
            veil = QColor(colour)
            veil.setAlpha(60)
            if len(line.steps) <= frame.n_stretches:
                painter.setPen(QPen(veil, 1))
                painter.drawPolyline(frame.polygon(line.steps, line.values))
            else:  # what would fill the ground with strokes anyway, at a tenth of the time
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(veil)
                painter.drawPolygon(frame.band(line.steps, line.values))
                painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, 2.4 if name == "sum" else 1.6))
        painter.drawPolyline(frame.means(line.steps, line.shown) if self._limits is None else points)
        if self._limits is not None:
            painter.setBrush(colour)
            for point in points.toList():
                painter.drawEllipse(point, 2.2, 2.2)
        painter.restore()

    def _paint_words(self, painter: QPainter, frame: _Frame) -> None:
        """The title, and the legend at the right of it: a dot, a name and the value under the pointer for each line."""
        tones, metrics = self._theme.tones, QFontMetricsF(painter.font())
        middle = TOP / 2
        painter.setPen(QColor(tones.faint))
        painter.drawText(QPointF(GAP, middle + metrics.ascent() / 2 - 1), self._title)
        step = frame.step(self._hover) if self._hover is not None and self._lines else None
        if step is not None:
            painter.drawLine(QPointF(frame.x(step), frame.area.top()), QPointF(frame.x(step), frame.area.bottom()))
        places = self._legend(step)
        if places:
            self._paint_more(painter, len(self._lines) - len(places), min(each.left() for each in places.values()))
        for name, place in places.items():
            is_hidden = name in self.hidden
            font = QFont(painter.font())
            font.setStrikeOut(is_hidden)
            painter.setFont(font)
            painter.setPen(QColor(tones.text if step is not None and not is_hidden else tones.faint))
            painter.drawText(place.adjusted(2 * GAP, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self._told(name, step))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tones.line) if is_hidden else self._colour(name))
            painter.drawEllipse(QPointF(place.left() + GAP, middle), 3.5, 3.5)

    def _told(self, name: str, step: float | None) -> str:
        is_told = step is not None and name not in self.hidden
        return f"{name} {self._lines[name].at(step):.3g}" if is_told and step is not None else name

    def _legend(self, step: float | None) -> dict[str, QRectF]:
        """Where names are told, the last at the right; as many as there is room for beside the title."""
        metrics = QFontMetricsF(self.font())
        right, places = float(self.width()) - RIGHT, {}
        room = GAP + metrics.horizontalAdvance(self._title) + 5 * GAP
        for name in reversed(self._lines):
            wide = metrics.horizontalAdvance(self._told(name, step)) + 2.5 * GAP
            if right - wide < room:
                break
            places[name] = QRectF(right - wide, 0, wide, TOP)
            right -= wide + GAP
        return places

    def _paint_more(self, painter: QPainter, n_more: int, right: float) -> None:
        """How many names there is no room for; the menu of the chart has them all."""
        if n_more:
            words = QRectF(0, 0, right - GAP, TOP)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, f"+{n_more}")

    def _colour(self, name: str) -> QColor:
        colours = _DARK_COLOURS if self._theme.tones.tone == "dark" else _LIGHT_COLOURS
        at = list(self._lines).index(name)
        return QColor(colours[at] if at < len(colours) else distinct_colour(at))


def _highest(shown: Values) -> float:
    """Up to where a line is drawn."""
    highest = float(shown.max())
    if len(shown) < FEW:
        return highest
    return min(highest, 1.25 * float(np.quantile(shown, 1 - MOST_OUTSIDE)))


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where values lie in the widget."""

    area: QRectF
    first: float
    last: float
    low: float
    high: float

    def x(self, step: float) -> float:
        return self.area.left() + (step - self.first) / (self.last - self.first) * self.area.width()

    def y(self, value: float) -> float:
        return self.area.bottom() - (value - self.low) / (self.high - self.low) * self.area.height()

    def step(self, x: float) -> float | None:
        share = (x - self.area.left()) / max(1.0, self.area.width())
        return self.first + share * (self.last - self.first) if 0 <= share <= 1 else None

    @property
    def n_stretches(self) -> int:
        return max(1, int(self.area.width() / PIXELS_PER_STRETCH))

    def polygon(self, steps: Values, values: Values) -> QPolygonF:
        return self._points(*thinned(steps, values, self.n_stretches))

    def means(self, steps: Values, values: Values) -> QPolygonF:
        """A calm line, which is quickly painted."""
        return self._points(*averaged(steps, values, self.n_stretches))

    def band(self, steps: Values, values: Values) -> QPolygonF:
        """The ground between the lowest and the highest values."""
        steps, lows, highs = banded(steps, values, self.n_stretches)
        return self._points(np.concatenate([steps, steps[::-1]]), np.concatenate([lows, highs[::-1]]))

    def _points(self, steps: Values, values: Values) -> QPolygonF:
        xs = self.area.left() + (steps - self.first) * (self.area.width() / (self.last - self.first))
        ys = self.area.bottom() - (values - self.low) * (self.area.height() / (self.high - self.low))
        return QPolygonF(list(map(QPointF, xs.tolist(), ys.tolist())))
