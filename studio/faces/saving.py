"""What a view of the page Faces draws, as files: every chart that is shown as PNG and as SVG, in a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from studio.charts.saving import drawn_all, write_all
from studio.faces.model import FacesModel
from studio.surroundings import Studio

NOTHING = "There is no picture to save on this view yet."


class ChartSaver(QObject):
    """Saves one view's charts when that is asked for while the view is in sight; files are written in a thread."""

    def __init__(
        self, studio: Studio, model: FacesModel, view: QWidget, charts: Callable[[], Mapping[str, QWidget]]
    ) -> None:
        """`charts` are asked by what their files are to be called; those that are hidden are left out."""
        super().__init__(view)
        self._studio, self._view, self._charts = studio, view, charts
        model.charts_wanted.connect(self.save)

    def save(self, folder: Path) -> None:
        """Into this folder."""
        session = self._studio.session
        if not self._view.isVisible():
            return
        shown = {name: each for name, each in self._charts().items() if each.isVisibleTo(self._view)}
        if not shown:
            session.said.emit(NOTHING)
            return
        files = drawn_all(shown, folder)
        session.ask(f"charts {folder}", lambda _: write_all(files), session.said.emit)
