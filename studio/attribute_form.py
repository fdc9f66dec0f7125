"""A form of attributes: what the selected annotations tell, each with the editor of its kind, set as it is edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDoubleValidator, QValidator
from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QLineEdit, QWidget

from engine.project import attributes
from engine.project.attribute_edits import SetAttributes
from engine.project.attributes import Attribute, Told
from engine.project.records import AttributeValue
from engine.project.store import Change
from studio.session import Session
from studio.theme import GAP
from studio.widgets import role

_MIXED = "Different values"
_FLAGS: tuple[tuple[str, AttributeValue], ...] = (("Yes", True), ("No", False))
_MOST_UNDEFINED = 6
"""So many values that nobody has defined are shown at most."""


class AttributeForm(QWidget):
    """Follows the selection; empty where the selected annotations tell nothing."""

    built = Signal()
    """It shows other attributes."""

    def __init__(self, session: Session) -> None:
        """Of what is selected in the session."""
        super().__init__()
        self._session = session
        self._ids: tuple[int, ...] = ()
        self._told: Told | None = None
        self.editors: dict[str, QLineEdit | QComboBox] = {}
        self._rows = QFormLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setHorizontalSpacing(GAP)
        self._rows.setVerticalSpacing(GAP // 2)
        self._rows.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        session.selection_changed.connect(self._ask)
        session.writable_changed.connect(self._ask)
        session.changed.connect(self._on_change)
        self._ask()

    @property
    def has_rows(self) -> bool:
        """Whether there is anything to tell."""
        return self._rows.rowCount() > 0

    def _on_change(self, change: Change) -> None:
        if change.classes or self._session.image_id in change.annotated:
            self._ask()

    def _ask(self) -> None:
        ids = tuple(sorted(self._session.selection.annotations))
        if not ids:
            self._take(Told(0, (), {}), ids)
            return
        key = f"attributes of {id(self)}"
        self._session.ask(key, lambda project: (attributes.told(project, ids), ids), self._take_answer)

    def _take_answer(self, answer: tuple[Told, tuple[int, ...]]) -> None:
        self._take(*answer)

    def _take(self, told: Told, ids: tuple[int, ...]) -> None:
        if (told, ids) == (self._told, self._ids):
            return
        focused = next((name for name, editor in self.editors.items() if editor.hasFocus()), None)
        is_same = self._told is not None and told.attributes == self._told.attributes and ids == self._ids
        self._told, self._ids = told, ids
        if is_same and focused is not None and len(self.editors) == len(told.attributes):
            self._refresh(told)
        else:
            self._build(told)
        self.setVisible(self.has_rows)
        self.built.emit()

    def _build(self, told: Told) -> None:
        """Make the rows anew."""
        while self._rows.rowCount():
            self._rows.removeRow(0)
        self.editors = {}
        for attribute in told.attributes:
            editor = self._editor(attribute, told.values.get(attribute.name, (None,)))
            editor.setEnabled(self._session.can_write)
            editor.setAccessibleName(attribute.name)
            label = role(QLabel(attribute.name), "bad" if attribute.name in told.missing() else "faint")
            label.setToolTip("It needs a value." if attribute.is_required else "")
            self._rows.addRow(label, editor)
            self.editors[attribute.name] = editor
        defined = {one.name for one in told.attributes}
        for name in [name for name in told.values if name not in defined][:_MOST_UNDEFINED]:
            value = QLabel(_words(told.values[name]))
            value.setTextFormat(Qt.TextFormat.PlainText)
            self._rows.addRow(role(QLabel(name), "faint"), value)

    def _refresh(self, told: Told) -> None:
        """Show new values where nobody types."""
        for attribute in told.attributes:
            editor, values = self.editors[attribute.name], told.values.get(attribute.name, (None,))
            if isinstance(editor, QComboBox):
                editor.blockSignals(True)
                editor.setCurrentIndex(_index_of(editor, values))
                editor.blockSignals(False)
            elif not editor.hasFocus():
                _show_text(editor, values)

    def _editor(self, attribute: Attribute, values: Sequence[AttributeValue | None]) -> QLineEdit | QComboBox:
        if attribute.kind in ("choice", "flag"):
            return self._box(attribute, values)
        line = QLineEdit()
        if attribute.kind == "number":
            line.setValidator(_NumberOrNothing(line))
        _show_text(line, values)
        line.editingFinished.connect(partial(self._on_typed, attribute, line))
        return line

    def _box(self, attribute: Attribute, values: Sequence[AttributeValue | None]) -> QComboBox:
        box = QComboBox()
        box.addItem("", None)
        choices: Sequence[tuple[str, AttributeValue]] = [(each, each) for each in attribute.choices]
        for words, value in _FLAGS if attribute.kind == "flag" else choices:
            box.addItem(words, value)
        box.setPlaceholderText(_MIXED)
        box.setCurrentIndex(_index_of(box, values))
        box.activated.connect(partial(self._on_chosen, attribute, box))
        return box

    def _on_typed(self, attribute: Attribute, line: QLineEdit) -> None:
        if not line.isModified():
            return
        line.setModified(False)
        typed = line.text().strip()
        if attribute.kind == "number" and typed:
            number, is_number = line.locale().toDouble(typed)
            if is_number:
                self._set(attribute.name, number)
        else:
            self._set(attribute.name, typed or None)

    def _on_chosen(self, attribute: Attribute, box: QComboBox, _: int) -> None:
        self._set(attribute.name, box.currentData())

    def _set(self, name: str, value: AttributeValue | None) -> None:
        told = self._told
        if told is not None and self._ids and told.values.get(name, (None,)) != (value,):
            self._told = replace(told, values={**told.values, name: (value,)})
            self._session.do(SetAttributes(self._ids, {name: value}))


class _NumberOrNothing(QDoubleValidator):
    """Takes a number, or nothing at all."""

    def validate(self, typed: str, position: int) -> object:
        """Qt's."""
        return super().validate(typed, position) if typed else (QValidator.State.Acceptable, typed, position)


def _index_of(box: QComboBox, values: Sequence[AttributeValue | None]) -> int:
    """Where the one value stands; -1 for different ones, for which the box shows its placeholder."""
    return box.findData(values[0]) if len(values) == 1 else -1


def _show_text(line: QLineEdit, values: Sequence[AttributeValue | None]) -> None:
    value = values[0] if len(values) == 1 else None
    words = line.locale().toString(value, "g", 12) if isinstance(value, float) else str(value or "")
    line.setText(words)
    line.setPlaceholderText(_MIXED if len(values) > 1 else "")
    line.setModified(False)


def _words(values: Sequence[AttributeValue | None]) -> str:
    if len(values) > 1:
        return _MIXED
    value = values[0]
    return ("Yes" if value else "No") if isinstance(value, bool) else "" if value is None else str(value)
