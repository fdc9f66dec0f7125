"""A place for one face: drop a picture on it, paste one, choose a file, or take the selected face."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QFocusEvent,
    QFontMetricsF,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QWidget

from studio.enrolling import paths_in
from studio.faces.fitting import paint_fitted
from studio.faces.taking import is_welcome, picture_of
from studio.theme import GAP, Theme

SIDE = 150
_LINE = 22


class FacePlace(QWidget):
    """Shows a face, or what to do to have one."""

    given = Signal(str, bytes)
    """The name and the PNG of a picture."""
    file_given = Signal(Path)
    wanted = Signal()
    """Somebody wants to choose a file."""
    cleared = Signal()

    def __init__(self, theme: Theme, title: str) -> None:
        """An empty place."""
        super().__init__()
        self._theme = theme
        self.name = ""
        self.picture = QPixmap()
        self.setFixedSize(SIDE, SIDE + _LINE)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(title)
        self.setToolTip("Drop or paste a picture here, or click to choose a file; Delete empties it")
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """A face and its name."""
        return QSize(SIDE, SIDE + _LINE)

    def show_face(self, name: str, png: bytes) -> None:
        """Show this one; no bytes: none."""
        self.name = name
        self.picture = QPixmap.fromImage(QImage.fromData(png)) if png else QPixmap()
        self.update()

    def take(self, data: QMimeData, name: str) -> bool:
        """Take what is in it; whether there was a picture."""
        paths = paths_in(data)
        if paths:
            self.file_given.emit(paths[0])
            return True
        png = picture_of(data)
        if png:
            self.given.emit(name, png)
        return bool(png)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Pictures are welcome."""
        if is_welcome(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take what was dropped."""
        if self.take(event.mimeData(), "Dropped picture"):
            event.acceptProposedAction()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses a file, Ctrl+V pastes, Delete empties."""
        if event.matches(QKeySequence.StandardKey.Paste):
            self.take(QGuiApplication.clipboard().mimeData(), "Clipboard")
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.wanted.emit()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.cleared.emit()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose a file."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.wanted.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where a pasted picture goes."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show it no more."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        """The face and its name; else a dashed frame with a hint."""
        painter, tones = QPainter(self), self._theme.tones
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        place = QRectF(1, 1, SIDE - 2, SIDE - 2)
        is_empty = self.picture.isNull()
        style = Qt.PenStyle.DashLine if is_empty else Qt.PenStyle.SolidLine
        painter.setPen(QPen(QColor(tones.accent if self.hasFocus() else tones.line), 1.5, style))
        painter.setBrush(QColor(tones.surface))
        painter.drawRoundedRect(place, 8, 8)
        if is_empty:
            painter.setPen(QColor(tones.faint))
            words = "Drop or paste\na face,\nor click"
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
        else:
            paint_fitted(painter, place.adjusted(GAP, GAP, -GAP, -GAP), self.picture)
        painter.setPen(QColor(tones.text))
        line = QRectF(0, SIDE, SIDE, _LINE)
        name = QFontMetricsF(painter.font()).elidedText(self.name, Qt.TextElideMode.ElideMiddle, SIDE)
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, name)
        painter.end()
