"""TilePainter: the items of one tile, painted one by one so that the painting can stop after any of them."""

from __future__ import annotations

from collections.abc import Container, Generator, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath

from engine.geometry.shapes import Mask
from engine.project.records import Detection
from studio.canvas import mask_image, paint
from studio.canvas.contents import Item, Key
from studio.canvas.holding import Holding
from studio.canvas.leftovers import Leftovers
from studio.canvas.looks import Looks
from studio.canvas.painted import Likeness, Painted
from studio.canvas.paths import path_of
from studio.canvas.tiles import SIDE, TilePlace
from studio.canvas.viewport import Viewport

TileWork: TypeAlias = Generator[None, None, QImage | None]
"""Yields after every item; returns the painted tile, None where no item lies."""

_LINE_REACH = 6
"""How far an outline or a keypoint reaches out of its item's bounds, in logical pixels."""
_MAX_NAMED = 4
"""So many selected items at most tell their class unasked."""
_MAX_GONE = 1000
_TAG_REACH = (220, 18)
"""How far a tag reaches right and up of its item's top left corner."""


@dataclass(frozen=True, slots=True)
class Guise:
    """How the items are to look."""

    hidden: frozenset[Key] = frozenset()
    """Not painted: the live layer shows them."""
    selected: frozenset[Key] = frozenset()
    with_names: bool = False
    only: frozenset[Key] | None = None
    """Nothing but these is painted."""
    veiled: frozenset[Key] = frozenset()
    """Not painted: they are out of sight."""
    locked: frozenset[Key] = frozenset()
    """Painted as what cannot be taken hold of."""


