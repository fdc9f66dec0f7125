"""The path of a detection, step by step with its numbers; each step leads to its stage."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from engine.tracing.paths import Path
from studio.inspection import Inspection
from studio.inspector.path_words import PathRow, path_rows


class PathList(QListWidget):
    """The steps; a click goes to the stage with the row marked."""

    def __init__(self, inspection: Inspection) -> None:
        """Empty."""
        super().__init__()
        self._of = inspection
        self.rows: list[PathRow] = []
        self.setWordWrap(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("How it came about")
        self.setMinimumHeight(150)
        self.itemClicked.connect(self._go)

    def show_path(self, found: Path | None, class_name: str) -> None:
        """Another one, or none."""
        self.rows = [] if found is None else path_rows(found, class_name)
        self.clear()
        for row in self.rows:
            self.addItem(row.words)
        self.setVisible(bool(self.rows))

    def _go(self, item: QListWidgetItem) -> None:
        picked = self.rows[self.row(item)].picked
        trace = self._of.trace
        if trace is not None and picked.stage in [stage.name for stage in trace.stages]:
            self._of.show_stage(picked.stage)
            self._of.pick(picked)
