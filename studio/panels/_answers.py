"""The answers to a question of the queue as buttons, each with its key."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.commands import Command, named, perform
from studio.keys import native
from studio.question_words import Wording
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import role


class AnswerButtons(QWidget):
    """What can be answered, from top to bottom as it is likely."""

    def __init__(self, studio: Studio) -> None:
        """No question yet."""
        super().__init__()
        self._studio = studio
        self._hints: dict[str, QLabel] = {}
        mend, dismiss, both = named("queue.mend", "queue.dismiss", "queue.both")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP // 2)
        self.mend = self._button(mend, "annotate.accept", column)
        self.dismiss = self._button(dismiss, "annotate.reject", column)
        self.both = self._button(both, both.name, column)
        studio.keys.changed.connect(self._show_keys)
        self._show_keys()
        self.show_answers(None)

    def show_answers(self, words: Wording | None) -> None:
        """Offer the answers to a question, or none."""
        offered = ("", "", "") if words is None else (words.mend, words.dismiss, words.both)
        for button, text in zip((self.mend, self.dismiss, self.both), offered, strict=True):
            button.setText(text)
            button.setVisible(bool(text))
            button.setEnabled(self._studio.session.can_write)

    def _show_keys(self) -> None:
        for name, hint in self._hints.items():
            keys = self._studio.keys.of(name)
            hint.setText(native("Enter" if "Enter" in keys else keys[0]) if keys else "")

    def _button(self, command: Command, key_of: str, column: QVBoxLayout) -> QPushButton:
        """A button that does a command, with the key of what asks for it while the queue is in sight."""
        button = role(QPushButton(), "answer")
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # keys stay with the canvas
        button.setObjectName(command.name)
        button.setToolTip(command.help)
        hint = self._hints[key_of] = role(QLabel(), "faint")
        font = QFont(hint.font())
        font.setPointSizeF(font.pointSizeF() * 0.9)
        hint.setFont(font)
        hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row = QHBoxLayout(button)
        row.setContentsMargins(GAP, 0, GAP, 0)
        row.addStretch(1)
        row.addWidget(hint)
        button.clicked.connect(lambda _=False: perform(self._studio, command))
        column.addWidget(button)
        return button
