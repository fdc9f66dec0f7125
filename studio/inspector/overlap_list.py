"""Whom a turn of a suppression is compared with, as bars of IoU beside the threshold; those hit are struck out."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.theme import GAP, Theme

MOST = 40
_ROW = 20
_WORDS = 150


@dataclass(frozen=True, slots=True)
class Overlap:
    """One that the current candidate is compared with."""

    candidate: int
    words: str
    iou: float
    is_hit: bool


class OverlapList(QWidget):
    """A row for each, most overlapping first; a click goes to it."""

    chosen = Signal(int)
    """A candidate."""

    def __init__(self, theme: Theme) -> None:
        """Nothing yet."""
        super().__init__()
        self._theme = theme
        self.rows: list[Overlap] = []
        self.threshold: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    def show_rows(self, rows: list[Overlap], threshold: float | None) -> None:
        """Others; `threshold` None where there is none, in gaussian soft-NMS."""
        self.rows, self.threshold = rows[:MOST], threshold
        hit = [row.words for row in self.rows if row.is_hit]
        self.setAccessibleName(f"{len(self.rows)} overlap, {len(hit)} of them too much")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """All rows, one below the other."""
        return QSize(220, max(1, len(self.rows)) * _ROW + GAP)

    def minimumSizeHint(self) -> QSize:
        """As high, so that a scroll area scrolls."""
        return QSize(160, self.sizeHint().height())

    def paintEvent(self, _: QPaintEvent) -> None:
        """Bars and words."""
        painter, tones = QPainter(self), self._theme.tones
        room = max(20.0, self.width() - _WORDS - GAP)
        for at, row in enumerate(self.rows):
            bar = QRectF(_WORDS, at * _ROW + 5, room, _ROW - 10)
            painter.fillRect(bar, QColor(tones.hover))
            bar.setWidth(room * min(row.iou, 1.0))
            painter.fillRect(bar, QColor(tones.bad if row.is_hit else tones.accent))
            font = painter.font()
            font.setStrikeOut(row.is_hit)
            painter.setFont(font)
            painter.setPen(QColor(tones.faint if row.is_hit else tones.text))
            words = painter.fontMetrics().elidedText(
                f"{row.iou:.2f}  {row.words}", Qt.TextElideMode.ElideRight, _WORDS - GAP
            )
            painter.drawText(QRectF(0, at * _ROW, _WORDS - GAP, _ROW), Qt.AlignmentFlag.AlignVCenter, words)
        if self.threshold is not None and self.rows:
            x = _WORDS + room * self.threshold
            painter.setPen(QPen(QColor(tones.text), 1.4, Qt.PenStyle.DashLine))
            painter.drawLine(round(x), 0, round(x), len(self.rows) * _ROW)
        painter.end()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Go to the row under the pointer."""
        at = int(event.position().y() // _ROW)
        if 0 <= at < len(self.rows):
            self.chosen.emit(self.rows[at].candidate)
