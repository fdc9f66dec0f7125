"""The picture as the network sees it: scaled, and with padding to a frame."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from engine.geometry.shapes import XY
from engine.tracing.stages import Input
from studio.canvas.viewport import Viewport
from studio.inspector import Layer, View
from studio.inspector.controls import Column
from studio.inspector.drawing import Space
from studio.surroundings import Studio


class InputLayer(Layer):
    """The frame that the picture is padded to, and values under the pointer."""

    def __init__(self, studio: Studio) -> None:
        """Of the stage that is looked at."""
        super().__init__()
        stage = studio.inspection.stage
        assert isinstance(stage, Input)
        self.stage, self._space, self._theme = stage, Space.of(stage), studio.theme

    def paint_live(self, painter: QPainter, viewport: Viewport) -> None:
        """The frame, where it is larger than the picture."""
        height, width = self.stage.frame
        x, y = viewport.origin
        sides = viewport.scale / self._space.x * width, viewport.scale / self._space.y * height
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self._theme.tones.faint), 1, Qt.PenStyle.DashLine))
        painter.drawRect(QRectF(x, y, *sides))

    def told(self, xy_image: XY) -> str:
        """A pixel in both spaces, and its values before and after they are normalised."""
        stage = self.stage
        x, y = self._space.model(xy_image)
        column, row = min(int(x), stage.picture.shape[1] - 1), min(int(y), stage.picture.shape[0] - 1)
        rgb = stage.picture[row, column].tolist()
        values = rgb if stage.channels == "RGB" else rgb[::-1]
        seen = [
            (value / stage.divisor - mean) / deviation
            for value, mean, deviation in zip(values, stage.mean, stage.deviation, strict=True)
        ]
        numbers = ", ".join(f"{value:.2f}" for value in seen)
        return (
            f"image ({xy_image[0]:.1f}, {xy_image[1]:.1f}) → model ({x:.1f}, {y:.1f})"
            f"   RGB {rgb[0]}, {rgb[1]}, {rgb[2]} → {stage.channels} {numbers}"
        )


def side(studio: Studio, layer: Layer) -> QWidget:
    """The sizes in words."""
    assert isinstance(layer, InputLayer)
    stage, column = layer.stage, Column()
    height, width = stage.picture.shape[:2]
    column.add_words(f"The picture has {stage.size[1]} × {stage.size[0]} pixels.", "")
    column.add_words(
        f"The network sees it as {width} × {height}: {stage.scale_xy[0]:.3g} model pixels for each of its own."
    )
    down, right = stage.frame[0] - height, stage.frame[1] - width
    if down or right:
        column.add_words(
            f"It is padded by {right} pixels at the right and {down} below, to {stage.frame[1]} × {stage.frame[0]}: "
            "the sides of what goes in are divided by the coarsest stride."
        )
    column.end()
    return column


VIEW = View(Input, InputLayer, side)
