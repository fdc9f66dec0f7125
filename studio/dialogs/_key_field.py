"""KeyField: press the key that is meant, and it is told; with Ctrl, Alt and Shift as they are held."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QKeyCombination, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QPushButton

_ASK = "Press a key…"
_ALONE = frozenset(
    {Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr, Qt.Key.Key_CapsLock}
)
"""Keys that say nothing alone."""
_LETTERS = range(Qt.Key.Key_A, Qt.Key.Key_Z + 1)
_NAMED_FROM = 0x01000000
"""Qt's codes of keys that write nothing begin here: Tab, Return, F1."""


class KeyField(QPushButton):
    """A button that listens for one key once it is pressed; Esc, or another click, ends the listening."""

    recorded = Signal(str)
    """The key that was pressed, as Qt writes it."""

    def __init__(self, words: str) -> None:
        """Say `words` while not listening."""
        super().__init__(words)
        self._words = words
        self.setAutoDefault(False)
        self.setCheckable(True)
        self.toggled.connect(self._show)

    @property
    def is_listening(self) -> bool:
        """Whether the next key is taken."""
        return self.isChecked()

    def event(self, event: QEvent) -> bool:
        """Qt's: while listening every key is taken, also those that would move the focus or close the dialog."""
        if self.is_listening and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress:
                self._take(event)
            event.accept()
            return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Qt's: whoever looks elsewhere means no key."""
        self.setChecked(False)
        super().focusOutEvent(event)

    def _take(self, event: QKeyEvent) -> None:
        if event.key() in _ALONE or event.key() == Qt.Key.Key_unknown:
            return
        self.setChecked(False)
        if event.key() != Qt.Key.Key_Escape:
            self.recorded.emit(written(event))

    def _show(self) -> None:
        self.setText(_ASK if self.is_listening else self._words)


def written(event: QKeyEvent) -> str:
    """A key with what is held, as Qt writes it: Shift is part of '?', and not of 'Shift+A'."""
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if event.key() not in _LETTERS and Qt.Key.Key_Space < event.key() < _NAMED_FROM:
        held &= ~Qt.KeyboardModifier.ShiftModifier
    key = Qt.Key.Key_Tab if event.key() == Qt.Key.Key_Backtab else Qt.Key(event.key())
    return QKeySequence(QKeyCombination(held, key)).toString(QKeySequence.SequenceFormat.PortableText)
