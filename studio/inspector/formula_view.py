"""A formula as a widget: set for the width that it has."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.inspector import formula_layout
from studio.inspector.formula_layout import Set
from studio.inspector.formula_text import parsed
from studio.theme import Theme

_LARGER = 1.08
_NARROWEST = 120


class FormulaView(QWidget):
    """One equation; its text can be copied from the context menu of the pane it is in."""

    def __init__(self, text: str, theme: Theme, *, is_faint: bool = False) -> None:
        """`text` as engine.tracing.explaining writes it."""
        super().__init__()
        self.text = text
        self._theme, self._is_faint = theme, is_faint
        self._line = parsed(text)
        self._set: tuple[int, Set] | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(text)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self.update)

    def hasHeightForWidth(self) -> bool:
        """Narrow ones are higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """What the lines need."""
        return round(self._for(width).size[1] + 4)

    def sizeHint(self) -> QSize:
        """For a usual pane."""
        return QSize(280, self.heightForWidth(280))

    def minimumSizeHint(self) -> QSize:
        """Any width that holds a few numbers."""
        return QSize(_NARROWEST, self.heightForWidth(max(self.width(), _NARROWEST)))

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paint it from the top left corner."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tones = self._theme.tones
        painter.setPen(QColor(tones.faint if self._is_faint else tones.text))
        self._for(self.width()).paint(painter, QPointF(0, 2))
        painter.end()

    def _for(self, width: int) -> Set:
        """Set for a width; the last one is kept."""
        if self._set is None or self._set[0] != width:
            font = QFont(self.font())
            font.setPointSizeF(font.pointSizeF() * _LARGER)
            self._set = (width, formula_layout.lines(self._line, font, float(width)))
        return self._set[1]
