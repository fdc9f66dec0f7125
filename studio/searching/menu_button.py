"""A button that opens a menu, for a narrow place: its words are cut where there is no room for them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton

from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import role

BARE, LEAST = 44, 24
"""How wide it is without words, and how much of the words is seen at least, in pixels."""


class MenuButton(QToolButton):
    """An icon, words and a small arrow."""

    def __init__(self, studio: Studio, icon: str) -> None:
        """An icon alone, until it is given words."""
        super().__init__()
        role(self, "menu")
        self._words = ""
        self.setIcon(studio.theme.icon(icon))
        self.setIconSize(QSize(16, 16))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setMenu(QMenu(self))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def show_words(self, words: str) -> None:
        """Show other words beside the icon."""
        self._words = words
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.updateGeometry()
        self._fit()

    def sizeHint(self) -> QSize:
        """Room for all words."""
        words = self.fontMetrics().horizontalAdvance(self._words)
        return QSize(self._bare() + words + 2, super().sizeHint().height())  # or the last letter would be cut

    def minimumSizeHint(self) -> QSize:
        """Room for some letters."""
        return QSize(self._bare() + (LEAST if self._words else 0), super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = max(0, self.width() - self._bare() + 2)
        self.setText(self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, room))

    def _bare(self) -> int:
        """How wide it is without words."""
        return BARE + (GAP if self._words else 0)
