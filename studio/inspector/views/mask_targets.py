"""What the mask head is taught: in every region that was sampled on an object, the part of its mask there."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from engine.geometry.shapes import XY
from engine.project.classes import distinct_colour
from engine.tracing.stages import MaskTargets, Stage
from engine.tracing.trace import Trace
from studio.canvas.viewport import Viewport
from studio.inspector import Drawing, Layer, View
from studio.inspector.controls import Column
from studio.inspector.drawing import Space, draw_map
from studio.inspector.heat import heat_image
from studio.surroundings import Studio

_OPACITY = 0.75


class TargetLayer(Layer):
    """One region with its cells; the other regions by their frames."""

    def __init__(self, studio: Studio) -> None:
        """The first region."""
        super().__init__()
        stage, trace = studio.inspection.stage, studio.inspection.trace
        assert isinstance(stage, MaskTargets)
        assert trace is not None
        self.stage, self.space, self.names = stage, Space.of(trace.input), trace.origin.class_names
        self.at = 0

    def choose(self, at: int) -> None:
        """Another region."""
        self.at = at
        self.changed.emit()

    def still(self) -> Drawing:
        """All frames, and the cells of the chosen one."""
        return _drawing(self.stage, self.space, [self.at] if len(self.stage.cells) else [])

    def told(self, xy_image: XY) -> str:
        """The region that a click would choose."""
        at = self._at(xy_image)
        return "" if at is None else self.words_of(at)

    def words_of(self, at: int) -> str:
        """A region, its object, and how much of it is object."""
        stage = self.stage
        share, side = float(stage.cells[at].mean()), stage.cells.shape[-1]
        name = self.names[stage.truth_classes[at]]
        return f"Region {at + 1} on {name} {stage.truth[at] + 1}: {share:.0%} of {side} × {side} cells are object"

    def press(self, xy_image: XY, reach: float) -> None:
        """The smallest region there; again: the next one."""
        at = self._at(xy_image)
        if at is not None:
            self.choose(at)

    def _at(self, xy_image: XY) -> int | None:
        x, y = self.space.model(xy_image)
        boxes = self.stage.boxes
        inside = (boxes[:, 0] <= x) & (x <= boxes[:, 2]) & (boxes[:, 1] <= y) & (y <= boxes[:, 3])
        areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
        there = sorted(np.flatnonzero(inside).tolist(), key=lambda at: float(areas[at]))
        if not there:
            return None
        return there[(there.index(self.at) + 1) % len(there)] if self.at in there else there[0]


def _drawing(stage: MaskTargets, space: Space, chosen: list[int]) -> Drawing:
    def draw(painter: QPainter, viewport: Viewport) -> None:
        for at, box in enumerate(stage.boxes):
            colour = QColor(distinct_colour(int(stage.truth[at])))
            if at in chosen:
                draw_map(painter, heat_image(stage.cells[at], 0.0, 1.0), space.rect(box, viewport), _OPACITY)
            colour.setAlpha(255 if at in chosen else 110)
            painter.setPen(QPen(colour, 2.4 if at in chosen else 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(space.rect(box, viewport))

    return draw


def side(studio: Studio, layer: Layer) -> QWidget:
    """The regions as a list."""
    assert isinstance(layer, TargetLayer)
    stage, column = layer.stage, Column()
    column.add_words(
        "Of each region on an object that has a mask, the part of the mask in it: the cells that the mask head shall "
        "give. A region that lies badly is taught what is there, not the whole object."
    )
    pairs = zip(stage.truth.tolist(), stage.truth_classes.tolist(), strict=True)
    items = [f"{at + 1} on {layer.names[index]} {truth + 1}" for at, (truth, index) in enumerate(pairs)]
    regions = column.add_choice("Region", items, layer.choose)
    words = column.add_words(layer.words_of(0) if items else "No region on this picture has a mask to learn.", "")

    def follow() -> None:
        regions.blockSignals(True)
        regions.setCurrentIndex(layer.at)
        regions.blockSignals(False)
        words.setText(layer.words_of(layer.at))

    layer.changed.connect(follow)
    column.end()
    return column


def picture(trace: Trace, stage: Stage) -> Drawing:
    """One region for each object."""
    assert isinstance(stage, MaskTargets)
    _, first = np.unique(stage.truth, return_index=True)
    return _drawing(stage, Space.of(trace.input), first.tolist())


VIEW = View(MaskTargets, TargetLayer, side, picture)
