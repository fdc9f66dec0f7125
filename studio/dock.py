"""Dock: a panel's place at a side of the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from studio.panels import Panel


class Dock(QDockWidget):
    """A dock whose panel is made when it is first seen, or ahead of that."""

    def __init__(self, name: str, panel: Panel, make: Callable[[], QWidget], window: QMainWindow) -> None:
        """An empty dock for `panel`."""
        super().__init__(panel.title, window)
        self.setObjectName(f"dock.{name}")
        self.panel = panel
        self._make: Callable[[], QWidget] | None = make
        self.setWidget(QWidget())
        self.visibilityChanged.connect(self._on_visibility)

    def show_title(self, is_shown: bool) -> None:
        """Show the title, or leave it to a tab."""
        bar: QWidget | None = self.titleBarWidget()
        if is_shown and bar is not None:
            self.setTitleBarWidget(None)  # type: ignore[arg-type]  # Qt's way to have its own again
            bar.deleteLater()
        elif not is_shown and bar is None:
            self.setTitleBarWidget(QWidget())

    def make(self) -> None:
        """Make the panel, unless it is there."""
        if self._make is not None:
            make, self._make = self._make, None
            self.setWidget(make())

    def _on_visibility(self, is_visible: bool) -> None:
        if is_visible:
            self.make()
