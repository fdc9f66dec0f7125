"""Scores of anchors or regions: a heat map for each level, and the boxes that score best, coloured by their score."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QWidget

from engine.geometry.shapes import XY
from engine.tracing.stages import Anchors, Floats, Ints, Scores, Stage
from engine.tracing.trace import Trace
from studio.canvas.viewport import Viewport
from studio.inspection import Picked
from studio.inspector import Drawing, Layer, View
from studio.inspector.controls import Column
from studio.inspector.drawing import Space, draw_map, draw_scored
from studio.inspector.heat import ColourBar, heat_image
from studio.surroundings import Studio

_OPACITY = 75
"""Per cent of the map over the picture at first."""
_FIRST_BOXES = 100
_MOST_BOXES = 3_000


class ScoreLayer(Layer):
    """The heat map of a level, where rows are anchors; and the best boxes."""

    def __init__(self, studio: Studio) -> None:
        """The best of all classes, on the level that is surest; of regions the best boxes."""
        super().__init__()
        self._of = studio.inspection
        stage, trace = self._of.stage, self._of.trace
        assert isinstance(stage, Scores)
        assert trace is not None
        self.stage, self._space, self._theme = stage, Space.of(trace.input), studio.theme
        self.class_names = trace.origin.class_names if stage.n_classes > 1 else ()
        self.anchors = trace.first(Anchors) if stage.of == "anchors" else None
        self.level, self.class_index, self.slot = 0, -1, -1
        self.n_boxes = min(_FIRST_BOXES, len(stage.scores)) if self.anchors is None else 0
        self.opacity = _OPACITY
        self._best: tuple[int, Floats, Ints] | None = None
        if self.anchors is not None and len(self.values):
            self.level = int(self.anchors.level[self.values.argmax()])

    def choose(
        self,
        *,
        level: int | None = None,
        class_index: int | None = None,
        slot: int | None = None,
        n_boxes: int | None = None,
    ) -> None:
        """Draw something else; -1 is all classes, or all anchors of a cell."""
        self.level = self.level if level is None else level
        self.class_index = self.class_index if class_index is None else class_index
        self.slot = self.slot if slot is None else slot
        self.n_boxes = self.n_boxes if n_boxes is None else n_boxes
        self.changed.emit()

    def cover(self, opacity: int) -> None:
        """Let so many per cent of the map lie over the picture."""
        self.opacity = opacity
        self.changed.emit()

    @property
    def values(self) -> Floats:
        """(N,) each row's score: of the class, or of its best one."""
        if self._best is None or self._best[0] != self.class_index:
            scores = np.asarray(self.stage.scores)
            values = scores.max(axis=1, initial=0) if self.class_index < 0 else scores[:, self.class_index]
            n_most = min(_MOST_BOXES, len(values))
            order = np.argsort(-values, kind="stable")[:n_most]
            self._best = (self.class_index, np.asarray(values), order)
        return self._best[1]

    @property
    def best(self) -> Ints:
        """The rows that score best, falling."""
        assert self.values is not None
        assert self._best is not None
        return self._best[2][: self.n_boxes]

    def boxes(self, rows: Ints) -> Floats:
        """(N, 4) boxes of rows: of the class that is shown, or of each row's best."""
        boxes = self.stage.boxes
        if not self.stage.has_own_boxes:
            return np.asarray(boxes[rows])
        classes = self.stage.scores[rows].argmax(axis=1) if self.class_index < 0 else self.class_index
        return np.asarray(boxes[rows, classes])

    def map(self) -> Floats | None:
        """(h, w) the level's scores: the best of each cell's anchors; None where rows are no anchors."""
        return None if self.anchors is None else level_map(self.anchors, self.values, self.level, self.slot)

    def still(self) -> Drawing:
        """The map, and the boxes on it."""
        values, space, rows, opacity = self.map(), self._space, self.best, self.opacity / 100
        boxes, shares = self.boxes(rows), self.values[rows]
        image: QImage | None = None
        extent = np.zeros(4, dtype=np.float32)
        if values is not None and self.anchors is not None:
            image = heat_image(values, 0, 1)
            across, down = self.anchors.step(self.level)
            extent[2:] = values.shape[1] * across, values.shape[0] * down

        def draw(painter: QPainter, viewport: Viewport) -> None:
            if image is not None:
                draw_map(painter, image, space.rect(extent, viewport), opacity)
            draw_scored(painter, space.views(boxes, viewport), shares)

        return draw

    def paint_live(self, painter: QPainter, viewport: Viewport) -> None:
        """What is picked: its box, and the anchor that it was moved from."""
        picked = self._of.picked
        if picked is None or picked.stage != self.stage.name:
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.anchors is not None:
            anchor = np.asarray(self.anchors.boxes[self.stage.parent[picked.row]])
            painter.setPen(QPen(QColor(self._theme.tones.warn), 1.6, Qt.PenStyle.DashLine))
            painter.drawRect(self._space.rect(anchor, viewport))
        painter.setPen(QPen(QColor(self._theme.tones.accent), 2.6))
        painter.drawRect(self._space.rect(self.boxes(np.array([picked.row]))[0], viewport))

    def row_at(self, xy_image: XY) -> int | None:
        """The best anchor of the cell at a place; of regions the smallest shown one around it."""
        x, y = self._space.model(xy_image)
        if self.anchors is not None:
            rows = self._cell_rows(x, y)
            return int(rows[self.values[rows].argmax()]) if len(rows) else None
        rows = self.best
        boxes = self.boxes(rows)
        around = rows[(boxes[:, 0] <= x) & (x <= boxes[:, 2]) & (boxes[:, 1] <= y) & (y <= boxes[:, 3])]
        if not len(around):
            return None
        sides = self.boxes(around)
        return int(around[np.prod(sides[:, 2:] - sides[:, :2], axis=1).argmin()])

    def _cell_rows(self, x: float, y: float) -> Ints:
        assert self.anchors is not None
        rows, columns, _ = self.anchors.grids[self.level]
        across, down = self.anchors.step(self.level)
        own = self.anchors.of_cell(self.level, min(int(x / across), columns - 1), min(int(y / down), rows - 1))
        return own if self.slot < 0 else own[self.slot : self.slot + 1]

    def told(self, xy_image: XY) -> str:
        """The scores at the place."""
        row = self.row_at(xy_image)
        if row is None:
            return ""
        if self.anchors is not None:
            column, at = self.anchors.cell[row].tolist()
            place = f"stride {self.anchors.strides[self.level]:g}, cell ({column}, {at})"
        else:
            place = f"region {row}"
        scores = np.asarray(self.stage.scores[row])
        if not self.class_names:
            return f"{place}: {scores[0]:.4f}"
        top = np.argsort(-scores)[:3]
        return f"{place}: " + ", ".join(f"{self.class_names[at]} {scores[at]:.3f}" for at in top)

    def press(self, xy_image: XY, reach: float) -> None:
        """Look at a row more closely."""
        row = self.row_at(xy_image)
        if row is not None:
            class_index = self.class_index if self.class_index >= 0 else int(np.argmax(self.stage.scores[row]))
            self._of.pick(Picked(self.stage.name, row, class_index))


