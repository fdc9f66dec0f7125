"""A verdict shown: what became of an annotated object, in words and numbers, and what would have kept it as buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.tracing.explaining.wording import plain_number
from engine.tracing.verdicts import TITLES, Number, Remedy, Verdict
from studio.theme import GAP
from studio.widgets import role

FOUND = "Found"
_NO_REMEDY = "No setting of what is traced would bring it back."


class VerdictView(QWidget):
    """One object's verdict."""

    remedy_wanted = Signal(object)
    """Remedy: see what comes of it."""
    stage_wanted = Signal()
    """Go to the stage that lost it."""

    def __init__(self) -> None:
        """With nothing to say yet."""
        super().__init__()
        self.verdict: Verdict | None = None
        self.remedies: list[QPushButton] = []
        self.show_stage = role(QPushButton("Show where"), "link")
        self.show_stage.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_stage.clicked.connect(self.stage_wanted)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GAP)
        self._inside: QWidget | None = None
        self._column.addWidget(self.show_stage)

    def show_verdict(self, verdict: Verdict, name: str) -> None:
        """Say what became of the object; `name` is that of its class."""
        self.verdict = verdict
        if self._inside is not None:
            self._inside.deleteLater()
            self._column.removeWidget(self._inside)
        self._inside = self._told(verdict, name)
        self._column.insertWidget(0, self._inside)
        self.show_stage.setVisible(bool(verdict.stage))

    def _told(self, verdict: Verdict, name: str) -> QWidget:
        widget = QWidget()
        column = QVBoxLayout(widget)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        title = FOUND if verdict.loss is None else TITLES[verdict.loss]
        column.addWidget(
            role(_line(f"{name}: {title[0].lower()}{title[1:]}"), "good" if verdict.loss is None else "bad")
        )
        column.addWidget(_line(verdict.words))
        if verdict.numbers:
            column.addWidget(_numbers(verdict.numbers))
        self.remedies = [self._button(remedy) for remedy in verdict.remedies if can_be_tried(remedy)]
        for button in self.remedies:
            column.addWidget(button)
        if verdict.loss is not None and not self.remedies:
            column.addWidget(role(_line(_NO_REMEDY), "faint"))
        return widget

    def _button(self, remedy: Remedy) -> QPushButton:
        button = role(QPushButton(f"Try {remedy.setting} {plain_number(remedy.value)}"), "answer")
        button.setToolTip(remedy.words)
        button.clicked.connect(lambda: self.remedy_wanted.emit(remedy))
        return button


def can_be_tried(remedy: Remedy) -> bool:
    """Whether it is a cut that can be set on the trace."""
    return remedy.selection is not None and remedy.rule is not None and remedy.at >= 0


def _numbers(numbers: tuple[Number, ...]) -> QFrame:
    frame = role(QFrame(), "card")
    grid = QGridLayout(frame)
    grid.setContentsMargins(GAP + 2, GAP - 2, GAP + 2, GAP - 2)
    grid.setHorizontalSpacing(GAP)
    grid.setVerticalSpacing(GAP // 2)
    for row, each in enumerate(numbers):
        value = _line(plain_number(each.value))
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        value.setWordWrap(False)
        grid.addWidget(role(_line(each.name), "faint"), row, 0)
        grid.addWidget(value, row, 1)
    grid.setColumnStretch(0, 1)
    return frame


def _line(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
