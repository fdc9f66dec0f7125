"""The classes as a tree that a view shows: digit, name, how many, whether hidden; dragged to another place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QMimeData, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QWidget

from engine.project import class_tree, classes
from engine.project.class_edits import SetClass
from engine.project.class_tree import MoveClass
from engine.project.records import ClassRecord
from studio.session import Session
from studio.theme import Theme
from studio.widgets import ROOT, Index, swatch

KEY, NAME, COUNT, EYE = range(4)
MIME = "application/x-boxwright-class"


class ClassRows(QAbstractItemModel):
    """The classes whose names hold what is typed, and those above them."""

    counted = Signal()
    """The numbers of annotations are known."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget) -> None:
        """The classes of the session's project."""
        super().__init__(parent)
        self._session = session
        self._theme = theme
        self.records: list[ClassRecord] = []
        """Every class, in the order of the tree."""
        self.numbers: dict[int, int] = {}
        """Digits by class id."""
        self._by_id: dict[int, ClassRecord] = {}
        self._under: dict[int | None, list[ClassRecord]] = {}
        self._counts: dict[int, int] = {}
        self._typed = ""

    @property
    def is_filtered(self) -> bool:
        """Whether some classes may be left out."""
        return bool(self._typed)

    def load(self) -> None:
        """Read the classes; their counts follow."""
        known = self._session.known
        self.beginResetModel()
        found = list(known.classes.values())
        self.records = [placed.record for placed in class_tree.in_order(found)]
        self._by_id = {record.id: record for record in found}
        self.numbers = {class_id: number for number, class_id in known.numbers.items()}
        self._under = class_tree.children(self._found())
        self.endResetModel()

    def find(self, typed: str) -> None:
        """Show only classes whose names hold every word that is typed, with those above them."""
        self.beginResetModel()
        self._typed = typed.strip()
        self._under = class_tree.children(self._found())
        self.endResetModel()

    def count(self) -> None:
        """Count the annotations of each class, off the GUI thread."""
        self._session.ask("class counts", classes.counts, self._take_counts)

    def named(self, name: str) -> ClassRecord | None:
        """The class of just this name."""
        return next((record for record in self.records if record.name == name), None)

    def index_of(self, class_id: int | None, column: int = NAME) -> QModelIndex:
        """Where a class is shown; an invalid index where it is not."""
        record = self._by_id.get(class_id or 0)
        siblings = self._under.get(self._parent_of(record), []) if record else []
        row = next((row for row, each in enumerate(siblings) if each.id == class_id), -1)
        return self.createIndex(row, column, class_id or 0) if row >= 0 else QModelIndex()

    def record_at(self, index: Index) -> ClassRecord | None:
        """The class of a row."""
        return self._by_id.get(int(index.internalId())) if index.isValid() else None

    def index(self, row: int, column: int, parent: Index = ROOT) -> QModelIndex:
        """Where a row under another is."""
        above = self.record_at(parent)
        siblings = self._under.get(above.id if above else None, [])
        return self.createIndex(row, column, siblings[row].id) if 0 <= row < len(siblings) else QModelIndex()

    def parent(self, index: Index | None = None) -> Any:
        """The row above one; without an argument, Qt's owner of the model."""
        if index is None:
            return QObject.parent(self)
        record = self.record_at(index)
        above = self._parent_of(record) if record else None
        return self.index_of(above, 0) if above is not None else QModelIndex()

    def rowCount(self, parent: Index = ROOT) -> int:
        """How many classes lie under one."""
        above = self.record_at(parent)
        return 0 if parent.column() > NAME else len(self._under.get(above.id if above else None, []))

    def columnCount(self, _: Index = ROOT) -> int:
        """Digit, name with colour, count, eye."""
        return 4

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Names are edited and classes dragged where the project can be changed."""
        flags = super().flags(index)
        if self._session.can_write:
            if index.column() == NAME:
                flags |= Qt.ItemFlag.ItemIsEditable
            if not self.is_filtered:
                flags |= Qt.ItemFlag.ItemIsDragEnabled | Qt.ItemFlag.ItemIsDropEnabled
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        record, column = self.record_at(index), index.column()
        if record is None:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return (str(self.numbers.get(record.id, "")), record.name, self._count_words(record), "")[column]
        if role == Qt.ItemDataRole.DecorationRole and column == NAME:
            return swatch(record.colour)
        if role == Qt.ItemDataRole.TextAlignmentRole and column == COUNT:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole and (column != NAME or self.is_hidden(record.id)):
            return QColor(self._theme.tones.faint)
        if role == Qt.ItemDataRole.FontRole and column == NAME and record.id == self._session.class_id:
            font = QFont()
            font.setWeight(QFont.Weight.DemiBold)
            return font
        return self._tip(record, column) if role == Qt.ItemDataRole.ToolTipRole else None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Rename a class, as an edit."""
        record = self.record_at(index)
        name = str(value).strip()
        if role == Qt.ItemDataRole.EditRole and record is not None and name and name != record.name:
            self._session.do(SetClass(record.id, name, record.colour))
            return True
        return False

    def is_hidden(self, class_id: int) -> bool:
        """Whether its shapes are out of sight."""
        seen = self._session.visibility
        is_others = seen.alone is not None and bool(seen.alone_classes) and class_id not in seen.alone_classes
        return class_id in seen.hidden_classes or is_others

    def below(self, class_id: int) -> list[int]:
        """The ids of a class and of all under it, as shown."""
        return [class_id, *(id_ for each in self._under.get(class_id, []) for id_ in self.below(each.id))]

    def supportedDropActions(self) -> Qt.DropAction:
        """Classes are moved."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        """A class by its id."""
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The class that is dragged."""
        data = QMimeData()
        data.setData(MIME, str(indexes[0].internalId()).encode())
        return data

    def dropMimeData(self, data: QMimeData, _: Qt.DropAction, row: int, __: int, parent: Index) -> bool:
        """Ask for the class to be moved; False, so that the view takes nothing away itself."""
        if data.hasFormat(MIME) and not self.is_filtered:
            above = self.record_at(parent)
            siblings = self._under.get(above.id if above else None, [])
            before = siblings[row].id if 0 <= row < len(siblings) else None
            moved = int(bytes(data.data(MIME).data()))
            self._session.do(MoveClass(moved, above.id if above else None, before))
        return False

    def _found(self) -> list[ClassRecord]:
        words = self._typed.casefold().split()
        if not words:
            return self.records
        shown: set[int] = set()
        for record in self.records:
            if all(word in record.name.casefold() for word in words):
                above: ClassRecord | None = record
                while above is not None and above.id not in shown:
                    shown.add(above.id)
                    above = self._by_id.get(above.parent_id or 0)
        return [record for record in self.records if record.id in shown]

    def _parent_of(self, record: ClassRecord | None) -> int | None:
        return record.parent_id if record is not None and record.parent_id in self._by_id else None

    def _count_words(self, record: ClassRecord) -> str:
        return f"{self._counts.get(record.id, 0):,}"

    def _tip(self, record: ClassRecord, column: int) -> str | None:
        if column == EYE:
            return "Show" if self.is_hidden(record.id) else "Hide"
        if column == COUNT and (below := self.below(record.id)[1:]):
            n = sum(self._counts.get(id_, 0) for id_ in (record.id, *below))
            return f"{n:,} with the classes under it"
        return record.name if column == NAME else None

    def _take_counts(self, counts: dict[int, int]) -> None:
        self._counts = counts
        self.counted.emit()
