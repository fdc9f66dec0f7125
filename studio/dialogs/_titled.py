"""A field of a dialog as all that choose how something is done show it: its title, what is chosen, and a sentence."""

from __future__ import annotations

from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QWidget

from studio.dialogs._frame import paragraph
from studio.theme import GAP

TITLE_WIDTH = 168


class Choice(QComboBox):
    """A choice that the wheel scrolls past."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to what scrolls."""
        event.ignore()


class Titled(QWidget):
    """A title with an editor beside it and a sentence under both."""

    def __init__(self, title: str, editor: QWidget, sentence: str) -> None:
        """The editor is called by the title, for those who hear the window."""
        super().__init__()
        self.editor = editor
        self.title, self.told = QLabel(title), paragraph(sentence)
        self.title.setBuddy(editor)
        self.title.setFixedWidth(TITLE_WIDTH)
        if not editor.accessibleName():
            editor.setAccessibleName(title)
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(0, 0, 0, GAP // 2)
        self.grid.setHorizontalSpacing(GAP)
        self.grid.setVerticalSpacing(GAP // 4)
        self.grid.addWidget(self.title, 0, 0)
        self.grid.addWidget(editor, 0, 1)
        self.grid.addWidget(self.told, 1, 0, 1, -1)
        self.grid.setColumnStretch(1, 1)


def choice_of(*rows: tuple[str, str]) -> Choice:
    """A choice among words, each with the value that stands for it."""
    box = Choice()
    for words, value in rows:
        box.addItem(words, value)
    return box
