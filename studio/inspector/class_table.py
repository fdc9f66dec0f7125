"""Thresholds that single classes have of their own: a table to type in; what is empty is as for all classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from engine.tracing.remedies import setting_name
from engine.tracing.rules import LeastScore, Nms
from studio.inspector.knobs import RulesByName, cuts_by_class

_MOST_ROWS = 8


class ClassTable(QTableWidget):
    """A row for each class, a column for each threshold."""

    chosen = Signal(int, int, object)
    """The place of the cut among the last selection's, the class, its value or None."""

    def __init__(self, class_names: Sequence[str], rules: RulesByName) -> None:
        """Of the thresholds that these rules have."""
        self._places = cuts_by_class(rules)
        super().__init__(len(class_names), 1 + len(self._places))
        self._rules = rules
        last = list(rules)[-1]
        titles = [setting_name(rules[last][at], is_of_proposals=False) for _, at in self._places]
        self.setHorizontalHeaderLabels(["Class", *titles])
        self.setAccessibleName("Thresholds by class")
        self.setToolTip("Type a threshold for a class; what is empty is as for all.")
        self.verticalHeader().hide()
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._fill(class_names)
        self.show_rules(rules)
        self.itemChanged.connect(self._take)

    def show_rules(self, rules: RulesByName) -> None:
        """Show the values of these."""
        self._rules = rules
        with QSignalBlocker(self):
            for column, (selection, at) in enumerate(self._places, 1):
                own = _by_class(rules, selection, at)
                for row in range(self.rowCount()):
                    item = self.item(row, column)
                    if item is not None:
                        item.setText(f"{own[row]:g}" if row in own else "")

    def _fill(self, class_names: Sequence[str]) -> None:
        for row, name in enumerate(class_names):
            title = QTableWidgetItem(name)
            title.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self.setItem(row, 0, title)
            for column in range(1, self.columnCount()):
                item = QTableWidgetItem()
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.setItem(row, column, item)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        shown = min(len(class_names), _MOST_ROWS)
        self.setFixedHeight(header.sizeHint().height() + shown * self.verticalHeader().defaultSectionSize() + 8)

    def _take(self, item: QTableWidgetItem) -> None:
        _, at = self._places[item.column() - 1]
        value = _share(item.text())
        if value is None and item.text().strip():
            self.show_rules(self._rules)  # what was typed is no number
        else:
            self.chosen.emit(at, item.row(), value)


def _by_class(rules: RulesByName, selection: str, at: int) -> Mapping[int, float]:
    cut = rules[selection][at]
    return cut.by_class if isinstance(cut, LeastScore | Nms) else {}


def _share(text: str) -> float | None:
    """A number from 0 to 1; a comma will do."""
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None