class TilePainter:
    """Paints the items of one image; keeps their paths."""

    def __init__(self, holding: Holding, looks: Looks) -> None:
        self._holding = holding
        self._looks = looks
        self._painted = Painted()
        self._paths: dict[Key, tuple[Item, QPainterPath]] = {}
        self._masks: dict[Key, tuple[Item, mask_image.Painted]] = {}
        """Of the masks that are too ragged for a path."""

    @property
    def looks(self) -> Looks:
        """Pens and words."""
        return self._looks

    @looks.setter
    def looks(self, looks: Looks) -> None:
        self._looks = looks
        self._painted = Painted()

    def forget_gone(self, leftovers: Leftovers) -> None:
        """Let go of the paths of items that are there no more, once they are many."""
        self._masks = {key: kept for key, kept in self._masks.items() if self._holding.items.get(key) is kept[0]}
        if len(self._paths) > len(self._holding.items) + _MAX_GONE:
            before, there = self._paths, self._holding.items
            self._paths = {key: kept for key, kept in before.items() if there.get(key) is kept[0]}
            leftovers.add(before)

    def leave(self, leftovers: Leftovers) -> None:
        """Let go of all paths: something else is shown."""
        leftovers.add(self._paths)

    def path(self, item: Item) -> QPainterPath:
        """The item's path in image pixels, made when first asked for."""
        kept = self._paths.get(item.key)
        if kept is None or kept[0] is not item:
            kept = self._paths[item.key] = (item, path_of(item.source.shape))
        return kept[1]

    @property
    def reach(self) -> float:
        """How far from a tile, in view pixels, an item may lie and still show on it."""
        return max(_TAG_REACH) * self.looks.ratio

    def paint(self, place: TilePlace, guise: Guise) -> TileWork:
        """Paint a tile."""
        margin = _LINE_REACH * self.looks.ratio
        shown = self._in_paint_order(self._holding.bounds.meeting(place.reach(margin)), guise)
        tagged = self._tagged(place, guise)
        if not shown and not tagged:
            return None
        wanted = self._likeness(place, guise, shown, tagged)
        if (known := self._painted.get(wanted)) is not None:
            return known
        image = QImage(SIDE, SIDE, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.translate(-place.corner[0], -place.corner[1])
            unscaled = painter.transform()
            painter.scale(place.scale, place.scale)
            for item in shown:
                if _is_ragged(item):
                    self._paint_mask(painter, item, place, guise)
                else:
                    self._paint_item(painter, item, guise)
                yield
            painter.setTransform(unscaled)
            for item in shown if guise.locked else ():
                if item.key in guise.locked:
                    paint.padlock(painter, item.bounds, place.scale, self.looks)
            yield from self._paint_tags(painter, place, tagged)
        finally:
            painter.end()
        self._painted.put(wanted, image, [*shown, *(item for item, _ in tagged)])
        return image

    def _likeness(self, place: TilePlace, guise: Guise, shown: list[Item], tagged: list[tuple[Item, str]]) -> Likeness:
        keys = frozenset(item.key for item in shown)
        marked = (keys & guise.selected, keys & guise.locked)
        return Likeness(place, tuple(map(id, shown)), *marked, tuple((id(item), text) for item, text in tagged))

    def _paint_item(self, painter: QPainter, item: Item, guise: Guise) -> None:
        """What is locked has an outline, and nothing inside."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        draw = paint.item_outline if item.key in guise.locked else paint.item
        draw(painter, item, self.path(item), self.looks, is_selected=item.key in guise.selected)

    def _paint_mask(self, painter: QPainter, item: Item, place: TilePlace, guise: Guise) -> None:
        """A mask at the cost of the tile: its path may have more points than can be filled within a frame."""
        mask = item.source.shape
        kept = self._masks.get(item.key)
        if (kept is None or kept[0] is not item) and isinstance(mask, Mask):
            kept = self._masks[item.key] = (item, mask_image.Painted.of(mask, self._holding.strips.of))
        if kept is None:
            return
        is_selected, ink = item.key in guise.selected, self.looks.ink(item.source.class_id)
        fill = QColor(0, 0, 0, 0)
        if item.key not in guise.locked and (is_selected or not item.is_suggestion):
            fill = ink.fill_selected if is_selected else ink.fill
        pen = self.looks.item_pen(item, place.scale, is_selected=is_selected)
        x, y = place.corner
        view = Viewport((1, 1), (SIDE, SIDE), place.scale, -x, -y)
        painter.save()
        painter.resetTransform()
        mask_image.paint_mask(painter, kept[1], view, (fill, ink.line), pen.widthF())
        painter.restore()

    def _in_paint_order(self, keys: Iterable[Key], guise: Guise) -> list[Item]:
        if guise.only is not None:
            keys = guise.only.intersection(keys)
        items = [self._holding.items[key] for key in keys if key not in guise.hidden and key not in guise.veiled]
        return sorted(items, key=lambda item: _paint_order(item, guise.selected))

    def _tagged(self, place: TilePlace, guise: Guise) -> list[tuple[Item, str]]:
        """The items whose tags may show on a tile, with what they say."""
        x0, y0, x1, y1 = place.reach(_LINE_REACH)
        right, up = (reach * self.looks.ratio / place.scale for reach in _TAG_REACH)
        keys = self._holding.bounds.meeting((x0 - right, y0, x1, y1 + up))
        named = guise.selected if len(guise.selected) <= _MAX_NAMED else frozenset[Key]()
        if not guise.with_names:
            keys = [key for key in keys if key < 0 or key in named]
        found = []
        for item in self._in_paint_order(keys, guise):
            text = self.looks.tag(item, place.scale, with_names=guise.with_names or item.key in named)
            found += [(item, text)] if text else []
        return found

    def _paint_tags(
        self, painter: QPainter, place: TilePlace, tagged: list[tuple[Item, str]]
    ) -> Generator[None, None, None]:
        for item, text in tagged:
            x, y = item.bounds[0] * place.scale, item.bounds[1] * place.scale
            height, _ = paint.tag_size(text, self.looks)
            # Names hang inside, scores stand above: the two of one object do not hide each other.
            bottom = max(y - 2 * self.looks.ratio, height) if item.is_suggestion else y + height
            colour = self.looks.ink(item.source.class_id).line
            paint.tag(painter, text, (round(x), round(bottom)), self.looks, colour)
            yield


def _is_ragged(item: Item) -> bool:
    shape = item.source.shape
    return isinstance(shape, Mask) and len(shape.counts) > mask_image.MANY_RUNS


def _paint_order(item: Item, selected: Container[Key]) -> tuple[bool, bool, float]:
    """Annotations by age, over them suggestions by rising score, over all what is selected."""
    if isinstance(item.source, Detection):
        return item.key in selected, True, item.source.score
    return item.key in selected, False, float(item.key)
