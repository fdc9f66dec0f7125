"""Layouts: take one, save this one under a name, delete one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QListWidget, QListWidgetItem, QPushButton, QWidget

from engine.errors import UserError
from studio.dialogs._frame import Frame
from studio.layouts import PRESETS
from studio.surroundings import Studio, Subject
from studio.theme import GAP

_NAME = Qt.ItemDataRole.UserRole


class LayoutsDialog(Frame):
    """The layouts of the program, and under them the user's own."""

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        """List them."""
        super().__init__("Layouts", parent, width=420, words="Which panels are seen, where, and how large.")
        self._studio, self._layouts = studio, studio.layouts
        self.list, self.name, self.save = QListWidget(), QLineEdit(), QPushButton("Save This Layout")
        self.list.setAccessibleName("Layouts")
        self.list.itemActivated.connect(lambda _: self._take())
        self.list.currentItemChanged.connect(lambda *_: self._show_possible())
        self.name.setPlaceholderText("Name of a new layout")
        self.name.textChanged.connect(lambda text: self.save.setEnabled(bool(text.strip())))
        self.name.returnPressed.connect(self._save)
        self.save.setAutoDefault(False)
        self.save.setEnabled(False)
        self.save.clicked.connect(self._save)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self.name, 1)
        row.addWidget(self.save)
        self.body.addWidget(self.list, 1)
        self.body.addLayout(row)
        self.drop = self.add_button("Delete", self._drop)
        self.add_button("Reset", self._layouts.reset)
        self.add_button("Close", self.accept)
        self.take = self.add_button("Use", self._take, is_default=True)
        self._fill()

    def _fill(self, chosen: str = "") -> None:
        self.list.clear()
        for name in (*PRESETS, *self._layouts.saved):
            item = QListWidgetItem(f"{name}  (of the program)" if name in PRESETS else name, self.list)
            item.setData(_NAME, name)
            if name == chosen:
                self.list.setCurrentItem(item)
        if self.list.currentItem() is None:
            self.list.setCurrentRow(0)
        self._show_possible()

    def _chosen(self) -> str:
        item = self.list.currentItem()
        return "" if item is None else str(item.data(_NAME))

    def _show_possible(self) -> None:
        self.take.setEnabled(bool(self._chosen()))
        self.drop.setEnabled(self._chosen() in self._layouts.saved)

    def _take(self) -> None:
        try:
            self._layouts.take(self._chosen())
        except UserError as error:
            self._studio.ask.tell(error)

    def _save(self) -> None:
        if not self.name.text().strip():
            return
        try:
            name = self._layouts.save(self.name.text())
        except UserError as error:
            self._studio.ask.tell(error)
        else:
            self.name.clear()
            self._fill(name)

    def _drop(self) -> None:
        self._layouts.drop(self._chosen())
        self._fill()


def open_layouts(studio: Studio, _: Subject, parent: QWidget) -> QDialog:
    """All layouts."""
    return LayoutsDialog(studio, parent)


DIALOG = open_layouts
