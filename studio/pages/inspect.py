"""Why the network saw it, and why it did not: one image stage by stage, from pixels to result."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from studio.inspector import view_of
from studio.inspector.autopsy_pane import AutopsyPane
from studio.inspector.checks_line import ChecksLine
from studio.inspector.explanation_pane import ExplanationPane
from studio.inspector.saving import StageSaver
from studio.inspector.segments import Segments
from studio.inspector.stage_picture import StagePicture
from studio.inspector.stage_words import title
from studio.inspector.strip import Strip, step_by_key
from studio.inspector.truth_layer import TruthLayer
from studio.inspector.whatif_pane import WhatIfPane
from studio.pages import Page
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import role, scrolling

_SIDE = 340
_FINDS = "How the network comes to what it finds on this image"
_LEARNS = "Which of its guesses stand for which objects when it learns from this image"


class InspectPage(QWidget):
    """Picture with a stage on it, its side panel, and the strip of stages below."""

    def __init__(self, studio: Studio) -> None:
        """Of the studio's inspection."""
        super().__init__()
        self._studio, self._of = studio, studio.inspection
        self.picture = StagePicture(self._of, studio.theme)
        self.saver = StageSaver(studio, self.picture)
        self.strip = Strip(studio)
        self.heading = role(QLabel(), "title")
        self.about = role(QLabel(), "faint")
        self.about.setWordWrap(True)
        self.checks = ChecksLine(studio.theme)
        self.own = scrolling()
        self.side = Segments(("What it finds", "What it learns"), (_FINDS, _LEARNS))
        self.side.chosen.connect(lambda number: self._of.see_training(number == 1))
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.own, "Stage")
        self.what_if, self.why, self.explained = WhatIfPane(studio), AutopsyPane(studio), ExplanationPane(studio)
        for title_of, pane in (("What if", self.what_if), ("Why missed", self.why), ("Explain", self.explained)):
            self.tabs.addTab(pane, title_of)
        self.busy = Busy(studio)
        self.nothing = role(QLabel(), "faint")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setWordWrap(True)
        self._lay_out()
        self._of.changed.connect(self._show_trace)
        self._of.stage_changed.connect(self._show_stage)
        self._of.pane_wanted.connect(self._show_pane)
        self._show_trace()

    def sizeHint(self) -> QSize:
        """As much as there is."""
        return QSize(1000, 680)

    def showEvent(self, event: QShowEvent) -> None:
        """Look at the session's image."""
        super().showEvent(event)
        self._of.follow(self.isVisible())

    def hideEvent(self, event: object) -> None:
        """Look at nothing new meanwhile."""
        self._of.follow(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right go from stage to stage wherever the focus is."""
        if not step_by_key(self._of, event):
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        """From the outside in: what has a place in the window already is dressed once, not at every level anew."""
        self.split, self.body, right = QSplitter(Qt.Orientation.Horizontal), QWidget(), QWidget()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(GAP, GAP, GAP, 0)
        outer.setSpacing(GAP // 2)
        outer.addWidget(self.busy)
        outer.addWidget(self.body, 1)
        outer.addWidget(self.nothing, 1)
        whole = QVBoxLayout(self.body)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(GAP)
        whole.addWidget(self.split, 1)
        whole.addWidget(self.strip)
        self.split.addWidget(self.picture)
        self.split.addWidget(right)
        self.split.setStretchFactor(0, 1)
        self.split.setCollapsible(0, False)
        self.split.setSizes([700, _SIDE])
        column = QVBoxLayout(right)
        column.setContentsMargins(GAP, 0, 0, 0)
        column.setSpacing(GAP // 2)
        for part in (self.heading, self.about, self.checks, self.side):
            column.addWidget(part)
        column.addWidget(self.tabs, 1)

    def _show_pane(self, name: str) -> None:
        panes = {"stage": self.own, "what_if": self.what_if, "why": self.why, "explain": self.explained}
        self.tabs.setCurrentWidget(panes[name])

    def _show_trace(self) -> None:
        trace = self._of.trace
        self.busy.setVisible(self._of.is_busy)
        self.body.setVisible(trace is not None)
        self.nothing.setVisible(trace is None)
        self.nothing.setText(self._of.words)
        self.side.show_chosen(int(self._of.sees_training))
        is_pass = trace is None or not trace.is_lesson
        for pane in (self.what_if, self.why, self.explained):
            self.tabs.setTabVisible(self.tabs.indexOf(pane), is_pass)
        self.picture.show_input(trace.input if trace is not None else None)
        self._show_stage()

    def _show_stage(self) -> None:
        stage, trace = self._of.stage, self._of.trace
        view = view_of(stage) if stage is not None else None
        if stage is None or trace is None or view is None:
            self.picture.show_layer(TruthLayer(None, self._of, self._studio.theme))
            self.heading.setText("" if stage is None else title(stage))
            return
        layer = view.layer(self._studio)
        self.picture.show_layer(TruthLayer(layer, self._of, self._studio.theme))
        self.own.setWidget(view.side(self._studio, layer))
        self.heading.setText(title(stage))
        origin = trace.origin
        whose = f"{origin.title}, run {origin.run_id}" if origin.run_id else origin.title
        told = f"What {origin.image_name} teaches {whose}" if trace.is_lesson else f"{whose} on {origin.image_name}"
        self.about.setText(told)
        self.checks.show_checks(trace.checks)


class Busy(QWidget):
    """Says that a network is being watched, and lets it be stopped."""

    def __init__(self, studio: Studio) -> None:
        """Of the studio's inspection."""
        super().__init__()
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        bar.setFixedHeight(4)
        self.stop = QPushButton("Stop")
        self.stop.clicked.connect(studio.inspection.stop)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(role(QLabel("The network looks at the picture…"), "faint"))
        row.addWidget(bar, 1)
        row.addWidget(self.stop)


PAGE = Page(
    "Inspect",
    "inspect",
    5,
    InspectPage,
    "See stage by stage how a network comes to its detections, and where it loses an object.",
    "Left and right go from stage to stage; drag to move the picture, turn the wheel to zoom.",
    is_wide=True,
)
