"""Splits assigned at random, every class in proportion; what it gives is shown before, by class and split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)  # fmt: skip

from engine.project import classes
from engine.project.records import SPLITS, ClassRecord, Split
from engine.project.splits import AssignSplits, SplitPlan, SplitProposal, propose
from engine.project.store import Project
from studio.dialogs._frame import Frame, form, paragraph
from studio.surroundings import Studio, Subject
from studio.theme import GAP
from studio.widgets import swatch

TITLES: dict[Split, str] = {"train": "Training", "val": "Validation", "test": "Test"}
SHARES: dict[Split, int] = {"train": 70, "val": 20, "test": 10}
PAUSE_MS = 150
"""After the last change the preview is worked out."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a plan would give."""

    plan: SplitPlan
    proposal: SplitProposal
    classes: tuple[ClassRecord, ...]


class AssignSplitsDialog(Frame):
    """Which pictures, which shares, which seed; the table follows."""

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        """Of the project's pictures, those that are found, or those that are chosen."""
        words = "Pictures are divided at random, so that every class is in each split in proportion."
        super().__init__("Assign splits", parent, width=520, words=words)
        self._session = studio.session
        self.which, self.seed = QComboBox(), QSpinBox()
        self.shares = {split: _share(split) for split in SPLITS}
        self.keep = QCheckBox("Leave pictures that have a split already as they are")
        self.table = QTableWidget()
        self._note = paragraph("")
        self._preview: Preview | None = None
        self._fill_which()
        self._lay_out()
        self.add_button("Cancel", self.reject)
        self.button = self.add_button("Assign", self._assign, is_default=True)
        self.button.setEnabled(False)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(PAUSE_MS)
        self._soon.timeout.connect(self._ask)
        for box in (self.seed, *self.shares.values()):
            box.lineEdit().setTextMargins(GAP // 2, 0, 0, 0)
        for changed in (self.which.currentIndexChanged, self.seed.valueChanged, self.keep.toggled):
            changed.connect(self._restart)
        for box in self.shares.values():
            box.valueChanged.connect(self._restart)
        self._ask()

    def _fill_which(self) -> None:
        listing = self._session.listing
        self.which.addItem("All pictures", None)
        if listing.search.text.strip() and listing.ids:
            self.which.addItem(f"The {len(listing.ids):,} that are found", tuple(listing.ids))
        if len(listing.chosen) > 1:
            self.which.addItem(f"The {len(listing.chosen):,} that are chosen", listing.subjects)
            self.which.setCurrentIndex(self.which.count() - 1)

    def _lay_out(self) -> None:
        shares = QHBoxLayout()
        shares.setSpacing(GAP)
        for split, box in self.shares.items():
            box.setPrefix(f"{TITLES[split]} ")
            box.setAccessibleName(f"Share of {TITLES[split].lower()}")
            shares.addWidget(box, 1)
        self.seed.setRange(0, 999_999)
        self.seed.setToolTip("The same seed divides the same pictures in the same way")
        rows = form()
        rows.addRow("Pictures", self.which)
        rows.addRow("Shares", shares)
        rows.addRow("Seed", self.seed)
        self.body.addLayout(rows)
        self.body.addWidget(self.keep)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        self.table.setMinimumHeight(176)
        self.table.setAccessibleName("What it gives")
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self._note)

    def _restart(self, *_: object) -> None:
        self.button.setEnabled(False)
        self._soon.start()

    def _plan(self) -> SplitPlan:
        shares: dict[Split, float] = {split: box.value() for split, box in self.shares.items()}
        return SplitPlan(shares, self.seed.value(), self.keep.isChecked(), self.which.currentData())

    def _ask(self) -> None:
        plan = self._plan()
        if not any(plan.shares.values()):
            self._note.setText("At least one split needs a share.")
            return
        self._session.ask("split preview", lambda project: _worked_out(project, plan), self._show)

    def _show(self, preview: Preview) -> None:
        self._preview = preview
        of = preview.proposal
        self.table.clear()
        self.table.setColumnCount(1 + len(SPLITS))
        self.table.setRowCount(1 + len(of.n_images_of_class))
        self.table.setHorizontalHeaderLabels(["", *TITLES.values()])
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._show_row(0, "Pictures", of.n_images)
        listed = [record for record in preview.classes if record.id in of.n_images_of_class]
        for row, record in enumerate(listed, 1):
            self._show_row(row, record.name, of.n_images_of_class[record.id], swatch(record.colour))
        n = sum(of.n_images.values())
        n_percent = sum(box.value() for box in self.shares.values())
        ratio = "" if n_percent == 100 else f" The shares are {n_percent} % together: only their ratio counts."
        self._note.setText(f"It is one step to undo.{ratio}")
        self.button.setText(f"Assign {n:,}")
        self.button.setEnabled(n > 0 and self._session.can_write)

    def _show_row(self, row: int, title: str, counts: Mapping[Split, int], icon: QIcon | None = None) -> None:
        first = QTableWidgetItem(title)
        if icon is not None:
            first.setIcon(icon)
        self.table.setItem(row, 0, first)
        total = sum(counts.values())
        for column, split in enumerate(SPLITS, 1):
            share = f"  ({counts[split] / total:.0%})" if total else ""
            item = QTableWidgetItem(f"{counts[split]:,}{share}")
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.table.setItem(row, column, item)

    def _assign(self) -> None:
        if self._preview is not None:
            self._session.do(AssignSplits(self._preview.plan))
        self.accept()


def _share(split: Split) -> QSpinBox:
    box = QSpinBox()
    box.setRange(0, 100)
    box.setSuffix(" %")
    box.setValue(SHARES[split])
    return box


def _worked_out(project: Project, plan: SplitPlan) -> Preview:
    return Preview(plan, propose(project, plan), tuple(classes.all_classes(project)))


def open_assign_splits(studio: Studio, _: Subject, parent: QWidget) -> QDialog:
    """About the open project."""
    return AssignSplitsDialog(studio, parent)


DIALOG = open_assign_splits
