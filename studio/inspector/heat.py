"""Numbers as colours: heat maps that lie on a picture, and the bar that says which colour is which number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.tracing.stages import Floats
from studio.qt_pictures import as_image
from studio.theme import GAP, Theme

_STOPS = np.array(
    [(18, 10, 60), (78, 20, 120), (160, 40, 110), (225, 85, 65), (250, 160, 40), (252, 245, 160)], dtype=np.float64
)
"""From little to much: dark violet over red to light yellow, even in lightness."""
_BAR = 14
_FAINTEST = 0.25


def colours(shares: NDArray[np.floating]) -> NDArray[np.uint8]:
    """(..., 3) RGB of shares from 0 to 1; what is no number counts as 0."""
    at = np.clip(np.nan_to_num(shares.astype(np.float64)), 0, 1) * (len(_STOPS) - 1)
    low = np.minimum(at.astype(np.int64), len(_STOPS) - 2)
    part = (at - low)[..., None]
    return np.asarray(_STOPS[low] * (1 - part) + _STOPS[low + 1] * part, dtype=np.uint8)


def colour(share: float) -> QColor:
    """Of one share."""
    red, green, blue = colours(np.array([share]))[0].tolist()
    return QColor(red, green, blue)


def heat_image(values: Floats, low: float, high: float) -> QImage:
    """(h, w) values as an image, a pixel for each."""
    return as_image(colours((values - low) / max(high - low, 1e-12)))


def faded_image(values: Floats, low: float, high: float) -> QImage:
    """As `heat_image`, the less the more transparent: of maps with few high cells, the picture stays in sight."""
    shares = (values - low) / max(high - low, 1e-12)
    alpha = (255 * np.clip(_FAINTEST + (1 - _FAINTEST) * shares, 0, 1)).astype(np.uint8)
    rgba = np.ascontiguousarray(np.concatenate([colours(shares), alpha[..., None]], axis=-1))
    height, width = values.shape
    return QImage(rgba.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


class ColourBar(QWidget):
    """A bar from the least to the greatest number, with both written."""

    def __init__(self, theme: Theme) -> None:
        """From 0 to 1."""
        super().__init__()
        self._theme, self._low, self._high = theme, 0.0, 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_range(self, low: float, high: float) -> None:
        """Between these numbers."""
        self._low, self._high = low, high
        self.setAccessibleName(f"Colours from {low:.3g} to {high:.3g}")
        self.update()

    def sizeHint(self) -> QSize:
        """A bar and a line of text."""
        return QSize(160, _BAR + 20)

    def paintEvent(self, _: QPaintEvent) -> None:
        """The bar, and its numbers below."""
        painter = QPainter(self)
        row = heat_image(np.linspace(0, 1, 128, dtype=np.float32)[None], 0, 1)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(0, 0, self.width(), _BAR), row)
        painter.setPen(QColor(self._theme.tones.faint))
        below = QRectF(0, _BAR + GAP / 4, self.width(), 18)
        for value, side in (
            (self._low, Qt.AlignmentFlag.AlignLeft),
            ((self._low + self._high) / 2, Qt.AlignmentFlag.AlignHCenter),
            (self._high, Qt.AlignmentFlag.AlignRight),
        ):
            painter.drawText(below, side | Qt.AlignmentFlag.AlignTop, f"{value:.3g}")
        painter.end()
