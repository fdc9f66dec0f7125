"""The people on the map, as a list with their marks, which is its legend; those that are chosen there are selected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QItemSelection, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListView

from studio.faces.map_marks import mark_image
from studio.theme import Theme
from studio.widgets import ROOT, Index


@dataclass(frozen=True, slots=True)
class Listed:
    """A person in the list."""

    identity_id: int
    person: int
    """The number that colour and mark come from."""
    words: str


class MapPeople(QListView):
    """Some people; marks are drawn when they come into sight, as there may be thousands."""

    people_chosen = Signal(object)
    """frozenset of ids of identities, at least one."""

    def __init__(self, theme: Theme) -> None:
        """Nobody yet."""
        super().__init__()
        self.rows = _Rows(theme)
        self.setModel(self.rows)
        self.setAccessibleName("People on the map")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setUniformItemSizes(True)
        self.setIconSize(QSize(13, 13))
        self.selectionModel().selectionChanged.connect(self._tell)
        theme.changed.connect(self.rows.draw_anew)

    def show_people(self, people: Sequence[Listed]) -> None:
        """Show these; whoever is chosen and still there stays so."""
        chosen = self._chosen()
        if not self.rows.show(people):
            return
        kept = QItemSelection()
        for row, each in enumerate(people):
            if each.identity_id in chosen:
                kept.select(self.rows.index(row), self.rows.index(row))
        blocker = QSignalBlocker(self.selectionModel())
        self.selectionModel().select(kept, self.selectionModel().SelectionFlag.ClearAndSelect)
        del blocker

    def _chosen(self) -> frozenset[int]:
        return frozenset(self.rows.people[index.row()].identity_id for index in self.selectedIndexes())

    def _tell(self) -> None:
        if chosen := self._chosen():
            self.people_chosen.emit(chosen)


class _Rows(QAbstractListModel):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.people: tuple[Listed, ...] = ()
        self._marks: dict[int, QIcon] = {}

    def show(self, people: Sequence[Listed]) -> bool:
        """Whether these are others."""
        if tuple(people) == self.people:
            return False
        self.beginResetModel()
        self.people = tuple(people)
        self.endResetModel()
        return True

    def draw_anew(self) -> None:
        self._marks.clear()
        if self.people:
            self.dataChanged.emit(self.index(0), self.index(len(self.people) - 1))

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.people)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        person = self.people[index.row()]
        if role == Qt.ItemDataRole.DecorationRole:
            return self._mark(person.person)
        return person.words if role == Qt.ItemDataRole.DisplayRole else None

    def _mark(self, person: int) -> QIcon:
        if person not in self._marks:
            image = mark_image(person, self._theme.tones, 2.0)
            self._marks[person] = QIcon(QPixmap.fromImage(image))
        return self._marks[person]
