"""How one face is painted as a tile: its crop, the sign of its state, a warning where it is poor, a line of words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPainterPath, QPen, QPixmap

from engine.project.records import TemplateState
from studio.faces.face_words import SIGNS
from studio.theme import Tones

PAD = 6
BADGE = 18
_TONES: Mapping[TemplateState, str] = {"confirmed": "good", "rejected": "bad", "suggested": "accent"}


@dataclass(frozen=True, slots=True)
class TileLook:
    """How a tile is to look."""

    side: int
    tones: Tones
    is_chosen: bool
    is_current: bool


@dataclass(frozen=True, slots=True, eq=False)
class FaceTile:
    """What is on a tile."""

    picture: QPixmap | None
    """None: it is being read."""
    words: str
    state: TemplateState
    is_warned: bool = False


def tile_size(side: int, metrics: QFontMetrics) -> QSize:
    """How large a tile is whose crop has this side."""
    return QSize(side + 2 * PAD, side + 3 * PAD + metrics.height())


def paint_face(painter: QPainter, rect: QRect, tile: FaceTile, look: TileLook) -> None:
    """Paint a face into `rect`."""
    painter.save()
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    paint_ground(painter, rect, look)
    frame = QRectF(rect.left() + PAD, rect.top() + PAD, look.side, look.side)
    paint_crop(painter, frame, tile.picture, look.tones, is_dim=tile.state == "ignored")
    corner = QRectF(frame.right() - BADGE + 4, frame.top() - 4, BADGE, BADGE)
    paint_badge(painter, corner, SIGNS[tile.state], getattr(look.tones, _TONES.get(tile.state, "faint")), look.tones)
    if tile.is_warned:
        corner.moveLeft(frame.left() - 4)
        paint_badge(painter, corner, "!", look.tones.warn, look.tones)
    below = QRect(rect.left() + PAD, int(frame.bottom()) + PAD // 2, look.side, QFontMetrics(painter.font()).height())
    is_sure = tile.state == "confirmed"
    paint_line(painter, below, tile.words, look.tones.text if is_sure else look.tones.faint)
    painter.restore()


def paint_ground(painter: QPainter, rect: QRect, look: TileLook) -> None:
    """The ground of a tile that is chosen, and the border of the one that keys begin from."""
    if look.is_chosen or look.is_current:
        painter.setPen(QPen(QColor(look.tones.accent), 1.5) if look.is_current else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.tones.accent_soft) if look.is_chosen else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), 7, 7)


def paint_crop(
    painter: QPainter, frame: QRectF, picture: QPixmap | None, tones: Tones, *, is_dim: bool = False
) -> None:
    """A crop with round corners; a blank where it is not there yet."""
    shape = QPainterPath()
    shape.addRoundedRect(frame, 5, 5)
    if picture is None or picture.isNull():
        painter.fillPath(shape, QColor(tones.sunken))
        return
    size = picture.size().scaled(frame.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
    place = QRectF(0, 0, size.width(), size.height())
    place.moveCenter(frame.center())
    painter.save()
    painter.setClipPath(shape)
    painter.setOpacity(0.4 if is_dim else 1)
    painter.drawPixmap(place, picture, QRectF(picture.rect()))
    painter.restore()


def paint_badge(painter: QPainter, place: QRectF, sign: str, colour: str, tones: Tones) -> None:
    """A disc with a sign."""
    device = painter.device()
    ratio = 1.0 if device is None else device.devicePixelRatioF()
    painter.drawImage(place, _badge(sign, colour, tones.surface, tones.window, ratio))


@lru_cache(maxsize=64)
def _badge(sign: str, colour: str, edge: str, ink: str, ratio: float) -> QImage:
    """Drawn once: words cost most of what a tile does."""
    side = round(BADGE * ratio)
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter, place = QPainter(image), QRectF(0, 0, BADGE, BADGE)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(edge), 2))
    painter.setBrush(QColor(colour))
    painter.drawEllipse(place.adjusted(1, 1, -1, -1))
    font = QFont(painter.font())
    font.setBold(True)
    font.setPixelSize(11)
    painter.setFont(font)
    painter.setPen(QColor(ink))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, sign)
    painter.end()
    return image


def paint_line(painter: QPainter, place: QRect, words: str, colour: str) -> None:
    """A line of words in the middle, cut where there is no room."""
    painter.setPen(QColor(colour))
    shown = QFontMetrics(painter.font()).elidedText(words, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, shown)
