"""Who a probe is, in words beside its crop, and what can be answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QSize, QStringListModel, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QPixmap
from PySide6.QtWidgets import QCompleter, QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout

from studio.theme import GAP
from studio.widgets import role

FACE = 104
_NAME = 64
"""Pixels that a name may take on a button."""


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What is said of the probe that is looked at."""

    picture: QPixmap | None
    title: str
    lines: tuple[str, ...]
    state: str = ""
    """What the project's file knows of it."""
    candidate: str = ""
    """Whom the answers are about; empty where they are about nobody."""
    can_answer: bool = False
    can_ignore: bool = True
    is_sure: bool = False
    """Whether somebody is near enough."""


class VerdictPane(QFrame):
    """Crop, words, answers."""

    confirmed = Signal()
    rejected = Signal()
    ignored = Signal()
    named = Signal(str)

    def __init__(self) -> None:
        """Nobody is asked about yet."""
        super().__init__()
        role(self, "card")
        self.verdict: Verdict | None = None
        self.picture = QLabel()
        self.picture.setFixedSize(FACE, FACE)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.title = QLabel()
        font = QFont(self.title.font())
        font.setPointSizeF(1.5 * font.pointSizeF())
        font.setBold(True)
        self.title.setFont(font)
        self.lines = QLabel()
        self.state = role(QLabel(), "faint")
        for each in (self.title, self.lines, self.state):
            each.setWordWrap(True)
            each.setTextFormat(Qt.TextFormat.PlainText)
            each.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.confirm = role(QPushButton("Confirm"), "primary")
        self.reject = QPushButton("Reject")
        self.ignore = QPushButton("Ignore")
        self.name = NameField()
        self.confirm.setToolTip("It is this person: enrol the face  (Enter)")
        self.reject.setToolTip("It is not this person: remembered, and the next one comes up  (Backspace)")
        self.ignore.setToolTip("Of no interest: ask about it no more")
        self.confirm.clicked.connect(self.confirmed)
        self.reject.clicked.connect(self.rejected)
        self.ignore.clicked.connect(self.ignored)
        self.name.named.connect(self.named)
        self._lay_out()

    def _lay_out(self) -> None:
        answers = QHBoxLayout()
        answers.setSpacing(GAP)
        answers.addWidget(self.confirm)
        answers.addWidget(self.reject)
        answers.addStretch(1)
        others = QHBoxLayout()
        others.setSpacing(GAP)
        others.addWidget(self.ignore)
        others.addWidget(self.name, 1)
        words = QVBoxLayout()
        words.setSpacing(GAP // 2)
        for each in (self.title, self.lines, self.state):
            words.addWidget(each)
        words.addStretch(1)
        words.addLayout(answers)
        words.addLayout(others)
        row = QHBoxLayout(self)
        row.setContentsMargins(GAP + 4, GAP + 4, GAP + 4, GAP + 4)
        row.setSpacing(2 * GAP)
        row.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)

    def sizeHint(self) -> QSize:
        """As high as words and crop need."""
        return super().sizeHint().expandedTo(QSize(360, FACE + 3 * GAP))

    def show_verdict(self, verdict: Verdict, people: Sequence[str]) -> None:
        """Show this; `people` can be named by a few letters."""
        self.verdict = verdict
        self.picture.setPixmap(scaled(verdict.picture, FACE, self.devicePixelRatioF()))
        self.title.setText(verdict.title)
        self.lines.setText("\n".join(verdict.lines))
        self.state.setText(verdict.state)
        self.state.setVisible(bool(verdict.state))
        metrics, name = self.confirm.fontMetrics(), verdict.candidate
        short = metrics.elidedText(name, Qt.TextElideMode.ElideRight, _NAME)
        self.confirm.setText(f"It is {short}" if name else "Confirm")
        self.reject.setText(f"Not {short}" if name else "Reject")
        for button in (self.confirm, self.reject):
            button.setEnabled(verdict.can_answer and bool(name))
        self.name.setEnabled(verdict.can_answer)
        self.ignore.setEnabled(verdict.can_ignore)
        self.name.show_people(people)


class NameField(QLineEdit):
    """A name that is typed: known people are completed, Enter says it."""

    named = Signal(str)

    def __init__(self) -> None:
        """Nobody is known yet."""
        super().__init__()
        self.setPlaceholderText("Another name…")
        self.setAccessibleName("Another name")
        self.setToolTip("It is somebody else: type a name, known or new, and press Enter")
        self.setMinimumWidth(110)
        self._shown: tuple[str, ...] = ()
        self._people = QStringListModel()
        completer = QCompleter(self._people, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.setCompleter(completer)
        self.returnPressed.connect(self._say)

    def show_people(self, people: Sequence[str]) -> None:
        """Whom a few letters may stand for."""
        if tuple(people) != self._shown:
            self._shown = tuple(people)
            self._people.setStringList(list(people))

    def event(self, event: QEvent) -> bool:
        """Keep letters, Enter and Backspace from being commands of the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and not _is_chord(event):
            event.accept()
            return True
        return super().event(event)

    def _say(self) -> None:
        name = self.text().strip()
        if name:
            self.clear()
            self.named.emit(name)


def _is_chord(event: QKeyEvent) -> bool:
    return bool(event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier))


def scaled(picture: QPixmap | None, side: int, ratio: float) -> QPixmap:
    """A picture that fits into a square, sharp on the screen; an empty one where there is none."""
    if picture is None or picture.isNull():
        return QPixmap()
    pixels = round(side * ratio)
    fit = picture.scaled(pixels, pixels, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
    fit.setDevicePixelRatio(ratio)
    return fit
