"""Anchors: all of a level, or those of the cell under the pointer by scale and ratio."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.geometry.shapes import XY
from engine.project.classes import distinct_colour
from engine.tracing.stages import Anchors, Floats, Ints, Stage
from engine.tracing.trace import Trace
from studio.canvas.viewport import Viewport
from studio.inspection import Picked
from studio.inspector import Drawing, Layer, View
from studio.inspector.controls import Column
from studio.inspector.drawing import Space, draw_boxes
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import role, swatch

_FAINT = 70


class AnchorLayer(Layer):
    """The anchors of a level, or of all."""

    def __init__(self, studio: Studio) -> None:
        """The level in the middle, whose anchors are of middling size."""
        super().__init__()
        self._of = studio.inspection
        stage, trace = self._of.stage, self._of.trace
        assert isinstance(stage, Anchors)
        assert trace is not None
        self.stage, self._space, self._theme = stage, Space.of(trace.input), studio.theme
        self.level: int | None = len(stage.grids) // 2
        self.shows_all = False

    def choose(self, *, level: int | None, shows_all: bool) -> None:
        """Another level, None for all of them; every anchor, or those at the pointer."""
        self.level, self.shows_all = level, shows_all
        self.changed.emit()

    @property
    def rows(self) -> Ints:
        """Those of the chosen level."""
        if self.level is None:
            return np.arange(len(self.stage.boxes))
        return np.flatnonzero(self.stage.level == self.level)

    def still(self) -> Drawing | None:
        """Every anchor of the level, where that is wanted."""
        if not self.shows_all:
            return _centres(self.stage, self.rows, self._space, self._theme.tones.accent)
        boxes, space = np.asarray(self.stage.boxes)[self.rows], self._space
        colour = QColor(self._theme.tones.accent)
        colour.setAlpha(_FAINT)
        return lambda painter, viewport: draw_boxes(painter, space.views(boxes, viewport), QPen(colour, 1))

    def at(self, xy_image: XY) -> Ints:
        """The anchors of the cells at a place, level by level."""
        x, y = self._space.model(xy_image)
        found = []
        for level, (rows, columns, _) in enumerate(self.stage.grids):
            if self.level in (None, level):
                across, down = self.stage.step(level)
                cell = min(int(x / across), columns - 1), min(int(y / down), rows - 1)
                found.append(self.stage.of_cell(level, *cell))
        return np.concatenate(found)

    def paint_live(self, painter: QPainter, viewport: Viewport) -> None:
        """The anchors at the cursor, each ratio and scale in its own colour, and the one that is picked."""
        cursor, picked = self._of.cursor, self._of.picked
        if cursor is not None:
            for row in self.at(cursor).tolist():
                self._paint_one(painter, viewport, row, 1.6)
        if picked is not None and picked.stage == self.stage.name:
            self._paint_one(painter, viewport, picked.row, 3)

    def _paint_one(self, painter: QPainter, viewport: Viewport, row: int, width: float) -> None:
        place = self._space.rect(np.asarray(self.stage.boxes[row]), viewport)
        painter.setPen(QPen(QColor(distinct_colour(int(self.stage.slot[row]))), width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(place)
        painter.setBrush(painter.pen().color())
        painter.drawEllipse(place.center(), 2.5, 2.5)

    def told(self, xy_image: XY) -> str:
        """The cells at the place, and the sizes of their anchors."""
        parts = []
        rows = self.at(xy_image)
        levels = self.stage.level[rows]
        for level in np.unique(levels).tolist():
            here = rows[levels == level]
            sizes = ", ".join(_size(box) for box in self.stage.boxes[here])
            column, row = self.stage.cell[here[0]].tolist()
            parts.append(f"stride {self.stage.strides[level]:g}, cell ({column}, {row}): {sizes}")
        return "\n".join(parts)

    def press(self, xy_image: XY, reach: float) -> None:
        """Pick the smallest anchor at the place; again: the next one."""
        rows = self.at(xy_image).tolist()
        rows.sort(key=lambda row: float(np.prod(self.stage.boxes[row][2:] - self.stage.boxes[row][:2])))
        now = self._of.picked
        last = rows.index(now.row) if now is not None and now.stage == self.stage.name and now.row in rows else -1
        self._of.pick(Picked(self.stage.name, rows[(last + 1) % len(rows)]))


def _size(box: Floats) -> str:
    return f"{box[2] - box[0]:.0f} × {box[3] - box[1]:.0f}"


def _centres(stage: Anchors, rows: Ints, space: Space, colour: str) -> Drawing:
    """A dot for each cell."""
    boxes = np.asarray(stage.boxes)[rows[stage.slot[rows] == 0]]

    def draw(painter: QPainter, viewport: Viewport) -> None:
        seen = space.views(boxes, viewport)
        points = [QPointF((x0 + x1) / 2, (y0 + y1) / 2) for x0, y0, x1, y1 in seen.tolist()]
        painter.setPen(QPen(QColor(colour), 2.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPoints(points)

    return draw


def side(studio: Studio, layer: Layer) -> QWidget:
    """The level, whether all are drawn, and a table of the sizes."""
    assert isinstance(layer, AnchorLayer)
    stage, column = layer.stage, Column()
    every = QCheckBox(f"Draw all {stage.called}")

    def choose(_: object = None) -> None:
        at = level.currentIndex()
        layer.choose(level=None if at == 0 else at - 1, shows_all=every.isChecked())
        sizes.show_level(layer.level)

    levels = [f"Stride {stride:g}: {columns} × {rows} cells × {k}" for stride, (rows, columns, k) in _levels(stage)]
    level = column.add_choice("Level", [f"All levels: {len(stage.boxes):,}", *levels], choose, (layer.level or 0) + 1)
    column.add(every)
    every.toggled.connect(choose)
    sizes = Sizes(stage)
    sizes.show_level(layer.level)
    column.add(sizes)
    column.add_words("Move over the picture to see those of a cell; click to look at one, again for the next.")
    column.end()
    return column


def _levels(stage: Anchors) -> list[tuple[float, tuple[int, int, int]]]:
    return list(zip(stage.strides, stage.grids, strict=True))


class Sizes(QWidget):
    """The anchors of a cell, by scale and ratio, in the colours that they are drawn in."""

    def __init__(self, stage: Anchors) -> None:
        """Of no level yet."""
        super().__init__()
        self._stage = stage
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(GAP // 2)

    def show_level(self, level: int | None) -> None:
        """Of one level, or of all."""
        while (item := self._rows.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for at, (stride, (rows, columns, k)) in enumerate(_levels(self._stage)):
            if level in (None, at):
                words = f"Stride {stride:g}: {columns} × {rows} × {k} = {columns * rows * k:,}"
                self._rows.addWidget(role(QLabel(words), "faint"))
                for slot, row in enumerate(self._stage.of_cell(at, 0, 0).tolist()):
                    self._rows.addWidget(_size_line(slot, self._stage.boxes[row]))


def _size_line(slot: int, box: Floats) -> QWidget:
    line, colour = QWidget(), QLabel()
    colour.setPixmap(swatch(distinct_colour(slot)).pixmap(12, 12))
    row = QHBoxLayout(line)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(GAP)
    row.addWidget(colour)
    row.addWidget(QLabel(f"{_size(box)}, height to width {(box[3] - box[1]) / max(box[2] - box[0], 1e-6):.2g}"), 1)
    return line


def picture(trace: Trace, stage: Stage) -> Drawing:
    """The cells of the middle level."""
    assert isinstance(stage, Anchors)
    rows = np.flatnonzero(stage.level == len(stage.grids) // 2)
    return _centres(stage, rows, Space.of(trace.input), "#7aa7ff")


VIEW = View(Anchors, AnchorLayer, side, picture)
