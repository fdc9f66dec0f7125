"""How one picture of the grid is painted: thumbnail, tags on it, name, state, counts and split under it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPen

from engine.project.images import ImageRow
from studio.searching.marks import SPLIT_WORDS, paint_state
from studio.theme import GAP, Tones

PAD = 6
"""Between a cell's border and what is in it."""
CHIP_PAD, CHIP_GAP = 12, 4
"""Around a tag's words, and between tags."""
_MIDDLE = Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell is to look."""

    side: int
    tones: Tones
    is_selected: bool
    is_current: bool


def cell_size(side: int, metrics: QFontMetrics) -> QSize:
    """How large a cell is whose thumbnail has this side."""
    return QSize(side + 2 * PAD, side + 3 * PAD + 2 * metrics.height() + 2)


def paint_cell(painter: QPainter, rect: QRect, found: tuple[ImageRow, QImage] | None, look: Look) -> None:
    """Paint a picture into `rect`; a blank where it is not read yet."""
    painter.save()
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    _paint_ground(painter, rect, look)
    frame = QRect(rect.left() + PAD, rect.top() + PAD, rect.width() - 2 * PAD, look.side)
    if found is None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.tones.surface))
        painter.drawRoundedRect(QRectF(frame), 4, 4)
    else:
        row, thumbnail = found
        shown = _paint_thumbnail(painter, frame, thumbnail)
        _paint_tags(painter, shown, row.tags, look.tones)
        _paint_words(painter, frame, row, look.tones)
    painter.restore()


def _paint_ground(painter: QPainter, rect: QRect, look: Look) -> None:
    if not (look.is_selected or look.is_current):
        return
    painter.setPen(QPen(QColor(look.tones.accent), 1.5) if look.is_current else Qt.PenStyle.NoPen)
    painter.setBrush(QColor(look.tones.accent_soft) if look.is_selected else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), 7, 7)


def _paint_thumbnail(painter: QPainter, frame: QRect, thumbnail: QImage) -> QRect:
    """Paint it as large as the frame allows; returns where it lies."""
    if thumbnail.isNull():
        return frame
    target = QRect(frame.topLeft(), thumbnail.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio))
    target.moveCenter(frame.center())
    painter.drawImage(target, thumbnail)
    return target


def _paint_tags(painter: QPainter, shown: QRect, tags: tuple[str, ...], tones: Tones) -> None:
    """As many tags as there is room for, along the lower edge of the picture; then how many more there are."""
    metrics = QFontMetrics(painter.font())
    chip = QRectF(shown.left() + 4, shown.bottom() - metrics.height() - 5, 0, metrics.height() + 2)
    ground = QColor(tones.window)
    ground.setAlpha(225)
    for words in chips(tags, shown.width() - 8, metrics):
        chip.setWidth(metrics.horizontalAdvance(words) + CHIP_PAD)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(chip, 4, 4)
        painter.setPen(QColor(tones.text))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, words)
        chip.moveLeft(chip.right() + CHIP_GAP)


def chips(tags: tuple[str, ...], room: int, metrics: QFontMetrics) -> list[str]:
    """The words of the chips that fit into so many pixels: tags, the first one cut if need be, then '+2'."""
    for n_shown in range(len(tags), 0, -1):
        left = len(tags) - n_shown
        words = [*tags[:n_shown], *([f"+{left}"] if left else [])]
        taken = sum(metrics.horizontalAdvance(each) + CHIP_PAD for each in words) + CHIP_GAP * (len(words) - 1)
        if taken <= room:
            return words
        if n_shown == 1:
            space = room - taken + metrics.horizontalAdvance(tags[0])
            return [metrics.elidedText(tags[0], Qt.TextElideMode.ElideRight, max(space, 0)), *words[1:]]
    return []


def _paint_words(painter: QPainter, frame: QRect, row: ImageRow, tones: Tones) -> None:
    metrics = QFontMetrics(painter.font())
    line = QRect(frame.left(), frame.bottom() + PAD, frame.width(), metrics.height())
    name = metrics.elidedText(row.name.rsplit("/", 1)[-1], Qt.TextElideMode.ElideMiddle, line.width())
    painter.setPen(QColor(tones.text))
    painter.drawText(line, _MIDDLE | Qt.AlignmentFlag.AlignLeft, name)
    line.translate(0, metrics.height() + 2)
    if paint_state(painter, QPointF(line.left() + 4, line.center().y() + 0.5), row.state, tones):
        line.setLeft(line.left() + 14)
    painter.setPen(QColor(tones.faint))
    painter.drawText(line, Qt.AlignmentFlag.AlignRight | _MIDDLE, SPLIT_WORDS.get(row.split, ""))
    drawn = f"{row.n_annotations:,}"
    painter.drawText(line, Qt.AlignmentFlag.AlignLeft | _MIDDLE, drawn)
    if row.n_suggestions:
        painter.setPen(QColor(tones.accent_text))
        line.setLeft(line.left() + metrics.horizontalAdvance(drawn) + GAP)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | _MIDDLE, f"+{row.n_suggestions:,}")
