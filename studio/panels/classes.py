"""The classes: a tree with digit, colour, name and how many; chosen, renamed, dragged and hidden in place."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from engine.project.class_edits import AddClass
from engine.project.records import ClassRecord
from engine.project.store import Change
from studio.annotating import use_class
from studio.commands import named, perform
from studio.panels import Panel
from studio.panels._class_rows import COUNT, EYE, KEY, NAME, ClassRows
from studio.surroundings import Studio
from studio.theme import GAP, Theme
from studio.widgets import Elided, role

_MENU = (
    ("classes.edit", "classes.attributes", "classes.find"),
    ("classes.up", "classes.down", "classes.into", "classes.out"),
    ("show.hide_class", "show.isolate_class"),
    ("classes.merge", "classes.delete"),
)
"""The commands of a class's own menu, in sections."""
_ROW, _EYE_SIDE = 28, 16


class ClassPanel(QWidget):
    """The tree of classes, and a field to find one or add it."""

    def __init__(self, studio: Studio) -> None:
        """List the classes of the session's project."""
        super().__init__()
        self._studio = studio
        self._session = studio.session
        self._folded: set[int] = set()
        self.rows = ClassRows(self._session, studio.theme, self)
        self.view = _Tree(self.rows, studio.theme)
        self.field = QLineEdit()
        self.hint = role(Elided("", Qt.TextElideMode.ElideRight), "faint")
        self._prepare()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(200)
        self._later.timeout.connect(self.rows.count)
        self._connect()
        self._load()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down goes from the field to the list."""
        if event.key() == Qt.Key.Key_Down and self.field.hasFocus():
            self.view.setFocus()
        else:
            super().keyPressEvent(event)

    def _prepare(self) -> None:
        self.field.setPlaceholderText("Find or add a class")
        self.field.setAccessibleName("Find or add a class")
        self.field.setClearButtonEnabled(True)
        self.hint.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, 0, GAP, GAP)
        column.setSpacing(GAP)
        column.addWidget(self.field)
        column.addWidget(self.hint)
        column.addWidget(self.view, 1)

    def _connect(self) -> None:
        session, view = self._session, self.view
        session.project_opened.connect(self._load)
        session.writable_changed.connect(self._show_hint)
        session.changed.connect(self._on_change)
        session.class_changed.connect(self._show_current)
        session.hiding_changed.connect(view.viewport().update)
        self.rows.modelReset.connect(self._on_reset)
        self.rows.counted.connect(view.viewport().update)
        self.field.textChanged.connect(self.rows.find)
        self.field.textChanged.connect(self._show_hint)
        self.field.returnPressed.connect(self._enter)
        view.clicked.connect(self._on_click)
        view.activated.connect(self._on_click)
        view.collapsed.connect(lambda index: self._fold(index, is_folded=True))
        view.expanded.connect(lambda index: self._fold(index, is_folded=False))
        view.customContextMenuRequested.connect(self._menu)

    def _load(self) -> None:
        self._folded.clear()
        self.rows.load()
        self.rows.count()
        self._show_hint()

    def _on_change(self, change: Change) -> None:
        if change.classes:
            self.rows.load()
            self._show_hint()
        if change.classes or change.annotated:
            self._later.start()

    def _on_reset(self) -> None:
        folded = set[int]() if self.rows.is_filtered else set(self._folded)
        self.view.expandAll()
        for class_id in folded:
            self.view.setExpanded(self.rows.index_of(class_id, KEY), False)
        self._show_current()

    def _fold(self, index: QModelIndex, *, is_folded: bool) -> None:
        record = self.rows.record_at(index)
        if record is not None and not self.rows.is_filtered:
            (self._folded.add if is_folded else self._folded.discard)(record.id)

    def _show_current(self) -> None:
        self.view.setCurrentIndex(self.rows.index_of(self._session.class_id))

    def _show_hint(self, *_: object) -> None:
        typed = self.field.text().strip()
        is_new = bool(typed) and self.rows.named(typed) is None and self._session.can_write
        self.hint.show_text(f"Enter adds the class “{typed}”.")
        self.hint.setVisible(is_new)

    def _enter(self) -> None:
        """Take the class that is called so, or add it."""
        name = self.field.text().strip()
        known = self.rows.named(name)
        if known is not None:
            self._take(known)
        elif name and self._session.can_write:
            self._session.do(AddClass(name))
        self.field.clear()

    def _on_click(self, index: QModelIndex) -> None:
        record = self.rows.record_at(index)
        if record is None:
            return
        if index.column() == EYE:
            self._turn_eye(record)
        else:
            self._take(record)

    def _take(self, record: ClassRecord) -> None:
        edit = use_class(self._studio, record)
        if edit is not None:
            self._session.do(edit)

    def _turn_eye(self, record: ClassRecord) -> None:
        """Hide a class with all under it, or show them again."""
        seen, is_hidden = self._session.visibility, self.rows.is_hidden(record.id)
        if is_hidden and seen.is_isolated:
            seen = seen.together()
        for class_id in self.rows.below(record.id):
            seen = seen.showing_class(class_id) if is_hidden else seen.hiding_class(class_id)
        self._session.see(seen)

    def _menu(self, at: QPoint) -> None:
        record = self.rows.record_at(self.view.indexAt(at))
        if record is None:
            return
        self._session.use_class(record.id)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        rename = menu.addAction("Rename", partial(self.view.edit, self.rows.index_of(record.id)))
        rename.setEnabled(self._session.can_write)
        for section in _MENU:
            for command in named(*section):
                action = menu.addAction(command.title, partial(perform, self._studio, command))
                action.setEnabled(command.when(self._studio))
            menu.addSeparator()
        menu.popup(self.view.viewport().mapToGlobal(at))


class _Tree(QTreeView):
    """The view: names may be edited and rows dragged."""

    def __init__(self, rows: ClassRows, theme: Theme) -> None:
        super().__init__()
        self.setModel(rows)
        self.setItemDelegateForColumn(EYE, _EyePainter(rows, theme, self))
        self.setTreePosition(NAME)
        self.setHeaderHidden(True)
        self.setIndentation(14)
        self.setUniformRowHeights(True)
        self.setMouseTracking(True)
        self.setAccessibleName("Classes")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setExpandsOnDoubleClick(False)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setTabKeyNavigation(False)
        self.setMinimumHeight(96)
        self._size_columns()

    def _size_columns(self) -> None:
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(24)
        for column, mode in (
            (KEY, QHeaderView.ResizeMode.Fixed),
            (NAME, QHeaderView.ResizeMode.Stretch),
            (COUNT, QHeaderView.ResizeMode.ResizeToContents),
            (EYE, QHeaderView.ResizeMode.Fixed),
        ):
            header.setSectionResizeMode(column, mode)
        self.setColumnWidth(KEY, 26)
        self.setColumnWidth(EYE, _ROW)


class _EyePainter(QStyledItemDelegate):
    """An eye that is crossed out where a class is hidden; where it is not, seen under the pointer only."""

    def __init__(self, rows: ClassRows, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows = rows
        self._theme = theme

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        record = self._rows.record_at(index)
        if record is None:
            return
        is_hidden = self._rows.is_hidden(record.id)
        if is_hidden or option.state & QStyle.StateFlag.State_MouseOver:
            middle, half = option.rect.center(), _EYE_SIDE // 2
            square = QRect(middle.x() - half, middle.y() - half, _EYE_SIDE, _EYE_SIDE)
            self._theme.icon("eye_off" if is_hidden else "eye").paint(painter, square)


PANEL = Panel("Classes", "classes", "right", 20, ClassPanel)
