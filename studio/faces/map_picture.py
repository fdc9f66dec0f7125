"""The map of faces: points to look at, zoom into and pick in. A picture of distances, not the distances themselves.

Left button: click a face, or draw a lasso or a rectangle around some; Shift adds, Ctrl takes in or out. Middle button
or Space moves the map, the wheel zooms; where there is room, faces are shown as their crops.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
)

from engine.geometry.shapes import XY
from studio.canvas.still import Scene
from studio.canvas.still_view import CLICK, StillView
from studio.canvas.viewport import Viewport
from studio.faces.map_marks import drawing, on_screen
from studio.faces.map_paint import TILE, paint_card, paint_outline, paint_tile, tile_pen
from studio.faces.map_points import NO_POINTS, SIDE, MapPoints, Rows, apart, enclosed, nearest, within
from studio.theme import Theme

Way: TypeAlias = Literal["lasso", "rectangle"]
REACH = 12.0
"""Pixels from a point that still hit it."""
MOST_TILES = 160
_SHARE_FOR_TILES = 420
"""With no more points than this in sight, crops are shown where there is room."""
_MOST_SHRUNK = 2_000
_STEP = 48.0


@dataclass(slots=True)
class _Drag:
    """What the pressed button does."""

    is_move: bool
    begin: QPointF
    last: QPointF
    trail: list[XY] = field(default_factory=list)
    """In map coordinates."""
    is_far: bool = False


class MapPicture(StillView):
    """Shows points; says what is hovered and what shall be selected."""

    hover_changed = Signal()
    selection_wanted = Signal(object)
    """frozenset of template ids."""

    def __init__(self, theme: Theme, crop: Callable[[int], QPixmap | None], words: Callable[[int], str]) -> None:
        """No points yet; `crop` and `words` are asked by template id."""
        super().__init__(theme)
        self._crop, self._words = crop, words
        self.points = NO_POINTS
        self.chosen: frozenset[int] = frozenset()
        self.hovered = -1
        """The row of the face under the pointer, or -1."""
        self.way: Way = "lasso"
        self.viewport = Viewport((SIDE, SIDE), (1, 1))
        self._drag: _Drag | None = None
        self._is_space = False
        self._tiles: tuple[Viewport, Rows] | None = None
        self._rows_by_id: dict[int, int] = {}
        self._shrunk: dict[int, tuple[tuple[int, float], QPixmap]] = {}
        self.setMinimumSize(280, 220)
        self.setAccessibleName("Map of faces")

    def sizeHint(self) -> QSize:
        """As much as there is."""
        return QSize(760, 560)

    def show_points(self, points: MapPoints, *, fits: bool = True) -> None:
        """Show these, all of them in sight unless the view is to stay."""
        self.points, self.hovered = points, -1
        self._rows_by_id = {each: row for row, each in enumerate(points.template_ids.tolist())}
        self._shrunk = {each: shrunk for each, shrunk in self._shrunk.items() if each in self._rows_by_id}
        if fits:
            self.viewport = self.viewport.fitted()
        self.redraw()

    def show_chosen(self, template_ids: frozenset[int]) -> None:
        """Ring these."""
        if template_ids != self.chosen:
            self.chosen = template_ids
            self.redraw()

    def bring(self, template_ids: frozenset[int]) -> None:
        """Show these as large as they can be."""
        rows = self._rows(template_ids)
        if len(rows):
            (x0, y0), (x1, y1) = self.points.places[rows].min(axis=0), self.points.places[rows].max(axis=0)
            self.look(self.viewport.framing((float(x0), float(y0), float(x1), float(y1))))

    def widget_point(self, row: int) -> QPointF:
        """Where a face's point is in the widget."""
        x, y = (on_screen(self.points.places[row], self.viewport) / self.devicePixelRatioF()).tolist()
        return QPointF(x, y)

    @property
    def tiled(self) -> Rows:
        """The rows of the faces that are shown as their crops."""
        if self._tiles is None or self._tiles[0] != self.viewport:
            self._tiles = self.viewport, self._find_tiles()
        return self._tiles[1]

    def _find_tiles(self) -> Rows:
        rows = within(self.points.places, self.viewport.visible)
        if len(rows) > _SHARE_FOR_TILES:
            return rows[:0]
        room = (TILE + 4) * self.devicePixelRatioF() / self.viewport.scale
        return rows[apart(self.points.places[rows], room)][:MOST_TILES]

    def _rows(self, template_ids: frozenset[int]) -> Rows:
        found = [self._rows_by_id[each] for each in template_ids if each in self._rows_by_id]
        return np.array(sorted(found), np.int64)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to pick, or take hold of the map."""
        is_move = event.button() == Qt.MouseButton.MiddleButton or self._is_space
        if is_move or event.button() == Qt.MouseButton.LeftButton:
            at = event.position()
            self._drag = _Drag(is_move, at, at, [self.place(at)])
            self._show_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the map, go on with the outline, or tell of the face there."""
        at, drag = event.position(), self._drag
        if drag is None:
            self._hover(self.row_at(at))
            return
        drag.is_far |= (at - drag.begin).manhattanLength() > CLICK
        if drag.is_move:
            self.move_by(at - drag.last)
        elif drag.is_far:
            drag.trail.append(self.place(at))
            self.update()
        drag.last = at

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Select what was clicked or enclosed."""
        drag, self._drag = self._drag, None
        self._show_cursor()
        if drag is None or drag.is_move:
            return
        if drag.is_far:
            found = self._enclosed(drag)
        else:
            row = self.row_at(event.position())
            found = np.array([row] if row >= 0 else [], np.int64)
        ids = frozenset(self.points.template_ids[found].tolist())
        modifiers = event.modifiers()
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            ids = self.chosen ^ ids
        elif modifiers & Qt.KeyboardModifier.ShiftModifier:
            ids = self.chosen | ids
        self.selection_wanted.emit(ids)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all points, or the face that was clicked close up."""
        row = self.row_at(event.position())
        if row < 0:
            self.zoom_to_fit()
        else:
            self.zoom_by(2.0, event.position())

    def leaveEvent(self, _: QEvent) -> None:
        """The pointer is nowhere."""
        self._hover(-1)

    def event(self, event: QEvent) -> bool:
        """Keep the map's own keys from being commands of the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_own(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the map; plus, minus and 0 zoom; Space takes hold; Escape gives up outline or selection."""
        steps = {Qt.Key.Key_Left: (1, 0), Qt.Key.Key_Right: (-1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
        key, modifiers = Qt.Key(event.key()), event.modifiers()
        if key == Qt.Key.Key_A and modifiers & Qt.KeyboardModifier.ControlModifier:
            self.selection_wanted.emit(frozenset(self.points.template_ids.tolist()))
        elif key in steps:
            across, down = steps[key]
            self.look(self.viewport.panned(across * _STEP, down * _STEP))
        elif key == Qt.Key.Key_F:
            self.zoom_to_fit()
        elif key == Qt.Key.Key_Space:
            self._is_space = True
            self._show_cursor()
        elif key == Qt.Key.Key_Escape:
            self._give_up()
        elif not self.zoom_key(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Let go of the map."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._is_space = False
            self._show_cursor()
        else:
            super().keyReleaseEvent(event)

    def _give_up(self) -> None:
        if self._drag is not None:
            self._drag = None
            self.update()
        else:
            self.selection_wanted.emit(frozenset())

    def row_at(self, at: QPointF) -> int:
        """The face there: a crop that is shown, else the nearest point; -1 where none is near."""
        tiled = self.tiled
        if len(tiled):
            away = on_screen(self.points.places[tiled], self.viewport) / self.devicePixelRatioF() - (at.x(), at.y())
            hit = np.flatnonzero((abs(away) <= TILE / 2).all(axis=1))
            if len(hit):
                return int(tiled[hit[-1]])
        reach = REACH * self.devicePixelRatioF() / self.viewport.scale
        return nearest(self.points.places, self.place(at), reach)

    def _enclosed(self, drag: _Drag) -> Rows:
        if self.way == "lasso":
            return enclosed(self.points.places, np.array(drag.trail))
        (x0, y0), (x1, y1) = drag.trail[0], drag.trail[-1]
        return within(self.points.places, (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))

    def _hover(self, row: int) -> None:
        if row != self.hovered:
            self.hovered = row
            self.setAccessibleDescription(self._words(int(self.points.template_ids[row])) if row >= 0 else "")
            self.hover_changed.emit()
            self.update()

    def _show_cursor(self) -> None:
        held = self._drag is not None and self._drag.is_move
        shape = Qt.CursorShape.ClosedHandCursor if held else Qt.CursorShape.OpenHandCursor
        self.setCursor(shape if held or self._is_space else Qt.CursorShape.ArrowCursor)

    def paintEvent(self, _: QPaintEvent) -> None:
        """The image of all points, crops where there is room, and what follows the pointer."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.tones.canvas))
        ratio = self.devicePixelRatioF()
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        self.paint_still(painter)
        painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self._paint_tiles(painter)
        self._paint_outline(painter)
        if self.hovered >= 0:
            template_id = int(self.points.template_ids[self.hovered])
            at, pixmap, words = self.widget_point(self.hovered), self._crop(template_id), self._words(template_id)
            paint_card(painter, at, pixmap, words, (self.size(), self._theme.tones))
        painter.end()

    def _paint_tiles(self, painter: QPainter) -> None:
        for row in self.tiled.tolist():
            template_id = int(self.points.template_ids[row])
            pixmap = self._tile(template_id)
            if pixmap is not None:
                pen = tile_pen(self.points, row, template_id in self.chosen, self._theme.tones)
                paint_tile(painter, self.widget_point(row), pixmap, pen)

    def _tile(self, template_id: int) -> QPixmap | None:
        """A crop at the size of a tile: to shrink all of them again for each frame would take most of it."""
        crop = self._crop(template_id)
        if crop is None or crop.isNull():
            return crop
        wanted = crop.cacheKey(), self.devicePixelRatioF()
        if (known := self._shrunk.get(template_id)) is None or known[0] != wanted:
            if len(self._shrunk) >= _MOST_SHRUNK:
                self._shrunk.clear()
            side = round(TILE * self.devicePixelRatioF())
            keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            known = self._shrunk[template_id] = wanted, crop.scaled(side, side, keep, smooth)
        return known[1]

    def _paint_outline(self, painter: QPainter) -> None:
        drag = self._drag
        if drag is not None and drag.is_far and not drag.is_move:
            ratio = self.devicePixelRatioF()
            points = [QPointF(x / ratio, y / ratio) for x, y in map(self.viewport.to_view.apply_one, drag.trail)]
            paint_outline(painter, points, self.way == "lasso", self._theme.tones)

    def redraw(self) -> None:
        """Points, or how they are drawn, are others."""
        self._tiles = None
        super().redraw()

    def scene(self) -> Scene:
        """All points."""
        tones = self._theme.tones
        drawn = drawing(self.points, self._rows(self.chosen), tones, self.devicePixelRatioF())
        return Scene(self.viewport, drawn, QColor(tones.canvas))


def _is_own(event: QKeyEvent) -> bool:
    """Whether a key is the map's."""
    keys = (
        Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Space, Qt.Key.Key_Escape,
        Qt.Key.Key_0, Qt.Key.Key_F, Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus,
    )  # fmt: skip
    control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    return event.key() == Qt.Key.Key_A if control else event.key() in keys
