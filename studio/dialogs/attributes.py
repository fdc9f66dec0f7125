"""What annotations of a class tell beside their shape: attributes defined, changed, deleted; all of it one edit."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from engine.errors import UserError
from engine.project import attributes, classes
from engine.project.attribute_edits import AddAttribute, RemoveAttribute, SetAttribute
from engine.project.attributes import KINDS, Attribute, AttributeKind
from engine.project.edits import Edit, Together
from engine.project.records import AttributeValue, ClassRecord
from engine.project.store import Project
from studio.dialogs._frame import Frame, paragraph
from studio.surroundings import Studio, Subject
from studio.theme import GAP

KIND_WORDS: dict[AttributeKind, str] = {"text": "Text", "number": "Number", "choice": "Choice", "flag": "Yes or no"}
_NEW = "new attribute"
_FLAG_WORDS = ("Nothing", "Yes", "No")
_FLAGS: tuple[AttributeValue | None, ...] = (None, True, False)


class Attributes(Frame):
    """The list at the left, one of it at the right."""

    def __init__(self, studio: Studio, project: Project, record: ClassRecord, parent: QWidget) -> None:
        """Of a class."""
        super().__init__(f"Attributes of “{record.name}”", parent, width=600)
        self._session, self._record = studio.session, record
        self._before = [each for each in attributes.of_class(project, record.id) if each.class_id == record.id]
        self._inherited = [each for each in attributes.of_class(project, record.id) if each.class_id != record.id]
        self._others = _lacking(project, record)
        self._names = {each.id: each.name for each in classes.all_classes(project)}
        self.drafts = list(self._before)
        self._is_showing = False
        self.list = QListWidget()
        self.form = _Form()
        self.everywhere = QCheckBox("Define these for every other class, too")
        self._fault = paragraph("", "bad")
        self._lay_out(studio)
        self.add_button("Cancel", self.reject)
        self.button = self.add_button("Save", self._save, is_default=True)
        self.list.currentRowChanged.connect(self._show)
        self.form.connect_to(self._take)
        self._list(0)

    def _lay_out(self, studio: Studio) -> None:
        left = QVBoxLayout()
        left.setSpacing(GAP)
        self.list.setAccessibleName("Attributes")
        self.list.setFixedWidth(200)
        self.list.setMinimumHeight(220)
        left.addWidget(self.list, 1)
        row = QHBoxLayout()
        for icon, tip, act in (("plus", "Add an attribute", self.add), ("delete", "Delete the attribute", self.drop)):
            button = QToolButton()
            button.setIcon(studio.theme.icon(icon))
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.clicked.connect(lambda _=False, act=act: act())
            row.addWidget(button)
        row.addStretch(1)
        left.addLayout(row)
        columns = QHBoxLayout()
        columns.setSpacing(2 * GAP)
        columns.addLayout(left)
        columns.addWidget(self.form, 1)
        self.body.addLayout(columns)
        if self._others:
            self.body.addWidget(self.everywhere)
        if self._inherited:
            names = ", ".join(f"{each.name} (of {self._names[each.class_id]})" for each in self._inherited)
            self.body.addWidget(paragraph(f"Its annotations also tell: {names}."))
        self.body.addWidget(self._fault)
        self._fault.hide()

    def add(self) -> None:
        """A new attribute, to be named."""
        taken = {each.name for each in self.drafts}
        name = next(name for n in range(len(taken) + 1) if (name := f"{_NEW} {n + 1}" if n else _NEW) not in taken)
        self.drafts.append(Attribute(0, self._record.id, name, "text"))
        self._list(len(self.drafts) - 1)
        self.form.name.setFocus()
        self.form.name.selectAll()

    def drop(self) -> None:
        """Leave out the attribute that is shown."""
        row = self.list.currentRow()
        if row >= 0:
            del self.drafts[row]
            self._list(min(row, len(self.drafts) - 1))

    def _list(self, row: int) -> None:
        self._is_showing = True
        self.list.clear()
        for draft in self.drafts:
            item = QListWidgetItem(draft.name, self.list)
            item.setToolTip(KIND_WORDS[draft.kind])
        self._is_showing = False
        self.list.setCurrentRow(row)
        self._show(row)

    def _show(self, row: int) -> None:
        if self._is_showing:
            return
        self._is_showing = True
        self.form.setEnabled(0 <= row < len(self.drafts))
        if 0 <= row < len(self.drafts):
            self.form.show_attribute(self.drafts[row])
        self._is_showing = False
        self._check()

    def _take(self) -> None:
        """Have the draft as the form says."""
        row = self.list.currentRow()
        if self._is_showing or row < 0:
            return
        self.drafts[row] = self.form.read(self.drafts[row])
        self.list.item(row).setText(self.drafts[row].name)
        self._check()

    def _check(self) -> None:
        """Say what is wrong, of any of them."""
        fault = self._fault_words()
        self._fault.setText(fault)
        self._fault.setVisible(bool(fault))
        self.button.setEnabled(not fault)

    def _fault_words(self) -> str:
        names = [each.name for each in self.drafts]
        if twice := next((name for name in names if names.count(name) > 1), None):
            return f"There are two attributes called “{twice}”."
        try:
            for draft in self.drafts:
                draft.verify()
        except UserError as error:
            return str(error.message)
        return self.form.fault if self.list.currentRow() >= 0 else ""

    def _save(self) -> None:
        edits = self.edits()
        if edits:
            self._session.do(Together(f"Change attributes of {self._record.name}", tuple(edits)))
        self.accept()

    def edits(self) -> list[Edit]:
        """What makes the definitions as they are drafted; those left out go first, so that their names are free."""
        kept = {each.id for each in self.drafts}
        before = {each.id: each for each in self._before}
        found: list[Edit] = [RemoveAttribute(each.id) for each in self._before if each.id not in kept]
        found += [SetAttribute(each) for each in self.drafts if each.id and each != before[each.id]]
        found += [AddAttribute(each) for each in self.drafts if not each.id]
        if self.everywhere.isChecked():
            for class_id, taken in self._others.items():
                new = (replace(each, id=0, class_id=class_id) for each in self.drafts if each.name not in taken)
                found += [AddAttribute(each) for each in new]
        return found


class _Form(QWidget):
    """One attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.fault = ""
        self.name, self.kind, self.choices = QLineEdit(), QComboBox(), QPlainTextEdit()
        self.preset, self.flag, self.choice = QLineEdit(), QComboBox(), QComboBox()
        self.is_required = QCheckBox("Needs a value")
        for kind, words in KIND_WORDS.items():
            self.kind.addItem(words, kind)
        for words, value in zip(_FLAG_WORDS, _FLAGS, strict=True):
            self.flag.addItem(words, value)
        self.choices.setPlaceholderText("One choice a line")
        self.choices.setTabChangesFocus(True)
        self.choices.setFixedHeight(88)
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setSpacing(GAP)
        self._form.addRow("Name", self.name)
        self._form.addRow("Type", self.kind)
        self._form.addRow("Choices", self.choices)
        for editor in (self.preset, self.flag, self.choice):
            self._form.addRow("At first", editor)
        self._form.addRow("", self.is_required)
        self._show_kind()

    def connect_to(self, take: object) -> None:
        """Call `take` after every change."""
        assert callable(take)
        for signal in (
            self.name.textChanged, self.kind.currentIndexChanged, self.choices.textChanged, self.preset.textChanged,
            self.flag.currentIndexChanged, self.choice.currentIndexChanged, self.is_required.toggled,
        ):  # fmt: skip
            signal.connect(lambda *_: take())
        self.kind.currentIndexChanged.connect(self._show_kind)

    def show_attribute(self, attribute: Attribute) -> None:
        """Show one."""
        self.name.setText(attribute.name)
        self.kind.setCurrentIndex(KINDS.index(attribute.kind))
        self.choices.setPlainText("\n".join(attribute.choices))
        self._fill_choices(attribute.choices)
        value = attribute.preset
        self.preset.setText(
            "" if value is None or isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
        )
        self.flag.setCurrentIndex(_FLAGS.index(value) if isinstance(value, bool) else 0)
        self.choice.setCurrentIndex(max(0, self.choice.findData(value)))
        self.is_required.setChecked(attribute.is_required)
        self._show_kind()

    def read(self, attribute: Attribute) -> Attribute:
        """The attribute as the form has it."""
        kind: AttributeKind = self.kind.currentData()
        choices = tuple(line.strip() for line in self.choices.toPlainText().splitlines() if line.strip())
        if kind == "choice" and choices != tuple(self.choice.itemText(n) for n in range(1, self.choice.count())):
            self._fill_choices(choices)
        return replace(
            attribute,
            name=self.name.text().strip(),
            kind=kind,
            choices=choices if kind == "choice" else (),
            preset=self._preset(kind),
            is_required=self.is_required.isChecked(),
        )

    def _preset(self, kind: AttributeKind) -> AttributeValue | None:
        typed, self.fault = self.preset.text().strip(), ""
        if kind == "flag":
            return _FLAGS[max(0, self.flag.currentIndex())]
        if kind == "choice":
            value = self.choice.currentData()
            return value if isinstance(value, str) else None
        if kind == "text" or not typed:
            return typed or None
        try:
            return float(typed.replace(",", "."))
        except ValueError:
            self.fault = f"“{typed}” is no number."
            return None

    def _fill_choices(self, choices: tuple[str, ...]) -> None:
        chosen = self.choice.currentData()
        self.choice.blockSignals(True)
        self.choice.clear()
        self.choice.addItem("Nothing", None)
        for each in choices:
            self.choice.addItem(each, each)
        self.choice.setCurrentIndex(max(0, self.choice.findData(chosen)))
        self.choice.blockSignals(False)

    def _show_kind(self, *_: object) -> None:
        kind = self.kind.currentData()
        for widget, kinds in (
            (self.choices, {"choice"}), (self.preset, {"text", "number"}), (self.flag, {"flag"}),
            (self.choice, {"choice"}),
        ):  # fmt: skip
            self._form.setRowVisible(widget, kind in kinds)


def _lacking(project: Project, record: ClassRecord) -> dict[int, frozenset[str]]:
    """The top classes beside the one that this is of, with the names of what they and those under them define."""
    own = {record.id}
    known = classes.by_id(project)
    above = known[record.id]
    while above.parent_id is not None:
        above = known[above.parent_id]
        own.add(above.id)
    defined = attributes.all_attributes(project)
    found = {}
    for each in known.values():
        if each.parent_id is None and each.id not in own:
            found[each.id] = frozenset(one.name for one in defined if one.class_id == each.id)
    return found


def open_attributes(studio: Studio, subject: Subject, parent: QWidget) -> QDialog:
    """Of the class of this id."""
    project = studio.session.project
    assert project is not None and isinstance(subject, str), "commands open it about a class"
    dialog = Attributes(studio, project, classes.by_id(project)[int(subject)], parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return dialog


DIALOG = open_attributes
