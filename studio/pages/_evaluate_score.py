"""The score from which detections are believed: what comes of each, a slider, and counts that lead to pictures."""

from __future__ import annotations

from typing import Literal, TypeAlias

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSlider, QVBoxLayout, QWidget

from engine.evaluation.look import AtIou
from studio.charts.plot import Plot
from studio.commands import named, perform
from studio.pages._evaluate_words import operating_trails, operating_words
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import Elided, keep_tip, role

Outcome: TypeAlias = Literal["right", "wrong", "missed"]
OUTCOMES: tuple[Outcome, ...] = ("right", "wrong", "missed")
FINE = 200
"""Steps of the slider from 0 to 1."""


class ScoreCard(QWidget):
    """Precision, recall and F1 by score; the mark and the slider are one."""

    asked = Signal(str)
    """Somebody wants to see what is right, wrong or missed."""

    def __init__(self, studio: Studio) -> None:
        """Follow the evaluations."""
        super().__init__()
        self._studio, self._of = studio, studio.evaluations
        self.plot = Plot("Precision and recall by score", studio.theme, ("score from which on", ""), self._words)
        self.plot.is_clickable = False
        self.slider, self._score = QSlider(Qt.Orientation.Horizontal), QLabel()
        self._shares = role(Elided(mode=Qt.TextElideMode.ElideRight), "faint")
        (best,) = named("evaluate.best_score")
        self.best = QPushButton("Best F1")
        keep_tip(self.best, studio.keys, best)
        self.best.clicked.connect(lambda: perform(studio, best))
        self.links: dict[Outcome, QPushButton] = {each: role(QPushButton(), "link") for each in OUTCOMES}
        for each, link in self.links.items():
            link.setCursor(Qt.CursorShape.PointingHandCursor)
            link.clicked.connect(lambda _=False, each=each: self.asked.emit(each))
        self.slider.setRange(0, FINE)
        self.slider.setAccessibleName("Score from which detections are believed")
        self.slider.valueChanged.connect(lambda value: self._of.believe_from(value / FINE))
        self.plot.marked.connect(self._of.believe_from)
        self._lay_out()

    def _lay_out(self) -> None:
        sliding, counts = QHBoxLayout(), QHBoxLayout()
        sliding.setSpacing(GAP)
        sliding.addWidget(role(QLabel("From score"), "faint"))
        sliding.addWidget(self.slider, 1)
        sliding.addWidget(self._score)
        sliding.addWidget(self.best)
        counts.setSpacing(2 * GAP)
        for link in self.links.values():
            counts.addWidget(link)
        counts.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP // 2)
        column.addWidget(self.plot)
        column.addLayout(sliding)
        column.addLayout(counts)
        column.addWidget(self._shares)

    def show_found(self, found: AtIou) -> None:
        """Show other thresholds."""
        best = found.operating.best()
        note = f"F1 is highest from {best.score:.2f} on" if best is not None else ""
        self.plot.show_trails(operating_trails(found.operating, self._studio.theme.tones), note)
        self.show_score()

    def show_score(self) -> None:
        """Show what comes of the chosen score."""
        found, score = self._of.at_iou, self._of.choice.score
        self.plot.show_mark(score)
        self.slider.blockSignals(True)
        self.slider.setValue(round(score * FINE))
        self.slider.blockSignals(False)
        self._score.setText(f"{score:.2f}")
        if found is not None:
            point = found.operating.at(score)
            for each, n in zip(OUTCOMES, (point.n_right, point.n_wrong, point.n_missed), strict=True):
                self.links[each].setText(f"{n:,} {each}")
            self._shares.show_text(operating_words(point))

    def _words(self, line: int, at: int) -> str:
        trail = self.plot.trails[line]
        return f"from {trail.x[at]:.2f} on {trail.name} {trail.y[at]:.3f}"
