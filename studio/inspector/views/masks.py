"""Masks: the probabilities of a mask's cells in its box, and the outline that a threshold makes of them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QTransform
from PySide6.QtWidgets import QWidget

from engine.geometry import masks as many_masks
from engine.geometry.shapes import Mask
from engine.tracing.mask_pixels import mask_at, probabilities
from engine.tracing.stages import Masks, Stage
from engine.tracing.trace import Trace
from studio.canvas.paths import path_of
from studio.canvas.viewport import Viewport
from studio.inspector import Drawing, Layer, View
from studio.inspector.controls import Column
from studio.inspector.drawing import Space, draw_map
from studio.inspector.heat import ColourBar, heat_image
from studio.inspector.heat_layer import OPACITY, HeatLayer
from studio.surroundings import Studio

_USUAL = 0.5
_KEPT = 64


class MaskLayer(HeatLayer):
    """All outlines, and the heat of the one that is looked at."""

    def __init__(self, studio: Studio) -> None:
        """At the network's own threshold."""
        stage = studio.inspection.stage
        assert isinstance(stage, Masks)
        super().__init__(studio, stage)
        self.stage, self.threshold = stage, _USUAL
        self.shows_heat = True
        kept = max(_KEPT, 2 * len(stage.logits))
        self.mask = lru_cache(kept)(self._mask)
        self._outline = lru_cache(kept)(self._path)
        self._image = lru_cache(kept)(self._heat)

    def choose(self, *, threshold: float | None = None, shows_heat: bool | None = None) -> None:
        """Another threshold for the one that is looked at."""
        self.threshold = self.threshold if threshold is None else threshold
        self.shows_heat = self.shows_heat if shows_heat is None else shows_heat
        self.live_changed.emit()

    def _mask(self, row: int, threshold: float) -> Mask:
        """The pixels that are so probable."""
        return mask_at(self.stage, row, self.trace.input, threshold)

    def _path(self, row: int, threshold: float) -> QPainterPath:
        mask = self.mask(row, threshold)
        return QPainterPath() if mask.is_empty else path_of(mask)

    def _heat(self, row: int) -> QImage:
        return heat_image(probabilities(self.stage, row), 0, 1)

    def map_image(self, row: int) -> QImage:
        """From 0 to 1, a pixel for each cell."""
        return self._image(row)

    def still(self) -> Drawing:
        """The outlines of all masks, as they are reported."""
        rows, outline, pen = range(len(self.stage.logits)), self._outline, QPen(QColor(self._theme.tones.good), 1.4)
        return lambda painter, viewport: _draw_outlines(painter, viewport, [outline(row, _USUAL) for row in rows], pen)

    def paint_live(self, painter: QPainter, viewport: Viewport) -> None:
        """Heat, box and outline of one."""
        row = self.row
        if row is None:
            return
        if self.shows_heat:
            draw_map(painter, self.map_image(row), self.rect(row, viewport), OPACITY)
        self.paint_box(painter, viewport, row)
        if self.threshold != _USUAL:
            pen = QPen(QColor("#ffffff"), 1.4, Qt.PenStyle.DashLine)
            _draw_outlines(painter, viewport, [self._outline(row, _USUAL)], pen)
        pen = QPen(QColor(self._theme.tones.warn), 2.2)
        _draw_outlines(painter, viewport, [self._outline(row, self.threshold)], pen)

    def cell_words(self, row: int, column: int, down: int) -> str:
        """How probable it is to be on the object."""
        logit = float(self.stage.logits[row, down, column])
        probability = float(probabilities(self.stage, row)[down, column])
        return f"cell ({column}, {down}): logit {logit:.2f}, probability {probability:.3f}"


def _draw_outlines(painter: QPainter, viewport: Viewport, found: list[QPainterPath], pen: QPen) -> None:
    to_view = viewport.to_view
    placed = QTransform(to_view.xx, 0, 0, to_view.yy, to_view.dx, to_view.dy)
    outlines = QPainterPath()
    for outline in found:
        outlines.addPath(placed.map(outline))
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(outlines)


class MaskSide(Column):
    """Which mask, and from which probability on."""

    def __init__(self, studio: Studio, layer: MaskLayer) -> None:
        """Of the layer's mask."""
        super().__init__()
        self._layer = layer
        self.words = self.add_words("", "")
        self.row = self.add_slider("Detection", len(layer.boxes) - 1, layer.look_at, layer.row or 0)
        self.threshold = self.add_slider(
            "Threshold, %", 100, lambda at: layer.choose(threshold=at / 100), round(100 * layer.threshold)
        )
        self.add_choice("Heat", ("Shown", "Hidden"), lambda at: layer.choose(shows_heat=at == 0))
        bar = ColourBar(studio.theme)
        self.add(bar)
        n_cells = layer.n_cells
        self.add_words(
            f"The head says of {n_cells} × {n_cells} cells, which fill the box, how probable each is to be on the "
            "object. Between the middles of cells it is interpolated; pixels from 50 % on are the mask (green)."
        )
        self.end()
        layer.live_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        layer = self._layer
        row = layer.row
        if row is None:
            self.words.setText("Nothing was detected, so there are no masks.")
            return
        own, at_half = layer.mask(row, layer.threshold), layer.mask(row, _USUAL)
        area = f"{many_masks.area(own):,} pixels from {100 * layer.threshold:.0f} % on"
        beside = "" if layer.threshold == _USUAL else f"; {many_masks.area(at_half):,} from 50 % on"
        self.words.setText(f"{layer.name(row)}: {area}{beside}")
        self.row.setValue(row)


def side(studio: Studio, layer: Layer) -> QWidget:
    """Detection and threshold."""
    assert isinstance(layer, MaskLayer)
    return MaskSide(studio, layer)


def picture(trace: Trace, stage: Stage) -> Drawing:
    """The heat of every mask."""
    assert isinstance(stage, Masks)
    boxes, space = np.asarray(stage.boxes), Space.of(trace.input)

    def draw(painter: QPainter, viewport: Viewport) -> None:
        for row in range(len(boxes) - 1, -1, -1):
            draw_map(painter, heat_image(probabilities(stage, row), 0, 1), space.rect(boxes[row], viewport), OPACITY)

    return draw


VIEW = View(Masks, MaskLayer, side, picture)
