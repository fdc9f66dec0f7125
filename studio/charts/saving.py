"""Charts as files: drawn here as PNG or SVG, in memory; writing them is for another thread."""

from __future__ import annotations

from typing import Literal, TypeAlias

from PySide6.QtCore import QBuffer, QIODevice, QPoint, QRect, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

Kind: TypeAlias = Literal["png", "svg"]
SCALE = 2.0
"""Pixels of a PNG for each of the window's."""


def drawn(chart: QWidget, kind: Kind) -> bytes:
    """The chart as it is shown, as the bytes of a file."""
    return _svg(chart) if kind == "svg" else _png(chart)


def _png(chart: QWidget) -> bytes:
    image = QImage(chart.size() * SCALE, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(SCALE)
    image.fill(0)
    painter = QPainter(image)
    chart.render(painter, QPoint())
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def _svg(chart: QWidget) -> bytes:
    buffer, size = QBuffer(), QSize(chart.size())
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    generator.setViewBox(QRect(0, 0, size.width(), size.height()))
    generator.setTitle(chart.accessibleName())
    painter = QPainter(generator)
    chart.render(painter, QPoint())
    painter.end()
    return bytes(buffer.data().data())
