"""Fields for options, made by their type: each with its sentence, marked where it is changed, put back by a click."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from engine.training.plan import Choosable
from studio.dialogs._option_words import in_words, parsed
from studio.dialogs._titled import Choice, Titled
from studio.theme import GAP, Theme
from studio.widgets import role


class OptionField(Titled):
    """One option."""

    changed = Signal()
    """A person chose another value, or put it back."""

    def __init__(self, option: Choosable, theme: Theme) -> None:
        """With the value that is chosen."""
        super().__init__(option.title, _editor(option), option.help)
        self.option = option
        self.is_changed = False
        """Whether a person has chosen the value."""
        self.fault = ""
        """Why what is written is no value."""
        self.back = QToolButton()
        self.back.setIcon(theme.icon("undo"))
        self.back.setAccessibleName(f"Put {option.title} back")
        self.back.setToolTip("Put back to what was chosen from the data")
        self.back.clicked.connect(self._put_back)
        self.grid.addWidget(self.back, 0, 2)
        policy = self.back.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.back.setSizePolicy(policy)
        self._connect()
        self.show_option(option)

    @property
    def value(self) -> Any:
        """What is chosen; raises ValueError where what is written is no value."""
        if isinstance(self.editor, QCheckBox):
            return self.editor.isChecked()
        if isinstance(self.editor, QComboBox):
            return self.editor.currentText()
        return parsed(self.option, self.editor.text()) if isinstance(self.editor, QLineEdit) else None

    def show_option(self, option: Choosable) -> None:
        """Show what is chosen now, where no person has chosen otherwise."""
        self.option = option
        if not self.is_changed:
            self._fill(option.value)
        self._mark()

    def _connect(self) -> None:
        if isinstance(self.editor, QCheckBox):
            self.editor.clicked.connect(self._change)
        elif isinstance(self.editor, QComboBox):
            self.editor.activated.connect(self._change)
        elif isinstance(self.editor, QLineEdit):
            self.editor.textEdited.connect(self._change)

    def _fill(self, value: Any) -> None:
        if isinstance(self.editor, QCheckBox):
            self.editor.setChecked(bool(value))
        elif isinstance(self.editor, QComboBox):
            self.editor.setCurrentText(str(value))
        elif isinstance(self.editor, QLineEdit):
            self.editor.setText(in_words(self.option.kind, value))
            self.editor.setCursorPosition(0)

    def _change(self) -> None:
        self.is_changed, self.fault = True, ""
        try:
            _ = self.value
        except ValueError:
            self.fault = f"{self.option.title} cannot be read."
        self._mark()
        self.changed.emit()

    def _put_back(self) -> None:
        self.is_changed, self.fault = False, ""
        self._fill(self.option.value)
        self._mark()
        self.changed.emit()

    def _mark(self) -> None:
        font = QFont(self.title.font())
        font.setWeight(QFont.Weight.Bold if self.is_changed else QFont.Weight.Normal)
        self.title.setFont(font)
        self.title.setText(f"{self.option.title} *" if self.is_changed else self.option.title)
        self.back.setVisible(self.is_changed)
        self.told.setText(self.fault or self.option.help)
        role(self.told, "bad" if self.fault else "faint")
        self.told.style().polish(self.told)


def _editor(option: Choosable) -> QWidget:
    """What a value of this kind is chosen with."""
    if option.kind == "switch":
        return QCheckBox()
    if option.kind == "choice":
        choice = Choice()
        choice.addItems(list(option.choices))
        return choice
    line = QLineEdit()
    line.setPlaceholderText("found out at the start" if option.is_optional else "none")
    return line


class OptionGroup(QWidget):
    """Fields under a heading."""

    changed = Signal()

    def __init__(self, title: str, theme: Theme) -> None:
        """No fields yet."""
        super().__init__()
        self._theme = theme
        self.fields: dict[str, OptionField] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, GAP, 0, 0)
        self._column.setSpacing(GAP // 2)
        self._column.addWidget(role(QLabel(title), "title"), 0, Qt.AlignmentFlag.AlignLeft)

    def show_options(self, options: Sequence[Choosable]) -> None:
        """Show these; those that are shown already keep what a person has chosen."""
        names = [each.name for each in options]
        if names != list(self.fields):
            self._make(options)
        for each in options:
            self.fields[each.name].show_option(each)

    @property
    def given(self) -> Mapping[str, Any]:
        """What a person has chosen, by name."""
        return {name: field.value for name, field in self.fields.items() if field.is_changed and not field.fault}

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong in some of the fields."""
        return tuple(field.fault for field in self.fields.values() if field.fault)

    def _make(self, options: Sequence[Choosable]) -> None:
        for field in self.fields.values():
            self._column.removeWidget(field)
            field.hide()
            field.deleteLater()
        self.fields = {each.name: OptionField(each, self._theme) for each in options}
        for field in self.fields.values():
            self._column.addWidget(field)
            field.changed.connect(self.changed)
