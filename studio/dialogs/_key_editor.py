"""KeyEditor: the keys of one thing; each can be taken off, another is recorded by pressing it, conflicts are said."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from studio.bindables import Bindable
from studio.dialogs._frame import paragraph
from studio.dialogs._key_field import KeyField
from studio.keys import is_drawing, native
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import role


class KeyEditor(QFrame):
    """The keys of one thing: each can be taken off, another is recorded by pressing it."""

    def __init__(self, studio: Studio, by_name: Mapping[str, Bindable]) -> None:
        """Nothing is chosen yet."""
        super().__init__()
        self.setProperty("role", "card")
        self._studio, self._keys, self._by_name = studio, studio.keys, by_name
        self._name, self._wanted = "", ""
        self._title, self._words = role(QLabel(), "title"), paragraph("")
        self._chips = QHBoxLayout()
        self._chips.setSpacing(GAP // 2)
        self.add, self.reset = KeyField("Add a Key"), QPushButton("Reset")
        self.replace, self.leave = QPushButton("Take It"), QPushButton("Leave It")
        self.conflict = paragraph("", "bad")
        self._lay_out()

    def choose(self, name: str) -> None:
        """Edit the keys of something."""
        self._name, self._wanted = name, ""
        self.show_now()

    def show_now(self) -> None:
        """Show the keys in force."""
        if not self._name:
            return
        each = self._by_name[self._name]
        self._title.setText(each.title)
        self._words.setText(each.help)
        while (item := self._chips.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for key in self._keys.of(self._name):
            self._chips.addWidget(self._chip(key))
        self.reset.setEnabled(self._keys.is_changed(self._name))
        self._show_conflict()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GAP, GAP, 2 * GAP, GAP)
        column.setSpacing(GAP // 2)
        column.addWidget(self._title)
        column.addWidget(self._words)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addLayout(self._chips)
        row.addWidget(self.add)
        row.addStretch(1)
        row.addWidget(self.reset)
        column.addLayout(row)
        below = QHBoxLayout()
        below.setSpacing(GAP)
        below.addWidget(self.conflict, 1)
        below.addWidget(self.replace)
        below.addWidget(self.leave)
        column.addLayout(below)
        self.add.recorded.connect(self._record)
        self.reset.clicked.connect(lambda: self._keys.reset(self._name))
        self.replace.clicked.connect(self._take_over)
        self.leave.clicked.connect(lambda: self._want(""))
        for button in (self.reset, self.replace, self.leave):
            button.setAutoDefault(False)

    def _chip(self, key: str) -> QPushButton:
        chip = QPushButton(f"{native(key)}  ×")
        chip.setAutoDefault(False)
        chip.setToolTip(f"Take {native(key)} off")
        chip.setAccessibleName(f"Take {native(key)} off")
        chip.clicked.connect(partial(self._drop, key))
        return chip

    def _drop(self, key: str, _: bool = False) -> None:
        self._keys.give(self._name, [each for each in self._keys.of(self._name) if each != key])

    def _record(self, key: str) -> None:
        if is_drawing(self._name) and "+" in key.rstrip("+"):
            self.conflict.setText(f"{native(key)} cannot be used while drawing: only keys without Ctrl, Alt and Shift.")
            self.conflict.show()
        elif self._keys.rivals(self._name, key):
            self._want(key)
        else:
            self._keys.give(self._name, (*self._keys.of(self._name), key))

    def _want(self, key: str) -> None:
        self._wanted = key
        self._show_conflict()

    def _take_over(self) -> None:
        key, self._wanted = self._wanted, ""
        self._keys.take_over(self._name, key)

    def _show_conflict(self) -> None:
        """Say who has the key that is wanted, or one that is there."""
        keys = (self._wanted,) if self._wanted else self._keys.of(self._name)
        lines = [self._held_by(key, other) for key in keys for other in self._keys.rivals(self._name, key)]
        self.conflict.setText("\n".join(lines))
        self.conflict.setVisible(bool(lines))
        for button in (self.replace, self.leave):
            button.setVisible(bool(self._wanted))

    def _held_by(self, key: str, other: str) -> str:
        each = self._by_name[other]
        when = f" when: {each.situation[:1].lower()}{each.situation[1:].rstrip('.')}" if each.situation else " always"
        return f"{native(key)} is {each.group} > {each.title},{when}."
