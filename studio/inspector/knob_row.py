"""A knob as a widget: its title, a slider with the run's own value marked, the number, and a way back."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QLabel, QSlider, QToolButton, QWidget

from studio.inspector.knobs import Span
from studio.theme import GAP, Theme
from studio.widgets import role

FINE = 1000
_HANDLE = 14
_SAME = 1e-9


class MarkedSlider(QSlider):
    """A slider whose usual place is marked below it."""

    def __init__(self, theme: Theme) -> None:
        """From 0 to FINE."""
        super().__init__(Qt.Orientation.Horizontal)
        self._theme = theme
        self._mark = 0.0
        self.setRange(0, FINE)
        self.setPageStep(FINE // 20)
        self.setMinimumHeight(26)
        theme.changed.connect(self.update)

    def mark(self, place: float) -> None:
        """Mark another place, 0 to 1."""
        self._mark = place
        self.update()

    def mark_x(self) -> float:
        """Where the mark is across, in the widget's pixels."""
        return _HANDLE / 2 + self._mark * (self.width() - _HANDLE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The slider, and a small triangle that points at the usual place."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.tones.accent_text))
        x, low = self.mark_x(), self.height() - 0.5
        painter.drawPolygon(QPolygonF([QPointF(x - 3.5, low), QPointF(x + 3.5, low), QPointF(x, low - 4.5)]))
        painter.end()


class KnobRow(QWidget):
    """One number that can be turned."""

    turned = Signal(float)
    """Another value is wanted."""

    def __init__(self, title: str, tip: str, span: Span, theme: Theme) -> None:
        """With no value yet."""
        super().__init__()
        self.title, self._span, self._own, self._value = title, span, span.low, span.low
        self.slider, self.field, self.back = MarkedSlider(theme), QDoubleSpinBox(), QToolButton()
        self._label = QLabel(title)
        for widget, name in ((self.slider, title), (self.field, f"{title}, as a number")):
            widget.setAccessibleName(name)
            widget.setToolTip(tip)
        self._label.setToolTip(tip)
        self._prepare(theme)
        self._lay_out()
        self.slider.valueChanged.connect(lambda place: self._turn(self._span.value(place / FINE)))
        self.field.valueChanged.connect(self._turn)
        self.back.clicked.connect(lambda: self._turn(self._own))

    def show_value(self, value: float, own: float) -> None:
        """Show what it is set to, and what the run has."""
        self._value, self._own = value, own
        is_own = abs(value - own) < _SAME
        with QSignalBlocker(self.slider), QSignalBlocker(self.field):
            place = round(self._span.place(value) * FINE)
            if not self.slider.isSliderDown():
                self.slider.setValue(place)
            if abs(self.field.value() - value) > 0.5 * 10**-self._span.decimals:
                self.field.setValue(value)
        self.slider.mark(self._span.place(own))
        self.back.setEnabled(not is_own)
        self.back.setToolTip(f"Back to the run's own, {own:,.{self._span.decimals}f}")
        role(self._label, "title" if not is_own else "")
        self._label.style().polish(self._label)

    def _turn(self, value: float) -> None:
        if abs(value - self._value) >= _SAME:
            self.turned.emit(value)

    def _prepare(self, theme: Theme) -> None:
        span = self._span
        self.field.setDecimals(span.decimals)
        self.field.setRange(span.low, span.high)
        self.field.setSingleStep({"share": 0.01, "count": 1, "pixels": 1, "scale": 0.05}[span.unit])
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.field.setKeyboardTracking(False)
        self.field.setFixedWidth(92)
        self.back.setIcon(theme.icon("undo"))
        self.back.setIconSize(QSize(14, 14))
        self.back.setAccessibleName(f"{self.title}: back to the run's own")

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GAP)
        grid.setVerticalSpacing(0)
        grid.addWidget(self._label, 0, 0)
        grid.addWidget(self.field, 0, 1)
        grid.addWidget(self.back, 0, 2)
        grid.addWidget(self.slider, 1, 0, 1, 3)
        grid.setColumnStretch(0, 1)
