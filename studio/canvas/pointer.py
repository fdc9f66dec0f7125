"""Qt's pointer and key events as a tool's Pointer."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent

from engine.geometry.shapes import XY
from studio.canvas.viewport import Viewport
from studio.tools import Button, Cursor, Pointer, PointerKind

_KINDS: Mapping[QEvent.Type, PointerKind] = {
    QEvent.Type.MouseButtonPress: "press",
    QEvent.Type.MouseButtonRelease: "release",
    QEvent.Type.MouseButtonDblClick: "double",
    QEvent.Type.MouseMove: "move",
}
_BUTTONS: Mapping[Qt.MouseButton, Button] = {
    Qt.MouseButton.LeftButton: "left",
    Qt.MouseButton.MiddleButton: "middle",
    Qt.MouseButton.RightButton: "right",
}
CURSORS: Mapping[Cursor, Qt.CursorShape] = {
    "arrow": Qt.CursorShape.ArrowCursor,
    "cross": Qt.CursorShape.CrossCursor,
    "move": Qt.CursorShape.SizeAllCursor,
    "hand": Qt.CursorShape.PointingHandCursor,
    "size_h": Qt.CursorShape.SizeHorCursor,
    "size_v": Qt.CursorShape.SizeVerCursor,
    "size_f": Qt.CursorShape.SizeFDiagCursor,
    "size_b": Qt.CursorShape.SizeBDiagCursor,
    "none": Qt.CursorShape.BlankCursor,
}


def xy_view(position: QPointF, ratio: float) -> XY:
    """A widget's logical position in view pixels."""
    return (position.x() * ratio, position.y() * ratio)


def of_mouse(event: QMouseEvent, view: Viewport, ratio: float) -> Pointer:
    """A press, a move, a release or a double click over a view."""
    none: Button = "none"
    held = next((name for button, name in _BUTTONS.items() if event.buttons() & button), none)
    button = held if event.type() == QEvent.Type.MouseMove else _BUTTONS.get(event.button(), none)
    at = view.to_image.apply_one(xy_view(event.position(), ratio))
    shift, ctrl, alt = _held_keys(event.modifiers())
    return Pointer(_KINDS[event.type()], at, button, shift, ctrl, alt, view_pixel=ratio / view.scale)


def of_key(event: QKeyEvent, xy_image: XY, view_pixel: float) -> Pointer:
    """A key, with the pointer where it was seen last."""
    shift, ctrl, alt = _held_keys(event.modifiers())
    return Pointer("key", xy_image, "none", shift, ctrl, alt, key_name(event), view_pixel)


def key_name(event: QKeyEvent) -> str:
    """A key as Qt writes it, whatever is held with it: 'Return', '['."""
    return QKeySequence(event.key()).toString(QKeySequence.SequenceFormat.PortableText)


def _held_keys(modifiers: Qt.KeyboardModifier) -> tuple[bool, bool, bool]:
    """Shift, Ctrl, Alt."""
    keys = Qt.KeyboardModifier
    return (
        bool(modifiers & keys.ShiftModifier),
        bool(modifiers & keys.ControlModifier),
        bool(modifiers & keys.AltModifier),
    )
