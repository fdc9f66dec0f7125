"""Charts as files: drawn here as PNG or SVG, in memory; writing them is for another thread."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from PySide6.QtCore import QBuffer, QIODevice, QPoint, QRect, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from engine.writing import write_whole

Kind: TypeAlias = Literal["png", "svg"]
SCALE = 2.0
"""Pixels of a PNG for each of the window's."""


def drawn(chart: QWidget, kind: Kind) -> bytes:
    """The chart as it is shown, as the bytes of a file."""
    return _svg(chart) if kind == "svg" else _png(chart)


def write_all(files: Mapping[Path, bytes]) -> str:
    """Write them, in any thread; what is said of it. Raises UserError where one cannot be written."""
    for path, content in files.items():
        write_whole(path, content)
    return f"{len(files)} charts are saved in {next(iter(files)).parent}."


def drawn_all(charts: Mapping[str, QWidget], folder: Path) -> dict[Path, bytes]:
    """Every chart as PNG and as SVG, by what its file is to be called."""
    kinds: tuple[Kind, ...] = ("png", "svg")
    return {folder / f"{name}.{kind}": drawn(chart, kind) for name, chart in charts.items() for kind in kinds}


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
