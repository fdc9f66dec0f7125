"""Keypoints: for each point of a detection a map of where it is, and the place where that is highest."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QWidget

from engine.project.classes import distinct_colour
from engine.tracing.stages import Floats, KeypointMaps, Stage
from engine.tracing.trace import Trace
from studio.canvas.viewport import Viewport
from studio.inspector import Drawing, Layer, View
from studio.inspector.controls import Column
from studio.inspector.drawing import Space, draw_map
from studio.inspector.heat import ColourBar, heat_image
from studio.inspector.heat_layer import OPACITY, HeatLayer
from studio.surroundings import Studio


class KeypointLayer(HeatLayer):
    """All points, and the map of one point of the detection that is looked at."""

    def __init__(self, studio: Studio) -> None:
        """The first point."""
        stage = studio.inspection.stage
        assert isinstance(stage, KeypointMaps)
        super().__init__(studio, stage)
        self.stage, self.point = stage, 0

    def choose(self, point: int) -> None:
        """The map of another point."""
        self.point = point
        self.live_changed.emit()

    def shares(self, row: int, point: int) -> Floats:
        """(S, S) how probable each cell is to have the point: the softmax over the cells."""
        return shares(self.stage, row, point)

    def map_image(self, row: int) -> QImage:
        """Of the chosen point, its highest cell brightest."""
        found = self.shares(row, self.point)
        return heat_image(found, 0, float(found.max()))

    def still(self) -> Drawing:
        """The points of all detections."""
        points, space = np.asarray(self.stage.points), self._space
        return lambda painter, viewport: _draw_points(painter, viewport, points, space)

    def paint_live(self, painter: QPainter, viewport: Viewport) -> None:
        """The map in its box, and where it is highest."""
        row = self.row
        if row is None:
            return
        draw_map(painter, self.map_image(row), self.rect(row, viewport), OPACITY)
        self.paint_box(painter, viewport, row)
        x, y = self.stage.points[row, self.point, :2].tolist()
        centre = self._space.rect(np.array([x, y, x, y], dtype=np.float32), viewport).topLeft()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((QColor(0, 0, 0, 180), 4.0), (QColor("#ffffff"), 1.8)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(centre, 6, 6)

    def cell_words(self, row: int, column: int, down: int) -> str:
        """How probable it is to be the point's, of all cells."""
        logit = float(self.stage.logits[row, self.point, down, column])
        share = float(self.shares(row, self.point)[down, column])
        return f"point {self.point + 1}, cell ({column}, {down}): logit {logit:.2f}, {share:.4f}"


def shares(stage: KeypointMaps, row: int, point: int) -> Floats:
    """(S, S) the softmax of a point's map; its cells add up to 1."""
    logits = stage.logits[row, point].astype(np.float64)
    powers = np.exp(logits - logits.max())
    return np.asarray(powers / powers.sum(), dtype=np.float32)


def _draw_points(painter: QPainter, viewport: Viewport, points: Floats, space: Space) -> None:
    """(M, P, 3) as dots, each point of a kind in its own colour."""
    painter.setPen(QPen(QColor(0, 0, 0, 160), 1))
    for at in range(points.shape[1]):
        painter.setBrush(QColor(distinct_colour(at)))
        for x, y in points[:, at, :2].tolist():
            place = space.rect(np.array([x, y, x, y], dtype=np.float32), viewport).topLeft()
            painter.drawEllipse(QPointF(place), 3, 3)


class KeypointSide(Column):
    """Which detection, and which of its points."""

    def __init__(self, studio: Studio, layer: KeypointLayer) -> None:
        """Of the layer's."""
        super().__init__()
        self._layer, stage = layer, layer.stage
        self.words = self.add_words("", "")
        self.row = self.add_slider("Detection", len(layer.boxes) - 1, layer.look_at, layer.row or 0)
        names = [f"Point {at + 1}" for at in range(stage.logits.shape[1])]
        self.point = self.add_choice("Point", names, layer.choose)
        self.bar = ColourBar(studio.theme)
        self.add(self.bar)
        n_cells = layer.n_cells
        self.add_words(
            f"The head says of {n_cells} × {n_cells} cells, which fill the box, where each point is: one cell of them "
            "all (softmax). The point is where the map, enlarged to the box, is highest."
        )
        self.end()
        layer.live_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        layer = self._layer
        row = layer.row
        if row is None:
            self.words.setText("Nothing was detected, so there are no points.")
            return
        x, y = layer.stage.points[row, layer.point, :2].tolist()
        across, down = layer.trace.input.scale_xy
        highest = float(layer.shares(row, layer.point).max())
        self.words.setText(f"{layer.name(row)}, point {layer.point + 1} at ({x / across:.1f}, {y / down:.1f}) px")
        self.bar.show_range(0, highest)
        self.row.setValue(row)


def side(studio: Studio, layer: Layer) -> QWidget:
    """Detection and point."""
    assert isinstance(layer, KeypointLayer)
    return KeypointSide(studio, layer)


def picture(trace: Trace, stage: Stage) -> Drawing:
    """The points of all detections."""
    assert isinstance(stage, KeypointMaps)
    points, space = np.asarray(stage.points), Space.of(trace.input)
    return lambda painter, viewport: _draw_points(painter, viewport, points, space)


VIEW = View(KeypointMaps, KeypointLayer, side, picture)
