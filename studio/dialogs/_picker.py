"""Picker: a field and a list; some letters find a row, Enter takes it. The palette and its kin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from studio.fuzzy import ranked
from studio.theme import GAP, Theme
from studio.widgets import Index, role

WIDTH, HEIGHT, ROW_HEIGHT = 560, 400, 34
_LIST_KEYS = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown})


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """One row: its words, what stands faintly at the right, and what happens when it is taken."""

    title: str
    aside: str
    take: Callable[[], object]
    help: str = ""
    icon: QIcon | None = None
    is_possible: bool = True


class Picker(QDialog):
    """Over the upper part of a window."""

    def __init__(
        self, prompt: str, choices: Sequence[Choice], theme: Theme, parent: QWidget, *, if_none: str = ""
    ) -> None:
        """Choose among `choices`; `if_none` is said where there are none at all."""
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._choices, self._if_none = choices, if_none
        self.field, self.list, self.nothing = QLineEdit(), QListWidget(), role(QLabel(), "faint")
        self.field.setPlaceholderText(prompt)
        self.field.setAccessibleName(prompt)
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._find)
        self.list.setItemDelegate(_RowPainter(theme, self))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(self._take)
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, GAP, GAP, GAP)
        column.setSpacing(GAP)
        column.addWidget(self.field)
        column.addWidget(self.list)
        self._lay_nothing()
        self._place(parent)
        self._find("")
        self.field.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows move in the list and Enter takes, while the letters go into the field."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in _LIST_KEYS:
                self.list.keyPressEvent(event)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._take(self.list.currentItem())
                return True
        return super().eventFilter(watched, event)

    def _lay_nothing(self) -> None:
        column = QVBoxLayout(self.list)
        column.setContentsMargins(2 * GAP, 2 * GAP, 2 * GAP, 2 * GAP)
        column.addWidget(self.nothing)
        column.addStretch(1)
        self.nothing.setWordWrap(True)
        self.nothing.setTextFormat(Qt.TextFormat.PlainText)

    def _place(self, parent: QWidget) -> None:
        self.resize(min(WIDTH, parent.width() - 4 * GAP), min(HEIGHT, parent.height() - 10 * GAP))
        corner = parent.mapToGlobal(parent.rect().topLeft())
        self.move(corner.x() + (parent.width() - self.width()) // 2, corner.y() + 8 * GAP)

    def _find(self, typed: str) -> None:
        self.list.clear()
        for choice in ranked(typed, self._choices, lambda each: each.title):
            item = QListWidgetItem(choice.title, self.list)
            item.setData(Qt.ItemDataRole.UserRole, choice)
            item.setToolTip(choice.help)
        self.list.setCurrentRow(0)
        is_empty = self.list.count() == 0
        self.nothing.setText(f"Nothing is called “{typed}”." if self._choices else self._if_none)
        self.nothing.setVisible(is_empty)

    def _take(self, item: QListWidgetItem | None) -> None:
        choice = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        if isinstance(choice, Choice) and choice.is_possible:
            self.accept()
            choice.take()


class _RowPainter(QStyledItemDelegate):
    """Paints a choice: icon, title, and its keys or place at the right."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, _: QStyleOptionViewItem, __: Index) -> QSize:
        return QSize(100, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        choice = index.data(Qt.ItemDataRole.UserRole)
        tones, rect = self._theme.tones, option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tones.accent_soft))
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 5, 5)
        if choice.icon is not None:
            mode = QIcon.Mode.Normal if choice.is_possible else QIcon.Mode.Disabled
            choice.icon.paint(painter, rect.left() + 10, rect.top() + 8, 18, 18, mode=mode)
        words = rect.adjusted(38 if choice.icon is not None else 12, 0, -12, 0)
        painter.setPen(QColor(tones.text if choice.is_possible else tones.disabled))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(words, middle | Qt.AlignmentFlag.AlignLeft, choice.title)
        painter.setPen(QColor(tones.faint if choice.is_possible else tones.disabled))
        room = words.width() - option.fontMetrics.horizontalAdvance(choice.title) - 2 * GAP
        aside = option.fontMetrics.elidedText(choice.aside, Qt.TextElideMode.ElideLeft, max(0, room))
        painter.drawText(words, middle | Qt.AlignmentFlag.AlignRight, aside)
        painter.restore()
