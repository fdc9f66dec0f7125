"""Feature maps: a level as a heat map on the picture, one channel or all of them in one, and the strongest channels."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QGridLayout, QSpinBox, QToolButton, QWidget

from engine.geometry.shapes import XY
from engine.tracing.stages import FeatureMaps, Floats, Stage
from engine.tracing.trace import Trace
from studio.canvas.viewport import Viewport
from studio.inspector import Drawing, Layer, View
from studio.inspector.controls import Column
from studio.inspector.drawing import Space, draw_map
from studio.inspector.heat import ColourBar, heat_image
from studio.surroundings import Studio
from studio.theme import GAP

_MODES = ("Mean of all channels", "Greatest of all channels", "One channel")
_ONE = 2
N_STRONGEST = 12
_ACROSS = 4
_TILE = 58
_OPACITY = 80
"""Per cent of the map over the picture at first."""


class FeatureLayer(Layer):
    """One level."""

    def __init__(self, studio: Studio) -> None:
        """The finest level, its channels averaged."""
        super().__init__()
        stage, trace = studio.inspection.stage, studio.inspection.trace
        assert isinstance(stage, FeatureMaps)
        assert trace is not None
        self.stage, self._space, self._theme = stage, Space.of(trace.input), studio.theme
        self.level, self.mode, self.channel, self.opacity = 0, 0, 0, _OPACITY
        self._made: tuple[tuple[int, int, int], Floats] | None = None

    @property
    def values(self) -> Floats:
        """(h, w) what is drawn; worked out once, since the pointer asks for it wherever it goes."""
        wanted = (self.level, self.mode, self.channel)
        if self._made is None or self._made[0] != wanted:
            self._made = (wanted, _shown(self.stage.levels[self.level], self.mode, self.channel))
        return self._made[1]

    @property
    def limits(self) -> tuple[float, float]:
        """Between which numbers the colours lie."""
        values = self.values
        return float(values.min()), float(values.max())

    def cover(self, opacity: int) -> None:
        """Let so many per cent of the map lie over the picture."""
        self.opacity = opacity
        self.changed.emit()

    def choose(self, *, level: int | None = None, mode: int | None = None, channel: int | None = None) -> None:
        """Draw something else."""
        self.level = self.level if level is None else level
        self.mode = self.mode if mode is None else mode
        self.channel = min(self.channel if channel is None else channel, len(self.stage.levels[self.level]) - 1)
        self.changed.emit()

    def strongest(self) -> list[int]:
        """The channels that differ most over the picture."""
        level = self.stage.levels[self.level]
        spread = level.reshape(len(level), -1).std(axis=1)
        return [int(at) for at in np.argsort(-spread)[:N_STRONGEST]]

    def still(self) -> Drawing:
        """The heat map over the frame."""
        values, stride = self.values, self.stage.strides[self.level]
        image = heat_image(values, *self.limits)
        space, (rows, columns), opacity = self._space, values.shape, self.opacity / 100

        def draw(painter: QPainter, viewport: Viewport) -> None:
            place = space.rect(np.array([0, 0, columns * stride, rows * stride], dtype=np.float32), viewport)
            draw_map(painter, image, place, opacity)

        return draw

    def cell(self, xy_image: XY) -> tuple[int, int]:
        """Column and row of the cell at a place."""
        x, y = self._space.model(xy_image)
        rows, columns = self.stage.levels[self.level].shape[1:]
        stride = self.stage.strides[self.level]
        return min(int(x / stride), columns - 1), min(int(y / stride), rows - 1)

    def told(self, xy_image: XY) -> str:
        """The cell, and its number."""
        column, row = self.cell(xy_image)
        return f"cell ({column}, {row}) of stride {self.stage.strides[self.level]:g}: {self.values[row, column]:.4g}"


def _shown(level: Floats, mode: int, channel: int) -> Floats:
    """(h, w) of (channels, h, w) values in one of the modes."""
    if mode == _ONE:
        return np.asarray(level[channel])
    return np.asarray(level.mean(axis=0) if mode == 0 else level.max(axis=0))


def side(studio: Studio, layer: Layer) -> QWidget:
    """Level, channel, colours, and the strongest channels to choose from."""
    assert isinstance(layer, FeatureLayer)
    return _Side(studio, layer)


class _Side(Column):
    def __init__(self, studio: Studio, layer: FeatureLayer) -> None:
        super().__init__()
        self._layer = layer
        stage = layer.stage
        levels = [
            f"{name}: {level.shape[2]} × {level.shape[1]} × {len(level)}, stride {stride:g}"
            for name, level, stride in zip(stage.level_names, stage.levels, stage.strides, strict=True)
        ]
        self.level = self.add_choice("Level", levels, lambda at: self._choose(level=at))
        self.mode = self.add_choice("Shown", _MODES, lambda at: self._choose(mode=at))
        self.channel = QSpinBox()
        self.channel.setRange(0, len(stage.levels[0]) - 1)
        self.channel.setPrefix("Channel ")
        self.channel.setAccessibleName("Channel")
        self.channel.valueChanged.connect(self._choose_channel)
        self.add(self.channel)
        self.bar = ColourBar(studio.theme)
        self.add(self.bar)
        self.add_slider("Opacity", 100, layer.cover, layer.opacity)
        self.add_words("The channels that differ most over the picture:")
        self.tiles = QWidget()
        self._grid = QGridLayout(self.tiles)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP // 2)
        self.add(self.tiles)
        self.end()
        self._show_strongest()
        self.bar.show_range(*layer.limits)

    def _choose_channel(self, channel: int) -> None:
        """Show one, also where it was the number that stood there."""
        with QSignalBlocker(self.channel):
            self.channel.setValue(channel)
        self._choose(channel=channel, mode=_ONE)

    def _choose(self, *, level: int | None = None, mode: int | None = None, channel: int | None = None) -> None:
        self._layer.choose(level=level, mode=mode, channel=channel)
        if mode is not None and self.mode.currentIndex() != mode:
            self.mode.setCurrentIndex(mode)
        if level is not None:
            self.channel.setMaximum(len(self._layer.stage.levels[level]) - 1)
            self._show_strongest()
        self.bar.show_range(*self._layer.limits)

    def _show_strongest(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for at, channel in enumerate(self._layer.strongest()):
            values = np.asarray(self._layer.stage.levels[self._layer.level][channel])
            image = heat_image(values, float(values.min()), float(values.max()))
            button = QToolButton()
            pixmap = QPixmap.fromImage(image.scaled(_TILE, _TILE, Qt.AspectRatioMode.KeepAspectRatio))
            button.setIcon(QIcon(pixmap))
            button.setIconSize(QSize(_TILE, _TILE))
            button.setToolTip(f"Channel {channel}")
            button.setAccessibleName(f"Channel {channel}")
            button.clicked.connect(partial(self._take_tile, channel))
            self._grid.addWidget(button, at // _ACROSS, at % _ACROSS)

    def _take_tile(self, channel: int, _: bool = False) -> None:
        self._choose_channel(channel)


def picture(trace: Trace, stage: Stage) -> Drawing:
    """The mean of the finest level."""
    assert isinstance(stage, FeatureMaps)
    values = np.asarray(stage.levels[0]).mean(axis=0)
    image, space, stride = (
        heat_image(values, float(values.min()), float(values.max())),
        Space.of(trace.input),
        stage.strides[0],
    )

    def draw(painter: QPainter, viewport: Viewport) -> None:
        rows, columns = values.shape
        draw_map(painter, image, space.rect(np.array([0, 0, columns * stride, rows * stride], np.float32), viewport), 1)

    return draw


VIEW = View(FeatureMaps, FeatureLayer, side, picture)
