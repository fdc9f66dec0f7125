"""Unknown: faces that wait for a name, those that look alike together; many are chosen, one name goes to all."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from engine.project.gallery_edits import NameTemplates
from studio.commands import named, perform
from studio.enrolling import enrol_dropped
from studio.faces.face_grid import FaceGrid
from studio.faces.face_words import n_of
from studio.faces.model import FacesModel
from studio.faces.verdict_pane import NameField
from studio.faces.waiting import FaceSection, Likeness, Shown, likeness, sections
from studio.searching.command_menu import command_menu
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import keep_tip, role

MENU = (
    "faces.name", "faces.confirm", "faces.reject", "faces.ignore", "faces.forget", "",
    "faces.choose_group", "faces.show_source", "", "faces.remove",
)  # fmt: skip
NOTHING = (
    "No face waits for a name.\n"
    "Drop pictures of faces here, or enrol faces from annotations or detections: see the menu Faces."
)
_KEYS = {
    Qt.Key.Key_Return: "faces.confirm",
    Qt.Key.Key_Enter: "faces.confirm",
    Qt.Key.Key_Backspace: "faces.reject",
    Qt.Key.Key_Delete: "faces.remove",
}


class UnknownPane(QWidget):
    """The faces under their headings, and below what can be said of the chosen ones."""

    def __init__(self, studio: Studio, model: FacesModel) -> None:
        """Of the model's faces."""
        super().__init__()
        self._studio, self._model = studio, model
        self._likeness: Likeness | None = None
        self._groups: Sequence[Sequence[int]] = ()
        self._goes_on: FaceSection | int | None = None
        """What was just decided on: a whole section, or so many faces; the next one is chosen then."""
        self.grid = FaceGrid(studio.theme, model)
        self.name = NameField()
        self.name.setAccessibleName("Name of the chosen faces")
        self.name.setPlaceholderText("Who is it? Just type")
        self.name.setToolTip("Type a name, known or new, for all chosen faces, and press Enter")
        self.count, self.chosen = role(QLabel(), "faint"), role(QLabel(), "faint")
        self.ignored = QToolButton()
        self.ignored.setText("Ignored ones, too")
        self.ignored.setCheckable(True)
        self.ignored.toggled.connect(self._show)
        self.nothing = role(QLabel(NOTHING), "faint")
        self.buttons = {
            name: self._button(name, words)
            for name, words in (
                ("faces.suggest", "Suggest names"),
                ("faces.confirm", "Confirm"),
                ("faces.reject", "Reject"),
                ("faces.ignore", "Ignore"),
                ("faces.forget", "Forget"),
                ("faces.remove", "Delete"),
            )
        }
        role(self.buttons["faces.confirm"], "primary")
        self._lay_out()
        self.setAcceptDrops(True)
        self.setFocusProxy(self.grid)
        for key, command in _KEYS.items():
            self.grid.act_on(key, partial(self._perform, command))
        self.grid.menu_wanted.connect(self._open_menu)
        self.grid.typed.connect(self._begin_name)
        self.name.named.connect(self.name_chosen)
        model.changed.connect(self._on_model)
        model.selection_changed.connect(self._say)
        model.name_wanted.connect(self._begin_name)
        model.group_wanted.connect(self._choose_group)
        studio.session.writable_changed.connect(self._say)
        self._on_model()

    def _lay_out(self) -> None:
        head, foot = QHBoxLayout(), QHBoxLayout()
        for row in (head, foot):
            row.setSpacing(GAP)
        head.addWidget(self.count, 1)
        head.addWidget(self.ignored)
        head.addWidget(self.buttons["faces.suggest"])
        foot.addWidget(self.chosen)
        foot.addStretch(1)
        self.name.setMaximumWidth(320)
        foot.addWidget(self.name, 2)
        for name in list(self.buttons)[1:]:
            foot.addWidget(self.buttons[name])
        middle = QStackedLayout()
        middle.setStackingMode(QStackedLayout.StackingMode.StackAll)
        middle.addWidget(self.grid)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        middle.addWidget(self.nothing)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addLayout(head)
        column.addLayout(middle, 1)
        column.addLayout(foot)

    def _button(self, name: str, words: str) -> QPushButton:
        (wanted,) = named(name)
        button = QPushButton(words)
        button.setObjectName(name)
        button.setAccessibleName(wanted.title)
        button.clicked.connect(lambda: self._perform(name))
        keep_tip(button, self._studio.keys, wanted)
        return button

    def showEvent(self, event: QShowEvent) -> None:
        """Nothing is chosen that is not seen."""
        super().showEvent(event)
        self._model.select(self._model.selection & set(self.grid.rows.ids))

    def name_chosen(self, name: str) -> None:
        """The chosen faces are this person's, who may be new."""
        ids = tuple(sorted(self._model.selection))
        if ids and name.strip() and self._studio.session.can_write:
            known = self._model.named(name)
            self._note_what_goes()
            self._studio.session.do(NameTemplates(ids, known, "" if known is not None else name.strip()))
            self.grid.setFocus()

    def _perform(self, name: str) -> None:
        (wanted,) = named(name)
        if name == "faces.confirm" and self._model.selection and not wanted.when(self._studio):
            self._begin_name()  # nobody is suggested: Enter asks for the name
            return
        if name in ("faces.confirm", "faces.reject", "faces.ignore", "faces.remove"):
            self._note_what_goes()
        perform(self._studio, wanted)

    def _note_what_goes(self) -> None:
        """Remember how much was decided on, so that as much is chosen next."""
        chosen = self._model.selection
        whole = next((each for each in self.grid.sections if frozenset(each.ids) == chosen), None)
        self._goes_on = whole if whole is not None and len(chosen) > 1 else len(chosen)

    def _begin_name(self, letter: str = "") -> None:
        if self.isVisible() and self._model.selection:
            self.name.setText(letter)
            self.name.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _choose_group(self) -> None:
        section = self.grid.section_of_current()
        if self.isVisible() and section is not None:
            self.grid.choose_section(section)

    def _open_menu(self, point: QPoint) -> None:
        command_menu(self._studio, MENU, self).popup(point)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back from the name to the faces."""
        if event.key() == Qt.Key.Key_Escape and self.name.hasFocus():
            self.grid.setFocus()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Pictures and folders are welcome."""
        if event.mimeData().hasUrls() and self._studio.session.can_write:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Faces whose people are asked for; folders are called as their people."""
        paths = tuple(Path(each.toLocalFile()) for each in event.mimeData().urls() if each.isLocalFile())
        if paths:
            event.acceptProposedAction()
            enrol_dropped(self._studio, paths)

    def _on_model(self) -> None:
        model = self._model
        wanted = likeness(model.templates, model.vectors, model.threshold)
        if not wanted.is_like(self._likeness):
            self._likeness = wanted
            self._studio.session.ask("clusters of faces", lambda _: wanted.groups(), self._take_groups)
        self.name.show_people([each.name for each in model.identities.values()])
        self._show()

    def _take_groups(self, groups: Sequence[Sequence[int]]) -> None:
        self._groups = groups
        self._show()

    def _show(self) -> None:
        model = self._model
        shown = Shown(ignored=self.ignored.isChecked())
        self.grid.show_sections(sections(model.templates, model.name, self._groups, shown))
        self.nothing.setVisible(not self.grid.rows.ids)
        n = len(self.grid.rows.ids)
        self.count.setText(f"{n_of(n, 'face')} in {n_of(len(self.grid.sections), 'group')}" if n else "")
        if self.isVisible():
            self._go_on()
        self._say()

    def _go_on(self) -> None:
        """Once what was decided on is gone, choose as much again: the next section, or the next face."""
        there = set(self.grid.rows.ids)
        gone = bool(self._model.selection) and not self._model.selection & there
        decided, current = self._goes_on, self.grid.section_of_current()
        if not gone:
            return
        self._goes_on = None
        if decided is None or current is None:
            self._model.select(())
        elif isinstance(decided, FaceSection):
            self.grid.choose_section(current)
        else:
            self._model.select({self.grid.rows.ids[self.grid.currentIndex().row()]} if decided == 1 else ())

    def _say(self) -> None:
        n = len(self._model.selection)
        self.chosen.setText(f"{n:,} chosen" if n else "Click a heading to choose all below it")
        for name, button in self.buttons.items():
            (wanted,) = named(name)
            button.setEnabled(wanted.when(self._studio))
        self.name.setEnabled(bool(n) and self._studio.session.can_write)
