"""The query box: what can stand at the cursor is offered while somebody types, with what it means."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QCompleter,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from engine.project.query_completion import Completion, completions
from studio.searching.presets import examples
from studio.session import Session
from studio.surroundings import Studio
from studio.theme import GAP, Theme
from studio.widgets import ROOT, Index

POPUP_WIDTH, ROW_HEIGHT, MAX_SHOWN = 400, 26, 10


class QueryField(QLineEdit):
    """A line for a search; arrows and Enter choose among what is offered."""

    entered = Signal()
    """Enter was pressed: the search is meant."""

    def __init__(self, studio: Studio) -> None:
        """Complete names of the session's project."""
        super().__init__()
        self._session: Session = studio.session
        self.setPlaceholderText("Find pictures")
        self.setAccessibleName("Find pictures")
        self.setToolTip(
            "\n".join(f"{text}:  {meaning}" for text, meaning in examples(None)) + "\nDown: what can be typed"
        )
        self.setClearButtonEnabled(True)
        self.offered = _Offered(self)
        self.popup = QListView()
        self._completer = QCompleter(self.offered, self)
        self._completer.setWidget(self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(MAX_SHOWN)
        self._completer.setPopup(self.popup)
        self.popup.setItemDelegate(_OfferPainter(studio.theme, self))
        self._completer.activated.connect(self._take)
        self.textEdited.connect(self._offer)
        self.returnPressed.connect(self.entered)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down offers what can be typed; Escape clears."""
        if event.key() == Qt.Key.Key_Down:
            self._offer()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)

    def _offer(self, *_: object) -> None:
        text, cursor = self.text(), self.cursorPosition()
        self._session.ask("completions", lambda project: completions(project, text, cursor), self._show_offered)

    def _show_offered(self, found: tuple[Completion, ...]) -> None:
        cursor = self.cursorPosition()
        if not self.hasFocus() or any(each.end != cursor for each in found):
            return
        typed = {each.text for each in found} == {self.text()[found[0].start : cursor]} if found else True
        self.offered.show(() if typed else found)
        if not self.offered.found:
            self.popup.hide()
            return
        self._completer.complete(QRect(0, 0, max(self.width(), POPUP_WIDTH), self.height()))
        self.popup.setCurrentIndex(QModelIndex())

    def _take(self, taken: str) -> None:
        chosen = next((each for each in self.offered.found if each.text == taken), None)
        if chosen is None:
            return
        text = self.text()
        self.setText(text[: chosen.start] + chosen.text + text[chosen.end :])
        self.setCursorPosition(chosen.start + len(chosen.text))
        self.textEdited.emit(self.text())


class _Offered(QAbstractListModel):
    """What is offered now."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.found: tuple[Completion, ...] = ()

    def show(self, found: tuple[Completion, ...]) -> None:
        self.beginResetModel()
        self.found = found
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.found)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not 0 <= index.row() < len(self.found):
            return None
        if role == Qt.ItemDataRole.UserRole:
            return self.found[index.row()]
        is_text = role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole)
        return self.found[index.row()].text if is_text else None


class _OfferPainter(QStyledItemDelegate):
    """Paints what can be typed, and at the right what it means."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, _: QStyleOptionViewItem, __: Index) -> QSize:
        return QSize(100, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        offer: Completion = index.data(Qt.ItemDataRole.UserRole)
        tones, rect = self._theme.tones, option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, tones.accent_soft)
        words = rect.adjusted(GAP, 0, -GAP, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(tones.text)
        painter.drawText(words, middle | Qt.AlignmentFlag.AlignLeft, offer.text)
        painter.setPen(tones.faint)
        room = words.width() - option.fontMetrics.horizontalAdvance(offer.text) - 2 * GAP
        meaning = option.fontMetrics.elidedText(offer.meaning, Qt.TextElideMode.ElideRight, max(0, room))
        painter.drawText(words, middle | Qt.AlignmentFlag.AlignRight, meaning)
        painter.restore()
