"""The switcher between the pages of the window: a row of buttons at the right of the toolbar."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from studio.pages import Page, in_order
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import role


class Switcher(QWidget):
    """A button for each page; they keep their words while there is room, and then the shown page's alone."""

    def __init__(self, studio: Studio) -> None:
        """Follow the session."""
        super().__init__()
        self._session = studio.session
        self.buttons: dict[str, QToolButton] = {}
        self._frame = role(QFrame(), "segments")
        self._group = QButtonGroup(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row, inner = QHBoxLayout(self), QHBoxLayout(self._frame)
        row.setContentsMargins(GAP, 0, GAP // 2, 0)
        row.addStretch(1)
        row.addWidget(self._frame)
        inner.setContentsMargins(2, 2, 2, 2)
        inner.setSpacing(2)
        for name, page in in_order():
            self.buttons[name] = self._button(studio, name, page)
            inner.addWidget(self.buttons[name])
        self._session.page_changed.connect(self._show_current)
        self._show_current()

    def sizeHint(self) -> QSize:
        """As little as will do: the toolbar gives it what is left of the row."""
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        """Icons, and the words of the shown page."""
        widths = [self._width(button, worded=button.isChecked()) for button in self.buttons.values()]
        return QSize(sum(widths) + 4 * GAP, self._frame.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the words that there is room for."""
        super().resizeEvent(event)
        self._dress()

    def _button(self, studio: Studio, name: str, page: Page) -> QToolButton:
        button = QToolButton()
        button.setText(page.title)
        button.setIcon(studio.theme.icon(page.icon))
        button.setIconSize(QSize(16, 16))
        tip = partial(studio.keys.tip, f"view.page_{name}", page.help.rstrip("."))
        button.setToolTip(tip())
        studio.keys.changed.connect(lambda: button.setToolTip(tip()))
        button.setAccessibleName(page.title)
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(partial(self._take, name))
        self._group.addButton(button)
        return button

    def _take(self, name: str, _: bool = False) -> None:
        self._session.show_page(name)

    def _show_current(self) -> None:
        self.buttons[self._session.page].setChecked(True)
        self._dress()
        self.updateGeometry()

    def _dress(self) -> None:
        wanted = sum(self._width(button, worded=True) for button in self.buttons.values()) + 3 * GAP
        for button in self.buttons.values():
            is_worded = self.width() >= wanted or button.isChecked()
            style = Qt.ToolButtonStyle
            button.setToolButtonStyle(style.ToolButtonTextBesideIcon if is_worded else style.ToolButtonIconOnly)

    @staticmethod
    def _width(button: QToolButton, *, worded: bool) -> int:
        words = button.fontMetrics().horizontalAdvance(button.text()) + GAP if worded else 0
        return words + button.iconSize().width() + 2 * GAP
