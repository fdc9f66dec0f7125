"""Canvas: the widget that shows the session's image and takes the pointer; its parts do the work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.geometry.shapes import XY, Bounds
from engine.project.records import Annotation, Detection
from studio.canvas import pointer
from studio.canvas.attention import Attention
from studio.canvas.comparison import Told
from studio.canvas.empty import paint_words, reason_of
from studio.canvas.hand import Hand
from studio.canvas.layers import Layers
from studio.canvas.minimap import Minimap
from studio.canvas.shown import Shown
from studio.canvas.steering import Steering
from studio.canvas.tool_keys import ToolKeys
from studio.canvas.viewport import Viewport
from studio.habits import Habits
from studio.prompting import Prompting
from studio.session import Session
from studio.theme import DARK, Tones


class Canvas(QWidget):
    """Shows the image, its annotations and suggestions; satisfies `studio.surroundings.Looking`."""

    cursor_moved = Signal(object)
    """Where the pointer is in image pixels, XY; None where it has left the picture."""
    hint_changed = Signal(str)
    """What can be done next."""
    zoom_changed = Signal(float)
    """Per cent: 100 is one picture pixel on one screen pixel."""
    overlap_changed = Signal(str)
    """Live IoU in words; empty when nothing is compared."""
    tiles_wanted = Signal(int)
    """Image id: its picture is too large for memory. Call `take_tiles` once there is a file of tiles of it."""
    menu_wanted = Signal(QPoint)
    """Somebody wants to know what can be done with what is selected: the point on the screen."""
    failed = Signal(object)
    """The exception that a reading of the project ended with."""

    def __init__(self, session: Session, tones: Tones = DARK, prompting: Prompting | None = None) -> None:
        """Follow a session. Call `finish` before the program ends: it ends the threads."""
        super().__init__()
        self._session = session
        self._tones = tones
        self._shown = Shown(session)
        self._hand = Hand(session, self._shown, prompting)
        self._steering = Steering()
        self._layers = Layers(session, self._shown, self._hand)
        self._map = Minimap(self, self._steering, self._shown, self._hand)
        self._keys = ToolKeys(session, self._hand)
        self._attention = Attention(session, self._shown, self._steering, self)
        self._has_space = False
        self._hint = ""
        self._set_up()
        self._connect()
        self._on_opened()

    def sizeHint(self) -> QSize:
        """As much as there is; the window decides."""
        return QSize(900, 640)

    @property
    def viewport(self) -> Viewport:
        """Which part of the picture is seen."""
        return self._steering.view

    @property
    def annotations(self) -> Mapping[int, Annotation]:
        """What is shown now, by id; edits that are on their way to the file included."""
        return self._shown.holding.views.annotations

    @property
    def suggestions(self) -> Sequence[Detection] | None:
        """The open suggestions that are to be shown now, best first; None before they are read.

        What is painted is behind for a moment where another least score or run has just been chosen.
        """
        if not self._shown.is_read:
            return None
        session = self._session
        found = (
            each
            for each in self._shown.holding.views.detections.values()
            if each.score >= session.min_score and session.run_id in (None, each.run_id)
        )
        return sorted(found, key=lambda each: (-each.score, each.id))

    @property
    def is_complete(self) -> bool:
        """Whether the picture and everything on it are painted as they are now."""
        return (
            self._shown.has_picture
            and self._shown.is_current
            and self._shown.layer.is_complete
            and self._layers.is_complete
        )

    def zoom_by(self, factor: float) -> None:
        """Zoom about the middle of the view."""
        self._steering.zoom_by(factor)

    def zoom_to_fit(self) -> None:
        """Show the whole picture."""
        self._steering.fit()

    def zoom_to_pixels(self) -> None:
        """One picture pixel on one screen pixel."""
        self._steering.to_pixels()

    def zoom_to(self, bounds: Bounds) -> None:
        """Show this part of the picture as large as it can be, with room around it."""
        self._steering.frame(bounds)

    @property
    def pointer_image(self) -> XY | None:
        """Where the pointer is in image pixels; None where it is not over the picture."""
        if self._shown.head is None or self._layers.pointer_view is None:
            return None
        (x, y), image = self.viewport.to_image.apply_one(self._layers.pointer_view), self._shown.head.image
        return (x, y) if 0 <= x <= image.width and 0 <= y <= image.height else None

    def colour_at(self, xy_image: XY) -> tuple[int, int, int] | None:
        """Red, green and blue of the pixel there; None where it is not known."""
        return self._shown.colour_at(xy_image, self.viewport.view_pixel)

    def take_habits(self, habits: Habits) -> None:
        """Behave so from now on."""
        self._steering.wheel_pans = habits.wheel_pans
        self._layers.show_crosshair(habits.crosshair)
        self._map.switch(habits.has_map)

    def know_keys_by(self, known_as: Callable[[str], str]) -> None:
        """Tell the tool of keys by what this makes of them, as Qt writes them; '' is none of its keys."""
        self._keys.known_as = known_as

    def cancel_gesture(self) -> None:
        """Abandon what is being drawn, without an edit."""
        self._hand.cancel()

    def use_tones(self, tones: Tones) -> None:
        """Paint in another theme."""
        self._tones = tones
        self._map.use_tones(tones)
        self._layers.dress(tones, self.devicePixelRatioF())
        self.update()

    def show_names(self, shown: bool) -> None:
        """Write class names at annotations that are large enough in sight."""
        self._layers.with_names = shown
        self._layers.refresh()

    def take_tiles(self, image_id: int) -> None:
        """Show a picture at full resolution whose file of tiles was made."""
        self._shown.take_tiles(image_id)

    def tell_progress(self, words: str) -> None:
        """Say in a corner of the picture what is being made ready; nothing to say no more."""
        self._layers.progress = words
        self.update()

    def finish(self) -> None:
        """End the threads and paint no more."""
        self._layers.stop()
        self._hand.finish()
        self._shown.finish()

    def event(self, event: QEvent) -> bool:
        """Qt's: claims the tool's keys from shortcuts while something is drawn; zooms by pinch."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._keys.claims(event):
            event.accept()
            return True
        if isinstance(event, QNativeGestureEvent) and self._steering.pinch(event):
            return True
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._fill()
        return super().event(event)

    def resizeEvent(self, _: object) -> None:
        """Qt's: keep showing what was shown."""
        self._fill()

    def paintEvent(self, _: QPaintEvent) -> None:
        """Qt's: paint what is there."""
        painter = QPainter(self)
        if self._shown.head is None:
            words = "No picture yet", "Drop pictures or a folder of them here."
            paint_words(painter, QRectF(self.rect()), *words, self._tones)
        elif isinstance(self._shown.picture, Exception):
            words = f"{self._shown.head.image.name} cannot be shown", reason_of(self._shown.picture)
            paint_words(painter, QRectF(self.rect()), *words, self._tones)
        else:
            painter.scale(1 / self._steering.ratio, 1 / self._steering.ratio)
            self._layers.paint(painter)
        painter.end()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Qt's: what is selected has a menu; other tools have another use for the right button."""
        if self._session.tool == "select" and self._session.selection:
            self.menu_wanted.emit(event.globalPos())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt's: hold the picture with the middle button or Space, else feed the tool."""
        if event.button() == Qt.MouseButton.MiddleButton or (self._has_space and _is_left(event)):
            self._steering.grab(event)
            self._show_cursor()
        elif _is_left(event) and self._is_over_hidden(pointer.xy_view(event.position(), self._steering.ratio)):
            self._session.see(self._session.visibility.showing_all())
        else:
            self._feed(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Qt's: the second press of a double click."""
        self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt's: pan, or feed the tool."""
        self._layers.pointer_view = pointer.xy_view(event.position(), self._steering.ratio)
        if self._steering.is_panning:
            self._steering.drag(event)
        else:
            self._feed(event)
        self._tell_cursor()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt's: let go."""
        if self._steering.is_panning:
            self._steering.drop()
            self._show_cursor()
        else:
            self._feed(event)

    def leaveEvent(self, _: QEvent) -> None:
        """Qt's: no crosshair and no position outside."""
        self._layers.pointer_view = None
        self.cursor_moved.emit(None)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Qt's: zoom or pan."""
        self._steering.wheel(event)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's: Space holds the picture, Escape abandons, the rest is the tool's."""
        if event.key() == Qt.Key.Key_Space:
            self._hold_space(True)
        elif event.key() == Qt.Key.Key_Escape:
            self._keys.escape()
        elif self._keys.claims(event):
            self._keys.feed(event, self._xy_image(), self._steering.ratio / self.viewport.scale)
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Qt's: Space lets go."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._hold_space(False)
        else:
            event.ignore()

    def focusOutEvent(self, _: QEvent) -> None:
        """Qt's: a key that is let go elsewhere is not heard of here."""
        self._hold_space(False)

    def _set_up(self) -> None:
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self.setAccessibleName("Canvas")

    def _connect(self) -> None:
        self._shown.opened.connect(self._on_opened)
        self._shown.failed.connect(self.failed)
        self._shown.tiles_wanted.connect(self.tiles_wanted)
        self._hand.previewed.connect(self._on_previewed)
        self._layers.touched.connect(self.update)
        self._layers.touched_in.connect(self._update_in)
        self._layers.compared.connect(self._on_compared)
        self._steering.moved.connect(self._on_moved)

    def _on_opened(self) -> None:
        head = self._shown.head
        self._steering.open((head.image.width, head.image.height) if head else (1, 1))
        self._layers.look(self.viewport)
        self.zoom_changed.emit(self.viewport.scale * 100)
        self._attention.begin()
        self.update()

    def _on_moved(self) -> None:
        self._layers.look(self.viewport)
        self.zoom_changed.emit(self.viewport.scale * 100)
        self._tell_cursor()
        self.update()

    def _on_previewed(self) -> None:
        if self._hand.preview.hint != self._hint:
            self._hint = self._hand.preview.hint
            self.hint_changed.emit(self._hint)
        self._show_cursor()

    def _on_compared(self, told: Told) -> None:
        self.overlap_changed.emit(told.text)

    def _update_in(self, region: QRegion) -> None:
        """Paint anew in a region given in view pixels; it has margin enough for rounding."""
        ratio = self._steering.ratio
        self.update(region if ratio == 1.0 else QTransform.fromScale(1 / ratio, 1 / ratio).map(region))

    def _fill(self) -> None:
        self._steering.resize(self.size(), self.devicePixelRatioF())
        self._layers.dress(self._tones, self.devicePixelRatioF())

    def _feed(self, event: QMouseEvent) -> None:
        if self._shown.image is not None:
            self._hand.feed(pointer.of_mouse(event, self.viewport, self._steering.ratio))

    def _hold_space(self, held: bool) -> None:
        self._has_space = held
        if not held:
            self._steering.drop()
        self._show_cursor()

    def _show_cursor(self) -> None:
        if self._steering.is_panning:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self._has_space:
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        elif (at := self._layers.pointer_view) is not None and self._is_over_hidden(at):
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.setCursor(pointer.CURSORS[self._hand.preview.cursor])

    def _is_over_hidden(self, xy_view: XY) -> bool:
        """Whether a click there brings what is hidden into sight; nothing does while something is or may be drawn."""
        is_free = self._session.tool == "select" and not self._hand.is_busy
        return is_free and self._layers.tells_of_hidden_at(xy_view)

    def _xy_image(self) -> XY:
        return self.viewport.to_image.apply_one(self._layers.pointer_view or (0.0, 0.0))

    def _tell_cursor(self) -> None:
        if self._layers.pointer_view is None or self._shown.head is None:
            return
        x, y = self._xy_image()
        width, height = self.viewport.picture
        self.cursor_moved.emit((x, y) if 0 <= x < width and 0 <= y < height else None)


def _is_left(event: QMouseEvent) -> bool:
    return event.button() == Qt.MouseButton.LeftButton
