"""CardGrid: people as cards; one is chosen by pointer or keys, opened, or has pictures dropped on it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QEvent, QItemSelectionModel, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
)
from PySide6.QtWidgets import QAbstractItemView

from studio.enrolling import paths_in
from studio.faces.face_painting import BADGE, PAD, paint_badge, paint_crop
from studio.faces.model import FacesModel
from studio.faces.people_cards import PersonCard
from studio.faces.taking import is_welcome
from studio.theme import Theme
from studio.tiles.view import TileView
from studio.widgets import ROOT, Index

SIDE = 112
WIDER = 36
"""How much wider a card is than its picture: names are long."""
_OPENS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_CHORD = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


class CardRows(QAbstractListModel):
    """The cards, one row each."""

    def __init__(self) -> None:
        """None yet."""
        super().__init__()
        self.cards: tuple[PersonCard, ...] = ()
        self.row_of: dict[int, int] = {}
        """By the template that is shown on the card."""

    def show(self, cards: Sequence[PersonCard]) -> None:
        """Show these."""
        if cards == self.cards:
            return
        self.beginResetModel()
        self.cards = tuple(cards)
        self.row_of = {card.template_id: row for row, card in enumerate(cards) if card.template_id is not None}
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        """How many people there are."""
        return 0 if parent.isValid() else len(self.cards)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Words for tips and screen readers."""
        if not 0 <= index.row() < len(self.cards):
            return None
        card = self.cards[index.row()]
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return card.tip
        return card.person.name if role == Qt.ItemDataRole.DisplayRole else None


class CardGrid(TileView):
    """Cards in lines."""

    opened = Signal(int)
    """Somebody wants all of this person: the identity's id."""
    dropped = Signal(object, object)
    """Paths, a tuple, and the id of the identity on whose card they were dropped, or None."""
    removal_wanted = Signal()
    menu_wanted = Signal(QPoint)

    _target = -1
    """The row that pictures are dragged over."""

    def __init__(self, theme: Theme, model: FacesModel) -> None:
        """No cards yet."""
        super().__init__(theme, SIDE)
        self._model = model
        self.rows = CardRows()
        self.setModel(self.rows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAccessibleName("People")
        self.setAcceptDrops(True)
        self.selectionModel().currentChanged.connect(self._tell)
        self.doubleClicked.connect(lambda index: self.opened.emit(self.rows.cards[index.row()].person.id))
        model.crop_ready.connect(self._on_crop)
        self.side_wanted.connect(self.show_at)

    def show_cards(self, cards: Sequence[PersonCard]) -> None:
        """Show these; the chosen person stays chosen."""
        at = self.verticalOffset()
        self.rows.show(cards)
        self.updateGeometries()
        self.verticalScrollBar().setValue(at)
        self.follow()
        self.viewport().update()

    def follow(self) -> None:
        """Choose the person that commands are about."""
        ids = [card.person.id for card in self.rows.cards]
        person_id = self._model.person_id
        selection = self.selectionModel()
        row = self.currentIndex().row()
        if person_id in ids and (row < 0 or ids[row] != person_id):
            index = self._index(ids.index(person_id))
            selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        elif person_id is None and row >= 0:
            selection.clear()

    def tile_size(self) -> QSize:
        """A picture with three lines under it."""
        height = QFontMetrics(self.font()).height()
        return QSize(self.side + WIDER + 2 * PAD, self.side + 4 * PAD + 3 * height + 4)

    def paint_tile(self, painter: QPainter, rect: QRect, row: int) -> None:
        """A card."""
        card, tones = self.rows.cards[row], self._theme.tones
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        is_chosen, is_target = self.is_chosen(row), row == self._target
        painter.setPen(QPen(QColor(tones.accent if is_chosen or is_target else tones.line), 2 if is_target else 1))
        painter.setBrush(QColor(tones.accent_soft if is_chosen or is_target else tones.raised))
        painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        frame = QRectF(rect.left() + (rect.width() - self.side) / 2, rect.top() + PAD + 2, self.side, self.side)
        paint_crop(painter, frame, None if card.template_id is None else self._model.crop(card.template_id), tones)
        if card.warnings:
            place = QRectF(frame.left() - 4, frame.top() - 4, BADGE, BADGE)
            paint_badge(painter, place, "!", tones.warn, tones)
        self._paint_words(painter, QRectF(rect.left() + PAD, frame.bottom() + PAD, rect.width() - 2 * PAD, 0), card)
        painter.restore()

    def _paint_words(self, painter: QPainter, line: QRectF, card: PersonCard) -> None:
        tones, usual, bold = self._theme.tones, painter.font(), QFont(painter.font())
        bold.setWeight(QFont.Weight.DemiBold)
        right = tones.warn if card.is_due else tones.faint
        for words, font, colour in (
            (card.person.name, bold, tones.text),
            (card.count_words, usual, tones.faint),
            (card.right_words, usual, right),
        ):
            metrics = QFontMetrics(font)
            line.setHeight(metrics.height())
            painter.setFont(font)
            painter.setPen(QColor(colour))
            shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(line.width()))
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, shown)
            line.translate(0, metrics.height() + 1)

    def event(self, event: QEvent) -> bool:
        """Keep the keys that do something here from being commands of the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._is_own(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, Delete deletes, letters go to the next name that begins so."""
        row = self.currentIndex().row()
        if event.key() in _OPENS and row >= 0:
            self.opened.emit(self.rows.cards[row].person.id)
        elif event.key() == Qt.Key.Key_Delete and row >= 0:
            self.removal_wanted.emit()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Go to the next person whose name begins so."""
        start, n = self.currentIndex().row() + 1, len(self.rows.cards)
        for row in ((start + step) % n for step in range(n)):
            if self.rows.cards[row].person.name.casefold().startswith(search.casefold()):
                self.setCurrentIndex(self._index(row))
                return

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for a menu."""
        if self.currentIndex().isValid():
            self.menu_wanted.emit(event.globalPos())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Beside the cards nobody is chosen."""
        super().mousePressEvent(event)
        if not self.indexAt(event.position().toPoint()).isValid():
            self.selectionModel().clear()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Pictures and folders are welcome."""
        if is_welcome(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show whose card it is."""
        self._aim(self.indexAt(event.position().toPoint()).row())
        event.acceptProposedAction()

    def dragLeaveEvent(self, _: QDragLeaveEvent) -> None:
        """Nobody's."""
        self._aim(-1)

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell what was dropped on whom."""
        row = self.indexAt(event.position().toPoint()).row()
        self._aim(-1)
        event.acceptProposedAction()
        self.dropped.emit(paths_in(event.mimeData()), self.rows.cards[row].person.id if row >= 0 else None)

    def _aim(self, row: int) -> None:
        if row != self._target:
            self._target = row
            self.viewport().update()

    def _is_own(self, event: QKeyEvent) -> bool:
        if event.modifiers() & _CHORD:
            return False
        is_letter = event.text().isprintable() and bool(event.text().strip())
        return is_letter or event.key() in (*_OPENS, Qt.Key.Key_Delete)

    def _tell(self, current: Index) -> None:
        self._model.choose_person(self.rows.cards[current.row()].person.id if current.isValid() else None)

    def _on_crop(self, template_id: int) -> None:
        row = self.rows.row_of.get(template_id)
        if row is not None:
            self.viewport().update(self.visualRect(self._index(row)))
