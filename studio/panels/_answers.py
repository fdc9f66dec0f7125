"""The answers to a question of the queue as buttons, each with its key."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.commands import Command, named, perform
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
        mend, dismiss, both, accept, reject = named(
            "queue.mend", "queue.dismiss", "queue.both", "annotate.accept", "annotate.reject"
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP // 2)
        self.mend = self._button(mend, accept.keys, column)
        self.dismiss = self._button(dismiss, reject.keys, column)
        self.both = self._button(both, both.keys, column)
        self.show_answers(None)

    def show_answers(self, words: Wording | None) -> None:
        """Offer the answers to a question, or none."""
        offered = ("", "", "") if words is None else (words.mend, words.dismiss, words.both)
        for button, text in zip((self.mend, self.dismiss, self.both), offered, strict=True):
            button.setText(text)
            button.setVisible(bool(text))
            button.setEnabled(self._studio.session.can_write)

    def _button(self, command: Command, keys: tuple[str, ...], column: QVBoxLayout) -> QPushButton:
        button = QPushButton()
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # keys stay with the canvas
        button.setProperty("role", "answer")
        button.setObjectName(command.name)
        button.setToolTip(command.help)
        shown = role(QLabel(QKeySequence(keys[0]).toString(QKeySequence.SequenceFormat.NativeText)), "faint")
        font = QFont(shown.font())
        font.setPointSizeF(font.pointSizeF() * 0.9)
        shown.setFont(font)
        shown.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row = QHBoxLayout(button)
        row.setContentsMargins(GAP, 0, GAP, 0)
        row.addStretch(1)
        row.addWidget(shown)
        button.clicked.connect(lambda _=False: perform(self._studio, command))
        column.addWidget(button)
        return button
