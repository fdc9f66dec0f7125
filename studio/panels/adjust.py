"""Brightness and colours: sliders for how pictures are shown, and the channel that is seen. Nothing of it is stored."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.imaging.levels import CHANNELS, Channel, Levels
from studio.commands import named
from studio.panels import Panel
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import Elided, keep_tip, scrolling
from studio.widgets import role as dressed

_LEAST_HEIGHT = 72
_GAMMA_BASE = 4.0
"""The gamma at the slider's right end; at its left end it is one over that."""
_TITLES: dict[Channel, tuple[str, str]] = {
    "all": ("RGB", "The picture in its colours"),
    "red": ("R", "Red alone, in grey"),
    "green": ("G", "Green alone, in grey"),
    "blue": ("B", "Blue alone, in grey"),
    "grey": ("Grey", "All of it in grey"),
}


@dataclass(frozen=True, slots=True)
class Dial:
    """One slider: from -100 to 100, with 0 where the picture is as it is."""

    title: str
    at: Callable[[Levels], float]
    """Where the slider stands for these levels."""
    turned: Callable[[Levels, int], Levels]
    """The levels with the slider there."""
    words: Callable[[Levels], str]


DIALS = (
    Dial(
        "Brightness",
        lambda levels: 100 * levels.brightness,
        lambda levels, at: replace(levels, brightness=at / 100),
        lambda levels: f"{100 * levels.brightness:+.0f}",
    ),
    Dial(
        "Contrast",
        lambda levels: 100 * levels.contrast,
        lambda levels, at: replace(levels, contrast=at / 100),
        lambda levels: f"{100 * levels.contrast:+.0f}",
    ),
    Dial(
        "Gamma",
        lambda levels: 100 * math.log(levels.gamma, _GAMMA_BASE),
        lambda levels, at: replace(levels, gamma=round(_GAMMA_BASE ** (at / 100), 3)),
        lambda levels: f"{levels.gamma:.2f}",
    ),
)


class AdjustPanel(QWidget):
    """Sliders, channels, and the way back."""

    def __init__(self, studio: Studio) -> None:
        """Follow and change the levels of the session."""
        super().__init__()
        self._session = studio.session
        self._is_showing = False
        self.sliders = {dial.title: self._slider(dial) for dial in DIALS}
        self.values = {dial.title: QLabel() for dial in DIALS}
        self.channels = {channel: self._channel(channel) for channel in CHANNELS}
        self.reset = QPushButton("Reset")
        keep_tip(self.reset, studio.keys, *named("adjust.reset"))
        self.reset.clicked.connect(lambda: self._session.show_with(Levels()))
        self._lay_out()
        self._session.levels_changed.connect(self._show)
        self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's: a double click on a slider sets it back."""
        if event.type() == QEvent.Type.MouseButtonDblClick and isinstance(watched, QSlider):
            watched.setValue(0)
            return True
        return super().eventFilter(watched, event)

    def _slider(self, dial: Dial) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(-100, 100)
        slider.setPageStep(10)
        slider.setAccessibleName(dial.title)
        slider.setToolTip(f"{dial.title}: double-click sets it back")
        slider.valueChanged.connect(lambda at: self._turn(dial, at))
        slider.installEventFilter(self)
        return slider

    def _channel(self, channel: Channel) -> QToolButton:
        title, tip = _TITLES[channel]
        button = dressed(QToolButton(), "tight")
        button.setText(title)
        button.setToolTip(tip)
        button.setCheckable(True)
        button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: self._session.show_with(replace(self._session.levels, channel=channel)))
        return button

    def _lay_out(self) -> None:
        inside = QWidget()
        scroll = scrolling(inside, is_sideways=True)
        scroll.setMinimumHeight(_LEAST_HEIGHT)  # in a low window it scrolls, and the panels below stay where they are
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        column = QVBoxLayout(inside)
        column.setContentsMargins(GAP, 0, GAP, GAP)
        column.setSpacing(GAP)
        grid = QGridLayout()
        grid.setHorizontalSpacing(GAP)
        grid.setColumnStretch(1, 1)
        for row, (title, slider) in enumerate(self.sliders.items()):
            value = self.values[title]
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            value.setMinimumWidth(value.fontMetrics().horizontalAdvance("+100"))
            for at, widget in enumerate((dressed(QLabel(title), "faint"), slider, value)):
                grid.addWidget(widget, row, at)
        column.addLayout(grid)
        column.addWidget(self._segments())
        foot = QHBoxLayout()
        foot.addWidget(dressed(_reassurance(), "faint"), 1)
        foot.addWidget(self.reset)
        column.addLayout(foot)
        column.addStretch(1)

    def _segments(self) -> QFrame:
        frame, group = dressed(QFrame(), "segments"), QButtonGroup(self)
        row = QHBoxLayout(frame)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(2)
        for button in self.channels.values():
            group.addButton(button)
            row.addWidget(button, len(button.text()) + 2)
        return frame

    def _turn(self, dial: Dial, at: int) -> None:
        if not self._is_showing:
            self._session.show_with(dial.turned(self._session.levels, at))

    def _show(self) -> None:
        """Stand where the session's levels are."""
        levels = self._session.levels
        self._is_showing = True
        for dial in DIALS:
            self.sliders[dial.title].setValue(round(dial.at(levels)))
            self.values[dial.title].setText(dial.words(levels))
        self.channels[levels.channel].setChecked(True)
        self.reset.setEnabled(not levels.is_plain)
        self._is_showing = False


def _reassurance() -> Elided:
    words = Elided()
    words.show_text("The picture's file stays as it is.", "The file stays.")
    return words


PANEL = Panel("Adjust", "adjust", "right", 35, AdjustPanel, is_shown=False)
