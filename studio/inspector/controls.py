"""The column of controls and lists that a view has at the side."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from studio.theme import GAP
from studio.widgets import role


class Column(QWidget):
    """Rows of a word and what is chosen there, one below the other."""

    def __init__(self) -> None:
        """Empty."""
        super().__init__()
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, GAP, 0, GAP)
        self._rows.setSpacing(GAP)

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        """A row of its own."""
        self._rows.addWidget(widget, stretch)

    def add_words(self, words: str = "", kind: str = "faint") -> QLabel:
        """Words over the whole width, which can be selected."""
        label = role(QLabel(words), kind)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._rows.addWidget(label)
        return label

    def add_choice(self, name: str, items: Sequence[str], chosen: Callable[[int], None], at: int = 0) -> QComboBox:
        """One of several; left out where there is nothing to choose from."""
        box = QComboBox()
        box.addItems(list(items))
        box.setCurrentIndex(at)
        box.setAccessibleName(name)
        box.currentIndexChanged.connect(chosen)
        row = self._row(name, box)
        row.setVisible(len(items) > 1)
        return box

    def add_slider(self, name: str, most: int, changed: Callable[[int], None], at: int) -> QSlider:
        """A number from 0, told beside it."""
        slider, told = QSlider(Qt.Orientation.Horizontal), QLabel()
        slider.setRange(0, max(1, most))
        slider.setAccessibleName(name)
        told.setMinimumWidth(52)
        told.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

        def take(value: int) -> None:
            told.setText(f"{value:,}")
            changed(value)

        slider.setValue(at)
        told.setText(f"{at:,}")
        slider.valueChanged.connect(take)
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(slider, 1)
        row.addWidget(told)
        self._row(name, both)
        return slider

    def end(self) -> None:
        """Leave the rest free."""
        self._rows.addStretch(1)

    def _row(self, name: str, widget: QWidget) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        label = role(QLabel(name), "faint")
        label.setMinimumWidth(68)
        row.addWidget(label)
        row.addWidget(widget, 1)
        self._rows.addWidget(holder)
        return holder
