"""The pane that explains the stage that is looked at, with the numbers of what is picked."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from engine.tracing.explaining import Example, example_at, example_of, explained
from engine.tracing.trace import Trace
from studio.inspection import Picked
from studio.inspector.explained import Explained
from studio.surroundings import Studio


class ExplanationPane(QWidget):
    """Follows the stage and what is picked, while it is in sight."""

    def __init__(self, studio: Studio) -> None:
        """Of the studio's inspection."""
        super().__init__()
        self._of = studio.inspection
        self.explained = Explained(studio.theme)
        self.copy = QToolButton()
        self.copy.setIcon(studio.theme.icon("copy"))
        self.copy.setIconSize(QSize(16, 16))
        self.copy.setToolTip("Copy the explanation")
        self.copy.setAccessibleName("Copy the explanation")
        self.copy.clicked.connect(self.explained.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignRight)
        column.addWidget(self.explained, 1)
        for signal in (self._of.changed, self._of.stage_changed, self._of.picked_changed):
            signal.connect(self._follow)
        self._of.what_if.outcome_changed.connect(self._follow)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        self._follow()

    def _follow(self) -> None:
        if not self.isVisible():
            return
        trace, name = self._of.trace, self._of.stage_name
        self.copy.setEnabled(trace is not None and bool(name))
        if trace is None or not name:
            self.explained.show_explanation(None)
            return
        outcome = self._of.what_if.outcome
        if outcome is None and not trace.is_lesson:
            return  # it comes in a moment
        selected = None if outcome is None else outcome.selections.get(name)
        told = explained(trace, name, example(trace, self._of.picked), selected)
        if told != self.explained.shown:
            self.explained.show_explanation(told)


def example(trace: Trace, picked: Picked | None) -> Example:
    """Whose numbers are shown: those of what is picked, else of the most certain detection."""
    if trace.is_lesson:
        return Example()
    return example_of(trace) if picked is None else example_at(trace, picked.stage, picked.row, picked.class_index)
