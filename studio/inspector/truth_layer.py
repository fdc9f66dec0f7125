"""The annotations over a stage, missed ones so that one sees them; a click asks what became of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from engine.geometry.shapes import XY, Bounds
from studio.canvas.viewport import Viewport
from studio.inspection import Inspection
from studio.inspector import Drawing, Layer
from studio.theme import Theme


@dataclass(frozen=True, slots=True)
class Mark:
    """One annotation, in image pixels."""

    id: int
    bounds: Bounds
    is_found: bool
    name: str

    def holds(self, xy: XY, reach: float) -> bool:
        """Whether a point is on it, or so near."""
        x0, y0, x1, y1 = self.bounds
        return x0 - reach <= xy[0] <= x1 + reach and y0 - reach <= xy[1] <= y1 + reach

    @property
    def area(self) -> float:
        """In square pixels."""
        x0, y0, x1, y1 = self.bounds
        return (x1 - x0) * (y1 - y0)


class TruthLayer(Layer):
    """Another layer with annotations over it, which take clicks first."""

    def __init__(self, inside: Layer | None, inspection: Inspection, theme: Theme) -> None:
        """Over `inside`."""
        super().__init__()
        self.inside, self._inspection, self._theme = inside, inspection, theme
        self._of = inspection.what_if
        if inside is not None:
            inside.changed.connect(self.changed)
            inside.live_changed.connect(self.live_changed)
        self._of.outcome_changed.connect(self.live_changed)
        self._of.drawn_changed.connect(self.live_changed)

    def still(self) -> Drawing | None:
        """What the stage draws."""
        return None if self.inside is None else self.inside.still()

    def paint_live(self, painter: QPainter, viewport: Viewport) -> None:
        """What the stage draws, and the annotations while they are asked about."""
        if self.inside is not None:
            painter.save()
            self.inside.paint_live(painter, viewport)
            painter.restore()
        if self._of.shows_found:
            self._paint_found(painter, viewport)
        for mark in self._marks:
            self._paint(painter, viewport, mark)

    def told(self, xy_image: XY) -> str:
        """What the stage says; of an annotation, whether it was found."""
        mark = nearest(self._marks, xy_image, 0.0)
        if mark is not None:
            return f"{mark.name}, annotated: {'found' if mark.is_found else 'missed'}. Click to see why."
        return "" if self.inside is None else self.inside.told(xy_image)

    def press(self, xy_image: XY, reach: float) -> None:
        """Ask about an annotation; elsewhere the stage hears of it."""
        mark = nearest(self._marks, xy_image, reach)
        if mark is not None:
            self._inspection.ask_about(mark.id)
        elif self.inside is not None:
            self.inside.press(xy_image, reach)

    def leave(self) -> None:
        """The stage is left, too."""
        self._of.outcome_changed.disconnect(self.live_changed)
        self._of.drawn_changed.disconnect(self.live_changed)
        if self.inside is not None:
            self.inside.leave()

    @property
    def _marks(self) -> Sequence[Mark]:
        every = marks(self._inspection) if self._of.shows_truths or self._of.shows_found else ()
        return every if self._of.shows_truths else [mark for mark in every if not mark.is_found]

    def _paint_found(self, painter: QPainter, viewport: Viewport) -> None:
        """What would be detected: right in one colour, wrong in another."""
        outcome, judged, tones = self._of.outcome, self._of.judged, self._theme.tones
        if outcome is None:
            return
        n = len(outcome.found)
        is_right = judged.is_right if judged is not None and len(judged.is_right) == n else (True,) * n
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for box, right in zip(outcome.found.boxes_image.tolist(), is_right, strict=True):
            painter.setPen(QPen(QColor(tones.good if right else tones.warn), 1.8))
            painter.drawRect(_on_view(viewport, tuple(box)))

    def _paint(self, painter: QPainter, viewport: Viewport, mark: Mark) -> None:
        tones, is_asked = self._theme.tones, mark.id == self._inspection.annotation_id
        colour = QColor(tones.good if mark.is_found else tones.bad)
        place = _on_view(viewport, mark.bounds)
        ground = QColor(colour)
        ground.setAlpha(90 if is_asked else 0 if mark.is_found else 45)
        painter.setBrush(ground)
        pen = QPen(colour, 3.0 if is_asked else 1.6)
        pen.setStyle(Qt.PenStyle.SolidLine if mark.is_found else Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawRect(place)


def _on_view(viewport: Viewport, bounds: Bounds) -> QRectF:
    """Of image pixels."""
    corners = (viewport.to_view.apply_one(corner) for corner in (bounds[:2], bounds[2:]))
    return QRectF(*(QPointF(*corner) for corner in corners))


def nearest(marks: Sequence[Mark], xy: XY, reach: float) -> Mark | None:
    """The smallest one there; a missed one before those that were found."""
    there = [mark for mark in marks if mark.holds(xy, reach)]
    return min(there, key=lambda mark: (mark.is_found, mark.area), default=None)


def marks(inspection: Inspection) -> list[Mark]:
    """The annotations of the image, as the outcome has them."""
    found = inspection.what_if
    names = (
        {}
        if inspection.trace is None
        else dict(zip(inspection.trace.origin.class_ids, inspection.trace.origin.class_names, strict=True))
    )
    return [
        Mark(each.id, each.shape.bounds, each.id in found.found_ids, names.get(each.class_id, "Unknown class"))
        for each in found.annotations
    ]
