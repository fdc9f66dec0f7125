"""Every key, to be changed: found by words or by pressing it, recorded by pressing it, with conflicts said at once."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)  # fmt: skip

from engine.errors import UserError
from studio.bindables import Bindable, bindables
from studio.dialogs._frame import Frame
from studio.dialogs._key_editor import KeyEditor
from studio.dialogs._key_field import KeyField
from studio.keys import native
from studio.profiles import PROFILES
from studio.surroundings import Studio, Subject
from studio.theme import GAP

TITLE, KEYS, WHEN = range(3)
SUFFIX = ".json"
_ROW = QSize(0, 3 * GAP)


class KeysDialog(Frame):
    """A list of all that can have keys, and an editor of the one that is chosen."""

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        """Show the keys in force."""
        super().__init__("Change Keys", parent, width=min(760, parent.width() - 4 * GAP))
        self._studio = studio
        self._keys = studio.keys
        self._all = {each.name: each for each in bindables()}
        self.list = QTreeWidget()
        self.field, self.search_key = QLineEdit(), KeyField("Find by Key")
        self.profile = QComboBox()
        self.editor = KeyEditor(studio, self._all)
        self._prepare_list()
        self._lay_out()
        self.add_button("Import…", self._load)
        self.add_button("Export…", self._save)
        self.reset_all = self.add_button("Reset All", self._keys.reset_all)
        self.add_button("Close", self.accept, is_default=True)
        self._keys.changed.connect(self._show)
        self._fill()
        self._show_choices()
        self.resize(self.width(), min(680, parent.height() - 6 * GAP))

    def choose(self, name: str) -> None:
        """Put something into the editor, by its name."""
        self.list.setCurrentItem(self._rows[name])
        self.list.scrollToItem(self._rows[name], QTreeWidget.ScrollHint.PositionAtCenter)

    def row(self, name: str) -> QTreeWidgetItem:
        """The row of something, by its name."""
        return self._rows[name]

    def fit_height(self) -> None:
        """It is as high as it was made."""

    def _prepare_list(self) -> None:
        self.list.setHeaderLabels(["", "Keys", "When"])
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setIndentation(GAP)
        self.list.setAccessibleName("Commands")
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(TITLE, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(KEYS, QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(WHEN, QHeaderView.ResizeMode.Interactive)
        self.list.setColumnWidth(KEYS, 160)
        self.list.setColumnWidth(WHEN, 230)
        self.list.currentItemChanged.connect(self._on_chosen)

    def _lay_out(self) -> None:
        self.field.setPlaceholderText("Search by words")
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._filter)
        self.search_key.recorded.connect(self._find_key)
        for name, profile in PROFILES.items():
            self.profile.addItem(profile.title, name)
        self.profile.setAccessibleName("Profile")
        self.profile.activated.connect(lambda _: self._keys.use_profile(self.profile.currentData()))
        row = QHBoxLayout()
        row.setSpacing(GAP)
        for widget, stretch in ((self.field, 1), (self.search_key, 0), (QLabel("Profile"), 0), (self.profile, 0)):
            row.addWidget(widget, stretch)
        self.body.addLayout(row)
        self.body.addWidget(self.list, 1)
        self.body.addWidget(self.editor)

    def _fill(self) -> None:
        self._rows: dict[str, QTreeWidgetItem] = {}
        self._groups: dict[str, QTreeWidgetItem] = {}
        for each in self._all.values():
            if each.group not in self._groups:
                group = self._groups[each.group] = QTreeWidgetItem([each.group])
                group.setFlags(Qt.ItemFlag.ItemIsEnabled)
                group.setSizeHint(TITLE, _ROW)
                group.setFont(TITLE, _bold(self.list.font()))
            item = QTreeWidgetItem(self._groups[each.group], [each.title, "", each.situation.rstrip(".")])
            item.setSizeHint(TITLE, _ROW)
            item.setToolTip(TITLE, each.help)
            item.setToolTip(WHEN, each.situation)
            item.setData(TITLE, Qt.ItemDataRole.UserRole, each.name)
            self._rows[each.name] = item
        self._dress()
        # All at once, and as they are to look: the view would otherwise follow every row and colour.
        self.list.addTopLevelItems(list(self._groups.values()))
        for group in self._groups.values():
            group.setFirstColumnSpanned(True)
        self.list.expandAll()
        self.list.setCurrentItem(next(iter(self._rows.values())))

    def _show(self) -> None:
        """Show the keys in force."""
        self._dress()
        self._show_choices()

    def _show_choices(self) -> None:
        self.profile.setCurrentIndex(self.profile.findData(self._keys.profile))
        self.reset_all.setEnabled(any(self._keys.is_changed(name) for name in self._rows))
        self.editor.show_now()

    def _dress(self) -> None:
        """Give every row its keys; those that ask for two things stand out."""
        tones = self._studio.theme.tones
        for name, item in self._rows.items():
            keys = self._keys.of(name)
            item.setText(KEYS, ", ".join(native(key) for key in keys))
            collides = any(self._keys.rivals(name, key) for key in keys)
            colour = tones.bad if collides else tones.accent_text if self._keys.is_changed(name) else tones.text
            item.setForeground(KEYS, QBrush(QColor(colour)))
            item.setForeground(WHEN, QBrush(QColor(tones.faint)))

    def _filter(self, typed: str) -> None:
        words = typed.casefold().split()
        self._keep([each.name for each in self._all.values() if _has(each, words)])

    def _find_key(self, key: str) -> None:
        found = self._keys.holders(key)
        self.field.clear()
        self._keep(found)
        self.search_key.setToolTip(f"{native(key)}: {len(found)} found")
        if not found:
            self.field.setPlaceholderText(f"{native(key)} is free")

    def _keep(self, names: list[str]) -> None:
        kept = set(names)
        groups = {self._all[name].group for name in kept}
        for name, item in self._rows.items():
            item.setHidden(name not in kept)
        for group, item in self._groups.items():
            item.setHidden(group not in groups)
        if names:
            self.list.setCurrentItem(self._rows[names[0]])

    def _on_chosen(self, item: QTreeWidgetItem | None) -> None:
        name = item.data(TITLE, Qt.ItemDataRole.UserRole) if item is not None else None
        if isinstance(name, str):
            self.editor.choose(name)

    def _load(self) -> None:
        path = self._studio.ask.open_path("Import keys", (SUFFIX,))
        if path is not None:
            try:
                self._keys.load(path)
            except UserError as error:
                self._studio.ask.tell(error)

    def _save(self) -> None:
        path = self._studio.ask.save_path("Export keys", SUFFIX)
        if path is not None:
            try:
                self._keys.save(path)
            except UserError as error:
                self._studio.ask.tell(error)


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setWeight(QFont.Weight.DemiBold)
    return bold


def _has(each: Bindable, words: list[str]) -> bool:
    """Whether all the words are found in what it is called and what it does."""
    text = f"{each.group} {each.title} {each.help}".casefold()
    return all(word in text for word in words)


def open_keys(studio: Studio, _: Subject, parent: QWidget) -> QDialog:
    """All keys, to be changed."""
    return KeysDialog(studio, parent)


DIALOG = open_keys
