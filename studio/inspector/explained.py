"""An explanation shown: its title, its text, and its formulas with this picture's numbers below each."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from engine.tracing.explaining import Explanation, Formula
from studio.inspector.formula_view import FormulaView
from studio.theme import GAP, Theme
from studio.widgets import role

_NOTHING = "What each stage does is explained here, with the numbers of the picture."


class Explained(QScrollArea):
    """A column that scrolls."""

    def __init__(self, theme: Theme) -> None:
        """With nothing to explain yet."""
        super().__init__()
        self._theme = theme
        self.shown: Explanation | None = None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Explanation")
        self.show_explanation(None)

    def show_explanation(self, explanation: Explanation | None) -> None:
        """Show another one; where it is of the same stage, what is in sight stays there."""
        is_same = None not in (explanation, self.shown) and explanation.title == self.shown.title  # type: ignore[union-attr]
        at = self.verticalScrollBar().value() if is_same else 0
        self.shown = explanation
        self.setWidget(self._column(explanation))
        self.verticalScrollBar().setValue(at)

    def copy(self) -> None:
        """Put it on the clipboard as plain text."""
        if self.shown is not None:
            QGuiApplication.clipboard().setText(in_plain_words(self.shown))

    def _column(self, explanation: Explanation | None) -> QWidget:
        widget = QWidget()
        column = QVBoxLayout(widget)
        column.setContentsMargins(GAP, GAP, GAP, GAP)
        column.setSpacing(GAP)
        if explanation is None:
            column.addWidget(role(_wrapped(_NOTHING), "faint"))
        else:
            column.addWidget(role(_wrapped(explanation.title), "title"))
            column.addWidget(_wrapped(explanation.text))
            if explanation.of:
                column.addWidget(role(_wrapped(f"Numbers of {explanation.of}:"), "faint"))
            for formula in explanation.formulas:
                column.addWidget(self._card(formula))
        column.addStretch(1)
        return widget

    def _card(self, formula: Formula) -> QFrame:
        card = role(QFrame(), "card")
        column = QVBoxLayout(card)
        column.setContentsMargins(GAP + 2, GAP - 2, GAP + 2, GAP - 2)
        column.setSpacing(GAP // 2)
        column.addWidget(role(_wrapped(formula.name), "faint"))
        column.addWidget(FormulaView(formula.letters, self._theme))
        if formula.numbers:
            column.addWidget(FormulaView(formula.numbers, self._theme))
        return card


def _wrapped(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def in_plain_words(explanation: Explanation) -> str:
    """As it is copied."""
    parts = [explanation.title, explanation.text]
    if explanation.of:
        parts.append(f"Numbers of {explanation.of}:")
    for formula in explanation.formulas:
        parts.append("\n".join(part for part in (formula.name, formula.letters, formula.numbers) if part))
    return "\n\n".join(parts)
