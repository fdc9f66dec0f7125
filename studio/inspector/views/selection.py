"""Selections: what is left of many boxes, what each cut dropped, and suppression step by step."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from engine.tracing.stages import Selection, Stage
from engine.tracing.trace import Trace
from studio.canvas.viewport import Viewport
from studio.inspector import Drawing, Layer, View
from studio.inspector.drawing import Space, draw_scored
from studio.inspector.selection_layer import SelectionLayer
from studio.inspector.selection_side import SelectionSide
from studio.surroundings import Studio

_MOST_SMALL = 300


def side(studio: Studio, layer: Layer) -> QWidget:
    """Cuts, path and player."""
    assert isinstance(layer, SelectionLayer)
    return SelectionSide(studio, layer)


def picture(trace: Trace, stage: Stage) -> Drawing:
    """What the network kept."""
    assert isinstance(stage, Selection)
    boxes, scores = (np.asarray(each)[:_MOST_SMALL] for each in (stage.kept_boxes, stage.kept_scores))
    space = Space.of(trace.input)

    def draw(painter: QPainter, viewport: Viewport) -> None:
        draw_scored(painter, space.views(boxes, viewport), scores)

    return draw


VIEW = View(Selection, SelectionLayer, side, picture)
