"""What is behind a number: pictures in a list, opened where a case is; and what further can be done with them."""

from __future__ import annotations

import math
from functools import partial

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.commands import Command, named, perform
from studio.pages._case_pictures import Case, CasePicture, CaseRows
from studio.surroundings import Studio
from studio.theme import GAP
from studio.view_state import Selection
from studio.widgets import Elided, Index, keep_tip, role

SIDE = 148
PAD = 6
LEGEND = "━ annotated  ╍ detected"
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_OWN = (*_ENTER, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End)


class CaseView(QListView):
    """Thumbnails in lines; Enter or a double click opens a picture at the case nearest to the pointer."""

    def __init__(self, studio: Studio, rows: CaseRows) -> None:
        """Show these rows."""
        super().__init__()
        self._studio, self._rows = studio, rows
        self.setModel(rows)
        self.setItemDelegate(_Painter(studio, rows))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSpacing(GAP // 2)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Pictures behind the number")
        self.setMinimumHeight(96)
        studio.theme.changed.connect(self.viewport().update)

    def event(self, event: QEvent) -> bool:
        """Keep the list's own keys from being commands of the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_own(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens."""
        if event.key() in _ENTER and self.currentIndex().isValid():
            self.open(self.currentIndex().row(), None)
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open what was clicked."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self.open(index.row(), event.position() - QPointF(self.visualRect(index).topLeft()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to open the picture that is clicked, and to see how what is wrong there came about."""
        index = self.indexAt(event.pos())
        if index.isValid():
            at = QPointF(event.pos() - self.visualRect(index).topLeft())
            self.menu(index.row(), at).popup(event.globalPos())

    def menu(self, row: int, at: QPointF) -> QMenu:
        """What can be done with the case nearest to a point of a cell."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Open Picture", lambda: self.open(row, at))
        found = self._rows.entry(row)
        case = _nearest(found, at) if found is not None and found.cases else None
        image, how, why = named("inspect.image", "inspect.how", "inspect.why_missed")
        offered: list[tuple[Command, Selection | None]] = [(image, None)] if case is None else []
        if case is not None and case.detection_id:
            offered.append((how, Selection(detections=_ids(case.detection_id))))
        if case is not None and case.annotation_id:
            offered.append((why, Selection(_ids(case.annotation_id))))
        for command, chosen in offered:
            menu.addAction(command.title, partial(self._open_and, (row, at), command, chosen))
        return menu

    def _open_and(self, place: tuple[int, QPointF], command: Command, chosen: Selection | None) -> None:
        """Open a case, and ask for something about what is chosen of it."""
        self.open(*place)
        if chosen is not None:
            self._studio.session.select(chosen)
        perform(self._studio, command)

    def open(self, row: int, at: QPointF | None) -> None:
        """Open a picture on the canvas, at the case nearest to a point of its cell."""
        session, result = self._studio.session, self._studio.evaluations.result
        wish, found = self._rows.wishes[row], self._rows.entry(row)
        if result is not None:
            session.show_run(result.run_id)
        if found is None or not found.cases:
            session.open_image(wish.image_id)
            return
        case = found.cases[0] if at is None else _nearest(found, at)
        if case.score is not None and case.score < session.min_score:
            session.show_from_score(math.floor(case.score * 100) / 100)
        session.look_at(wish.image_id, case.bounds)
        session.select(Selection(_ids(case.annotation_id), _ids(case.detection_id)))


def _is_own(event: QKeyEvent) -> bool:
    return event.key() in _OWN and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier


def _ids(id_: int) -> frozenset[int]:
    return frozenset({id_} if id_ else ())


def _nearest(picture: CasePicture, at: QPointF) -> Case:
    shown = shown_at(QRect(0, 0, SIDE + 2 * PAD, 0), picture)
    x0, y0, x1, _ = picture.part
    scale = (x1 - x0) / max(shown.width(), 1.0)
    x, y = x0 + (at.x() - shown.left()) * scale, y0 + (at.y() - shown.top()) * scale

    def away(case: Case) -> tuple[float, float]:
        left, top, right, bottom = case.bounds
        outside = max(left - x, x - right, 0.0) + max(top - y, y - bottom, 0.0)
        return outside, math.hypot((left + right) / 2 - x, (top + bottom) / 2 - y)

    return min(picture.cases, key=away)


def shown_at(cell: QRect, picture: CasePicture) -> QRectF:
    """Where in a cell the picture lies."""
    size = picture.thumbnail.size().scaled(SIDE, SIDE, Qt.AspectRatioMode.KeepAspectRatio)
    left, top = cell.left() + PAD + (SIDE - size.width()) / 2, cell.top() + PAD + (SIDE - size.height()) / 2
    return QRectF(left, top, size.width(), size.height())


class _Painter(QStyledItemDelegate):
    """Paints a cell: picture, name, how many cases."""

    def __init__(self, studio: Studio, rows: CaseRows) -> None:
        super().__init__(rows)
        self._studio, self._rows = studio, rows

    def sizeHint(self, option: QStyleOptionViewItem, _: Index) -> QSize:
        metrics: QFontMetrics = option.fontMetrics
        return QSize(SIDE + 2 * PAD, SIDE + 3 * PAD + 2 * metrics.height())

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        tones, found = self._studio.theme.tones, self._rows.entry(index.row())
        cell: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(QColor(tones.accent), 1.5))
            painter.setBrush(QColor(tones.accent_soft))
            painter.drawRoundedRect(QRectF(cell).adjusted(1, 1, -1, -1), 7, 7)
        if found is not None:
            painter.drawImage(shown_at(cell, found), found.thumbnail)
            metrics = painter.fontMetrics()
            line = QRect(cell.left() + PAD, cell.top() + SIDE + 2 * PAD, SIDE, metrics.height())
            name = metrics.elidedText(found.name.rsplit("/", 1)[-1], Qt.TextElideMode.ElideMiddle, SIDE)
            painter.setPen(QColor(tones.text))
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft, name)
            painter.setPen(QColor(tones.faint))
            painter.drawText(
                line.translated(0, metrics.height()), Qt.AlignmentFlag.AlignLeft, self._rows.caption(index.row())
            )
        painter.restore()


class CaseList(QWidget):
    """A title, what can be done, and the pictures."""

    def __init__(self, studio: Studio) -> None:
        """Follow what is chosen of an evaluation."""
        super().__init__()
        self._studio = studio
        self.rows = CaseRows(studio.session, self)
        self.view = CaseView(studio, self.rows)
        self.title = Elided(mode=Qt.TextElideMode.ElideRight)
        self._told = role(QLabel(), "faint")
        self._nothing = role(QLabel("There is none: nothing is behind this number."), "faint")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        head = QHBoxLayout()
        head.setSpacing(GAP)
        head.addWidget(role(self.title, "title"), 1)
        head.addWidget(role(QLabel(LEGEND), "faint"))
        head.addWidget(self._told)
        head.addWidget(self._button("evaluate.list", "List"))
        close = QToolButton()
        close.setIcon(studio.theme.icon("close"))
        close.setIconSize(QSize(14, 14))
        close.setToolTip("Close")
        close.setAccessibleName("Close the pictures behind the number")
        close.clicked.connect(lambda: studio.evaluations.show_behind(None))
        head.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GAP // 2, 0, 0)
        column.setSpacing(GAP // 2)
        column.addLayout(head)
        column.addWidget(self.view, 1)
        column.addWidget(self._nothing, 1)
        studio.evaluations.behind_changed.connect(self._show)
        self._show()

    def _button(self, name: str, words: str) -> QToolButton:
        (wanted,) = named(name)
        button = QToolButton()
        button.setIcon(self._studio.theme.icon(wanted.look.icon))
        button.setIconSize(QSize(16, 16))
        button.setText(words)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setAccessibleName(wanted.title)
        keep_tip(button, self._studio.keys, wanted)
        button.clicked.connect(lambda: perform(self._studio, wanted))
        return button

    def _show(self) -> None:
        behind = self._studio.evaluations.behind
        self.setVisible(behind is not None)
        if behind is None:
            return
        self.rows.show(behind.cases, behind.captions)
        self.title.show_text(behind.title)
        n_cases, n = len(behind.cases), self.rows.rowCount()
        is_cases = bool(behind.cases.annotation_ids.any() or behind.cases.detection_ids.any())
        cases = f"{n_cases:,} case{'s' * (n_cases != 1)} on " if is_cases else ""
        self._told.setText(f"{cases}{n:,} picture{'s' * (n != 1)}")
        self.view.setVisible(n > 0)
        self._nothing.setVisible(n == 0)
