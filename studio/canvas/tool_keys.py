"""Which keys are the tool's while the canvas has the keyboard, and what Escape gives up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from engine.geometry.shapes import XY
from studio.canvas import pointer
from studio.canvas.hand import Hand
from studio.session import Session
from studio.view_state import Selection

_ARROWS = frozenset({Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down})
_DRAWING_KEYS = frozenset({"Return", "Enter", "Backspace", "Esc"})
"""Keys that belong to the tool while something is being drawn, though they may be shortcuts at other times."""
_COMMANDING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class ToolKeys:
    """Stands between Qt's keys and the tool that the hand holds."""

    def __init__(self, session: Session, hand: Hand) -> None:
        """Keys have the names that Qt writes, until `known_as` says otherwise."""
        self._session, self._hand = session, hand
        self.known_as: Callable[[str], str] = str
        """What the tool calls a key, by what Qt writes; '' is none of its keys."""

    def claims(self, event: QKeyEvent) -> bool:
        """Whether a key is for the tool in hand, whatever shortcut it may be elsewhere."""
        if event.modifiers() & _COMMANDING:
            return False
        name = self.known_as(pointer.key_name(event))
        if name in self._hand.preview.keys:
            return True
        if self._hand.is_busy:
            return name in _DRAWING_KEYS
        is_nudge = event.key() in _ARROWS and bool(self._session.selection.annotations)
        return is_nudge and self._session.tool == "select"

    def feed(self, event: QKeyEvent, xy_image: XY, view_pixel: float) -> None:
        """Give the tool a key that is its."""
        told = pointer.of_key(event, xy_image, view_pixel)
        self._hand.feed(replace(told, key=self.known_as(told.key)))

    def escape(self) -> None:
        """Abandon the gesture; else the tool; else the selection."""
        if self._hand.is_busy:
            self._hand.cancel()
        elif self._session.tool != "select":
            self._session.use_tool("select")
        else:
            self._session.select(Selection())
