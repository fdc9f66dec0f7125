"""People: everybody as cards, searched, opened, enrolled by dropping pictures; or one person with all their faces."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.commands import named, perform
from studio.enrolling import enrol_dropped, paths_in
from studio.faces.answer_bar import command_button
from studio.faces.card_grid import CardGrid
from studio.faces.face_words import n_of
from studio.faces.in_sight import InSight
from studio.faces.model import FacesModel
from studio.faces.people_cards import ORDERS, PersonCard, cards, found_among
from studio.faces.person_pane import PersonPane
from studio.faces.taking import is_welcome
from studio.finder_box import FinderBox
from studio.gallery_values import due_notice
from studio.searching.command_menu import command_menu
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import WordsOver, role

MENU = ("faces.pictures", "faces.merge", "", "faces.save_holdings", "faces.erase", "", "faces.remove_person")
NOTHING = (
    "Nobody is known yet.\n"
    "Drop a folder for each person here, or pictures of one person: one is enough to begin with.\n"
    "Nothing leaves this machine."
)


class PeoplePane(QStackedWidget):
    """Cards, or the person who is opened."""

    def __init__(self, studio: Studio, model: FacesModel) -> None:
        """Of the model's people."""
        super().__init__()
        self._studio, self._model = studio, model
        self._every: tuple[PersonCard, ...] = ()
        self.search, self.order = QLineEdit(), QComboBox()
        self.search.setPlaceholderText("Find people")
        self.search.setAccessibleName("Find people")
        self.search.setClearButtonEnabled(True)
        self.order.setAccessibleName("Order of the people")
        self.order.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.order.setMinimumContentsLength(8)
        for order, title in ORDERS.items():
            self.order.addItem(title, order)
        self.n_people, self.nothing = role(QLabel(), "faint"), role(QLabel(), "faint")
        self.due, self.due_words, self.due_button = role(QFrame(), "banner"), QLabel(), QPushButton("Show them first")
        self.due.hide()
        self.enrol = command_button(studio, "faces.enrol_folder", "Enrol folder…")
        self.enrol.clicked.connect(lambda: perform(studio, named("faces.enrol_folder")[0]))
        self.finder = FinderBox(studio)
        self.grid = CardGrid(studio.theme, model)
        self.one = PersonPane(studio, model)
        self.everybody = QWidget()
        self._lay_out()
        self.addWidget(self.everybody)
        self.addWidget(self.one)
        self.search.textChanged.connect(self._list)
        self.order.currentIndexChanged.connect(self._list)
        self.due_button.clicked.connect(lambda: self.order.setCurrentIndex(self.order.findData("attention")))
        self.grid.opened.connect(model.open_person)
        self.grid.dropped.connect(self._enrol)
        self.grid.removal_wanted.connect(partial(self._perform, "faces.remove_person"))
        self.grid.menu_wanted.connect(self._open_menu)
        self.one.closed.connect(lambda: model.open_person(None))
        self._in_sight = InSight(self, self._bring_up)
        model.changed.connect(self._in_sight.refresh)
        studio.session.writable_changed.connect(self._in_sight.refresh)
        model.person_changed.connect(self._on_person)
        self._on_person()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(GAP)
        self.search.setMinimumWidth(100)
        self.search.setMaximumWidth(320)
        head.addWidget(self.search, 2)
        head.addWidget(self.order)
        head.addWidget(self.n_people, 1)
        head.addWidget(self.finder)
        head.addWidget(self.enrol)
        warned = QHBoxLayout(self.due)
        warned.setContentsMargins(GAP, GAP // 2, GAP, GAP // 2)
        self.due_words.setWordWrap(True)
        self.due_words.setTextFormat(Qt.TextFormat.PlainText)
        warned.addWidget(self.due_words, 1)
        warned.addWidget(self.due_button)
        column = QVBoxLayout(self.everybody)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addLayout(head)
        column.addWidget(self.due)
        column.addWidget(WordsOver(self.grid, self.nothing), 1)

    def _bring_up(self) -> None:
        model, today, session = self._model, date.today(), self._studio.session
        faces, doubts = model.faces, model.doubts
        if session.project is None:
            self._take_cards(())
        session.ask(
            "cards of people",
            lambda _: cards(tuple(faces.identities.values()), faces.templates, doubts, today),
            self._take_cards,
        )
        for taker in (self, self.grid):
            taker.setAcceptDrops(self._studio.session.can_write)
        self.enrol.setEnabled(self._studio.session.can_write)

    def _take_cards(self, every: tuple[PersonCard, ...]) -> None:
        self._every = every
        due = self._model.due(date.today())
        self.due.setVisible(bool(due))
        self.due_words.setText(due_notice([each.name for each in due]) + " Erase them, or set another day.")
        self._list()

    def _list(self) -> None:
        shown = found_among(self._every, self.search.text(), self.order.currentData())
        self.grid.show_cards(shown)
        self.nothing.setText("Nobody is called so." if self._every else NOTHING)
        self.nothing.setVisible(not shown)
        n = len(self._every)
        some = f"{len(shown):,} of " if len(shown) != n else ""
        self.n_people.setText(f"{some}{n_of(n, 'person', 'people')}" if n else "")

    def _on_person(self) -> None:
        is_open = self._model.is_person_open
        shown = self.one if is_open else self.everybody
        if self.currentWidget() is not shown:
            had_focus = self.isAncestorOf(self.focusWidget()) if self.focusWidget() is not None else False
            self.setCurrentWidget(shown)
            grid = self.one.grid if is_open else self.grid
            self.setFocusProxy(grid)
            if had_focus or self.isVisible():
                grid.setFocus()
        self.grid.follow()

    def event(self, event: QEvent) -> bool:
        """Keep Ctrl+F from finding pictures while everybody is shown."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._is_find(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+F goes to the search."""
        if self._is_find(event):
            self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            super().keyPressEvent(event)

    def _is_find(self, event: QKeyEvent) -> bool:
        is_chord = event.key() == Qt.Key.Key_F and event.modifiers() == Qt.KeyboardModifier.ControlModifier
        return is_chord and self.currentWidget() is self.everybody

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Pictures are welcome where a person is opened, too."""
        if is_welcome(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """They are of the person who is opened."""
        event.acceptProposedAction()
        self._enrol(paths_in(event.mimeData()), self._model.person_id if self._model.is_person_open else None)

    def _enrol(self, paths: Sequence[Path], person_id: int | None) -> None:
        enrol_dropped(self._studio, paths, self._model.name(person_id))

    def _perform(self, name: str) -> None:
        perform(self._studio, named(name)[0])

    def _open_menu(self, point: QPoint) -> None:
        command_menu(self._studio, MENU, self).popup(point)
