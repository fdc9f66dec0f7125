"""Missed annotations in a table that can be sorted, and how many were lost where; each row leads to its image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, QSortFilterProxyModel, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QTableWidget, QTableWidgetItem

from engine.inspecting.misses import Miss, SplitAutopsy
from engine.tracing.explaining.wording import plain_number
from engine.tracing.verdicts import LOSSES, TITLES, Loss
from studio.widgets import ROOT, Index

_HEADINGS = ("Image", "Class", "Lost at", "Would be kept by", "Then")
_LOSS, _REMEDY, _THEN = 2, 3, 4
_SORT = Qt.ItemDataRole.UserRole
FOUND = "Found"
_ROW = 26


class MissRows(QAbstractTableModel):
    """One row for each missed annotation, in the order they were looked at."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Empty."""
        super().__init__(parent)
        self.misses: tuple[Miss, ...] = ()

    def show_misses(self, misses: Sequence[Miss]) -> None:
        """Show these; where they only grew, what was there stays as it is."""
        new, old = tuple(misses), self.misses
        if new[: len(old)] == old:
            if len(new) > len(old):
                self.beginInsertRows(ROOT, len(old), len(new) - 1)
                self.misses = new
                self.endInsertRows()
            return
        self.beginResetModel()
        self.misses = new
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        """How many were missed."""
        return 0 if parent.isValid() else len(self.misses)

    def columnCount(self, parent: Index = ROOT) -> int:
        """What is said of each."""
        return 0 if parent.isValid() else len(_HEADINGS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The headings."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _HEADINGS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What is said, the verdict in full as a tooltip, and what rows are sorted by."""
        miss, column = self.misses[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return _words(miss, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return miss.words
        if role == _SORT:
            return LOSSES.index(miss.loss) if column == _LOSS else _words(miss, column).casefold()
        return None


def _words(miss: Miss, column: int) -> str:
    if column == _LOSS:
        return TITLES[miss.loss]
    if column == _REMEDY:
        return "" if miss.setting is None or miss.value is None else f"{miss.setting} {plain_number(miss.value)}"
    if column == _THEN:
        return "" if miss.then is None else FOUND if miss.then == "found" else TITLES[miss.then]
    return miss.class_name if column else miss.image_name


class _OfLoss(QSortFilterProxyModel):
    """Only what was lost at one place, or all."""

    def __init__(self, rows: MissRows) -> None:
        super().__init__(rows)
        self._rows = rows
        self.loss: Loss | None = None
        self.setSourceModel(rows)
        self.setSortRole(_SORT)

    def show_only(self, loss: Loss | None) -> None:
        """Show only what was lost there."""
        self.beginFilterChange()
        self.loss = loss
        self.endFilterChange()

    def filterAcceptsRow(self, row: int, _: Index) -> bool:
        """Whether it was lost there."""
        return self.loss is None or self._rows.misses[row].loss == self.loss


class MissTable(QTableView):
    """The rows; a double click or Enter opens one."""

    opened = Signal(object)
    """Miss: somebody wants to see it."""

    def __init__(self) -> None:
        """Empty."""
        super().__init__()
        self.rows = MissRows(self)
        self.shown = _OfLoss(self.rows)
        self.setModel(self.shown)
        self.setSortingEnabled(True)
        self.shown.sort(-1)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        self.setAccessibleName("Missed annotations")
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        for column, width in enumerate((120, 76, 170, 200)):
            self.setColumnWidth(column, width)
        self.activated.connect(self._open)

    def miss(self, row: int) -> Miss:
        """What a shown row is."""
        return self.rows.misses[self.shown.mapToSource(self.shown.index(row, 0)).row()]

    def _open(self, index: Index) -> None:
        self.opened.emit(self.miss(index.row()))


class LossTable(QTableWidget):
    """How many annotations were found, and lost at each place; a click shows only those."""

    picked = Signal(object)
    """The loss, or None for all."""

    def __init__(self) -> None:
        """Empty."""
        super().__init__(0, 3)
        self._losses: list[Loss | None] = []
        self.setHorizontalHeaderLabels(["Annotations", "Number", "Share"])
        self.setAccessibleName("Where annotations were lost")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.itemSelectionChanged.connect(self._pick)

    def show_counts(self, found: SplitAutopsy | None) -> None:
        """Show another result, or more of it; what is chosen stays so."""
        lines: list[tuple[str, int, Loss | None]] = []
        if found is not None:
            lines = [("All", found.n_truths, None), (FOUND, found.n_found, None)]
            lines += [(TITLES[loss], n, loss) for loss, n in found.lost.items()]
        chosen = self.chosen
        self.blockSignals(True)
        self._losses = [loss for _, _, loss in lines]
        self.setRowCount(len(lines))
        for row, (title, n, loss) in enumerate(lines):
            self._fill(row, (title, f"{n:,}", f"{n / lines[0][1]:.1%}" if lines[0][1] else "–"))
            if loss is not None and loss == chosen:
                self.selectRow(row)
        self.blockSignals(False)

    @property
    def chosen(self) -> Loss | None:
        """What is shown alone."""
        rows = self.selectionModel().selectedRows()
        return self._losses[rows[0].row()] if rows and rows[0].row() < len(self._losses) else None

    def _fill(self, row: int, texts: Sequence[str]) -> None:
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            if column:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.setItem(row, column, item)

    def _pick(self) -> None:
        self.picked.emit(self.chosen)
