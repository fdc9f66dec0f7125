"""The classes: colour, name, how many, and the digit that chooses each. Names are edited in place."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt, QTimer
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import (
    QAbstractItemView,
    QColorDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMenu,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from engine.project import classes
from engine.project.class_edits import AddClass, RemoveClass, SetClass
from engine.project.records import ClassRecord
from engine.project.store import Change
from studio.annotating import use_class
from studio.panels import Panel
from studio.session import Session
from studio.surroundings import Studio
from studio.theme import GAP, Theme
from studio.widgets import ROOT, Index, swatch

KEY, NAME, COUNT = range(3)


class ClassRows(QAbstractTableModel):
    """The classes in their order."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget) -> None:
        """The classes of the session's project."""
        super().__init__(parent)
        self._session = session
        self._theme = theme
        self.records: list[ClassRecord] = []
        self._counts: dict[int, int] = {}

    def load(self) -> None:
        """Read the classes; their counts follow."""
        project = self._session.project
        self.beginResetModel()
        self.records = classes.all_classes(project) if project else []
        self.endResetModel()

    def count(self) -> None:
        """Count the annotations of each class, off the GUI thread."""
        self._session.ask("class counts", classes.counts, self._take_counts)

    def _take_counts(self, counts: dict[int, int]) -> None:
        self._counts = counts
        if self.records:
            self.dataChanged.emit(self.index(0, COUNT), self.index(len(self.records) - 1, COUNT))

    def rowCount(self, parent: Index = ROOT) -> int:
        """How many classes there are."""
        return 0 if parent.isValid() else len(self.records)

    def columnCount(self, _: Index = ROOT) -> int:
        """Digit key, name with colour, count."""
        return 3

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Names can be edited where the project can be changed."""
        can_edit = index.column() == NAME and self._session.can_write
        return super().flags(index) | (Qt.ItemFlag.ItemIsEditable if can_edit else Qt.ItemFlag.NoItemFlags)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        record, column = self.records[index.row()], index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            key = str(index.row() + 1) if index.row() < 9 else ""
            return (key, record.name, f"{self._counts.get(record.id, 0):,}")[column]
        if role == Qt.ItemDataRole.DecorationRole and column == NAME:
            return swatch(record.colour)
        if role == Qt.ItemDataRole.TextAlignmentRole and column == COUNT:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole and column != NAME:
            return QColor(self._theme.tones.faint)
        if role == Qt.ItemDataRole.FontRole and column == NAME and record.id == self._session.class_id:
            font = QFont()
            font.setWeight(QFont.Weight.DemiBold)
            return font
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Rename a class, as an edit."""
        record = self.records[index.row()]
        name = str(value).strip()
        if role == Qt.ItemDataRole.EditRole and name and name != record.name:
            self._session.do(SetClass(record.id, name, record.colour))
            return True
        return False

    def row_of(self, class_id: int | None) -> int:
        """The row of a class, or -1."""
        return next((row for row, record in enumerate(self.records) if record.id == class_id), -1)


class ClassPanel(QWidget):
    """The list of classes, and a field to add one."""

    def __init__(self, studio: Studio) -> None:
        """List the classes of the session's project."""
        super().__init__()
        self._studio = studio
        self._session = studio.session
        self.rows = ClassRows(self._session, studio.theme, self)
        self.view = QTableView()
        self.field = QLineEdit()
        self._prepare()
        self._lay_out()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(200)
        self._later.timeout.connect(self.rows.count)
        self._session.project_opened.connect(self._load)
        self._session.writable_changed.connect(self._show_writable)
        self._session.changed.connect(self._on_change)
        self._session.class_changed.connect(self._show_current)
        self._load()

    def _prepare(self) -> None:
        view = self.view
        view.setModel(self.rows)
        view.horizontalHeader().hide()
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(28)
        view.setShowGrid(False)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        header = view.horizontalHeader()
        header.setMinimumSectionSize(24)
        header.setSectionResizeMode(KEY, QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(COUNT, QHeaderView.ResizeMode.ResizeToContents)
        view.setColumnWidth(KEY, 26)
        view.clicked.connect(self._on_click)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(lambda at: self._menu(view.indexAt(at).row()))
        view.setTabKeyNavigation(False)
        view.setMinimumHeight(96)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, 0, GAP, GAP)
        column.setSpacing(GAP)
        column.addWidget(self.view, 1)
        row = QHBoxLayout()
        self.field.setPlaceholderText("Add a class")
        self.field.returnPressed.connect(self._add)
        row.addWidget(self.field, 1)
        self._more = QToolButton()
        self._more.setIcon(self._studio.theme.icon("plus"))
        self._more.setToolTip("Add the class")
        self._more.clicked.connect(self._add)
        row.addWidget(self._more)
        column.addLayout(row)

    def _load(self) -> None:
        self.rows.load()
        self.rows.count()
        self._show_current()
        self._show_writable()

    def _show_writable(self) -> None:
        self.field.setEnabled(self._session.can_write)
        self._more.setEnabled(self._session.can_write)

    def _on_change(self, change: Change) -> None:
        if change.classes:
            self.rows.load()
            self._show_current()
        if change.classes or change.annotated:
            self._later.start()

    def _show_current(self) -> None:
        row = self.rows.row_of(self._session.class_id)
        self.view.clearSelection()
        if row >= 0:
            self.view.selectRow(row)

    def _on_click(self, index: QModelIndex) -> None:
        edit = use_class(self._studio, self.rows.records[index.row()])
        if edit is not None:
            self._session.do(edit)

    def _add(self) -> None:
        name = self.field.text().strip()
        if name:
            self._session.do(AddClass(name))
            self.field.clear()

    def _menu(self, row: int) -> None:
        if row < 0 or not self._session.can_write:
            return
        record = self.rows.records[row]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Rename", partial(self.view.edit, self.rows.index(row, NAME)))
        menu.addAction("Colour…", partial(self._recolour, record))
        menu.addSeparator()
        menu.addAction("Delete…", partial(self._delete, record))
        menu.popup(self.view.viewport().mapToGlobal(self.view.visualRect(self.rows.index(row, NAME)).bottomLeft()))

    def _recolour(self, record: ClassRecord) -> None:
        dialog = QColorDialog(QColor(record.colour), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(lambda colour: self._session.do(SetClass(record.id, record.name, colour.name())))
        dialog.open()

    def _delete(self, record: ClassRecord) -> None:
        question = f"Delete the class {record.name!r} with every annotation and suggestion of it? You can undo it."
        if self._studio.ask.confirm(question, "Delete"):
            self._session.do(RemoveClass(record.id))


PANEL = Panel("Classes", "classes", "right", 20, ClassPanel)
