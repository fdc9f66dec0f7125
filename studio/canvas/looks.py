"""Looks: with which pens, brushes and words items are painted. Widths are given in logical pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPen, QTransform

from engine.project.records import ClassRecord, Detection
from studio.canvas.contents import Item
from studio.theme import DARK, Tones

FILL_ALPHA = 0.18
SELECTED_ALPHA = 0.34
_UNKNOWN = "#8a8f98"
_LEAST_TAG = 24.0
_LEAST_NAMED = 44.0
"""Names hang inside, so they need height."""
_SMALL = 48.0
"""Items whose longer side is seen smaller than this are drawn with the thinnest line: it is legible, and quick."""


@dataclass(frozen=True, slots=True)
class Ink:
    """How one class is painted."""

    line: QColor
    fill: QColor
    fill_selected: QColor


class Looks:
    """Pens, brushes and the font of one theme at one device ratio."""

    def __init__(self, classes: Mapping[int, ClassRecord], tones: Tones = DARK, ratio: float = 1.0) -> None:
        self.tones = tones
        self.ratio = ratio
        self._classes = classes
        self._inks = {class_id: _ink(record.colour) for class_id, record in classes.items()}
        self._unknown = _ink(_UNKNOWN)
        self._pens: dict[tuple[int, float, bool], QPen] = {}

    def is_of(self, classes: Mapping[int, ClassRecord]) -> bool:
        """Whether these are the looks of just these classes."""
        return classes == self._classes

    def ink(self, class_id: int | None) -> Ink:
        """The colours of a class."""
        return self._inks.get(class_id, self._unknown) if class_id is not None else self._unknown

    def class_of(self, class_id: int) -> ClassRecord | None:
        return self._classes.get(class_id)

    def pen(self, colour: QColor, width: float, *, dashed: bool = False) -> QPen:
        """A pen that is as wide at every zoom; `width` in logical pixels, 0 being the thinnest and quickest."""
        key = (colour.rgba(), width, dashed)
        if key not in self._pens:
            pen = QPen(colour, max(1.0, width * self.ratio))
            pen.setCosmetic(True)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            if dashed:
                pen.setDashPattern([4.0, 3.0])
                pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            self._pens[key] = pen
        return self._pens[key]

    def item_pen(self, item: Item, scale: float, *, is_selected: bool) -> QPen:
        """The outline of an item at `scale` view pixels per image pixel: dashed for suggestions."""
        x0, y0, x1, y1 = item.bounds
        is_small = max(x1 - x0, y1 - y0) * scale < _SMALL * self.ratio
        width = (1.5 if is_small else 2.5) if is_selected else (0.0 if is_small else 1.5)
        return self.pen(self.ink(item.source.class_id).line, width, dashed=item.is_suggestion)

    def item_brush(self, item: Item, scale: float, *, is_selected: bool) -> QBrush:
        """The inside of an item: a veil of its class's colour, hatched for a crowd, nothing for a suggestion."""
        ink = self.ink(item.source.class_id)
        if isinstance(item.source, Detection):
            return QBrush(ink.fill) if is_selected else QBrush(Qt.BrushStyle.NoBrush)
        if not item.source.is_crowd:
            return QBrush(ink.fill_selected if is_selected else ink.fill)
        hatch = QBrush(ink.line, Qt.BrushStyle.BDiagPattern)
        hatch.setTransform(QTransform.fromScale(self.ratio / scale, self.ratio / scale))
        return hatch

    @cached_property
    def font(self) -> QFont:
        """The font of tags and badges, sized in view pixels."""
        font = QFont()
        font.setPixelSize(round(11 * self.ratio))
        font.setWeight(QFont.Weight.Medium)
        return font

    @cached_property
    def metrics(self) -> QFontMetricsF:
        return QFontMetricsF(self.font)

    def tag(self, item: Item, scale: float, *, with_names: bool) -> str:
        """What is written at an item seen at a scale; nothing where it would hide more than it tells."""
        width, height = (scale * (far - near) for near, far in zip(item.bounds[:2], item.bounds[2:], strict=True))
        room = width * 1.25
        if room < _LEAST_TAG * self.ratio:
            return ""
        record = self.class_of(item.source.class_id)
        name = record.name if record and with_names else ""
        if isinstance(item.source, Detection):
            score = f"{item.source.score:.2f}"
            texts = [f"{name} {score}".strip(), score]
        else:
            texts = [name] if height >= _LEAST_NAMED * self.ratio else []
        return next((text for text in texts if self.metrics.horizontalAdvance(text) + 8 * self.ratio <= room), "")


def _ink(colour: str) -> Ink:
    line, fill, selected = QColor(colour), QColor(colour), QColor(colour)
    fill.setAlphaF(FILL_ALPHA)
    selected.setAlphaF(SELECTED_ALPHA)
    return Ink(line, fill, selected)
