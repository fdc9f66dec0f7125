"""A few words beside one another of which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QToolButton, QWidget

from studio.widgets import role


class Segments(QWidget):
    """The first is chosen at first."""

    chosen = Signal(int)
    """Somebody clicked the word of this number."""

    def __init__(self, titles: Sequence[str], tips: Sequence[str] = ()) -> None:
        """As many as there are titles."""
        super().__init__()
        self.buttons: list[QToolButton] = []
        group, frame = QButtonGroup(self), role(QFrame(), "segments")
        inner = QHBoxLayout(frame)
        inner.setContentsMargins(2, 2, 2, 2)
        inner.setSpacing(2)
        for number, title in enumerate(titles):
            button = QToolButton()
            button.setText(title)
            button.setCheckable(True)
            button.setToolTip(tips[number] if tips else "")
            button.clicked.connect(partial(self.chosen.emit, number))
            group.addButton(button)
            inner.addWidget(button)
            self.buttons.append(button)
        self.show_chosen(0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(frame)
        row.addStretch(1)

    def show_chosen(self, number: int) -> None:
        """Which is chosen; `chosen` is not told."""
        self.buttons[number].setChecked(True)
