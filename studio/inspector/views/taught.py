"""Training seen from inside: which anchors or regions stand for which objects, and what else teaches."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from engine.geometry.shapes import XY
from engine.project.classes import distinct_colour
from engine.tracing.selecting import overlaps
from engine.tracing.stages import Anchors, Bools, Ints, Stage, Taught
from engine.tracing.trace import Trace
from studio.canvas.viewport import Viewport
from studio.inspector import Drawing, Layer, View
from studio.inspector.controls import Column
from studio.inspector.drawing import Space, draw_boxes
from studio.surroundings import Studio

_SHOWN = ("On objects, taught", "On objects, all", "Background, taught", "In between, teach nothing")
_BACKGROUND, _BETWEEN = "#8a93a6", "#d9a514"
_LINES = 6
_FEW = 100
"""Boxes up to which they are drawn boldly."""


class TaughtLayer(Layer):
    """Boxes of one role, those on objects in the colour of their object; the objects themselves on top."""

    def __init__(self, studio: Studio) -> None:
        """Those on any object that the loss counts."""
        super().__init__()
        stage, trace = studio.inspection.stage, studio.inspection.trace
        assert isinstance(stage, Taught)
        assert trace is not None
        self.stage, self.space = stage, Space.of(trace.input)
        self.names = trace.origin.class_names
        self.decided = _decided(stage, trace)
        """By whom, in words."""
        self.shown = 0
        self.object: int | None = None

    def choose(self, shown: int, of: int | None) -> None:
        """Another role; boxes on one object only, or on any."""
        self.shown, self.object = shown, of
        self.changed.emit()

    @property
    def rows(self) -> Ints:
        """The boxes that are shown."""
        return np.flatnonzero(_is_shown(self.stage, self.shown) & self._is_of_object())

    def _is_of_object(self) -> Bools:
        if self.object is None or self.shown > 1:
            return np.ones(len(self.stage.role), dtype=bool)
        return np.asarray(self.stage.truth == self.object)

    def still(self) -> Drawing:
        """The boxes, then the objects."""
        return _drawing(self.stage, self.rows, self.space)

    def told(self, xy_image: XY) -> str:
        """The object under the pointer, and who stands for it."""
        at = self.object_at(xy_image)
        return "" if at is None else self.words_of(at)

    def words_of(self, at: int) -> str:
        """An object and who stands for it, in a line."""
        own = np.flatnonzero(self.stage.truth == at)
        name = self.names[self.stage.truth_classes[at]]
        n_taught = int(self.stage.is_chosen[own].sum())
        words = f"{name} {at + 1}: {len(own):,} stand for it, {n_taught:,} of them teach"
        if len(own):
            ious = overlaps(self.stage.truth_boxes[at][None], self.stage.boxes[own])[0]
            words += f"; IoU {np.nanmin(ious):.2f} to {np.nanmax(ious):.2f}"
        return words + _bid_words(self.stage, at)

    def object_at(self, xy_image: XY) -> int | None:
        """The smallest object there."""
        x, y = self.space.model(xy_image)
        boxes = self.stage.truth_boxes
        inside = (boxes[:, 0] <= x) & (x <= boxes[:, 2]) & (boxes[:, 1] <= y) & (y <= boxes[:, 3])
        areas = np.where(inside, (boxes[:, 2:] - boxes[:, :2]).prod(axis=1), np.inf)
        return int(areas.argmin()) if inside.any() else None

    def press(self, xy_image: XY, reach: float) -> None:
        """Only the boxes on the object there; beside all objects, those on any."""
        self.choose(self.shown, self.object_at(xy_image))


def _is_shown(stage: Taught, shown: int) -> Bools:
    found = (
        (stage.role == 1) & stage.is_chosen, stage.role == 1, (stage.role == 0) & stage.is_chosen, stage.role == -1,
    )[shown]  # fmt: skip
    return np.asarray(found)


def _bid_words(stage: Taught, at: int) -> str:
    """What SimOTA decided from."""
    if stage.bid_costs is None or stage.n_wanted is None or stage.bid_rows is None:
        return ""
    costs = stage.bid_costs[at]
    near = costs[np.isfinite(costs)]
    if not len(near):
        return "; no cell is near its centre"
    own = costs[np.isin(stage.bid_rows, np.flatnonzero(stage.truth == at))]
    words = f"; k = {int(stage.n_wanted[at])} of {len(near)} near its centre"
    return words if not len(own) else f"{words}, cost {own.min():.1f} to {own.max():.1f}"


def _drawing(stage: Taught, rows: Ints, space: Space) -> Drawing:
    boxes, truths, roles = np.asarray(stage.boxes)[rows], stage.truth[rows], stage.role[rows]

    is_few = len(rows) <= _FEW

    def draw(painter: QPainter, viewport: Viewport) -> None:
        for role, colour in ((0, _BACKGROUND), (-1, _BETWEEN)):
            draw_boxes(painter, space.views(boxes[roles == role], viewport), QPen(_faint(colour), 1))
        for at in np.unique(truths[roles == 1]).tolist():
            own = space.views(boxes[truths == at], viewport)
            pen = QPen(QColor(distinct_colour(at)), 2) if is_few else QPen(_faint(distinct_colour(at)), 1.2)
            draw_boxes(painter, own, pen)
        for at, box in enumerate(stage.truth_boxes):
            pen = QPen(QColor(distinct_colour(at)), 2.4, Qt.PenStyle.DashLine)
            draw_boxes(painter, space.views(box[None], viewport), pen)

    return draw


def _faint(colour: str) -> QColor:
    found = QColor(colour)
    found.setAlpha(150)
    return found


def side(studio: Studio, layer: Layer) -> QWidget:
    """What is shown, of which object, and how many there are of each."""
    assert isinstance(layer, TaughtLayer)
    stage, column = layer.stage, Column()
    column.add_words(layer.decided)
    counts = [int(_is_shown(stage, at).sum()) for at in range(len(_SHOWN))]
    items = [f"{words}: {n:,}" for words, n in zip(_SHOWN, counts, strict=True)]
    objects = [f"{layer.names[index]} {at + 1}" for at, index in enumerate(stage.truth_classes.tolist())]

    def choose(_: int) -> None:
        at = of.currentIndex()
        layer.choose(shown.currentIndex(), None if at <= 0 else at - 1)

    def follow() -> None:
        of.blockSignals(True)
        of.setCurrentIndex(0 if layer.object is None else layer.object + 1)
        of.blockSignals(False)
        words.setText(_words(layer))

    shown = column.add_choice("Show", items, choose)
    of = column.add_choice("Object", ["All objects", *objects], choose)
    words = column.add_words(_words(layer), "")
    layer.changed.connect(follow)
    column.add_words("Dashed are the objects. Click one to see only what stands for it.")
    column.end()
    return column


_RULES = {
    "SimOTA": "SimOTA: priors near an object's centre bid for it and the k cheapest get it, k being the sum of the ten "
    "best IoUs. Cost = wrong class + 3 · (−ln IoU).",
    "Responsible cell": "One prior for each object: of the cell its centre lies in, the one most alike in shape. "
    "Guesses that overlap an object by more than 0.5 all the same teach nothing.",
    "IoU": "Each box stands for the object it overlaps most if that is enough, and for the background if it is too "
    "little; in between it teaches nothing.",
}


def _decided(stage: Taught, trace: Trace) -> str:
    n_chosen, n = int(stage.is_chosen.sum()), len(stage.role)
    called = trace.first(Anchors).called if stage.of == "anchors" else stage.of
    lines = [_RULES[stage.by], f"{n_chosen:,} of {n:,} {called} teach."]
    ways = [each.name for each in trace.all(Taught) if each.of == "anchors"]
    if len(ways) > 1:
        is_own = stage.name == ways[0]
        lines.append("This network learns so." if is_own else "For comparison: this network learns the other way.")
    return "\n".join(lines)


def _words(layer: TaughtLayer) -> str:
    """The chosen object, or those that fewest stand for."""
    stage = layer.stage
    if layer.object is not None:
        return layer.words_of(layer.object)
    counts = np.bincount(stage.truth[stage.truth >= 0], minlength=len(stage.truth_boxes))
    least = np.argsort(counts, kind="stable")[:_LINES].tolist()
    lines = [f"{layer.names[stage.truth_classes[at]]} {at + 1}: {counts[at]:,}" for at in least]
    return "\n".join(["Objects with the fewest:", *lines]) if lines else "There is no object on this picture."


def picture(trace: Trace, stage: Stage) -> Drawing:
    """What stands for objects and teaches."""
    assert isinstance(stage, Taught)
    return _drawing(stage, np.flatnonzero(_is_shown(stage, 0)), Space.of(trace.input))


VIEW = View(Taught, TaughtLayer, side, picture)
