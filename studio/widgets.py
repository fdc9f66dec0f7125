"""Small widgets that several rooms of the window use."""

from __future__ import annotations

import math
from typing import TypeAlias, TypeVar

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QStackedLayout, QWidget

from engine.geometry.shapes import ShapeKind
from studio.commands import Command
from studio.keys import Keys
from studio.theme import Theme, svg_renderer

W = TypeVar("W", bound=QWidget)
Index: TypeAlias = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
"""The parent of all rows of a flat model."""


def role(widget: W, name: str) -> W:
    """The widget, dressed by the stylesheet's rules for this role ('faint', 'title', 'card', 'primary' ...)."""
    widget.setProperty("role", name)
    return widget


def keep_tip(button: QWidget, keys: Keys, command: Command) -> None:
    """Say in a tooltip what a button asks for, with the keys in force, for as long as the window is there."""

    def show() -> None:
        button.setToolTip(keys.tip(command.name, command.title))

    keys.changed.connect(show)
    show()


class IconLabel(QWidget):
    """An icon in the theme's text or accent colour."""

    def __init__(self, icon: str, side: int, theme: Theme, *, accent: bool = False) -> None:
        """`side` in logical pixels."""
        super().__init__()
        self._icon = icon
        self._theme = theme
        self._accent = accent
        self.setFixedSize(side, side)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self.update)

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paint the icon."""
        tones = self._theme.tones
        painter = QPainter(self)
        svg_renderer(self._icon, tones.accent_text if self._accent else tones.text).render(painter, QRectF(self.rect()))
        painter.end()


class Elided(QLabel):
    """A line of text that is said in fewer words, or cut in the middle, where there is no room for all of it."""

    def __init__(self, text: str = "", mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle) -> None:
        """Show `text`, or what of it fits."""
        super().__init__()
        self._full, self._short = "", ""
        self._mode = mode
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.show_text(text)

    def show_text(self, text: str, short: str = "") -> None:
        """Show another text; `short` is shown where there is no room for it."""
        self._full, self._short = text, short
        self.setToolTip(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        metrics = self.fontMetrics()
        padding = super().sizeHint().width() - metrics.horizontalAdvance(self.text())  # of the stylesheet
        room = self.width() - max(0, padding)
        is_long = bool(self._short) and metrics.horizontalAdvance(self._full) > room
        self.setText(metrics.elidedText(self._short if is_long else self._full, self._mode, room))

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(24, super().minimumSizeHint().height())


class WordsOver(QWidget):
    """A view, and words in the middle of it while there is nothing in it to be seen; clicks go through to the view."""

    def __init__(self, view: QWidget, words: QLabel) -> None:
        """Both are shown; the words are to be hidden while they are not true."""
        super().__init__()
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        layers = QStackedLayout(self)  # of a widget from the start: else the first layer is a window for a moment
        layers.setStackingMode(QStackedLayout.StackingMode.StackAll)
        layers.addWidget(words)  # the first is in front
        layers.addWidget(view)


def scrolling(inside: QWidget | None = None, *, is_sideways: bool = False) -> QScrollArea:
    """A widget that scrolls down, or sideways as well, where there is too little room for it; without a frame."""
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    if not is_sideways:
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    if inside is not None:
        area.setWidget(inside)
    return area


def swatch(colour: str, side: int = 12, ratio: float = 2.0, kind: ShapeKind = "box") -> QIcon:
    """A small shape in a class's colour: a square for boxes and classes, another for every other kind of shape."""
    pixmap = QPixmap(round(side * ratio), round(side * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    _paint_kind(painter, side, kind)
    painter.end()
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)  # or Qt would tint it
    return icon


def _paint_kind(painter: QPainter, side: int, kind: ShapeKind) -> None:
    middle = side / 2
    if kind in ("box", "rotated_box"):
        painter.drawRoundedRect(QRectF(0, 0, side, side), 3, 3)
    elif kind == "polygon":
        angles = [math.radians(72 * n - 90) for n in range(5)]
        corners = [QPointF(middle + middle * math.cos(a), middle + middle * math.sin(a)) for a in angles]
        painter.drawPolygon(corners)
    elif kind == "mask":
        painter.drawEllipse(QRectF(0, 0, side, side))
    else:
        for x, y in ((0.25, 0.2), (0.8, 0.4), (0.4, 0.8)):
            painter.drawEllipse(QPointF(side * x, side * y), side / 6, side / 6)
