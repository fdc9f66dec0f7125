"""How good a run is, and why not better: numbers, curves and errors, of which each leads to the pictures behind it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QSplitter, QVBoxLayout, QWidget

from studio.charts.saving import drawn_all, write_all
from studio.pages import Page
from studio.pages._case_list import CaseList
from studio.pages._evaluate_charts import Charts
from studio.pages._evaluate_head import Head
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import role, scrolling

NO_RUN = "Nothing is trained here yet.\nFine-Tune trains a detector, and this page says how good it is."


class EvaluatePage(QWidget):
    """Head, charts, and below them the pictures behind what was clicked."""

    def __init__(self, studio: Studio) -> None:
        """Of the session's project."""
        super().__init__()
        self._studio, self._of = studio, studio.evaluations
        self.head, self.charts, self.cases = Head(studio), Charts(studio), CaseList(studio)
        self._nothing = role(QLabel(), "faint")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setWordWrap(True)
        self._scroll = scrolling()
        self._lay_out()
        self._of.changed.connect(self._show_state)
        self._of.looked.connect(self._show_state)
        self._of.charts_wanted.connect(self.save_charts)
        studio.session.project_opened.connect(self._begin)

    def sizeHint(self) -> QSize:
        """As much as there is."""
        return QSize(900, 640)

    def showEvent(self, event: QShowEvent) -> None:
        """Evaluate what is chosen, the first time it is seen."""
        super().showEvent(event)
        self._begin()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Lay the charts out anew where the width allows another number of columns."""
        if event.type() == QEvent.Type.Resize:
            self.charts.place(self._scroll.viewport().width())
        return super().eventFilter(watched, event)

    def save_charts(self, folder: Path) -> None:
        """Draw every chart, and have the files written on the reader's thread."""
        files = drawn_all(self.charts.cards, folder)
        self._studio.session.ask("charts", lambda _: write_all(files), self._studio.session.said.emit)

    def _lay_out(self) -> None:
        self._scroll.setWidget(self.charts)
        self._scroll.viewport().installEventFilter(self)
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.addWidget(self._scroll)
        self._split.addWidget(self.cases)
        self._split.setStretchFactor(0, 1)
        self._split.setCollapsible(0, False)
        self._split.setSizes([640, 264])
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, GAP, GAP, 0)
        column.setSpacing(GAP)
        column.addWidget(self.head)
        column.addWidget(self._split, 1)
        column.addWidget(self._nothing, 1)

    def _begin(self) -> None:
        if self.isVisible() and self._studio.session.project is not None:
            self._of.choose_first()
            self.head.show_state()
            self._show_state()

    def _show_state(self) -> None:
        if not self.isVisible():
            return
        if self._of.wants_evaluating:
            self._of.evaluate()
        result = self._of.result
        has_numbers = result is not None and bool(result.image_ids)
        self._split.setVisible(has_numbers)
        self._nothing.setVisible(not has_numbers)
        if self._of.choice.run_id is None:
            self._nothing.setText(NO_RUN)
        elif self._of.is_busy:
            self._nothing.setText("Comparing…")
        elif result is not None and not result.waiting_ids:
            self._nothing.setText("There are no such pictures.")
        else:
            self._nothing.setText("The numbers are here once the run has looked at these pictures.")


PAGE = Page(
    "Evaluate",
    "evaluate",
    4,
    EvaluatePage,
    "See how good a run is, and what it gets wrong.",
    "Click a number, bar, cell or point to see its pictures; double-click a picture to open it there.",
)
