"""The stage strip: every stage from pixels to result as a small picture, of which one is looked at.

Small pictures are drawn in a thread, one after the other; the linked cursor is shown on each.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QPointF, QRectF, QRunnable, QSize, Qt, QThreadPool, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from engine.tracing.stages import Stage
from engine.tracing.trace import Trace
from studio.canvas.viewport import Viewport
from studio.inspection import Inspection
from studio.inspector import Drawing, view_of
from studio.inspector.stage_words import amount, title
from studio.qt_pictures import as_image
from studio.surroundings import Studio
from studio.theme import GAP, Theme

PICTURE = QSize(104, 72)
_TEXT = 40
_ARROW = 14


class Card(QAbstractButton):
    """One stage: its small picture, name and amount."""

    def __init__(self, stage: Stage, trace: Trace, theme: Theme) -> None:
        """Without its picture, which comes later."""
        super().__init__()
        self.stage = stage
        self._theme = theme
        self._image: QImage | None = None
        self._size = (trace.input.size[1], trace.input.size[0])
        self._cursor: tuple[float, float] | None = None
        self._wrong = next(
            (check.words for check in trace.checks if check.name == stage.name and not check.is_equal), ""
        )
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setText(title(stage))
        self.setAccessibleName(f"{title(stage)}, {amount(stage)}")
        self.setToolTip(self._wrong or f"{title(stage)}: {amount(stage)}")

    def sizeHint(self) -> QSize:
        """The picture, and two lines."""
        return QSize(PICTURE.width() + 2 * GAP, PICTURE.height() + _TEXT + GAP)

    def show_image(self, image: QImage) -> None:
        """The picture is there."""
        self._image = image
        self.update()

    def point_at(self, xy_image: tuple[float, float] | None) -> None:
        """Show the cursor."""
        self._cursor = xy_image
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        """Ground, picture, cursor, words."""
        painter, tones = QPainter(self), self._theme.tones
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = tones.accent_soft if self.isChecked() else (tones.hover if self.underMouse() else tones.surface)
        painter.setBrush(QColor(ground))
        painter.setPen(QPen(QColor(tones.accent), 1.5) if self.isChecked() else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        place = QRectF(GAP, GAP, PICTURE.width(), PICTURE.height())
        if self._image is not None:
            painter.drawImage(place, self._image)
        if self._cursor is not None:
            self._paint_cursor(painter, place)
        self._paint_words(painter, place.bottom())
        painter.end()

    def _paint_cursor(self, painter: QPainter, place: QRectF) -> None:
        assert self._cursor is not None
        fitted = small_viewport(self._size)
        x, y = fitted.to_view.apply_one(self._cursor)
        at = place.topLeft() + QPointF(x, y)
        painter.setPen(QPen(QColor(self._theme.tones.warn), 1))
        painter.drawLine(at - QPointF(4, 0), at + QPointF(4, 0))
        painter.drawLine(at - QPointF(0, 4), at + QPointF(0, 4))

    def _paint_words(self, painter: QPainter, top: float) -> None:
        tones = self._theme.tones
        first = QRectF(GAP, top + 3, PICTURE.width(), 18)
        metrics = QFontMetricsF(painter.font())
        painter.setPen(QColor(tones.accent_text if self.isChecked() else tones.text))
        words = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, first.width() - (16 if self._wrong else 0))
        painter.drawText(first, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
        if self._wrong:
            painter.setPen(QColor(tones.warn))
            painter.drawText(first, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "≠")
        painter.setPen(QColor(tones.faint))
        painter.drawText(
            first.translated(0, 17), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, amount(self.stage)
        )


def step_by_key(of: Inspection, event: QKeyEvent) -> bool:
    """Go to the next stage by Right and to the one before by Left; whether it was one of these keys."""
    by = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
    if by:
        of.step(by)
    return bool(by)


class Strip(QScrollArea):
    """The stages of the trace that is looked at, from left to right."""

    def __init__(self, studio: Studio) -> None:
        """Of the studio's inspection."""
        super().__init__()
        self._studio, self._of = studio, studio.inspection
        self.cards: dict[str, Card] = {}
        self._drawn = _Drawn()
        self._drawn.image.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._number = 0
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedHeight(PICTURE.height() + _TEXT + GAP + 14)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Stages")
        self._of.changed.connect(self._fill)
        self._of.stage_changed.connect(self._mark)
        self._of.cursor_moved.connect(self._point)
        self._fill()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right."""
        if not step_by_key(self._of, event):
            super().keyPressEvent(event)

    def _fill(self) -> None:
        self._number += 1
        self.cards = {}
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        trace = self._of.trace
        for at, stage in enumerate(trace.stages if trace is not None else ()):
            assert trace is not None
            if at:
                row.addWidget(_Arrow(self._studio.theme))
            card = Card(stage, trace, self._studio.theme)
            card.clicked.connect(partial(self._choose, stage.name))
            self.cards[stage.name] = card
            row.addWidget(card)
        row.addStretch(1)
        self.setWidget(holder)
        if trace is not None:
            self._draw(trace)
        self._mark()

    def _draw(self, trace: Trace) -> None:
        picture = as_image(trace.input.picture)
        for stage in trace.stages:
            view = view_of(stage)
            drawing = view.picture(trace, stage) if view is not None else None
            task = _Small(self._number, stage.name, picture, drawing, (trace.input.size[1], trace.input.size[0]))
            QThreadPool.globalInstance().start(_Task(task, self._drawn), -1)

    def _take(self, number: int, name: str, image: QImage) -> None:
        if number == self._number and name in self.cards:
            self.cards[name].show_image(image)

    def _choose(self, name: str) -> None:
        self._of.show_stage(name)
        self._mark()

    def _mark(self) -> None:
        for name, card in self.cards.items():
            card.setChecked(name == self._of.stage_name)
            if card.isChecked():
                self.ensureWidgetVisible(card, 3 * GAP, 0)

    def _point(self) -> None:
        for card in self.cards.values():
            card.point_at(self._of.cursor)


class _Arrow(QWidget):
    """Between two stages."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFixedWidth(_ARROW)

    def paintEvent(self, _: QPaintEvent) -> None:
        """A small tip."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._theme.tones.faint), 1.5))
        x, y = self.width() / 2, GAP + PICTURE.height() / 2
        painter.drawPolyline([QPointF(x - 3, y - 4), QPointF(x + 2, y), QPointF(x - 3, y + 4)])
        painter.end()


class _Drawn(QObject):
    image = Signal(int, str, QImage)


class _Small:
    """What is to be drawn."""

    def __init__(self, number: int, name: str, picture: QImage, drawing: Drawing | None, size: tuple[int, int]) -> None:
        self.number, self.name, self.picture, self.drawing, self.size = number, name, picture, drawing, size


class _Task(QRunnable):
    """Draws a small picture in a thread."""

    def __init__(self, small: _Small, drawn: _Drawn) -> None:
        super().__init__()
        self._small, self._drawn = small, drawn

    def run(self) -> None:
        """The picture, and the stage on it."""
        small = self._small
        image = QImage(PICTURE, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        viewport = small_viewport(small.size)
        place = QRectF(*viewport.origin, viewport.scale * small.size[0], viewport.scale * small.size[1])
        painter.setClipRect(place)
        painter.drawImage(place, small.picture)
        if small.drawing is not None:
            small.drawing(painter, viewport)
        painter.end()
        self._drawn.image.emit(small.number, small.name, image)


def small_viewport(size: tuple[int, int]) -> Viewport:
    """The whole of a picture (width, height) in a small one."""
    scale = min(PICTURE.width() / size[0], PICTURE.height() / size[1])
    x, y = (PICTURE.width() - scale * size[0]) / 2, (PICTURE.height() - scale * size[1]) / 2
    return Viewport(size, (PICTURE.width(), PICTURE.height()), scale, x, y)
