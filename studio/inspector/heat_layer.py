"""What masks and keypoint maps have in common on the picture: heat in the boxes of detections, one of them picked."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from engine.geometry.shapes import XY
from engine.tracing.stages import KeypointMaps, Masks, Selection
from studio.canvas.viewport import Viewport
from studio.inspection import Picked
from studio.inspector import Layer
from studio.inspector.drawing import Space
from studio.surroundings import Studio

OPACITY = 0.7


class HeatLayer(Layer):
    """The maps of a stage, one for each detection."""

    def __init__(self, studio: Studio, stage: Masks | KeypointMaps) -> None:
        """The surest detection is looked at, unless one is picked."""
        super().__init__()
        self._of, self._theme = studio.inspection, studio.theme
        trace = self._of.trace
        assert trace is not None
        self.boxes = np.asarray(stage.boxes)
        self.trace, self._space, self._name = trace, Space.of(trace.input), stage.name
        self.n_cells = stage.logits.shape[-1]
        """Along each side of a map."""
        self._of.picked_changed.connect(self.live_changed)

    def leave(self) -> None:
        """Nothing more is heard."""
        self._of.picked_changed.disconnect(self.live_changed)

    @property
    def row(self) -> int | None:
        """The detection that is looked at."""
        picked = self._of.picked
        if picked is not None and picked.stage == self._name and picked.row < len(self.boxes):
            return picked.row
        return 0 if len(self.boxes) else None

    def look_at(self, row: int) -> None:
        """Another one."""
        self._of.pick(Picked(self._name, row))

    def name(self, row: int) -> str:
        """Class and score of a detection."""
        names, last = self.trace.origin.class_names, self.trace.all(Selection)[-1]
        return f"{names[self.class_index(row)]} {float(last.kept_scores[row]):.3f}"

    def class_index(self, row: int) -> int:
        """Of a detection, as the network counts its classes."""
        return int(self.trace.all(Selection)[-1].kept_classes[row])

    @abstractmethod
    def map_image(self, row: int) -> QImage:
        """The heat of a detection, a pixel for each cell."""

    @abstractmethod
    def cell_words(self, row: int, column: int, down: int) -> str:
        """What is in a cell of a detection's map."""

    def told(self, xy_image: XY) -> str:
        """The cell there of the detection that is looked at; beside its box, which other is there."""
        row = self.row
        at = None if row is None else self._cell_at(row, xy_image)
        if row is None or at is None:
            others = self.rows_at(xy_image)
            return self.name(others[0]) if others else ""
        return f"{self.name(row)}, {self.cell_words(row, *at)}"

    def rect(self, row: int, viewport: Viewport) -> QRectF:
        """Its box in view pixels."""
        return self._space.rect(self.boxes[row], viewport)

    def paint_box(self, painter: QPainter, viewport: Viewport, row: int) -> None:
        """The box of a detection."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self._theme.tones.accent), 1.6))
        painter.drawRect(self.rect(row, viewport))

    def _cell_at(self, row: int, xy_image: XY) -> tuple[int, int] | None:
        """Column and row of the cell of a detection's map; None beside its box."""
        x, y = self._space.model(xy_image)
        x0, y0, x1, y1 = self.boxes[row].tolist()
        if not (x0 <= x < x1 and y0 <= y < y1):
            return None
        return int((x - x0) / (x1 - x0) * self.n_cells), int((y - y0) / (y1 - y0) * self.n_cells)

    def rows_at(self, xy_image: XY) -> list[int]:
        """The detections around a place, smallest first."""
        x, y = self._space.model(xy_image)
        boxes = self.boxes
        around = np.flatnonzero((boxes[:, 0] <= x) & (x <= boxes[:, 2]) & (boxes[:, 1] <= y) & (y <= boxes[:, 3]))
        areas = (boxes[around, 2:] - boxes[around, :2]).prod(axis=1)
        return [int(each) for each in around[np.argsort(areas, kind="stable")]]

    def press(self, xy_image: XY, reach: float) -> None:
        """Look at the smallest detection there; again: at the next larger one."""
        rows = self.rows_at(xy_image)
        if rows:
            at = rows.index(self.row) + 1 if self.row in rows else 0
            self.look_at(rows[at % len(rows)])
