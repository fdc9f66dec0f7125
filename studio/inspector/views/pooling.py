"""RoIAlign: the regions by level, and of one the bins, sample points and cells that its features are taken from."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QWidget

from engine.geometry.shapes import XY
from engine.project.classes import distinct_colour
from engine.tracing.sampling import Sampling, grid_of, level_choice, sampling
from engine.tracing.stages import Anchors, Ints, Pooling, Scores, Stage
from engine.tracing.trace import Trace
from studio.canvas.viewport import Viewport
from studio.inspection import Picked
from studio.inspector import Drawing, Layer, View
from studio.inspector.controls import Column
from studio.inspector.drawing import Space, draw_boxes
from studio.surroundings import Studio

_LEAST_SEEN = 4.0
"""View pixels from which a cell of the level is drawn."""


class PoolingLayer(Layer):
    """Regions, the picked one with its grid."""

    def __init__(self, studio: Studio) -> None:
        """The surest region is looked at, unless one is picked."""
        super().__init__()
        self._of, self._theme = studio.inspection, studio.theme
        stage, trace = self._of.stage, self._of.trace
        assert isinstance(stage, Pooling)
        assert trace is not None
        self.stage, self._trace = stage, trace
        self._anchors, self._space = trace.first(Anchors), Space.of(trace.input)
        self.shows_others = True
        self._of.picked_changed.connect(self.live_changed)

    def leave(self) -> None:
        """Nothing more is heard."""
        self._of.picked_changed.disconnect(self.live_changed)

    def show_others(self, is_shown: bool) -> None:
        """All regions, or the one that is looked at alone."""
        self.shows_others = is_shown
        self.changed.emit()

    @property
    def row(self) -> int | None:
        """The region that is looked at."""
        picked = self._of.picked
        if picked is not None and picked.stage == self.stage.name and picked.row < len(self.stage.boxes):
            return picked.row
        return 0 if len(self.stage.boxes) else None

    @cached_property
    def own(self) -> Ints:
        """The regions that the network itself pooled; others were asked about afterwards."""
        return own_rows(self._trace, self.stage)

    def found(self, row: int) -> Sampling:
        """A region's sample points."""
        return sampling(self.stage, row, grid_of(self._anchors, int(self.stage.level[row])))

    def still(self) -> Drawing:
        """All regions, in the colours of their levels."""
        own, space = self.own, self._space
        boxes, levels = np.asarray(self.stage.boxes)[own], np.asarray(self.stage.level)[own]
        if not self.shows_others:
            return lambda *_: None
        pens = [(levels == level, QPen(QColor(distinct_colour(int(level))), 1)) for level in np.unique(levels)]

        def draw(painter: QPainter, viewport: Viewport) -> None:
            painter.setOpacity(0.5)
            for own, pen in pens:
                draw_boxes(painter, space.views(boxes[own], viewport), pen)
            painter.setOpacity(1)

        return draw

    def paint_live(self, painter: QPainter, viewport: Viewport) -> None:
        """The cells of the level, the bins of the region, and the sample points."""
        row = self.row
        if row is None:
            return
        found = self.found(row)
        self._paint_cells(painter, viewport, found)
        self._paint_share(painter, viewport, found)
        bins = [self._rect(found, (x, y), viewport) for x in range(self.stage.size) for y in range(self.stage.size)]
        outlines = QPainterPath()
        for each in bins:
            outlines.addRect(each)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((QColor(0, 0, 0, 150), 2.6), (QColor(self._theme.tones.warn), 1.2)):
            painter.setPen(QPen(colour, width))
            painter.drawPath(outlines)
        self._paint_points(painter, viewport, found)

    def _rect(self, found: Sampling, at: tuple[int, int], viewport: Viewport) -> QRectF:
        """A bin in view pixels."""
        x, y = at
        edges = [found.x_edges[x], found.y_edges[y], found.x_edges[x + 1], found.y_edges[y + 1]]
        return self._space.rect(np.array(edges, dtype=np.float32) * np.float32(found.stride), viewport)

    def _paint_cells(self, painter: QPainter, viewport: Viewport, found: Sampling) -> None:
        """The places of the level's values about the region, where they are far enough apart to be seen."""
        if found.stride * viewport.scale / self._space.x < _LEAST_SEEN:
            return
        low_x, high_x = int(found.across.cells.min()) - 1, int(found.across.cells.max()) + 2
        low_y, high_y = int(found.down.cells.min()) - 1, int(found.down.cells.max()) + 2
        x, y = np.meshgrid(np.arange(max(low_x, 0), high_x), np.arange(max(low_y, 0), high_y))
        places = np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float32) * np.float32(found.stride)
        seen = self._space.views(np.concatenate([places, places], axis=1), viewport)[:, :2].tolist()
        for colour, width in ((QColor(0, 0, 0, 150), 4.5), (QColor(self._theme.tones.accent_text), 2.5)):
            painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawPoints([QPointF(*each) for each in seen])

    def _paint_points(self, painter: QPainter, viewport: Viewport, found: Sampling) -> None:
        points = found.points_model.reshape(-1, 2).astype(np.float32)
        seen = self._space.views(np.concatenate([points, points], axis=1), viewport)[:, :2].tolist()
        for colour, width in ((QColor(0, 0, 0, 170), 4.0), (QColor("#ffffff"), 2.2)):
            painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawPoints([QPointF(*each) for each in seen])

    def _paint_share(self, painter: QPainter, viewport: Viewport, found: Sampling) -> None:
        """The bin at the cursor, and the cells that it is made of, larger the more they count."""
        at = None if self._of.cursor is None else self.bin_at(found, self._of.cursor)
        if at is None:
            return
        veil = QColor(self._theme.tones.warn)
        veil.setAlpha(90)
        painter.fillRect(self._rect(found, at, viewport), veil)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.tones.accent))
        for (column, row), share in found.share(*at).items():
            place = np.array([column, row, column, row], dtype=np.float32) * np.float32(found.stride)
            centre = self._space.rect(place, viewport).topLeft()
            radius = 3 + 9 * math.sqrt(share)
            painter.drawEllipse(centre, radius, radius)

    def bin_at(self, found: Sampling, xy_image: XY) -> tuple[int, int] | None:
        """Column and row of the bin at a place; None beside the region."""
        x, y = (each / found.stride for each in self._space.model(xy_image))
        at = int(np.searchsorted(found.x_edges, x)) - 1, int(np.searchsorted(found.y_edges, y)) - 1
        return at if min(at) >= 0 and max(at) < self.stage.size else None

    def told(self, xy_image: XY) -> str:
        """The bin there and what it is made of; else the region that a click would look at."""
        row = self.row
        if row is not None:
            found = self.found(row)
            at = self.bin_at(found, xy_image)
            if at is not None:
                return f"bin ({at[0]}, {at[1]}): {self.stage.n_samples**2} points, {len(found.share(*at))} cells"
        other = self._row_at(xy_image)
        return "" if other is None else f"region {other}: stride {self.stage.strides[self.stage.level[other]]:g}"

    def press(self, xy_image: XY, reach: float) -> None:
        """Look at the smallest region there; again: at the next larger one."""
        rows = self._rows_at(xy_image)
        if rows:
            now = self.row
            at = rows.index(now) + 1 if now in rows else 0
            self._of.pick(Picked(self.stage.name, rows[at % len(rows)]))

    def _row_at(self, xy_image: XY) -> int | None:
        rows = self._rows_at(xy_image)
        return rows[0] if rows else None

    def _rows_at(self, xy_image: XY) -> list[int]:
        """The regions around a place, smallest first."""
        x, y = self._space.model(xy_image)
        boxes = np.asarray(self.stage.boxes)
        inside = (boxes[:, 0] <= x) & (x <= boxes[:, 2]) & (boxes[:, 1] <= y) & (y <= boxes[:, 3])
        around = self.own[inside[self.own]]
        areas = (boxes[around, 2:] - boxes[around, :2]).prod(axis=1)
        return [int(each) for each in around[np.argsort(areas, kind="stable")]]