def level_map(anchors: Anchors, values: Floats, level: int, slot: int = -1) -> Floats:
    """(h, w) of (A,) values the greatest of each cell's anchors, or those of one slot."""
    rows, columns, _ = anchors.grids[level]
    here = np.flatnonzero(anchors.level == level)
    if slot >= 0:
        here = here[anchors.slot[here] == slot]
    found = np.zeros((rows, columns), dtype=np.float32)
    cells = anchors.cell[here]
    np.maximum.at(found, (cells[:, 1], cells[:, 0]), values[here])
    return found


def side(studio: Studio, layer: Layer) -> QWidget:
    """Level, class, anchor, and how many boxes."""
    assert isinstance(layer, ScoreLayer)
    column = Column()
    if layer.anchors is not None:
        found = zip(layer.anchors.strides, layer.anchors.grids, strict=True)
        levels = [f"Stride {stride:g}: {columns} × {rows} cells" for stride, (rows, columns, _) in found]
        column.add_choice("Level", levels, lambda at: layer.choose(level=at), layer.level)
        most = max(k for _, _, k in layer.anchors.grids)
        slots = ["The best of each cell", *(f"Number {at + 1} of each cell" for at in range(most))]
        if most > 1:
            column.add_choice("Anchor", slots, lambda at: layer.choose(slot=at - 1))
    if layer.class_names:
        classes = ["The best of all classes", *layer.class_names]
        column.add_choice("Class", classes, lambda at: layer.choose(class_index=at - 1))
    n_most = min(_MOST_BOXES, len(layer.stage.scores))
    column.add_slider("Boxes", n_most, lambda n: layer.choose(n_boxes=n), layer.n_boxes)
    bar = ColourBar(studio.theme)
    column.add(bar)
    if layer.anchors is not None:
        column.add_slider("Opacity", 100, layer.cover, layer.opacity)
    column.add_words(
        "Colours are scores. Boxes are where the best rows see an object. Click to look at one: "
        "dashed is the box that it was moved from."
        if layer.anchors is not None
        else "Colours are scores. Each region is drawn where its best class sees an object."
    )
    column.end()
    return column


def picture(trace: Trace, stage: Stage) -> Drawing:
    """The level with the highest score; of regions the best boxes."""
    assert isinstance(stage, Scores)
    space, values = Space.of(trace.input), np.asarray(stage.scores).max(axis=1, initial=0)
    if stage.of == "anchors" and len(values):
        anchors = trace.first(Anchors)
        level = int(anchors.level[values.argmax()])
        image, (across, down) = heat_image(level_map(anchors, values, level), 0, 1), anchors.step(level)
        rows, columns, _ = anchors.grids[level]
        extent = np.array([0, 0, columns * across, rows * down], dtype=np.float32)
        return lambda painter, viewport: draw_map(painter, image, space.rect(extent, viewport), 1)
    order = np.argsort(-values, kind="stable")[:60]
    classes = stage.scores[order].argmax(axis=1) if len(order) else order
    boxes = np.asarray(stage.boxes[order, classes] if stage.has_own_boxes else stage.boxes[order])
    return lambda painter, viewport: draw_scored(painter, space.views(boxes, viewport), values[order], 1)


VIEW = View(Scores, ScoreLayer, side, picture)
