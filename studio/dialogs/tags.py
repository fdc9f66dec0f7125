"""Tags of one picture or of many: which all of them have, which some have, and new ones."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QWidget

from engine.project import images
from engine.project.image_edits import TagImages
from studio.dialogs._frame import Frame, paragraph
from studio.surroundings import Studio, Subject

_ON, _OFF, _SOME = Qt.CheckState.Checked, Qt.CheckState.Unchecked, Qt.CheckState.PartiallyChecked


class Tags(Frame):
    """A list of tags to tick, and a field for new ones."""

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        """Of the chosen pictures."""
        self._ids = studio.session.listing.subjects
        n = len(self._ids)
        super().__init__("Tags" if n == 1 else f"Tags of {n:,} pictures", parent, width=360)
        self._session = studio.session
        self._before: dict[str, Qt.CheckState] = {}
        self.field, self.list = QLineEdit(), QListWidget()
        self.field.setPlaceholderText("Find or add a tag")
        self.field.setAccessibleName("Find or add a tag")
        self.list.setMinimumHeight(200)
        self._words = paragraph("")
        self.body.addWidget(self.field)
        self.body.addWidget(self.list, 1)
        self.body.addWidget(self._words)
        self.add_button("Cancel", self.reject)
        self.button = self.add_button("Apply", self._apply, is_default=True)
        self.field.textChanged.connect(self._filter)
        ids = self._ids
        self._session.ask("tags", lambda project: images.tag_counts(project, ids), self._fill)
        self.field.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in the field ticks the tag that is typed; in the empty field it applies."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and self.field.hasFocus() and self.field.text().strip():
            self._tick(self.field.text().strip())
            self.field.clear()
        else:
            super().keyPressEvent(event)

    def _fill(self, counts: dict[str, int]) -> None:
        for name, n in counts.items():
            self._before[name] = _ON if n == len(self._ids) else _SOME if n else _OFF
            self._add(name, self._before[name])
        self.field.setFocus()
        self._filter()

    def _add(self, name: str, state: Qt.CheckState) -> QListWidgetItem:
        item = QListWidgetItem(name, self.list)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsSelectable)
        item.setCheckState(state)
        return item

    def _tick(self, name: str) -> None:
        found = self.list.findItems(name, Qt.MatchFlag.MatchFixedString | Qt.MatchFlag.MatchCaseSensitive)
        item = found[0] if found else self._add(name, _OFF)
        item.setCheckState(_ON)
        self.list.scrollToItem(item)

    def _filter(self) -> None:
        typed = self.field.text().strip()
        items = [self.list.item(row) for row in range(self.list.count())]
        for item in items:
            item.setHidden(typed.casefold() not in item.text().casefold())
        is_new = bool(typed) and typed not in (item.text() for item in items)
        words = f"Enter adds the tag “{typed}”." if is_new else "A dash: only some of the pictures have it."
        has_some = _SOME in self._before.values()
        self._words.setText(words if is_new or has_some else "" if items else "There are no tags yet: type one.")

    def _apply(self) -> None:
        if typed := self.field.text().strip():
            self._tick(typed)
        items = [self.list.item(row) for row in range(self.list.count())]
        changed = [item for item in items if item.checkState() != self._before.get(item.text(), _OFF)]
        added = tuple(item.text() for item in changed if item.checkState() == _ON)
        removed = tuple(item.text() for item in changed if item.checkState() == _OFF)
        if added or removed:
            self._session.do(TagImages(self._ids, added, removed))
        self.accept()


def open_tags(studio: Studio, _: Subject, parent: QWidget) -> QDialog:
    """Of the chosen pictures."""
    return Tags(studio, parent)


DIALOG = open_tags
