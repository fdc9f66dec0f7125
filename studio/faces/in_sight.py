"""InSight: a view is brought up to date while somebody looks at it; what happens meanwhile is shown when it is seen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget


class InSight(QObject):
    """Calls `show` at every `refresh` of a widget that is in sight, else once when it is seen again."""

    def __init__(self, widget: QWidget, show: Callable[[], None]) -> None:
        """What is to be shown is due from the start."""
        super().__init__(widget)
        self._widget, self._show = widget, show
        self._is_due = True
        widget.installEventFilter(self)

    def refresh(self) -> None:
        """What is to be shown is another."""
        self._is_due = True
        if self._widget.isVisible():
            self._do()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """It is seen."""
        if event.type() == QEvent.Type.Show and self._is_due:
            self._do()
        return super().eventFilter(watched, event)

    def _do(self) -> None:
        self._is_due = False
        self._show()
