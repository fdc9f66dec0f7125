"""The button in the status bar that says what the live IoU is measured against, and lets one choose."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from studio.reference import offered
from studio.surroundings import Studio


class ReferenceButton(QToolButton):
    """A line of words with a menu of layers, filled whenever it opens."""

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        """Follow the session."""
        super().__init__(parent)
        self._studio = studio
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setProperty("role", "menu")
        self.setToolTip("What the live IoU of a moving shape is measured against")
        self.setAccessibleName("Live IoU against")
        studio.session.reference_changed.connect(self._show)
        studio.session.project_opened.connect(self._show)
        self._show()

    def _show(self) -> None:
        self.setVisible(self._studio.session.project is not None)
        reference = self._studio.session.reference
        self.setText("Live IoU off" if reference.kind == "off" else f"IoU: {reference.title.lower()}")

    def _fill(self) -> None:
        self._menu.clear()
        session = self._studio.session
        if session.project is None:
            return
        group = QActionGroup(self._menu)
        for reference in offered(session.project, session.author_id):
            if reference.kind == "off":
                self._menu.addSeparator()
            action = self._menu.addAction(reference.title)
            action.setCheckable(True)
            action.setChecked(reference == session.reference)
            action.triggered.connect(partial(session.compare_with, reference))
            group.addAction(action)
