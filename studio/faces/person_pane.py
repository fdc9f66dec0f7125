"""One person: name, consent, last day, every face with its state, and what can be done about the person."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.project.gallery_edits import SetIdentity
from engine.project.records import Identity, TemplateState
from studio.commands import named, perform
from studio.faces.answer_bar import AnswerBar, command_button
from studio.faces.face_grid import FaceGrid
from studio.faces.face_words import n_of
from studio.faces.in_sight import InSight
from studio.faces.model import FacesModel
from studio.faces.unknown_pane import KEYS, MENU
from studio.faces.waiting import FaceSection
from studio.retention_field import RetentionField
from studio.searching.command_menu import command_menu, fill_menu
from studio.searching.menu_button import MenuButton
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import role

_BUTTONS = (
    ("faces.confirm", "Confirm"),
    ("faces.reject", "Reject"),
    ("faces.forget", "Forget"),
    ("faces.remove", "Delete"),
)
_OF_PERSON = (
    ("faces.pictures", "Find all pictures"),
    ("faces.erase", "Erase…"),
)
_MORE = ("faces.merge", "faces.save_holdings", "", "faces.remove_person")
_SECTIONS: tuple[tuple[TemplateState, str, str], ...] = (
    ("confirmed", "Enrolled", "these are what others are compared with"),
    ("suggested", "Suggested", "Enter confirms, Backspace rejects"),
    ("rejected", "Not this person", "remembered, so that it is not suggested again"),
)


class PersonPane(QWidget):
    """The person whom the model says."""

    closed = Signal()
    """Back to everybody."""

    def __init__(self, studio: Studio, model: FacesModel) -> None:
        """Of the model's people."""
        super().__init__()
        self._studio, self._model = studio, model
        self.person: Identity | None = None
        self.back = QToolButton()
        self.back.setIcon(studio.theme.icon("previous"))
        self.back.setToolTip("Back to everybody  (Escape)")
        self.back.setAccessibleName("Back to everybody")
        self.back.clicked.connect(self.closed)
        self.name, self.consent, self.retain = QLineEdit(), QLineEdit(), RetentionField()
        for field, said in ((self.name, "Name of the person"), (self.consent, "Consent")):
            field.setAccessibleName(said)
            field.editingFinished.connect(self._keep)
        self.consent.setPlaceholderText("What the person agreed to, in your words")
        self.retain.edited.connect(self._keep)
        self.about, self.warning = role(QLabel(), "faint"), QLabel()
        self.banner = role(QFrame(), "banner")
        self.same = QPushButton("Merge…")
        self.same.clicked.connect(self._merge_double)
        self.buttons = {name: command_button(studio, name, words) for name, words in _OF_PERSON}
        for name, button in self.buttons.items():
            button.clicked.connect(partial(self._perform, name))
        self.more = MenuButton(studio, "merge")
        self.more.show_words("More")
        self.more.setAccessibleName("More about this person")
        self.more.menu().aboutToShow.connect(lambda: fill_menu(self.more.menu(), studio, _MORE))
        self.grid = FaceGrid(studio.theme, model)
        self.grid.rows.line_of = lambda template: template.source.rsplit("/", 1)[-1]
        self.bar = AnswerBar(studio, model, self.grid, _BUTTONS)
        self.bar.perform = self._perform
        for key, command in KEYS.items():
            self.grid.act_on(key, partial(self._perform, command))
        self.grid.menu_wanted.connect(self._open_menu)
        self._lay_out()
        self.setFocusProxy(self.grid)
        in_sight = InSight(self, self.show_person)
        model.changed.connect(in_sight.refresh)
        model.person_changed.connect(in_sight.refresh)
        studio.session.writable_changed.connect(in_sight.refresh)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(GAP)
        head.addWidget(self.back)
        head.addWidget(self.name, 1)
        head.addWidget(self.about, 1)
        self.name.setMinimumWidth(140)
        head.addWidget(self.buttons["faces.pictures"])
        head.addWidget(self.more)
        head.addWidget(self.buttons["faces.erase"])
        facts = QGridLayout()
        facts.setHorizontalSpacing(GAP)
        facts.addWidget(role(QLabel("Consent"), "faint"), 0, 0)
        facts.addWidget(self.consent, 0, 1)
        facts.addWidget(role(QLabel("Keep until"), "faint"), 0, 2)
        facts.addWidget(self.retain, 0, 3)
        facts.setColumnStretch(1, 1)
        warned = QHBoxLayout(self.banner)
        warned.setContentsMargins(GAP, GAP // 2, GAP, GAP // 2)
        self.warning.setWordWrap(True)
        self.warning.setTextFormat(Qt.TextFormat.PlainText)
        warned.addWidget(self.warning, 1)
        warned.addWidget(self.same)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addLayout(head)
        column.addLayout(facts)
        column.addWidget(self.banner)
        column.addWidget(self.grid, 1)
        column.addWidget(self.bar)

    def show_person(self) -> None:
        """Show what is known of the person now; what is being typed stays."""
        model = self._model
        person = model.identities.get(model.person_id or 0) if model.is_person_open else None
        is_other = person is None or self.person is None or person.id != self.person.id
        before, self.person = self.person, person
        if person is None:
            self.grid.show_sections(())
            return
        if is_other or before != person:
            self.name.setText(person.name)
            self.consent.setText(person.consent)
            self.retain.show_day(person.retain_until)
        for field in (self.name, self.consent, self.retain):
            field.setEnabled(self._studio.session.can_write)
        self._show_faces(person)
        self._warn(person)
        for name, button in self.buttons.items():
            (wanted,) = named(name)
            button.setEnabled(wanted.when(self._studio))

    def _show_faces(self, person: Identity) -> None:
        model, found = self._model, []
        for state, title, note in _SECTIONS:
            ids = [
                each.id for each in model.templates.values() if each.state == state and each.identity_id == person.id
            ]
            if state == "rejected":
                others = {id_ for id_, people in model.rejected.items() if person.id in people}
                ids = sorted({*ids, *(id_ for id_ in others if _is_free(model, id_, person.id))})
            if ids:
                found.append(FaceSection(title, tuple(ids), note))
        doubted = {
            each.template_id: (each.words(model.name),)
            for each in model.doubts.outliers
            if each.identity_id == person.id
        }
        self.grid.show_sections(found, doubted)
        n = sum(len(section.ids) for section in found[:1] if section.title == _SECTIONS[0][1])
        self.about.setText(f"{n_of(n, 'face')} enrolled")

    def _warn(self, person: Identity) -> None:
        model = self._model
        doubles = [each for each in model.doubts.duplicates if person.id in each.identity_ids]
        odd = [each for each in model.doubts.outliers if each.identity_id == person.id]
        said = [f"Probably one person: {each.words(model.name)}" for each in doubles]
        if odd:
            said.append(f"{n_of(len(odd), 'face')} marked “!” may be under a wrong name; point at one to read why.")
        self.warning.setText("\n".join(said))
        self.same.setVisible(bool(doubles))
        self.banner.setVisible(bool(said))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back to everybody."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _keep(self) -> None:
        """Keep what was typed, if it is something else."""
        person = self.person
        if person is None or not self._studio.session.can_write:
            return
        typed = replace(
            person,
            name=self.name.text().strip() or person.name,
            consent=self.consent.text().strip(),
            retain_until=self.retain.day,
        )
        if typed != person:
            self.person = typed  # so that it is kept once, though a field tells twice of it
            self._studio.session.do(SetIdentity(typed))

    def _merge_double(self) -> None:
        person = self.person
        for each in self._model.doubts.duplicates:
            if person is not None and person.id in each.identity_ids:
                (other,) = set(each.identity_ids) - {person.id}
                self._studio.ask.show("merge_people", f"{person.id} {other}")
                return

    def _perform(self, name: str) -> None:
        perform(self._studio, named(name)[0])

    def _open_menu(self, point: QPoint) -> None:
        command_menu(self._studio, MENU, self).popup(point)


def _is_free(model: FacesModel, template_id: int, person_id: int) -> bool:
    """Whether a face that is not this person is nobody's yet."""
    template = model.templates.get(template_id)
    return (
        template is not None and template.state in ("unknown", "rejected") and template.identity_id in (None, person_id)
    )
