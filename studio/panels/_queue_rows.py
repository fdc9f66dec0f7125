"""The rows of the queue: its pictures on one line each, the questions of one picture on two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QAbstractListModel, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QIcon, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from engine.evaluation.queue import Question
from engine.project.records import ClassRecord
from engine.project.surveys import QueuedImage
from studio.question_words import Wording, wording
from studio.theme import GAP, Theme
from studio.widgets import ROOT, Index, swatch

PICTURE_HEIGHT, QUESTION_HEIGHT = 24, 42


class PictureRows(QAbstractListModel):
    """The pictures of the queue, with how much there is to decide or how unsure the run is."""

    def __init__(self, parent: QWidget) -> None:
        """No pictures yet."""
        super().__init__(parent)
        self.rows: tuple[QueuedImage, ...] = ()
        self.is_unsure = False
        """Whether the order is by uncertainty, which is shown then."""

    def show(self, rows: tuple[QueuedImage, ...], *, is_unsure: bool) -> None:
        """Show these pictures."""
        if [row.id for row in rows] == [row.id for row in self.rows]:
            self.rows, self.is_unsure = rows, is_unsure
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self.rows, self.is_unsure = rows, is_unsure
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        """How many pictures are listed."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Name and number; the user role has both."""
        row = self.rows[index.row()]
        number = f"{row.weight:.2f}" if self.is_unsure else f"{row.n_questions:,}"
        if role == Qt.ItemDataRole.UserRole:
            return row.name.rsplit("/", 1)[-1], number
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{row.name}  {number}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{row.name}: " + (f"uncertainty {number}" if self.is_unsure else f"{number} to decide")
        return None

    def row_of(self, image_id: int | None) -> int:
        """The row of an image, or -1."""
        return next((n for n, row in enumerate(self.rows) if row.id == image_id), -1)


class QuestionRows(QAbstractListModel):
    """The questions of the picture that is looked at."""

    def __init__(self, parent: QWidget) -> None:
        """No questions yet."""
        super().__init__(parent)
        self.classes: Mapping[int, ClassRecord] = {}
        self._questions: tuple[Question, ...] = ()
        self._icons: dict[str, QIcon] = {}

    def show(self, questions: tuple[Question, ...]) -> None:
        """Show these questions."""
        if questions is not self._questions:
            self.beginResetModel()
            self._questions = questions
            self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        """How many questions there are."""
        return 0 if parent.isValid() else len(self._questions)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Title and details; the user role has the Wording."""
        question = self._questions[index.row()]
        words = wording(question, self.classes)
        if role == Qt.ItemDataRole.UserRole:
            return words
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return f"{words.title}\n{words.details}"
        if role == Qt.ItemDataRole.DecorationRole:
            shown = question.about.class_id if question.ours is not None else question.about.other_class_id
            record = self.classes.get(shown or 0)
            return self._icon(record.colour) if record else None
        return None

    def _icon(self, colour: str) -> QIcon:
        if colour not in self._icons:
            self._icons[colour] = swatch(colour)
        return self._icons[colour]


class RowDelegate(QStyledItemDelegate):
    """Paints a picture of the queue on one line, a question on two."""

    def __init__(self, theme: Theme, height: int, parent: QWidget) -> None:
        """Paint in the theme's colours."""
        super().__init__(parent)
        self._theme = theme
        self._height = height

    def sizeHint(self, _: QStyleOptionViewItem, __: Index) -> QSize:
        """All rows are equally high."""
        return QSize(0, self._height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the row."""
        tones = self._theme.tones
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tones.accent_soft))
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 5, 5)
        shown = index.data(Qt.ItemDataRole.UserRole)
        room = rect.adjusted(GAP, 0, -GAP, 0)
        if isinstance(shown, Wording):
            self._paint_question(painter, room, shown, index.data(Qt.ItemDataRole.DecorationRole))
        elif shown is not None:
            self._paint_picture(painter, room, shown)
        painter.restore()

    def _paint_question(self, painter: QPainter, room: QRect, words: Wording, icon: QIcon | None) -> None:
        tones, metrics = self._theme.tones, QFontMetrics(painter.font())
        if icon is not None:
            icon.paint(painter, QRect(room.left(), room.top() + 7, 12, 12))
        left = room.adjusted(20, 3, 0, -3)
        painter.setPen(QColor(tones.text))
        title = metrics.elidedText(words.title, Qt.TextElideMode.ElideRight, left.width())
        painter.drawText(left, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, title)
        painter.setPen(QColor(tones.faint))
        details = metrics.elidedText(words.details, Qt.TextElideMode.ElideRight, left.width())
        painter.drawText(left, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, details)

    def _paint_picture(self, painter: QPainter, room: QRect, shown: tuple[str, str]) -> None:
        tones, metrics = self._theme.tones, QFontMetrics(painter.font())
        name, number = shown
        painter.setPen(QColor(tones.faint))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, number)
        left = room.adjusted(0, 0, -metrics.horizontalAdvance(number) - GAP, 0)
        painter.setPen(QColor(tones.text))
        fitting = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, left.width())
        painter.drawText(left, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, fitting)