def own_rows(trace: Trace, stage: Pooling) -> Ints:
    """Of the regions those that the network pooled of its own accord."""
    regions = trace.named(stage.of)
    is_asked = regions.is_asked if isinstance(regions, Scores) else None
    return np.arange(len(stage.boxes)) if is_asked is None else np.flatnonzero(is_asked[: len(stage.boxes)])


def level_words(stage: Pooling, row: int) -> str:
    """Why a region is looked up on its level, with its numbers."""
    found, stride = level_choice(stage, row), stage.strides[stage.level[row]]
    x0, y0, x1, y1 = (float(each) for each in stage.boxes[row])
    formula = (
        f"⌊{stage.canonical_level} + log₂({found.side:.1f} / {stage.canonical_side:g})⌋ = ⌊{found.exact:.2f}⌋"
        if math.isfinite(found.exact)
        else "without area"
    )
    held = "" if math.isinf(found.exact) or math.floor(found.exact + 1e-6) == found.level else ", held in the pyramid"
    return (
        f"Region {row}: {x1 - x0:.1f} × {y1 - y0:.1f} px, √(w·h) = {found.side:.1f}\n"
        f"Level {formula}{held}: level {found.level}, stride {stride:g}"
    )


class PoolingSide(Column):
    """Which region, and why it is on its level."""

    def __init__(self, studio: Studio, layer: PoolingLayer) -> None:
        """Of the layer's region."""
        super().__init__()
        self._layer, self._of, stage = layer, studio.inspection, layer.stage
        self.words = self.add_words("", "")
        self.row = self.add_slider(
            "Region",
            len(layer.own) - 1,
            lambda at: self._of.pick(Picked(stage.name, int(layer.own[at]))),
            layer.row or 0,
        )
        self.add_choice("Others", ("Draw all regions", "Draw this one alone"), lambda at: layer.show_others(at == 0))
        counts = np.bincount(np.asarray(stage.level)[layer.own], minlength=len(stage.strides)).tolist()
        levels = [f"stride {stride:g}: {n:,}" for stride, n in zip(stage.strides, counts, strict=True)]
        self.add_words("Regions by level: " + ", ".join(levels))
        n = stage.n_samples
        self.add_words(
            f"{stage.size} × {stage.size} bins (yellow), each the mean of {n} × {n} sample points (white). A point "
            "takes its value from the four places of the level's values about it (blue), by its distance to them; "
            "nothing is rounded. Move over a bin to see what it is made of; click to look at another region."
        )
        self.end()
        layer.live_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        row = self._layer.row
        if row is None:
            self.words.setText("There are no regions.")
            return
        self.words.setText(level_words(self._layer.stage, row))
        self.row.setValue(int(np.searchsorted(self._layer.own, row)))


def side(studio: Studio, layer: Layer) -> QWidget:
    """The region, and its level."""
    assert isinstance(layer, PoolingLayer)
    return PoolingSide(studio, layer)


def picture(trace: Trace, stage: Stage) -> Drawing:
    """The bins of the first region, and all regions faint."""
    assert isinstance(stage, Pooling)
    own, space = own_rows(trace, stage), Space.of(trace.input)
    boxes, levels = np.asarray(stage.boxes)[own], np.asarray(stage.level)[own]

    def draw(painter: QPainter, viewport: Viewport) -> None:
        for level in np.unique(levels):
            draw_boxes(
                painter, space.views(boxes[levels == level], viewport), QPen(QColor(distinct_colour(int(level))))
            )

    return draw


VIEW = View(Pooling, PoolingLayer, side, picture)
