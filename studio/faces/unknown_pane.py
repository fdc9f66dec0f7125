"""Unknown: faces that wait for a name, those that look alike together; many are chosen, one name goes to all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from engine.gallery import Vectors
from engine.project.records import Template
from studio.commands import named, perform
from studio.enrolling import enrol_dropped, paths_in
from studio.faces.answer_bar import AnswerBar, command_button
from studio.faces.face_grid import FaceGrid
from studio.faces.face_words import n_of
from studio.faces.in_sight import InSight
from studio.faces.model import FacesModel
from studio.faces.taking import is_welcome
from studio.faces.waiting import FaceSection, Shown, groups_of, sections
from studio.searching.command_menu import command_menu
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import WordsOver, role

MENU = (
    "faces.name", "faces.confirm", "faces.reject", "faces.ignore", "faces.forget", "",
    "faces.choose_group", "faces.show_source", "", "faces.remove",
)  # fmt: skip
BUTTONS = (
    ("faces.confirm", "Confirm"),
    ("faces.reject", "Reject"),
    ("faces.ignore", "Ignore"),
    ("faces.forget", "Forget"),
    ("faces.remove", "Delete"),
)
KEYS = {
    Qt.Key.Key_Return: "faces.confirm",
    Qt.Key.Key_Enter: "faces.confirm",
    Qt.Key.Key_Backspace: "faces.reject",
    Qt.Key.Key_Delete: "faces.remove",
}
NOTHING = (
    "No face waits for a name.\n"
    "Drop pictures of faces here, or enrol faces from annotations or detections: see the menu Faces."
)
_DECIDES = ("faces.confirm", "faces.reject", "faces.ignore", "faces.remove")


class UnknownPane(QWidget):
    """The faces under their headings, and below what can be said of the chosen ones."""

    def __init__(self, studio: Studio, model: FacesModel) -> None:
        """Of the model's faces."""
        super().__init__()
        self._studio, self._model = studio, model
        self._grouped_by: tuple[Mapping[int, Template], Vectors, float] | None = None
        self._groups: Sequence[Sequence[int]] = ()
        self._decided: FaceSection | int | None = None
        """What was just decided on: a whole section, or so many faces; as much is chosen next."""
        self.grid = FaceGrid(studio.theme, model)
        self.bar = AnswerBar(studio, model, self.grid, BUTTONS)
        role(self.bar.buttons["faces.confirm"], "primary")
        self.bar.perform = self._perform
        self.suggest = command_button(studio, "faces.suggest", "Suggest names")
        self.suggest.clicked.connect(partial(self._perform, "faces.suggest"))
        self.ignored = QToolButton()
        self.ignored.setText("Ignored ones, too")
        self.ignored.setCheckable(True)
        self.ignored.toggled.connect(self._show)
        self.count, self.nothing = role(QLabel(), "faint"), role(QLabel(NOTHING), "faint")
        self._lay_out()
        self.setAcceptDrops(True)
        self.setFocusProxy(self.grid)
        for key, command in KEYS.items():
            self.grid.act_on(key, partial(self._perform, command))
        self.grid.menu_wanted.connect(self._open_menu)
        self.bar.naming.connect(self._note_decision)
        self._in_sight = InSight(self, self._bring_up)
        model.changed.connect(self._in_sight.refresh)
        studio.session.writable_changed.connect(self._in_sight.refresh)
        model.group_wanted.connect(self._choose_group)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(GAP)
        head.addWidget(self.count, 1)
        head.addWidget(self.ignored)
        head.addWidget(self.suggest)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addLayout(head)
        column.addWidget(WordsOver(self.grid, self.nothing), 1)
        column.addWidget(self.bar)

    def showEvent(self, event: QShowEvent) -> None:
        """Nothing is chosen that is not seen."""
        super().showEvent(event)
        self._model.select(self._model.selection & set(self.grid.rows.ids))

    def _perform(self, name: str) -> None:
        (wanted,) = named(name)
        if name == "faces.confirm" and not wanted.when(self._studio):
            self.bar.begin_name()  # nobody is suggested: Enter asks for the name
            return
        if name in _DECIDES:
            self._note_decision()
        perform(self._studio, wanted)

    def _note_decision(self) -> None:
        chosen = self._model.selection
        whole = next((each for each in self.grid.sections if frozenset(each.ids) == chosen), None)
        self._decided = whole if whole is not None and len(chosen) > 1 else len(chosen)

    def _choose_group(self) -> None:
        section = self.grid.section_of_current()
        if self.isVisible() and section is not None:
            self.grid.choose_section(section)

    def _open_menu(self, point: QPoint) -> None:
        command_menu(self._studio, MENU, self).popup(point)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Pictures and folders are welcome."""
        if is_welcome(event.mimeData()) and self._studio.session.can_write:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Enrol them: folders are called as their people, and of files the person is asked for."""
        if paths := paths_in(event.mimeData()):
            event.acceptProposedAction()
            enrol_dropped(self._studio, paths)

    def _bring_up(self) -> None:
        model = self._model
        templates, vectors, threshold = wanted = model.templates, model.vectors, model.threshold
        before = self._grouped_by
        # Within a tuple the one NaN is equal to itself.
        if before is None or before[0] is not templates or before[1:] != wanted[1:]:
            self._grouped_by = wanted
            model.think("groups", lambda _: groups_of(templates, vectors, threshold), self._take_groups)
        (command,) = named("faces.suggest")
        self.suggest.setEnabled(command.when(self._studio))
        self._show()

    def _take_groups(self, groups: Sequence[Sequence[int]]) -> None:
        self._groups = groups
        self._in_sight.refresh()

    def _show(self) -> None:
        model = self._model
        shown = Shown(ignored=self.ignored.isChecked())
        self.grid.show_sections(sections(model.templates, model.name, self._groups, shown))
        n = len(self.grid.rows.ids)
        self.nothing.setVisible(not n)
        self.count.setText(f"{n_of(n, 'face')} in {n_of(len(self.grid.sections), 'group')}" if n else "")
        if self.isVisible():
            self._go_on()

    def _go_on(self) -> None:
        """Once what was decided on is gone, choose as much again: the next section, or the next face."""
        if not self._model.selection or self._model.selection & set(self.grid.rows.ids):
            return
        decided, current = self._decided, self.grid.section_of_current()
        self._decided = None
        if isinstance(decided, FaceSection) and current is not None:
            self.grid.choose_section(current)
        elif decided == 1 and current is not None:
            self._model.select({self.grid.rows.ids[self.grid.currentIndex().row()]})
        else:
            self._model.select(())
