"""Crops keep their proportions wherever they are drawn."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap


def fitted(place: QRectF, picture: QPixmap) -> QRectF:
    """Where a picture goes within a place, as large as it can be."""
    size = picture.size().scaled(place.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
    fit = QRectF(0, 0, size.width(), size.height())
    fit.moveCenter(place.center())
    return fit


def paint_fitted(painter: QPainter, place: QRectF, picture: QPixmap) -> None:
    """Paint it there; one that could not be read is nothing."""
    if not picture.isNull():
        painter.drawPixmap(fitted(place, picture), picture, QRectF(picture.rect()))
