"""What can be said of the chosen faces: a field for a name, and buttons of commands."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from studio.commands import named
from studio.faces.face_grid import FaceGrid
from studio.faces.in_sight import InSight
from studio.faces.model import FacesModel
from studio.faces.verdict_pane import NameField
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import Elided, keep_tip, role


class AnswerBar(QWidget):
    """How many faces are chosen, who they are, and what else is to become of them."""

    naming = Signal()
    """A name is about to be given to the chosen faces."""

    def __init__(self, studio: Studio, model: FacesModel, grid: FaceGrid, commands: Sequence[tuple[str, str]]) -> None:
        """Buttons for commands, as (name, words); what is done is done to the faces that are chosen in `grid`."""
        super().__init__()
        self._studio, self._model, self._grid = studio, model, grid
        self.empty_words = "Click a heading to choose all below it"
        self.chosen = role(Elided(mode=Qt.TextElideMode.ElideRight), "faint")
        self.name = NameField()
        self.name.setAccessibleName("Name of the chosen faces")
        self.name.setPlaceholderText("Who is it? Just type")
        self.name.setToolTip("Type a name, known or new, for all chosen faces, and press Enter")
        self.name.setMaximumWidth(320)
        self.buttons: dict[str, QPushButton] = {}
        self.perform: Callable[[str], object] = lambda _: None
        """Does a command, by its name."""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(self.chosen, 1)
        row.addWidget(self.name, 2)
        for command, words in commands:
            self.buttons[command] = command_button(studio, command, words)
            self.buttons[command].clicked.connect(lambda _=False, command=command: self.perform(command))
            row.addWidget(self.buttons[command])
        self.name.named.connect(self.give_name)
        self.name.installEventFilter(self)
        grid.typed.connect(self.begin_name)
        model.name_wanted.connect(self.begin_name)
        in_sight = InSight(self, self.say)
        for signal in (model.changed, model.selection_changed, studio.session.writable_changed):
            signal.connect(in_sight.refresh)

    def begin_name(self, letters: str = "") -> None:
        """Type the name that the chosen faces are to have."""
        if self.isVisible() and self._model.selection:
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)
            self.name.setText(letters)  # after the focus, which would choose what is there to be replaced

    def give_name(self, name: str) -> None:
        """The chosen faces are of this person, who may be new."""
        edit = self._model.naming(self._model.selection, name)
        if edit is not None and self._studio.session.can_write:
            self.naming.emit()
            self._studio.session.do(edit)
            self._grid.setFocus()

    def say(self) -> None:
        """Say how many are chosen, and offer what can be done."""
        n = len(self._model.selection)
        self.chosen.show_text(f"{n:,} chosen" if n else self.empty_words)
        for command, button in self.buttons.items():
            (wanted,) = named(command)
            button.setEnabled(wanted.when(self._studio))
        self.name.setEnabled(bool(n) and self._studio.session.can_write)
        self.name.show_people([each.name for each in self._model.identities.values()])

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Escape goes back from the name to the faces."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self.name.clear()
            self._grid.setFocus()
            return True
        return False


def command_button(studio: Studio, name: str, words: str) -> QPushButton:
    """A button that is called and explained as a command; what it does is for its owner to say."""
    (wanted,) = named(name)
    button = QPushButton(words)
    button.setObjectName(name)
    button.setAccessibleName(wanted.title.rstrip("…"))
    keep_tip(button, studio.keys, wanted)
    return button
