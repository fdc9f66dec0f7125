"""How one row of the image list is painted."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter

from engine.project.images import ImageRow
from studio.searching.marks import SPLIT_WORDS, paint_state
from studio.theme import Tones

THUMBNAIL = QSize(60, 44)
_GAP = 8


def paint_row(
    painter: QPainter, rect: QRect, found: tuple[ImageRow, QImage] | None, tones: Tones, *, is_selected: bool
) -> None:
    """Paint thumbnail, name and what is on the image into `rect`."""
    painter.save()
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    if is_selected:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tones.accent_soft))
        painter.drawRoundedRect(QRectF(rect.adjusted(1, 1, -1, -1)), 5, 5)
    frame = QRect(rect.left() + 6, rect.center().y() - THUMBNAIL.height() // 2, THUMBNAIL.width(), THUMBNAIL.height())
    painter.fillRect(frame, QColor(tones.sunken))
    if found is not None:
        row, thumbnail = found
        _paint_thumbnail(painter, frame, thumbnail)
        text = rect.adjusted(frame.right() - rect.left() + 10, 8, -8, -8)
        _paint_words(painter, text, row, tones)
    painter.restore()


def _paint_thumbnail(painter: QPainter, frame: QRect, thumbnail: QImage) -> None:
    if not thumbnail.isNull():
        size = thumbnail.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRect(frame.topLeft(), size)
        target.moveCenter(frame.center())
        painter.drawImage(target, thumbnail)


def _paint_words(painter: QPainter, rect: QRect, row: ImageRow, tones: Tones) -> None:
    metrics = QFontMetrics(painter.font())
    name = metrics.elidedText(row.name.rsplit("/", 1)[-1], Qt.TextElideMode.ElideMiddle, rect.width())
    painter.setPen(QColor(tones.text))
    painter.drawText(rect, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, name)
    left = rect.left()
    below = QRect(left, rect.bottom() - metrics.height() + 1, rect.width(), metrics.height())
    if paint_state(painter, QPointF(left + 4, below.center().y() + 0.5), row.state, tones):
        below.setLeft(left + 14)
    painter.setPen(QColor(tones.faint))
    middle = Qt.AlignmentFlag.AlignVCenter
    drawn = f"{row.n_annotations:,}"
    painter.drawText(below, Qt.AlignmentFlag.AlignLeft | middle, drawn)
    below.setLeft(below.left() + metrics.horizontalAdvance(drawn) + _GAP)
    if row.n_suggestions:
        suggested = f"+{row.n_suggestions:,}"
        painter.setPen(QColor(tones.accent_text))
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | middle, suggested)
        below.setLeft(below.left() + metrics.horizontalAdvance(suggested) + _GAP)
    painter.setPen(QColor(tones.faint))
    painter.drawText(below, Qt.AlignmentFlag.AlignRight | middle, _fitting(metrics, row, below.width()))


def _fitting(metrics: QFontMetrics, row: ImageRow, room: int) -> str:
    """The split in words, or its first letter where there is no more room; the counts matter more."""
    words = SPLIT_WORDS.get(row.split, "")
    return next((each for each in (words, words[:1]) if metrics.horizontalAdvance(each) <= room), "")
