"""How far two people agree, as a small table: all classes together, then each."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from engine.evaluation.agreement import Agreement, ClassAgreement

HEADINGS = ("Class", "Kappa", "Mean IoU", "Both")
TIPS = (
    "",
    "Cohen's kappa: 1 where the two always agree, 0 where no more than by chance; nothing is a class, too",
    "Of what both have marked",
    "Marked by both with this class",
    "",
    "",
)
ROW, MOST_ROWS, WIDEST = 28, 8, 120


def agreement_table(found: Agreement, a: str, b: str) -> QTableWidget:
    """A table of what A and B, by name, agree about."""
    rows = [_all_of_them(found), *map(_of_class, found.classes)]
    table = QTableWidget(len(rows), len(TIPS))
    for column, (title, tip) in enumerate(zip((*HEADINGS, f"Only {a}", f"Only {b}"), TIPS, strict=True)):
        heading = QTableWidgetItem(table.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, WIDEST))
        heading.setToolTip(tip or title)
        heading.setTextAlignment(_side(column))
        table.setHorizontalHeaderItem(column, heading)
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            item = QTableWidgetItem(value)
            item.setTextAlignment(_side(column))
            table.setItem(row, column, item)
    _dress(table, len(rows))
    return table


def _side(column: int) -> Qt.AlignmentFlag:
    """Words stand left, numbers right."""
    return (Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter


def _dress(table: QTableWidget, n_rows: int) -> None:
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    table.setShowGrid(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(ROW)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setSectionsClickable(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    table.setFixedHeight(header.sizeHint().height() + ROW * min(n_rows, MOST_ROWS) + 10)


def _all_of_them(found: Agreement) -> tuple[str, ...]:
    numbers = (found.same_class, found.only_a, found.only_b)
    return ("All classes", _number(found.kappa), _number(found.mean_iou), *(f"{n:,}" for n in numbers))


def _of_class(one: ClassAgreement) -> tuple[str, ...]:
    numbers = (one.both, one.only_a, one.only_b)
    return (one.class_name, _number(one.kappa), _number(one.mean_iou), *(f"{n:,}" for n in numbers))


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
