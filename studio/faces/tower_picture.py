"""How two faces become one distance: each goes through the same tower, and the two vectors are compared.

Pixels have no tower, a classifier's is that of another task, and a siamese network's two towers share their weights.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.faces.decision_words import number
from studio.faces.fitting import paint_fitted
from studio.inspector.heat import colours
from studio.qt_pictures import as_image
from studio.theme import Theme

TOWERS = {
    "pixels": ("even out", "each face by itself"),
    "latent": ("classifier", "taught to tell things"),
    "siamese": ("tower", "the same weights"),
    "onnx": ("network", "the same weights"),
}
HEIGHT = 148
_FACE = 44.0
_ROWS, _COLUMNS = 4, 16
"""So many stretches of a vector are shown, as colours."""


class TowerPicture(QWidget):
    """Two faces, two towers, two vectors, one distance."""

    def __init__(self, theme: Theme, embedder: str) -> None:
        """Of an embedder of this name; no faces yet."""
        super().__init__()
        self._theme = theme
        self._tower = TOWERS.get(embedder, TOWERS["onnx"])
        self._faces = (QPixmap(), QPixmap())
        self._vectors: tuple[QImage, QImage] | None = None
        self._distance: float | None = None
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("How the distance comes about")
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Room for the row of parts."""
        return QSize(300, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Small ones can still be read."""
        return QSize(210, HEIGHT)

    def show_pair(
        self,
        faces: tuple[QPixmap, QPixmap],
        vectors: tuple[NDArray[np.float32], NDArray[np.float32]] | None,
        distance: float | None,
    ) -> None:
        """Show these two."""
        self._faces, self._distance = faces, distance
        self._vectors = None if vectors is None else _strips(vectors)
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        """From left to right: faces, towers, vectors, distance."""
        painter, tones = QPainter(self), self._theme.tones
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        rows, step = (8.0, HEIGHT - _FACE - 24.0), (self.width() - _FACE) / 3
        middles = [top + _FACE / 2 for top in rows]
        join = QPointF(3 * step + _FACE / 2 - 6, sum(middles) / 2)
        for n, (top, middle) in enumerate(zip(rows, middles, strict=True)):
            painter.setPen(QPen(QColor(tones.faint), 1.4))
            painter.drawLine(QPointF(_FACE, middle), QPointF(2 * step, middle))
            painter.drawLine(QPointF(2 * step + _FACE + 8, middle), join)
            paint_fitted(painter, QRectF(0, top, _FACE, _FACE), self._faces[n])
            self._paint_tower(painter, step, middle)
            if self._vectors is not None:
                strip = QRectF(2 * step, middle - 14, _FACE + 8, 28)
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
                painter.drawImage(strip, self._vectors[n])
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self._paint_words(painter, step, join)
        painter.end()

    def _paint_tower(self, painter: QPainter, left: float, middle: float) -> None:
        tones, wide = self._theme.tones, _FACE + 4
        corners = [(0.0, -20.0), (wide, -9.0), (wide, 9.0), (0.0, 20.0)]
        painter.setPen(QPen(QColor(tones.accent), 1.2))
        painter.setBrush(QColor(tones.accent_soft))
        painter.drawPolygon(QPolygonF([QPointF(left + x, middle + y) for x, y in corners]))

    def _paint_words(self, painter: QPainter, step: float, join: QPointF) -> None:
        tones = self._theme.tones
        painter.setPen(QPen(QColor(tones.accent), 1, Qt.PenStyle.DashLine))
        x = step + (_FACE + 4) / 2
        painter.drawLine(QPointF(x, 8 + _FACE / 2 + 16), QPointF(x, HEIGHT - 24 - _FACE / 2 - 16))
        painter.setPen(QColor(tones.faint))
        font = painter.font()
        name, below = self._tower
        wide = painter.fontMetrics().horizontalAdvance(name) + 8
        words = QRectF(x - wide / 2, join.y() - 9, wide, 18)
        painter.fillRect(words, QColor(tones.surface))
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, name)
        painter.drawText(QRectF(x - 90, HEIGHT - 20, 180, 18), Qt.AlignmentFlag.AlignCenter, below)
        said = "…" if self._distance is None else number(self._distance)
        bubble = QRectF(0, 0, 54, 30)
        bubble.moveCenter(QPointF(min(join.x(), self.width() - 29), join.y()))
        painter.setPen(QPen(QColor(tones.line), 1))
        painter.setBrush(QColor(tones.raised))
        painter.drawRoundedRect(bubble, 8, 8)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(tones.text))
        painter.drawText(bubble, Qt.AlignmentFlag.AlignCenter, said)
        font.setBold(False)
        painter.setFont(font)
        painter.setPen(QColor(tones.faint))
        under = QRectF(self.width() - 90, HEIGHT - 20, 90, 18)
        painter.drawText(under, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "distance")


def _strips(vectors: tuple[NDArray[np.float32], NDArray[np.float32]]) -> tuple[QImage, QImage]:
    """Both vectors as colours on one scale: means of equal stretches."""
    n = _ROWS * _COLUMNS
    cut = [np.array([part.mean() for part in np.array_split(each, min(n, len(each)))]) for each in vectors]
    low, high = min(each.min() for each in cut), max(each.max() for each in cut)
    one, other = (_image((np.resize(each, n) - low) / max(high - low, 1e-12)) for each in cut)
    return one, other


def _image(shares: NDArray[np.floating]) -> QImage:
    return as_image(colours(shares.reshape(_ROWS, _COLUMNS)))
