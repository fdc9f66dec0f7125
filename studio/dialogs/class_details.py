"""A class in all its details: name, colour, what it lies under, which digit chooses it. Also a new one."""

from __future__ import annotations

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog, QComboBox, QDialog, QLineEdit, QPushButton, QWidget

from engine.project import class_tree, classes
from engine.project.class_edits import AddClass, SetClass
from engine.project.class_tree import MoveClass, SetClassNumber
from engine.project.edits import Edit, Together
from engine.project.records import ClassRecord
from engine.project.store import Project
from studio.dialogs._frame import Frame, form, paragraph
from studio.surroundings import Studio, Subject
from studio.widgets import swatch

_INDENT = "    "


class ClassDetails(Frame):
    """A form about one class, done as one edit."""

    def __init__(self, studio: Studio, project: Project, record: ClassRecord | None, parent: QWidget) -> None:
        """About a class, or a new one."""
        super().__init__("New class" if record is None else "Edit class", parent, width=400)
        self._session, self._record = studio.session, record
        self._known = classes.all_classes(project)
        self._number = next((n for n, id_ in class_tree.numbered(project).items() if record and id_ == record.id), None)
        self._own_colour = record.colour if record else None
        self.name = QLineEdit(record.name if record else "")
        self.colour = QPushButton("Automatic" if record is None else record.colour)
        self.under, self.number = QComboBox(), QComboBox()
        self._fault = paragraph("", "bad")
        self._fill()
        self.add_button("Cancel", self.reject)
        self.button = self.add_button("Add" if record is None else "Change", self._apply, is_default=True)
        self._check()
        self.name.setFocus()
        self.name.selectAll()

    def _fill(self) -> None:
        rows = form()
        rows.addRow("Name", self.name)
        rows.addRow("Colour", self.colour)
        rows.addRow("Lies under", self.under)
        if self._record is not None:
            rows.addRow("Chosen by", self.number)
        self.body.addLayout(rows)
        self.body.addWidget(self._fault)
        self.name.textChanged.connect(self._check)
        self.colour.clicked.connect(self._choose_colour)
        self._show_colour()
        self._fill_under()
        for number in class_tree.NUMBERS:
            self.number.addItem(f"Key {number}", number)
        if self._number is None:
            self.number.insertItem(0, "No key", None)
        self.number.setCurrentIndex(self.number.findData(self._number))

    def _fill_under(self) -> None:
        """Every class but this one and those under it."""
        self.under.addItem("Nothing: at the top", None)
        hidden_below: int | None = None
        for placed in class_tree.in_order(self._known):
            if hidden_below is not None and placed.depth > hidden_below:
                continue
            hidden_below = placed.depth if self._record is not None and placed.record.id == self._record.id else None
            if hidden_below is None:
                words = _INDENT * placed.depth + placed.record.name
                self.under.addItem(swatch(placed.record.colour), words, placed.record.id)
        self.under.setCurrentIndex(max(0, self.under.findData(self._record.parent_id if self._record else None)))

    def _choose_colour(self) -> None:
        dialog = QColorDialog(QColor(self._own_colour or "#808080"), self)
        dialog.colorSelected.connect(self._take_colour)
        dialog.open()

    def _take_colour(self, colour: QColor) -> None:
        self._own_colour = colour.name()
        self._show_colour()

    def _show_colour(self) -> None:
        if self._own_colour is not None:
            self.colour.setIcon(swatch(self._own_colour))
            self.colour.setText(self._own_colour)

    def _check(self) -> None:
        name = self.name.text().strip()
        is_taken = any(each.name == name and each is not self._record for each in self._known)
        if self._record is not None:
            is_taken = any(each.name == name and each.id != self._record.id for each in self._known)
        self._fault.setText(f"There is already a class called “{name}”." if is_taken else "")
        self._fault.setVisible(is_taken)
        self.button.setEnabled(bool(name) and not is_taken)

    def _apply(self) -> None:
        name = self.name.text().strip()
        edits = (
            [AddClass(name, self._own_colour, self.under.currentData())] if self._record is None else self._changes()
        )
        if edits:
            self._session.do(edits[0] if len(edits) == 1 else Together(f"Change class {name}", tuple(edits)))
        self.accept()

    def _changes(self) -> list[Edit]:
        """What is different from how the class is."""
        record, found = self._record, list[Edit]()
        if record is None:
            return found
        name, colour = self.name.text().strip(), self._own_colour or record.colour
        if (name, colour) != (record.name, record.colour):
            found.append(SetClass(record.id, name, colour))
        if self.under.currentData() != record.parent_id:
            found.append(MoveClass(record.id, self.under.currentData()))
        number = self.number.currentData()
        if number is not None and number != self._number:
            found.append(SetClassNumber(record.id, number))
        return found


def open_class_details(studio: Studio, subject: Subject, parent: QWidget) -> QDialog:
    """About the class of this id, or a new one."""
    project = studio.session.project
    assert project is not None, "commands open it over a project"
    record = classes.by_id(project).get(int(subject)) if isinstance(subject, str) else None
    return ClassDetails(studio, project, record, parent)


DIALOG = open_class_details
