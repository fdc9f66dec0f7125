"""Keypoints: for each point of a detection a map of where it is, and the place where that is highest."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QWidget

from engine.project import classes
from engine.project.classes import distinct_colour
from engine.tracing.stages import Floats, KeypointMaps, Stage
from engine.tracing.trace import Trace
from studio.canvas.viewport import Viewport
from studio.inspector import Drawing, Layer, View
from studio.inspector.controls import Column
from studio.inspector.drawing import Space, draw_map
from studio.inspector.heat import ColourBar, faded_image, heat_image
from studio.inspector.heat_layer import OPACITY, HeatLayer
from studio.surroundings import Studio

_DOT, _RING = 3, 7


class KeypointLayer(HeatLayer):
    """All points, and the map of one point of the detection that is looked at."""

    def __init__(self, studio: Studio) -> None:
        """The first point."""
        stage = studio.inspection.stage
        assert isinstance(stage, KeypointMaps)
        super().__init__(studio, stage)
        self.stage, self.point, self.shows_logits = stage, 0, False
        project = studio.session.project
        self._classes = classes.by_id(project) if project is not None else {}

    def choose(self, point: int) -> None:
        """The map of another point."""
        self.point = point
        self.live_changed.emit()

    def show_logits(self, is_wanted: bool) -> None:
        """The map as the head gives it, instead of what it makes probable."""
        self.shows_logits = is_wanted
        self.live_changed.emit()

    def point_name(self, row: int, point: int) -> str:
        """As the detection's class calls it."""
        record = self._classes.get(self.trace.origin.class_ids[self.class_index(row)])
        names = record.keypoint_names if record is not None else ()
        return names[point] if point < len(names) else f"Point {point + 1}"

    def has_point(self, row: int, point: int) -> bool:
        """Whether the detection's class has such a point; the head answers for those of all classes."""
        return bool(self.stage.points[row, point, 2] > 0)

    def shares(self, row: int, point: int) -> Floats:
        """(S, S) how probable each cell is to have the point: the softmax over the cells."""
        return shares(self.stage, row, point)

    def extent(self, row: int) -> tuple[float, float]:
        """From where to where the map's numbers go."""
        logits = self.stage.logits[row, self.point]
        if self.shows_logits:
            return float(logits.min()), float(logits.max())
        return 0.0, float(self.shares(row, self.point).max())

    def map_image(self, row: int) -> QImage:
        """Of the chosen point, its highest cell brightest."""
        if self.shows_logits:
            return heat_image(self.stage.logits[row, self.point], *self.extent(row))
        return faded_image(self.shares(row, self.point), *self.extent(row))

    def still(self) -> Drawing:
        """The points of all detections."""
        points, space = np.asarray(self.stage.points), self._space
        return lambda painter, viewport: _draw_points(painter, viewport, points, space)

    def paint_live(self, painter: QPainter, viewport: Viewport) -> None:
        """The map in its box, the detection's other points, and a ring around where the map is highest."""
        row = self.row
        if row is None:
            return
        if self.has_point(row, self.point):
            draw_map(painter, self.map_image(row), self.rect(row, viewport), OPACITY)
        self.paint_box(painter, viewport, row)
        others = self.stage.points[row : row + 1].copy()
        others[:, self.point, 2] = 0  # it would lie on the brightest cell
        _draw_points(painter, viewport, others, self._space)
        if self.has_point(row, self.point):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            centre = _place(self.stage.points[row, self.point], self._space, viewport)
            for colour, width in ((QColor(0, 0, 0, 180), 4.0), (QColor("#ffffff"), 1.8)):
                painter.setPen(QPen(colour, width))
                painter.drawEllipse(centre, _RING, _RING)

    def cell_words(self, row: int, column: int, down: int) -> str:
        """How probable it is to be the point's, of all cells."""
        logit = float(self.stage.logits[row, self.point, down, column])
        share = float(self.shares(row, self.point)[down, column])
        name = self.point_name(row, self.point)
        return f"{name}, cell ({column}, {down}): logit {logit:.2f}, probability {share:.3g}"


def shares(stage: KeypointMaps, row: int, point: int) -> Floats:
    """(S, S) the softmax of a point's map; its cells add up to 1."""
    logits = stage.logits[row, point].astype(np.float64)
    powers = np.exp(logits - logits.max())
    return np.asarray(powers / powers.sum(), dtype=np.float32)


def _draw_points(painter: QPainter, viewport: Viewport, points: Floats, space: Space) -> None:
    """(M, P, 3) as dots, each point of a kind in its own colour; those that a class does not have are left out."""
    painter.setPen(QPen(QColor(0, 0, 0, 160), 1))
    for at in range(points.shape[1]):
        painter.setBrush(QColor(distinct_colour(at)))
        for point in points[points[:, at, 2] > 0, at]:
            painter.drawEllipse(_place(point, space, viewport), _DOT, _DOT)


def _place(point: Floats, space: Space, viewport: Viewport) -> QPointF:
    return QPointF(space.rect(point[[0, 1, 0, 1]], viewport).topLeft())


class KeypointSide(Column):
    """Which detection, and which of its points."""

    def __init__(self, studio: Studio, layer: KeypointLayer) -> None:
        """Of the layer's."""
        super().__init__()
        self._layer = layer
        self.words = self.add_words("", "")
        self.row = self.add_slider("Detection", len(layer.boxes) - 1, layer.look_at, layer.row or 0)
        names = [f"Point {at + 1}" for at in range(layer.stage.logits.shape[1])]
        self.point = self.add_choice("Point", names, layer.choose)
        self.map = self.add_choice("Map", ("Probability", "Logit"), lambda at: layer.show_logits(at == 1))
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
        for at in range(self.point.count()):
            self.point.setItemText(at, layer.point_name(row, at))
        self.words.setText(f"{layer.name(row)}: {self._where(row)}")
        self.bar.show_range(*layer.extent(row))
        self.row.setValue(row)

    def _where(self, row: int) -> str:
        layer = self._layer
        if not layer.has_point(row, layer.point):
            return "its class has no such point"
        x, y = layer.stage.points[row, layer.point, :2].tolist()
        across, down = layer.trace.input.scale_xy
        return f"{layer.point_name(row, layer.point)} at ({x / across:.1f}, {y / down:.1f}) px"


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
