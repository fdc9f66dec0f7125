"""A decision made visible: each person a line with the distance of every template, the rule's bar, and the threshold.

What lies left of the threshold is near enough. The threshold can be dragged.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QMouseEvent, QPainter, QPen, QPixmap

from studio.charts.card import TITLE, Card
from studio.charts.scale import in_words, ticks
from studio.faces.decision_words import number
from studio.faces.fitting import paint_fitted
from studio.theme import GAP, Theme

ROW = 46.0
AXIS = 40.0
"""Below the rows: ticks and what is measured."""
REACH = 6.0
"""Pixels from the threshold that still take hold of it."""
_FACE = 38.0
_NAMES = 0.26
_TICK_ROOM = 64
_BEYOND = 1.06
"""The axis goes so much farther than the farthest row."""


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One person, as a probe sees them."""

    identity_id: int
    name: str
    distance: float
    """By the rule."""
    templates: tuple[float, ...]
    """The distance of each of their templates."""
    picture: QPixmap | None
    """The nearest template's crop."""
    is_excluded: bool = False
    """Somebody said that it is not this person."""

    @property
    def n_words(self) -> str:
        """How many templates there are."""
        n = len(self.templates)
        return "1 template" if n == 1 else f"{n} templates"


class DecisionChart(Card):
    """People from near to far; as high as they need."""

    threshold_dragged = Signal(float)
    """The threshold is being moved there."""
    threshold_wanted = Signal(float)
    """It was let go there."""

    def __init__(self, theme: Theme) -> None:
        """Nobody yet."""
        super().__init__("How far each person is", theme)
        self.rows: tuple[Row, ...] = ()
        self.threshold = math.nan
        self.identity_id: int | None = None
        self._is_held = False
        self.show_rows((), math.nan, None)

    def show_rows(self, rows: Sequence[Row], threshold: float, identity_id: int | None, note: str = "") -> None:
        """Show these people, the threshold, and who it is by that."""
        self.rows, self.note, self.hovered = tuple(rows), note, -1
        self.threshold, self.identity_id = threshold, identity_id
        self.is_clickable = bool(rows)
        self.setFixedHeight(int(TITLE + ROW * max(2, len(self.rows)) + AXIS))
        self.update()

    def sizeHint(self) -> QSize:
        """Room for names and bars."""
        return QSize(460, self.height())

    def minimumSizeHint(self) -> QSize:
        """Narrow ones can still be read."""
        return QSize(280, self.height())

    @property
    def n_parts(self) -> int:
        """Each person."""
        return len(self.rows)

    def beside(self, part: int, across: int, down: int) -> int:
        """Up and down; the axis has nothing beside."""
        return part + down

    def part_at(self, point: QPointF) -> int:
        """The person on that line."""
        row = math.floor((point.y() - TITLE) / ROW)
        return row if 0 <= row < len(self.rows) and 0 <= point.x() < self.width() else -1

    def told(self, part: int) -> str:
        """The distances of a person."""
        row = self.rows[part]
        said = f"{row.name}: {number(row.distance)}"
        if len(row.templates) > 1:
            said += f", templates from {number(min(row.templates))} to {number(max(row.templates))}"
        return f"{said}; you said it is not" if row.is_excluded else said

    @property
    def farthest(self) -> float:
        """Where the axis ends."""
        every = [each for row in self.rows for each in (row.distance, *row.templates)]
        every.append(self.threshold if math.isfinite(self.threshold) else 0.0)
        return _BEYOND * max(every) or 1.0

    def x_of(self, distance: float) -> float:
        """Where a distance lies on the axis, in pixels."""
        area = self._area()
        return area.left() + distance / self.farthest * area.width()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the threshold."""
        self._is_held = event.button() == Qt.MouseButton.LeftButton and self._is_on_threshold(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the threshold, or tell of what is under the pointer."""
        if self._is_held:
            self.threshold = self._distance(event.position())
            self.threshold_dragged.emit(self.threshold)
            self.update()
            return
        super().mouseMoveEvent(event)
        if self._is_on_threshold(event.position()):
            self.setCursor(Qt.CursorShape.SplitHCursor)
        else:
            is_link = self.hovered >= 0
            self.setCursor(Qt.CursorShape.PointingHandCursor if is_link else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let the threshold go, or pick a person."""
        if self._is_held:
            self._is_held = False
            self.threshold_wanted.emit(self.threshold)
        else:
            super().mouseReleaseEvent(event)

    def _is_on_threshold(self, at: QPointF) -> bool:
        return math.isfinite(self.threshold) and bool(self.rows) and abs(self.x_of(self.threshold) - at.x()) <= REACH

    def _distance(self, at: QPointF) -> float:
        area = self._area()
        return max(0.0, (at.x() - area.left()) / area.width()) * self.farthest

    def paint_parts(self, painter: QPainter) -> None:
        """What is near enough, rows, axis, threshold."""
        if not self.rows:
            self.paint_nothing(painter)
            return
        area = self._area()
        if math.isfinite(self.threshold):
            veil = QColor(self.theme.tones.good)
            veil.setAlpha(26)
            painter.fillRect(
                QRectF(area.left(), area.top(), self.x_of(self.threshold) - area.left(), area.height()), veil
            )
        self._paint_axis(painter, area)
        for n, row in enumerate(self.rows):
            self._paint_row(painter, n, row)
        if math.isfinite(self.threshold):
            self._paint_threshold(painter, area)

    def _paint_row(self, painter: QPainter, n: int, row: Row) -> None:
        tones, area = self.theme.tones, self._area()
        line = QRectF(GAP, TITLE + n * ROW, self.width() - 2 * GAP, ROW)
        if n == self.hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tones.hover))
            painter.drawRoundedRect(line.adjusted(0, 1, 0, -1), 5, 5)
        if row.picture is not None:
            face = QRectF(line.left() + 4, line.top() + (ROW - _FACE) / 2, _FACE, _FACE)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            paint_fitted(painter, face, row.picture)
        self._paint_name(painter, row, QRectF(line.left() + _FACE + 12, line.top(), 0, ROW))
        is_it = row.identity_id == self.identity_id
        colour = QColor(tones.good if is_it else tones.disabled if row.is_excluded else tones.accent)
        middle, end = line.top() + ROW / 2, self.x_of(row.distance)
        style = Qt.PenStyle.DotLine if row.is_excluded else Qt.PenStyle.SolidLine
        painter.setPen(QPen(colour, 5, style, Qt.PenCapStyle.FlatCap))
        painter.drawLine(QPointF(area.left(), middle), QPointF(end, middle))
        painter.setPen(QPen(QColor(tones.surface), 1))
        dot = QColor(tones.text)
        dot.setAlpha(200)
        painter.setBrush(dot)
        for each in row.templates:
            painter.drawEllipse(QPointF(self.x_of(each), middle), 3, 3)
        painter.setPen(QColor(tones.text if is_it else tones.faint))
        after = QRectF(self._area().right() + GAP, line.top(), 60, ROW)
        painter.drawText(after, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, number(row.distance))

    def _paint_name(self, painter: QPainter, row: Row, at: QRectF) -> None:
        tones, room = self.theme.tones, self._area().left() - at.left() - GAP
        usual, bold = QFont(painter.font()), QFont(painter.font())
        bold.setBold(row.identity_id == self.identity_id)
        bold.setStrikeOut(row.is_excluded)
        painter.setFont(bold)
        painter.setPen(QColor(tones.faint if row.is_excluded else tones.text))
        name = QFontMetricsF(bold).elidedText(row.name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(at.left(), at.top() + 4, room, 20), Qt.AlignmentFlag.AlignVCenter, name)
        painter.setFont(usual)
        painter.setPen(QColor(tones.faint))
        below = "not, you said" if row.is_excluded else row.n_words
        below = f"✓ {below}" if row.identity_id == self.identity_id else below
        painter.drawText(QRectF(at.left(), at.top() + 22, room, 18), Qt.AlignmentFlag.AlignVCenter, below)

    def _paint_axis(self, painter: QPainter, area: QRectF) -> None:
        tones = self.theme.tones
        for value in ticks(0, self.farthest, max(2, int(area.width() / _TICK_ROOM))):
            x = self.x_of(value)
            painter.setPen(QPen(QColor(tones.line), 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(QColor(tones.faint))
            painter.drawText(
                QRectF(x - 30, area.bottom(), 60, 18), Qt.AlignmentFlag.AlignCenter, in_words(round(value, 9))
            )
        painter.setPen(QColor(tones.faint))
        below = QRectF(GAP * 1.5, area.bottom() + 18, self.width() - 3 * GAP, 18)
        words = "distance; a dot for each template, a bar by the rule"
        words = QFontMetricsF(painter.font()).elidedText(words, Qt.TextElideMode.ElideRight, below.width())
        painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_threshold(self, painter: QPainter, area: QRectF) -> None:
        x, warn = self.x_of(self.threshold), QColor(self.theme.tones.warn)
        painter.setPen(QPen(warn, 2))
        painter.drawLine(QPointF(x, area.top() - 2), QPointF(x, area.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(warn)
        painter.drawPolygon(
            [QPointF(x - 5, area.top() - 6), QPointF(x + 5, area.top() - 6), QPointF(x, area.top() + 2)]
        )

    def _area(self) -> QRectF:
        names = max(110.0, _NAMES * self.width())
        left = GAP + _FACE + 12 + names
        return QRectF(left, TITLE, max(40.0, self.width() - left - 66), ROW * max(1, len(self.rows)))
